#include "sql/rewrite.h"

#include <string.h>

#include "sql/bind_type.h"
#include "sql/function.h"
#include "sql/make.h"
#include "sql/rewrite_like.h"
#include "sql/rewrite_regex.h"
#include "sql/rewrite_search.h"
#include "sql/spell_priv.h"
#include "sql/walk.h"

enum { MOST_ADDED_NODES = 20000 };

#define LONGEST_MADE         "1048576" /* bytes or items of a value that a count makes */
#define HALF_OF_LONGEST_MADE "524288"

struct rewriting {
    struct arena *arena;
    size_t added;
    struct spelling_state spelling;
};

struct node *rewrite_error_call(struct arena *a, const char *text)
{
    static const struct function error_function = {.name = "error",
                                                   .kind = FUNCTION_SCALAR,
                                                   .min_args = 1,
                                                   .max_args = 1,
                                                   .rule = RESULT_FIXED,
                                                   .result = TYPE_NULL,
                                                   .flags = FUNCTION_VOLATILE};
    struct node *call = node_new(a, NODE_FUNC, 0), *name = node_new(a, NODE_NAME, 0);
    struct node *ident = node_new(a, NODE_IDENT, 0), *literal = node_new(a, NODE_LITERAL, 0);
    node_ident(ident)->text = STR("error");
    node_push(a, &node_name(name)->parts, ident);
    node_literal(literal)->lit = LIT_STRING;
    node_literal(literal)->text = str_of(text);
    node_func(call)->name = name;
    node_func(call)->bound = &error_function;
    node_push(a, &node_func(call)->args, literal);
    return call;
}

static enum walk count_node(struct node **n, void *ctx)
{
    (void)n;
    ++*(size_t *)ctx;
    return WALK_ON;
}

/* A literal other than zero needs no guard. */
static bool is_plainly_not_zero(const struct node *n)
{
    double value;
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit >= LIT_INTEGER &&
           node_literal_const(n)->lit <= LIT_FLOAT &&
           str_to_f64(node_literal_const(n)->text, &value) && value != 0;
}

/* d becomes CASE WHEN d = 0 THEN error(...) ELSE d END. */
static struct node *guarded(struct arena *a, struct node *divisor)
{
    struct node *zero = node_new(a, NODE_LITERAL, 0), *equal = node_new(a, NODE_BINARY, 0);
    struct node *when = node_new(a, NODE_WHEN, 0), *choice = node_new(a, NODE_CASE, 0);
    node_literal(zero)->lit = LIT_INTEGER;
    node_literal(zero)->text = STR("0");
    node_binary(equal)->op = OP_EQ;
    node_binary(equal)->left = node_copy(a, divisor);
    node_binary(equal)->right = zero;
    node_when(when)->condition = equal;
    node_when(when)->result = rewrite_error_call(a, REWRITE_DIVISION_BY_ZERO);
    node_push(a, &node_case_expr(choice)->whens, when);
    node_case_expr(choice)->otherwise = divisor;
    return choice;
}

/* The engine gives NULL or infinity; PostgreSQL and Snowflake give an error. */
static void division_by_zero(struct rewriting *r, struct node *n)
{
    if (n->kind != NODE_BINARY) {
        return;
    }
    struct node_binary *b = node_binary(n);
    bool divides = b->op == OP_DIV || b->op == OP_INT_DIV || b->op == OP_MOD;
    if (!divides || is_plainly_not_zero(b->right)) {
        return;
    }
    size_t size = 0;
    node_walk(&b->right, count_node, &size);
    r->added += size + 6;
    if (r->added <= MOST_ADDED_NODES) {
        b->right = guarded(r->arena, b->right);
    }
}

static struct node *integer_literal(struct arena *a, const char *digits)
{
    struct node *n = node_new(a, NODE_LITERAL, 0);
    node_literal(n)->lit = LIT_INTEGER;
    node_literal(n)->text = str_of(digits);
    return n;
}

