/* One pass over the tokens. No grammar is followed, as the text may be none's; what is followed is
 * what all of SQL's statements share:
 *
 *   frames   (...), [...], {...} and CASE ... END, one within another;
 *   items    what commas divide in a frame: values of a row, a select list, arguments, SET;
 *   terms    what AND, OR and a clause's first word divide in an item: a comparison is within one;
 *   lists    (a, password): the names of the values that follow by their places.
 *
 * A term that has the name of a secret and a comparison, an item that has such a place or alias or
 * is assigned to such a name: its constants are secrets, and so are those in frames within it. A
 * sub-query's own conditions are not: only what it gives. In doubt a constant is a secret. */
#include "audit/redact_place.h"

#include <stdlib.h>

#include "audit/redact_frame.h"
#include "audit/redact_text.h"
#include "audit/redact_value.h"
#include "base/mem.h"

/* INSERT [INTO t] has the table's columns where it has no list, but BY NAME has none. */
static void take_insert(const struct places *p, struct frame *f, struct str word)
{
    bool is_by = f->awaits_list && str_iis(word, "by");
    f->awaits_list = str_iis(word, "into") || str_iis(word, "insert");
    if (f->awaits_list) {
        f->list = p->columns;
        f->list_lasts = p->columns.n > 0;
    } else if (is_by || str_iis(word, "returning")) {
        f->list_lasts = false;
    }
}

static void take_clause(struct places *p, struct frame *f, struct str word)
{
    bool is_select = str_iis(word, "select"), is_values = str_iis(word, "values");
    bool is_when = str_iis(word, "when");
    frame_end_item(p, f);
    f->altered = f->named;
    if (is_when && f->close == 'e' && f->operand == UNNAMED) {
        f->operand = f->named;
    }
    if (is_select || is_values) {
        frame_begin_query(f);
    }
    if (is_select && f->all) {
        f->all = false; /* its conditions are its own */
        f->gives_secret = true;
    }
    f->has_places = is_select;
    f->has_rows = is_values;
    f->sets = str_iis(word, "set");
    take_insert(p, f, word);
    f->derived.is_open = false;
    frame_leave_list(f);
    frame_begin_item(p, f);
    if (is_when && f->operand != UNNAMED) {
        f->compared = true;
        frame_name_secret(p, f, f->operand);
    }
}

static char behind(const struct places *p, const struct token *t)
{
    size_t at = (size_t)(t->text.p - p->sql.p) + t->text.n;
    return at < p->sql.n ? p->sql.p[at] : 0;
}

static bool is_name_secret(const struct places *p, const struct token *t)
{
    char next = behind(p, t);
    if (next == '.' || next == '(') {
        return false;
    }
    if (!redact_value_differs(t)) {
        return redact_is_secret_name(t->inner);
    }
    struct buf name = BUF_INIT(0);
    redact_value(t, &name);
    bool is_secret = redact_is_secret_name(buf_str(&name));
    buf_free(&name);
    return is_secret;
}

/* Of a name that isn't a secret's: whether values may come by it. */
static bool is_column(const struct places *p, const struct token *t)
{
    static const char *const values[] = {"null", "true", "false", NULL};
    char next = behind(p, t);
    return next != '(' && next != '.' && !token_is_any(t->text, values) &&
           !token_is_mark(&p->last, ":") && !str_iis(p->last.text, "as");
}

/* Whether the last token can be a value's end. */
static bool ends_value(const struct places *p)
{
    const struct token *t = &p->last;
    return t->kind == TOKEN_STRING || t->kind == TOKEN_DOLLAR || t->kind == TOKEN_NUMBER ||
           token_is_mark(t, ")]}") || p->last_is_name || str_iis(t->text, "end");
}

/* x AS name, and in a select list x name. */
static bool is_alias(const struct places *p, const struct frame *f)
{
    return str_iis(p->last.text, "as") || (f->has_places && ends_value(p));
}

static void take_name(struct places *p, struct frame *f, const struct token *t)
{
    bool is_secret = p->name_is_secret = is_name_secret(p, t);
    if (f->is_names) {
        frame_list_name(p, f, is_secret);
    }
    f->derived.is_open &= !f->derived.has_alias;
    f->derived.has_alias = true;
    if (f->compared && ends_value(p)) {
        frame_end_term(p, f); /* options without commas: SECRET = 'x' PORT = 1 */
    }
    if (!is_secret) {
        f->item_has_name |= is_column(p, t);
        f->has_column |= f->item_has_name;
        return;
    }
    if (is_alias(p, f)) {
        frame_mark(p, f->item_spot, true);
        f->item_spot = p->n; /* what is marked once is done */
    }
    frame_name_secret(p, f, NAMED);
}

