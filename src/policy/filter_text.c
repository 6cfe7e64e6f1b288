/* The text of a row filter: one boolean expression over the columns of its table.
 *
 * A placeholder, {name} or '{name}', is overwritten by a parameter of the same width before
 * parsing, so the tree has a PARAM there and the value never becomes SQL text; equal widths keep
 * error positions true. What makes the scan here and the parser's lexer disagree (comments, dollar
 * quotes, prefixed literals) is refused, and so is what isn't of one row: aggregates and windows,
 * but for those of a sub-query. */
#include <stdio.h>

#include "policy/rules.h"
#include "sql/function.h"
#include "sql/parse.h"
#include "sql/walk.h"

struct scan {
    char *text;
    size_t n, at;
    struct arena *arena;
    VEC_OF(struct str) attributes;
};

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '$' || (c & 0x80);
}

/* Bytes of a {name} at `at`, or 0. */
static size_t placeholder_at(const struct scan *s, size_t at)
{
    size_t i = at + 1;
    if (at >= s->n || s->text[at] != '{' || i >= s->n || !is_name_start(s->text[i])) {
        return 0;
    }
    while (i < s->n && (is_name_start(s->text[i]) || s->text[i] == '-' || s->text[i] == '.' ||
                        (s->text[i] >= '0' && s->text[i] <= '9'))) {
        i++;
    }
    return i < s->n && s->text[i] == '}' ? i + 1 - at : 0;
}

/* Overwrites `length` bytes at `at`, whose placeholder begins at `brace`. */
static enum status take_placeholder(struct scan *s, size_t at, size_t brace, size_t length,
                                    struct error *e)
{
    size_t width = placeholder_at(s, brace);
    bool touches = (at > 0 && is_name_byte(s->text[at - 1])) ||
                   (at + length < s->n && is_name_byte(s->text[at + length]));
    if (touches) {
        return error_at(e, ERR_VALIDATION, at, "a placeholder must stand alone");
    }
    if (s->attributes.n == POLICY_ATTRIBUTES_MAX) {
        return error_at(e, ERR_VALIDATION, at, "more than %d placeholders", POLICY_ATTRIBUTES_MAX);
    }
    struct str name = arena_str(s->arena, (struct str){s->text + brace + 1, width - 2});
    VEC_PUSH(s->arena, s->attributes, name);
    char number[16];
    int digits = snprintf(number, sizeof number, "$%zu", s->attributes.n);
    memset(s->text + at, ' ', length);
    memcpy(s->text + at, number, (size_t)digits);
    s->at = at + length;
    return OK;
}

/* The end of the quoted text that begins at `at`, past its closing quote; 0 where it has none. */
static size_t quoted_end(const struct scan *s, size_t at)
{
    char quote = s->text[at];
    for (size_t i = at + 1; i < s->n; i++) {
        if (s->text[i] != quote) {
            continue;
        }
        if (i + 1 < s->n && s->text[i + 1] == quote) {
            i++;
            continue;
        }
        return i + 1;
    }
    return 0;
}

static enum status scan_literal(struct scan *s, struct error *e)
{
    size_t at = s->at, end = quoted_end(s, at);
    if (!end) {
        return error_at(e, ERR_VALIDATION, at, "the quote isn't closed");
    }
    if (at > 0 && (is_name_byte(s->text[at - 1]) || s->text[at - 1] == '&')) {
        return error_at(e, ERR_VALIDATION, at, "a literal with a prefix; write '...' alone");
    }
    size_t width = placeholder_at(s, at + 1);
    if (width && at + 1 + width + 1 == end) {
        return take_placeholder(s, at, at + 1, end - at, e);
    }
    for (size_t i = at + 1; i < end; i++) {
        if (s->text[i] == '\\') {
            return error_at(e, ERR_VALIDATION, i, "a backslash in a literal");
        }
        if (placeholder_at(s, i)) {
            error_at(e, ERR_VALIDATION, i, "a placeholder inside a longer literal");
            return error_hint(e, "Write 'text' || {name} instead of 'text{name}'.");
        }
    }
    s->at = end;
    return OK;
}