static struct node *binary(struct arena *a, enum op op, struct node *left, struct node *right)
{
    struct node *n = node_new(a, NODE_BINARY, 0);
    node_binary(n)->op = op;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    return n;
}

static struct node *cast(struct arena *a, struct node *operand, const char *name,
                         enum type_kind kind)
{
    struct node *n = node_new(a, NODE_CAST, 0), *type = node_new(a, NODE_TYPE_NAME, 0);
    node_type_name(type)->text = str_of(name);
    node_type_name(type)->resolved = type_simple(kind);
    node_cast(n)->operand = operand;
    node_cast(n)->target = type;
    return n;
}

/* strlen(CAST(n AS VARCHAR)): no less than the bytes or items of a text, blob or list. */
static struct node *size_of(struct arena *a, const struct node *n)
{
    struct node *call = node_new(a, NODE_FUNC, 0), *name = node_new(a, NODE_NAME, 0);
    struct node *ident = node_new(a, NODE_IDENT, 0);
    node_ident(ident)->text = STR("strlen");
    node_push(a, &node_name(name)->parts, ident);
    node_func(call)->name = name;
    node_func(call)->bound = function_find(STR("strlen"));
    node_push(a, &node_func(call)->args, cast(a, node_copy(a, n), "VARCHAR", TYPE_TEXT));
    return call;
}

/* Makers of values as large as an argument says; how large follows from one or two of them. */
enum made { MADE_COUNT, MADE_TIMES, MADE_SPAN };
static const struct maker {
    const char *name;
    uint32_t count; /* which argument says it */
    enum made made;
} makers[] = {
    {"repeat", 1, MADE_TIMES},         {"lpad", 1, MADE_COUNT},
    {"rpad", 1, MADE_COUNT},           {"list_resize", 1, MADE_COUNT},
    {"array_resize", 1, MADE_COUNT},   {"bar", 3, MADE_COUNT},
    {"bitstring", 1, MADE_COUNT},      {"range", 0, MADE_SPAN},
    {"generate_series", 0, MADE_SPAN},
};

static bool is_small_literal(const struct node *n)
{
    int64_t value;
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_to_i64(node_literal_const(n)->text, &value) && value <= 1024;
}

/* A guard and the value that it guards are computed one after the other: what differs each time
 * would pass the first and be large in the second. The time of day is one in a statement. */
static enum walk find_chance(struct node **n, void *ctx)
{
    const struct function *def = (*n)->kind == NODE_FUNC ? node_func(*n)->bound : NULL;
    bool is_moment = def && def->rule == RESULT_FIXED && def->result >= TYPE_DATE &&
                     def->result <= TYPE_INTERVAL;
    bool is_error = def && strcmp(def->name, "error") == 0; /* of another guard */
    bool is_chance = (def && def->flags & FUNCTION_VOLATILE && !is_moment && !is_error) ||
                     (*n)->kind == NODE_SAMPLE;
    *(bool *)ctx |= is_chance;
    return is_chance ? WALK_STOP : WALK_ON;
}

static bool by_chance(struct node *n)
{
    bool found = false;
    node_walk(&n, find_chance, &found);
    return found;
}

static void refuse_chance(struct rewriting *r, struct node *size, const struct node *at)
{
    if (by_chance(size) && !r->spelling.failed) {
        r->spelling.failed = true;
        error_at(r->spelling.e, ERR_UNSUPPORTED, at->offset,
                 "how large this value gets can't be left to chance");
        error_hint(r->spelling.e, "Compute the random value in a table first.");
    }
}

/* CASE WHEN size > limit THEN error(...) ELSE value END, with the limit and the value as given. */
static struct node *bounded(struct rewriting *r, struct node *size, const char *limit,
                            struct node *value)
{
    struct arena *a = r->arena;
    struct node *when = node_new(a, NODE_WHEN, 0), *choice = node_new(a, NODE_CASE, 0);
    size_t added = 0;
    refuse_chance(r, size, value);
    node_walk(&size, count_node, &added);
    r->added += added + 6;
    node_when(when)->condition = binary(a, OP_GT, size, integer_literal(a, limit));
    node_when(when)->result = rewrite_error_call(a, REWRITE_TOO_LARGE);
    node_push(a, &node_case_expr(choice)->whens, when);
    node_case_expr(choice)->otherwise = value;
    return choice;
}