/* In a list of names it is one, but for what can begin a sub-query. */
static bool is_clause(const struct places *p, const struct frame *f, struct str word)
{
    static const char *const begins[] = {"select", "values", "from", NULL};
    bool is_name = f->is_names && !(token_is_mark(&p->last, "(") && token_is_any(word, begins));
    return !is_name && frame_is_clause(word) && !str_iis(p->last.text, "distinct");
}

/* Words that are no names. */
static bool take_operator(struct places *p, struct frame *f, struct str word)
{
    static const char *const compare[] = {"like",    "ilike",  "in",    "between",
                                          "similar", "regexp", "rlike", "distinct",
                                          "default", "glob",   NULL};
    static const char *const others[] = {"as", "not", "with", NULL};
    bool is_and = str_iis(word, "and");
    if (str_iis(word, "case")) {
        frame_open(p, 'e');
    } else if (str_iis(word, "end") && f->close == 'e' && !p->deeper) {
        frame_close(p, 'e');
    } else if (is_and && f->between) {
        f->between = false;
    } else if (is_and || str_iis(word, "or")) {
        frame_end_term(p, f);
    } else if (token_is_any(word, compare)) {
        if (f->sets && str_iis(p->last.text, "set")) {
            frame_name_secret(p, f, f->altered); /* DEFAULT */
        }
        f->between |= str_iis(word, "between");
        frame_compare(p, f);
    } else {
        return token_is_any(word, others);
    }
    return true;
}

/* Whether it is a name. */
static bool take_word(struct places *p, const struct token *t)
{
    /* between a list and its values */
    static const char *const keep[] = {
        "values",       "select",     "with",   "as",   "in",    "not", "row",
        "materialized", "overriding", "system", "user", "value", NULL};
    struct frame *f = frame_top(p);
    if (!token_is_any(t->text, keep)) {
        frame_leave_list(f);
    }
    if (is_clause(p, f, t->text)) {
        f->is_names = false;
        take_clause(p, f, t->text);
    } else if (take_operator(p, f, t->text)) {
        f->is_names = false;
    } else {
        take_name(p, f, t);
        return true;
    }
    return false;
}

/* The end of -> and ->>, or >> */
static bool is_arrow(const struct places *p, size_t at)
{
    const char *c = p->sql.p + at;
    return at > 0 && *c == '>' && (c[-1] == '-' || c[-1] == '>');
}

static void take_mark(struct places *p, const struct token *t)
{
    struct frame *f = frame_top(p);
    char mark = t->text.p[0];
    size_t at = (size_t)(t->text.p - p->sql.p);
    bool is_comparison = mark && strchr("=<>~!", mark) && !is_arrow(p, at);
    if (mark == '*' && !p->last_is_name && f->item_begins && frame_has_secret_place(p, f)) {
        frame_let_flow(p); /* whose places aren't known */
    }
    if (is_comparison || (mark == ':' && f->close == '}' && f->item_begins)) {
        f->item_secret |= f->sets && f->item_begins && mark == '=' && f->named == NAMED;
        frame_compare(p, f);
    } else {
        frame_leave_list(f);
    }
    f->item_begins &= mark == '.';
    f->is_names &= mark == '.';
    f->derived.is_open = false;
}

static void take_comma(struct places *p, struct frame *f)
{
    bool value_follows = f->has_pairs && f->named == NAMED && !f->compared;
    if (f->is_names) {
        frame_end_name(p, f);
    }
    frame_end_item(p, f);
    frame_leave_list(f);
    frame_begin_item(p, f);
    f->place++;
    f->item_secret = value_follows;
    f->derived.is_open = false;
}

static void take_end(struct places *p)
{
    frame_end_item(p, frame_top(p));
    frame_end_statement(p);
    p->depth = p->deeper = 0;
    p->frames[0] = (struct frame){.item_spot = p->n, .term_spot = p->n, .item_begins = true};
}

/* j->>'password', j['password'], {'password': ...}, json_build_object('password', ...),
 * set_config('app.password', ...) */
static bool is_key(const struct places *p, const struct frame *f, const struct token *t)
{
    bool is_place =
        f->has_pairs || (f->close == ']' && token_is_mark(&p->last, "[")) ||
        (f->close == '}' && f->item_begins) ||
        (token_is_mark(&p->last, ">") && is_arrow(p, (size_t)(p->last.text.p - p->sql.p)));
    return is_place && t->kind == TOKEN_STRING && redact_is_secret_name(t->inner);
}

