#include "trial/rows.h"

#include "base/buf.h"
#include "wire/format.h"

enum { SHOWN_MAX = 20 };

/* ---- as it is written ---- */

struct cursor {
    struct str rest;
};

static bool take(struct cursor *c, char wanted)
{
    c->rest = str_trim(c->rest);
    bool there = c->rest.n && c->rest.p[0] == wanted;
    if (there) {
        c->rest = (struct str){c->rest.p + 1, c->rest.n - 1};
    }
    return there;
}

static const char *read_quoted(struct cursor *c, struct arena *a, struct str *out)
{
    char *text = ARENA_ARRAY(a, char, c->rest.n + 1);
    size_t i = 0, n = 0;
    for (; i < c->rest.n; i++) {
        bool quote = c->rest.p[i] == '\'';
        if (quote && (i + 1 == c->rest.n || c->rest.p[i + 1] != '\'')) {
            break;
        }
        i += quote;
        text[n++] = c->rest.p[i];
    }
    if (i == c->rest.n) {
        return "a text has no end";
    }
    c->rest = (struct str){c->rest.p + i + 1, c->rest.n - i - 1};
    *out = (struct str){text, n};
    return NULL;
}

/* A number as it stands, a truth as PostgreSQL shows it, NULL. */
static const char *read_bare(struct cursor *c, struct str *out)
{
    size_t n = 0;
    while (n < c->rest.n && c->rest.p[n] != ',' && c->rest.p[n] != ')') {
        n++;
    }
    struct str word = str_trim((struct str){c->rest.p, n});
    bool number = word.n && (memchr("-0123456789", word.p[0], 11) != NULL);
    c->rest = (struct str){c->rest.p + n, c->rest.n - n};
    *out = str_iis(word, "null")    ? STR_NULL
           : str_iis(word, "true")  ? STR("t")
           : str_iis(word, "false") ? STR("f")
                                    : word;
    return number || out->p != word.p ? NULL : "a text must stand in quotes: 'ann'";
}

const char *policy_row_read(struct str text, struct arena *a, struct policy_row *out)
{
    struct cursor c = {text};
    *out = (struct policy_row){0};
    if (!take(&c, '(')) {
        return "a row must be as in ('ann', 12, NULL)";
    }
    do {
        struct str value;
        const char *why = take(&c, '\'') ? read_quoted(&c, a, &value) : read_bare(&c, &value);
        if (why) {
            return why;
        }
        VEC_PUSH(a, *out, value);
    } while (take(&c, ','));
    return take(&c, ')') && !str_trim(c.rest).n ? NULL : "a row must be as in ('ann', 12, NULL)";
}

/* ---- as they come ---- */

struct gathering {
    struct result_sink sink; /* first: the pipeline gives us this back */
    struct arena *a;
    struct policy_rows *out;
    const struct engine_column *columns;
    size_t n;
};

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct gathering *s = (struct gathering *)sink;
    (void)e;
    s->columns = columns;
    s->n = n;
    return OK;
}

static struct str value_of(struct arena *a, const struct type *type,
                           const struct ArrowArray *column, int64_t at)
{
    struct buf text = BUF_INIT(0);
    if (arrow_is_null(column, at)) {
        return STR_NULL;
    }
    format_text(&text, type, column, at);
    struct str out = text.n ? arena_str(a, buf_str(&text)) : STR("");
    buf_free(&text);
    return out;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct gathering *s = (struct gathering *)sink;
    for (int64_t row = 0; row < batch->length; row++) {
        struct policy_row one = {0};
        if (s->out->n == POLICY_ROWS_MAX) {
            return error_set(e, ERR_TOO_LARGE, "a test looks at %d rows at most", POLICY_ROWS_MAX);
        }
        for (size_t i = 0; i < s->n; i++) {
            struct str value =
                value_of(s->a, s->columns[i].type, batch->children[i], row + batch->offset);
            VEC_PUSH(s->a, one, value);
        }
        VEC_PUSH(s->a, *s->out, one);
    }
    return OK;
}

enum status policy_rows_run(struct governor *g, const struct node *stmt, struct str text,
                            struct arena *a, struct policy_rows *out, struct error *e)
{
    struct gathering s = {.sink = {take_columns, take_batch}, .a = a, .out = out};
    struct error ignored = ERROR_INIT; /* the statement's own is the one to tell */
    struct run_result result;
    struct plan *plan = NULL;
    *out = (struct policy_rows){0};
    if (governor_begin(g, false, e) != OK) {
        return FAIL;
    }
    enum status status = plan_make(g, stmt, text, NULL, 0, &plan, e);
    if (status == OK) {
        status = plan_run(plan, NULL, 0, &s.sink, &result, e);
    }
    plan_free(plan);
    enum status undone = governor_rollback(g, status == OK ? e : &ignored);
    return status == OK ? undone : FAIL;
}

/* ---- compared ---- */

static bool same_value(struct str a, struct str b)
{
    return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static bool same_row(const struct policy_row *a, const struct policy_row *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same = same_value(a->at[i], b->at[i]);
    }
    return same;
}

static size_t count_of(const struct policy_row *row, const struct policy_rows *rows, size_t upto)
{
    size_t n = 0;
    for (size_t i = 0; i < upto; i++) {
        n += same_row(row, &rows->at[i]);
    }
    return n;
}

/* Is the row at `i` one that comes more often here than there? */
static bool is_extra(const struct policy_rows *here, size_t i, const struct policy_rows *there)
{
    return count_of(&here->at[i], here, i + 1) > count_of(&here->at[i], there, there->n);
}

bool policy_rows_fit(const struct policy_rows *wanted, const struct policy_rows *real, bool ordered)
{
    bool fit = wanted->n == real->n;
    for (size_t i = 0; fit && i < wanted->n; i++) {
        fit = ordered ? same_row(&wanted->at[i], &real->at[i]) : !is_extra(wanted, i, real);
    }
    return fit;
}

/* As it could be written in the test. */
static void show_value(struct buf *out, struct str v)
{
    if (!v.p) {
        buf_puts(out, "NULL");
        return;
    }
    buf_puts(out, "'");
    for (size_t i = 0; i < v.n; i++) {
        buf_put(out, "''", v.p[i] == '\'' ? 1 : 0);
        buf_put(out, v.p + i, 1);
    }
    buf_puts(out, "'");
}

static void show_row(struct buf *out, const char *sign, const struct policy_row *row)
{
    buf_printf(out, "\n  %s (", sign);
    for (size_t i = 0; i < row->n; i++) {
        buf_puts(out, i ? ", " : "");
        show_value(out, row->at[i]);
    }
    buf_puts(out, ")");
}

/* The rows of `here` that `there` hasn't (or all of them); gives how many. */
static size_t show_rows(struct buf *out, const char *sign, const struct policy_rows *here,
                        const struct policy_rows *there)
{
    size_t n = 0;
    for (size_t i = 0; i < here->n; i++) {
        if (!there || is_extra(here, i, there)) {
            if (n++ < SHOWN_MAX) {
                show_row(out, sign, &here->at[i]);
            }
        }
    }
    if (n > SHOWN_MAX) {
        buf_printf(out, "\n  %s and %zu more", sign, n - SHOWN_MAX);
    }
    return n;
}

void policy_rows_show(const struct policy_rows *wanted, const struct policy_rows *real,
                      struct buf *out)
{
    size_t n = show_rows(out, "-", wanted, real);
    if (n + show_rows(out, "+", real, wanted) == 0) {
        buf_puts(out, "\n  in another order:");
        show_rows(out, "+", real, NULL);
    }
}