/* The count of a call, computed once for the guard and for the call: the parameter of a lambda. Of
 * `repeated`, if any, so many are made. */
static struct node *bounded_once(struct rewriting *r, struct node *count, struct node *repeated)
{
    struct node *one = repeated ? size_of(r->arena, repeated) : integer_literal(r->arena, "1");
    struct node *out = SPELL(&r->spelling, count,
                             "list_transform([$1], lambda c: CASE WHEN c * $2 > " LONGEST_MADE
                             " THEN NULL ELSE c END)[1]",
                             count, one);
    struct node *lambda = node_func(node_index(out)->operand)->args.at[1];
    struct node *when = node_case_expr(node_lambda(lambda)->body)->whens.at[0];
    node_when(when)->result = rewrite_error_call(r->arena, REWRITE_TOO_LARGE);
    out->type = count->type;
    return out;
}

static bool is_moment(const struct node *n)
{
    return n->type && (n->type->kind == TYPE_DATE ||
                       (n->type->kind >= TYPE_TIMESTAMP && n->type->kind <= TYPE_TIMESTAMPTZ));
}

static struct node *call_of(struct arena *a, const char *function, struct node *arg)
{
    struct node *call = node_new(a, NODE_FUNC, 0);
    node_func(call)->name = make_name(a, str_of(function));
    node_func(call)->bound = function_find(str_of(function));
    node_push(a, &node_func(call)->args, arg);
    return call;
}

static struct node *seconds(struct arena *a, const struct node *n)
{
    return call_of(a, "epoch", node_copy(a, n));
}

/* A list of moments: its seconds, all and a step's; a step's months may be shorter than epoch() has
 * them, so half of the limit. In whole steps of no length the engine finds its own error. */
static void bound_moments(struct rewriting *r, struct node_func *f)
{
    struct arena *a = r->arena;
    struct node *all =
        call_of(a, "abs", binary(a, OP_SUB, seconds(a, f->args.at[1]), seconds(a, f->args.at[0])));
    struct node *step = call_of(a, "abs", seconds(a, f->args.at[2]));
    struct node *excess =
        binary(a, OP_SUB, all, binary(a, OP_MUL, step, integer_literal(a, HALF_OF_LONGEST_MADE)));
    f->args.at[1] = bounded(r, excess, "0", f->args.at[1]);
}

/* count becomes CASE WHEN size > limit THEN error(...) ELSE count END: the engine computes such a
 * value at once, without looking at the time or at its memory, even while it plans. */
static void bound_size(struct rewriting *r, struct node_func *f, const struct maker *m)
{
    for (uint32_t i = 0; i < f->args.n; i++) {
        const struct type *t = f->args.at[i]->type;
        if (t && t->kind == TYPE_NULL && f->args.at[i]->kind == NODE_LITERAL) {
            return; /* then so is the value */
        }
    }
    if (m->made == MADE_SPAN && f->args.n == 3 && is_moment(f->args.at[0])) {
        bound_moments(r, f);
        return;
    }
    uint32_t at = m->made == MADE_SPAN && f->args.n > 1 ? 1 : m->count;
    if (at >= f->args.n || (m->made == MADE_COUNT && is_small_literal(f->args.at[at]))) {
        return;
    }
    struct node *repeated = m->made == MADE_TIMES ? f->args.at[0] : NULL;
    bool is_size = m->made != MADE_SPAN || at == 0;
    if (is_size && by_chance(f->args.at[at]) && !(repeated && by_chance(repeated))) {
        f->args.at[at] = bounded_once(r, f->args.at[at], repeated);
        return;
    }
    struct arena *a = r->arena;
    struct node *count = f->args.at[at], *size = node_copy(a, count);
    if (m->made == MADE_TIMES) {
        size = binary(a, OP_MUL, size_of(a, f->args.at[0]), size);
    } else if (at == 1 && m->made == MADE_SPAN) {
        size = f->args.n > 2
                   ? binary(a, OP_INT_DIV, binary(a, OP_SUB, size, node_copy(a, f->args.at[0])),
                            node_copy(a, f->args.at[2]))
                   : binary(a, OP_SUB, size, node_copy(a, f->args.at[0]));
    }
    f->args.at[at] = bounded(r, size, LONGEST_MADE, count);
}