static void take_constant(struct places *p, const struct token *t)
{
    struct frame *f = frame_top(p);
    bool is_number = t->kind == TOKEN_NUMBER;
    frame_leave_list(f);
    f->is_names = f->derived.is_open = false;
    if (is_key(p, f, t)) {
        frame_name_secret(p, f, NAMED);
        return;
    }
    f->item_begins = false;
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        p->spots = mem_realloc(p->spots, p->cap * sizeof *p->spots);
    }
    size_t level = p->depth;
    while (level > 0 && !p->frames[level].has_places) {
        level--;
    }
    struct str inner = is_number ? t->text : t->inner;
    p->spots[p->n++] = (struct spot){
        .begin = (size_t)(t->text.p - p->sql.p),
        .end = (size_t)(t->text.p - p->sql.p) + t->text.n,
        .open = (size_t)(inner.p - t->text.p),
        .close = (size_t)(inner.p - t->text.p) + inner.n,
        .level = level,
        .place = p->frames[level].place,
        .is_number = is_number,
        .is_secret = frame_is_secret(p, f) || (f->term_secret && (!is_number || f->named == NAMED)),
    };
}

static void take_token(struct places *p, const struct token *t)
{
    struct frame *f = frame_top(p);
    bool is_name = t->kind == TOKEN_QUOTED;
    switch (t->kind) {
    case TOKEN_END:
    case TOKEN_SPACE:
    case TOKEN_COMMENT:
        return;
    case TOKEN_WORD:
        is_name = take_word(p, t);
        break;
    case TOKEN_QUOTED:
        frame_leave_list(f);
        take_name(p, f, t);
        break;
    case TOKEN_STRING:
    case TOKEN_DOLLAR:
    case TOKEN_NUMBER:
        take_constant(p, t);
        break;
    case TOKEN_PARAMETER:
        frame_leave_list(f);
        f->is_names = f->item_begins = f->derived.is_open = false;
        break;
    case TOKEN_MARK:
        switch (t->text.p[0]) {
        case '(':
            frame_open(p, ')');
            break;
        case '[':
            frame_open(p, ']');
            break;
        case '{':
            frame_open(p, '}');
            break;
        case ')':
        case ']':
        case '}':
            frame_close(p, t->text.p[0]);
            break;
        case ',':
            take_comma(p, f);
            break;
        case ';':
            take_end(p);
            break;
        default:
            take_mark(p, t);
        }
    }
    bool is_type = is_name && p->last_is_secret && token_is_mark(&p->last, ":");
    p->last_is_secret =
        is_type || (is_name && p->name_is_secret) || (p->last_is_secret && token_is_mark(t, ":"));
    p->last = *t;
    p->last_is_name = is_name;
}

static void put(const struct places *p, struct buf *out)
{
    size_t from = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct spot *s = &p->spots[i];
        if (s->is_secret) {
            buf_put(out, p->sql.p + from, s->begin - from + (s->is_number ? 0 : s->open));
            buf_puts(out, "<secret>");
            from = s->is_number ? s->end : s->begin + s->close;
        }
    }
    buf_put(out, p->sql.p + from, p->sql.n - from);
}

/* U&"p\0061ssword" */
static bool has_escaped_name(struct str sql)
{
    const char *end = sql.p + sql.n, *p = sql.p;
    while (p < end && (p = memchr(p, '&', (size_t)(end - p)))) {
        if (++p < end && *p == '"') {
            return true;
        }
    }
    return false;
}

bool redact_has_place(struct str sql, const struct redact_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (redact_is_secret_name(columns->names[i])) {
            return true;
        }
    }
    return columns->unknown || redact_has_secret_name(sql) || has_escaped_name(sql);
}

void redact_place(struct str sql, bool snowflake, const struct redact_columns *columns,
                  struct buf *out)
{
    struct places *p = mem_calloc(1, sizeof *p);
    p->sql = sql;
    p->columns =
        columns->unknown ? (struct list){.n = 1, .all = true} : (struct list){.n = columns->count};
    for (size_t i = 0; i < columns->count; i++) {
        buf_u8(&p->flags, redact_is_secret_name(columns->names[i]));
    }
    take_end(p);
    for (size_t at = 0; at < sql.n;) {
        struct token t = token_at(sql, at, snowflake);
        take_token(p, &t);
        at += t.text.n;
    }
    take_end(p);
    put(p, out);
    buf_free(&p->flags);
    free(p->spots);
    free(p);
}
