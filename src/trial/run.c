/* A case goes the way of a client's statement up to the engine's second opinion, by the same
 * functions: what it is compared with is what EXPLAIN POLICY would tell. Over the real catalog it
 * is never run. In a file with tables of its own it is, all the way (place.h), and undone. */
#include "trial/run.h"

#include <string.h>

#include "base/clock.h"
#include "pipeline/explanation.h"
#include "trial/asker.h"
#include "trial/rows.h"

enum { FINDING_MAX = 64 << 10 };

struct running {
    struct store *store;
    const struct store_org *org;
    struct str environment;
    struct pipeline *pipeline; /* that is asked */
    bool runs;                 /* the file has tables */
    const atomic_bool *stops;  /* or NULL */
    int64_t ends_ns;           /* of the monotonic clock; 0: never */
    size_t done, all;          /* cases */
};

/* What really came out of a case. */
struct outcome {
    struct arena *a;
    enum status status;
    struct error e;
    struct explanation told;
    bool is_ordered;
    struct policy_rows rows;
};

struct names {
    VEC_OF(struct str) list;
};

/* ---- what came out, in the words of the lists ---- */

/* "partial, 2 shown, as text" is partial:2+text. */
static struct str mask_word(struct arena *a, struct str detail)
{
    struct str rest = detail, function = str_cut(&rest, ',');
    const char *word = arena_strdup(a, function);
    while (rest.p) {
        struct str part = str_trim(str_cut(&rest, ','));
        bool is_shown = part.n > 6 && memcmp(part.p + part.n - 6, " shown", 6) == 0;
        word = is_shown ? arena_printf(a, "%s:%.*s", word, (int)(part.n - 6), part.p)
               : str_is(part, "as text") ? arena_printf(a, "%s+text", word)
                                         : arena_printf(a, "%s %.*s", word, STR_ARG(part));
    }
    return str_of(word);
}

static struct str pair(struct arena *a, struct str name, struct str value)
{
    return str_of(arena_printf(a, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)));
}

/* The row as an item of the list; STR_NULL where it is none of it. */
static struct str item_of(struct arena *a, const struct explanation_row *row, enum case_list which)
{
    struct str action = str_of(row->action), section = str_of(row->section);
    bool is_table = str_is(section, "table") || str_is(section, "view");
    switch (which) {
    case CASE_MASKS:
        if (str_is(section, "column")) {
            return pair(a, row->object,
                        str_is(action, "mask") ? mask_word(a, row->detail) : action);
        }
        return STR_NULL;
    case CASE_FILTERS:
        if (is_table && str_is(action, "tenant")) {
            return pair(a, row->object, STR("(tenant)"));
        }
        return is_table && (str_starts(action, "filter") || str_starts(action, "check"))
                   ? pair(a, row->object, row->policy)
                   : STR_NULL;
    case CASE_READS:
        return is_table && str_is(action, "read") ? row->object : STR_NULL;
    case CASE_WRITES:
        return is_table && (str_is(action, "write") || str_is(action, "delete") ||
                            str_is(action, "ddl"))
                   ? row->object
                   : STR_NULL;
    case CASE_RULES:
        return (str_is(section, "rule") || str_is(section, "shadow")) && row->policy.n
                   ? pair(a, action, row->policy)
                   : STR_NULL;
    case CASE_LIST_COUNT:
        break;
    }
    return STR_NULL;
}

static void gather(struct outcome *o, enum case_list which, struct names *out)
{
    for (size_t i = 0; i < o->told.n; i++) {
        struct str item = item_of(o->a, &o->told.at[i], which);
        bool is_new = item.p != NULL;
        for (size_t k = 0; is_new && k < out->list.n; k++) {
            is_new = !str_eq(out->list.at[k], item);
        }
        if (is_new) {
            VEC_PUSH(o->a, out->list, item);
        }
    }
}

/* ---- compared with what is expected ---- */