static void size_of_made_values(struct rewriting *r, struct node *n)
{
    const struct function *def = n->kind == NODE_FUNC ? node_func(n)->bound : NULL;
    for (size_t i = 0; def && def->kind == FUNCTION_SCALAR && i < sizeof makers / sizeof *makers;
         i++) {
        if (strcmp(def->name, makers[i].name) == 0 && r->added <= MOST_ADDED_NODES) {
            bound_size(r, node_func(n), &makers[i]);
        }
    }
}

/* Each row of json_tree() has a path from the root and the value below it, which together grow with
 * the square of the document. */
#define LARGEST_TREE "65536" /* bytes */

static void size_of_trees(struct rewriting *r, struct node *n)
{
    const struct function *def = n->kind == NODE_FUNC ? node_func(n)->bound : NULL;
    if (!def || def->kind != FUNCTION_TABLE || strcmp(def->name, "json_tree") != 0) {
        return;
    }
    struct arena *a = r->arena;
    struct node **document = &node_func(n)->args.at[0];
    size_t added = 0;
    refuse_chance(r, *document, *document);
    node_walk(document, count_node, &added);
    r->added += added + 8;
    if (r->added <= MOST_ADDED_NODES) {
        struct node *is_large =
            binary(a, OP_GT, size_of(a, *document), integer_literal(a, LARGEST_TREE));
        *document = make_case(a, is_large, rewrite_error_call(a, REWRITE_TOO_LARGE), *document);
    }
}

/* The engine's arithmetic doesn't survive an offset of -2^63: it ends the process. */
static void offset_of_lag(struct rewriting *r, struct node *n)
{
    const struct function *def = n->kind == NODE_FUNC ? node_func(n)->bound : NULL;
    if (def && (strcmp(def->name, "lag") == 0 || strcmp(def->name, "lead") == 0) &&
        node_func(n)->args.n > 1) {
        struct node **offset = &node_func(n)->args.at[1];
        *offset = cast(r->arena, *offset, "INTEGER", TYPE_INT4);
    }
}

/* Text becomes a BIGNUM in time by the square of its length, which nothing interrupts. */
static void length_of_bignum(struct rewriting *r, struct node *n)
{
    const struct type *to =
        n->kind == NODE_CAST ? node_type_name(node_cast(n)->target)->resolved : NULL;
    if (!to || to->kind != TYPE_OTHER || !str_is(to->other_name, "BIGNUM")) {
        return;
    }
    struct node **value = &node_cast(n)->operand;
    bool is_number =
        (*value)->type && (type_is_number((*value)->type) || (*value)->type->kind == TYPE_BOOL);
    if (!is_number && !(n->kind == NODE_LITERAL && node_literal(*value)->text.n <= 4096) &&
        r->added <= MOST_ADDED_NODES) {
        *value = bounded(r, size_of(r->arena, *value), "4096", *value);
    }
}

/* Texts are compared letter by letter with each other, and nothing interrupts that either. */
#define LONGEST_COMPARED "1024" /* bytes */

static void length_of_compared(struct rewriting *r, struct node *n)
{
    static const char *const names[] = {"levenshtein", "damerau_levenshtein", "jaro_similarity",
                                        "jaro_winkler_similarity"};
    const struct function *def = n->kind == NODE_FUNC ? node_func(n)->bound : NULL;
    bool compares = false;
    for (size_t i = 0; def && i < sizeof names / sizeof *names; i++) {
        compares |= strcmp(def->name, names[i]) == 0;
    }
    for (uint32_t i = 0; compares && i < 2 && r->added <= MOST_ADDED_NODES; i++) {
        struct node **text = &node_func(n)->args.at[i];
        bool is_short = (*text)->kind == NODE_LITERAL && node_literal(*text)->text.n <= 1024;
        if (!is_short) {
            *text = bounded(r, size_of(r->arena, *text), LONGEST_COMPARED, *text);
        }
    }
}

