#include "sql/rewrite.h"

#include "sql/function.h"
#include "sql/walk.h"

enum { MOST_ADDED_NODES = 20000 };

struct rewriting {
    struct arena *arena;
    size_t added;
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

static const struct rule {
    const char *name;
    void (*apply)(struct rewriting *r, struct node *n);
} rules[] = {
    {"division by zero is an error", division_by_zero},
};

static enum walk visit(struct node **n, void *ctx)
{
    struct rewriting *r = ctx;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        rules[i].apply(r, *n);
    }
    return r->added > MOST_ADDED_NODES ? WALK_STOP : WALK_ON;
}

enum status sql_rewrite(struct arena *a, struct node **stmt, struct error *e)
{
    struct rewriting r = {.arena = a};
    if (node_walk(stmt, visit, &r) == WALK_STOP) {
        return error_set(e, ERR_STATEMENT_TOO_COMPLEX,
                         "the statement divides by expressions that are too large");
    }
    return OK;
}