static enum status scan_one(struct scan *s, struct error *e)
{
    char c = s->text[s->at], next = s->at + 1 < s->n ? s->text[s->at + 1] : 0;
    if (c == '\'') {
        return scan_literal(s, e);
    }
    if (c == '"') {
        size_t end = quoted_end(s, s->at);
        if (!end) {
            return error_at(e, ERR_VALIDATION, s->at, "the quote isn't closed");
        }
        s->at = end;
        return OK;
    }
    if ((c == '-' && next == '-') || (c == '/' && (next == '*' || next == '/'))) {
        return error_at(e, ERR_VALIDATION, s->at, "comments aren't allowed in a row filter");
    }
    if (c == '$') {
        error_at(e, ERR_VALIDATION, s->at, "a row filter has no parameters of its own");
        return error_hint(e, "Name an attribute of the credential: {department}.");
    }
    if (c == '{') {
        size_t width = placeholder_at(s, s->at);
        if (!width) {
            return error_at(e, ERR_VALIDATION, s->at, "not a placeholder; write {name}");
        }
        return take_placeholder(s, s->at, s->at, width, e);
    }
    s->at++;
    return OK;
}

struct reach {
    struct error *error;
    size_t attributes, parameters; /* placeholders of the text, parameters of the tree so far */
    int queries;                   /* that stand around */
    bool has_query, refused;
};

static enum walk refuse(struct reach *r, const struct node *n, const char *what)
{
    r->refused = true;
    error_at(r->error, ERR_VALIDATION, n->offset, "%s isn't allowed in a row filter", what);
    return WALK_STOP;
}

/* unnest() and the like, in FROM: the binder refuses them elsewhere, and others there. */
static bool is_table_function(const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    return parts->n == 1 && function_find_table(node_ident_const(parts->at[0])->text);
}

static enum walk check_function(struct reach *r, const struct node *n)
{
    const struct node_func *f = node_func_const(n);
    const struct node_list *parts = &node_name_const(f->name)->parts;
    const struct function *known =
        parts->n == 1 ? function_find(node_ident_const(parts->at[0])->text) : NULL;
    bool is_of_rows = f->over || f->filter || f->star || f->distinct || f->order.n ||
                      f->within_group.n || (known && known->kind != FUNCTION_SCALAR);
    if (is_of_rows && !r->queries) {
        return refuse(r, n, "an aggregate or window outside of a sub-query");
    }
    return known || is_table_function(f) ? WALK_ON
                                         : refuse(r, n, "a function that isn't in the allow-list");
}

static enum walk check_reach(struct node **n, void *ctx);

static enum walk check_query(struct reach *r, struct node *query)
{
    r->has_query = true;
    r->queries++;
    (void)node_walk_children(query, check_reach, r);
    r->queries--;
    return r->refused ? WALK_STOP : WALK_SKIP;
}

/* A filter speaks of one row, and its sub-queries of tables by their names. */
static enum walk check_reach(struct node **n, void *ctx)
{
    struct reach *r = ctx;
    switch ((*n)->kind) {
    case NODE_QUERY:
        return check_query(r, *n);
    case NODE_STAR:
        return r->queries ? WALK_ON : refuse(r, *n, "*");
    case NODE_SAMPLE:
        return refuse(r, *n, "a sample");
    case NODE_LAMBDA:
        return refuse(r, *n, "a lambda");
    case NODE_DEFAULT:
        return refuse(r, *n, "DEFAULT");
    case NODE_VARIABLE:
        return refuse(r, *n, "a variable");
    case NODE_PARAM: /* each placeholder became one; what a client writes as :1 is none */
        return ++r->parameters > r->attributes ? refuse(r, *n, "a parameter") : WALK_ON;
    case NODE_FUNC:
        return check_function(r, *n);
    default:
        return WALK_ON;
    }
}

enum status filter_read(struct str text, struct arena *a, struct filter_condition *out,
                        struct error *e)
{
    static const struct parse_limits limits = {
        .text = POLICY_FILTER_MAX, .nodes = 1000, .depth = 50};
    if (text.n > POLICY_FILTER_MAX) {
        return error_set(e, ERR_VALIDATION, "longer than %d bytes", POLICY_FILTER_MAX);
    }
    struct scan s = {.text = arena_strdup(a, text), .n = text.n, .arena = a};
    while (s.at < s.n) {
        if (scan_one(&s, e) != OK) {
            return FAIL;
        }
    }
    struct str clean = {s.text, s.n};
    struct node *tree;
    if (sql_parse_expr(a, clean, DIALECT_POSTGRES, &limits, &tree, e) != OK) {
        return FAIL;
    }
    struct reach r = {.error = e, .attributes = s.attributes.n};
    node_walk(&tree, check_reach, &r);
    *out = (struct filter_condition){.text = text,
                                     .tree = tree,
                                     .attributes = {s.attributes.at, s.attributes.n},
                                     .has_query = r.has_query};
    return r.refused ? FAIL : OK;
}