static void length_of_needle(struct rewriting *r, struct node *n)
{
    struct node **needle = n->kind == NODE_FUNC ? rewrite_needle(node_func(n)) : NULL;
    if (needle && r->added <= MOST_ADDED_NODES) {
        *needle = bounded(r, size_of(r->arena, *needle), REWRITE_LONGEST_NEEDLE, *needle);
    }
}

static void length_for_regex(struct rewriting *r, struct node *n)
{
    struct node **text, *pattern;
    bool all;
    if (rewrite_regex(n, &text, &pattern, &all) && r->added <= MOST_ADDED_NODES) {
        size_t added = 0;
        refuse_chance(r, pattern, n);
        node_walk(&pattern, count_node, &added);
        r->added += added + 2;
        *text = rewrite_regex_text(r->arena, *text, pattern, all);
    }
}

static bool is_day(const struct node *n)
{
    return n->type && n->type->kind == TYPE_DATE;
}

static bool is_wide_integer(const struct node *n)
{
    return n->type && type_is_integer(n->type) && n->kind != NODE_LITERAL &&
           !type_is_widening(n->type, type_simple(TYPE_INT4));
}

/* The engine adds INTEGER to a date, and nothing wider. */
static void days_of_any_width(struct rewriting *r, struct node *n)
{
    if (n->kind != NODE_BINARY || (node_binary(n)->op != OP_ADD && node_binary(n)->op != OP_SUB)) {
        return;
    }
    struct node_binary *b = node_binary(n);
    if (is_day(b->left) && is_wide_integer(b->right)) {
        b->right = cast(r->arena, b->right, "INTEGER", TYPE_INT4);
    } else if (is_day(b->right) && is_wide_integer(b->left)) {
        b->left = cast(r->arena, b->left, "INTEGER", TYPE_INT4);
    }
}

static const struct rule {
    const char *name;
    void (*apply)(struct rewriting *r, struct node *n);
} rules[] = {
    {"division by zero is an error", division_by_zero},
    {"a count makes no value larger than a limit", size_of_made_values},
    {"json_tree() takes no document larger than a limit", size_of_trees},
    {"no long text becomes a BIGNUM", length_of_bignum},
    {"no long texts are compared letter by letter", length_of_compared},
    {"nothing is replaced or split by a long text", length_of_needle},
    {"no text is too long for its regular expression", length_for_regex},
    {"lag() and lead() look no further than 2^31 rows", offset_of_lag},
    {"a date takes days of any width", days_of_any_width},
};

static enum walk visit(struct node **n, void *ctx)
{
    struct rewriting *r = ctx;
    while (r->added <= MOST_ADDED_NODES && spell(&r->spelling, n)) {
    }
    rewrite_like(r->arena, n);
    rewrite_search(r->arena, n);
    if (r->spelling.failed) {
        return WALK_STOP;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        rules[i].apply(r, *n);
    }
    return r->spelling.failed || r->added > MOST_ADDED_NODES ? WALK_STOP : WALK_ON;
}

enum status sql_rewrite(struct arena *a, struct node **stmt, struct error *e)
{
    struct rewriting r = {.arena = a, .spelling = {.a = a, .e = e}};
    r.spelling.added = &r.added;
    if (node_walk(stmt, visit, &r) == WALK_STOP && r.spelling.failed) {
        return FAIL;
    }
    if (r.added > MOST_ADDED_NODES) {
        return error_set(e, ERR_STATEMENT_TOO_COMPLEX,
                         "the statement divides or repeats by expressions that are too large");
    }
    return OK;
}