/* "phone", "people.phone" and "public.people.phone" name the same. */
static bool names_same(struct str wanted, struct str real)
{
    size_t skip = real.n - wanted.n;
    return wanted.n && wanted.n <= real.n &&
           str_ieq(wanted, (struct str){real.p + skip, wanted.n}) &&
           (skip == 0 || real.p[skip - 1] == '.');
}

static bool item_fits(struct str wanted, struct str real)
{
    struct str wanted_name = str_cut(&wanted, '='), real_name = str_cut(&real, '=');
    bool same = str_eq(str_trim(wanted.p ? wanted : STR("")), real.p ? real : STR(""));
    return names_same(str_trim(wanted_name), real_name) && same;
}

static bool list_fits(struct arena *a, struct str wanted, const struct names *real)
{
    struct store_list items = list_of_words(a, wanted);
    bool *met = ARENA_ARRAY(a, bool, real->list.n);
    if (str_is(wanted, "none")) {
        return real->list.n == 0;
    }
    for (size_t i = 0; i < items.n; i++) {
        bool found = false;
        for (size_t k = 0; k < real->list.n; k++) {
            if (item_fits(items.at[i], real->list.at[k])) {
                found = met[k] = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    for (size_t k = 0; k < real->list.n; k++) {
        if (!met[k]) {
            return false;
        }
    }
    return true;
}

static void put_names(struct buf *out, const struct names *real)
{
    for (size_t k = 0; k < real->list.n; k++) {
        buf_printf(out, "%s%.*s", k ? ", " : "", STR_ARG(real->list.at[k]));
    }
    buf_puts(out, real->list.n ? "" : "none");
}

static bool outcome_fits(const struct policy_case *c, const struct outcome *o)
{
    if (o->status == OK || str_is(c->outcome, "allowed")) {
        return o->status == OK && str_is(c->outcome, "allowed");
    }
    const struct error_info *info = error_info(o->e.code);
    bool same = str_is(c->outcome, "denied") ? strcmp(info->sqlstate, "42501") == 0
                                             : str_is(c->outcome, info->name);
    return same && strstr(o->e.message, arena_strdup(o->a, c->says));
}

/* What differs, in words; nothing where the case holds. */
static void compare(const struct policy_case *c, struct outcome *o, struct buf *out)
{
    if (!outcome_fits(c, o)) {
        buf_printf(out, "expected %.*s%s%.*s, got ", STR_ARG(c->outcome), c->says.n ? " " : "",
                   STR_ARG(c->says));
        if (o->status == OK) {
            buf_puts(out, "allowed");
        } else {
            buf_printf(out, "%s: %s", error_info(o->e.code)->name, o->e.message);
        }
    }
    for (int i = 0; i < CASE_LIST_COUNT; i++) {
        struct names real = {0};
        if (!c->lists[i].p) {
            continue;
        }
        gather(o, (enum case_list)i, &real);
        if (!list_fits(o->a, c->lists[i], &real)) {
            buf_printf(out, "%sexpected %s %.*s, got ", out->n ? "; " : "", case_list_names[i],
                       STR_ARG(c->lists[i]));
            put_names(out, &real);
        }
    }
    if (c->has_rows && o->status == OK && !policy_rows_fit(&c->rows, &o->rows, o->is_ordered)) {
        buf_printf(out, "%sexpected %zu row%s, got %zu", out->n ? "; " : "", c->rows.n,
                   c->rows.n == 1 ? "" : "s", o->rows.n);
        policy_rows_show(&c->rows, &o->rows, out);
    }
}

static void trial_find(struct trial_report *out, int line, struct str text)
{
    struct trial_finding one = {line, arena_str(out->a, text)};
    VEC_PUSH(out->a, out->findings, one);
}

/* ---- the way there ---- */

static enum status ask(const struct running *t, const struct policy_case *c,
                       const struct asker *who, struct outcome *o)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct governor_options options = {.session_id = STR("policy test"), .at_us = who->at_us};
    struct node_list list = {0};
    const struct node *stmt = NULL;
    struct governor *g = NULL;
    size_t n = 0;
    if (sql_parse(o->a, c->statement, c->dialect, &limits, &list, &o->e) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list.n; i++) {
        n += list.at[i]->kind != NODE_EMPTY;
        stmt = list.at[i]->kind != NODE_EMPTY ? list.at[i] : stmt;
    }
    if (n != 1) {
        return error_set(&o->e, ERR_VALIDATION, "a case asks one statement");
    }
    if (governor_open(t->pipeline, who->principal, &options, &g, &o->e) != OK) {
        return FAIL;
    }
    governor_set_dialect(g, c->dialect);
    struct str text = {c->statement.p + stmt->offset, stmt->length};
    enum status status = explanation_make(g, stmt, text, o->a, &o->told, &o->e);
    if (status == OK && t->runs) {
        status = policy_rows_run(g, stmt, text, o->a, &o->rows, &o->e);
    }
    o->is_ordered = stmt->kind == NODE_QUERY &&
                    (node_query_const(stmt)->order.n || node_query_const(stmt)->order_all);
    governor_close(g);
    return status;
}

static void run_case(const struct running *t, const struct policy_case *c, struct trial_report *out)
{
    struct outcome o = {.a = arena_new(0), .e = ERROR_INIT};
    struct buf told = BUF_INIT(FINDING_MAX);
    struct asker who;
    int line = c->line;
    if (asker_read(t->store, t->org, t->environment, c->who, o.a, &who, &o.e) != OK) {
        line = c->who_line;
        buf_puts(&told, o.e.message);
    } else {
        o.status = ask(t, c, &who, &o);
        compare(c, &o, &told);
    }
    out->cases++;
    if (told.n || told.failed) {
        out->failed++;
        trial_find(out, line, buf_str(&told));
    }
    buf_free(&told);
    arena_free(o.a);
}

/* Asked before each table and each case. */
static enum status go_on(const void *running, struct error *e)
{
    const struct running *t = running;
    if (t->stops && atomic_load(t->stops)) {
        return error_set(e, ERR_NOT_READY, "the server stops");
    }
    if (t->ends_ns && clock_mono_ns() > t->ends_ns) {
        return error_set(e, ERR_TIMEOUT, "the tests take too long: %zu of %zu cases were run",
                         t->done, t->all);
    }
    return OK;
}

static enum status run_cases(struct running *t, const struct trial_run *r, struct trial_report *out,
                             struct error *e)
{
    for (; t->done < t->all; t->done++) {
        if (go_on(t, e) != OK) {
            return FAIL;
        }
        run_case(t, &r->cases->at[t->done], out);
    }
    return OK;
}

/* A table that can't be made is a mistake of the file. */
static enum status run_with_tables(struct running *t, const struct trial_run *r,
                                   struct trial_report *out, struct error *e)
{
    struct error why = ERROR_INIT;
    struct trial *trial = NULL;
    int line;
    if (trial_open(r->site, r->org, r->environment, r->cases, &r->policies,
                   &(struct trial_pace){go_on, t}, &trial, &line, &why) != OK) {
        if (!line) {
            *e = why;
            return FAIL;
        }
        out->mistakes++;
        trial_find(out, line, str_of(why.message));
        return OK;
    }
    t->pipeline = trial_pipeline(trial);
    enum status status = run_cases(t, r, out, e);
    trial_close(trial);
    return status;
}

enum status trial_run(const struct trial_run *r, struct trial_report *out, struct error *e)
{
    struct running t = {.store = r->site->store,
                        .org = r->org,
                        .environment = r->environment,
                        .pipeline = r->asked,
                        .runs = r->cases->table_count > 0,
                        .stops = r->stops,
                        .all = r->cases->n};
    if (r->site->run_ms) {
        t.ends_ns = clock_mono_ns() + r->site->run_ms * 1000000;
    }
    return t.runs ? run_with_tables(&t, r, out, e) : run_cases(&t, r, out, e);
}
