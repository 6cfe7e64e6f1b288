#include "dialect/rule.h"

#include <stdarg.h>
#include <stdio.h>

#include "sql/walk.h"

void rule_fail(struct rewriting *r, const struct node *at, enum error_code code, const char *fmt,
               ...)
{
    char message[256];
    va_list args;
    if (r->failed) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)error_at(r->e, code, at->offset, "%s", message);
    r->failed = true;
}

static struct node *placed(struct node *n, const struct node *at)
{
    n->offset = at->offset;
    n->length = at->length;
    return n;
}

struct node *rule_call(struct rewriting *r, const struct node *at, const char *name, size_t n,
                       struct node *const *args)
{
    struct node *call = node_new(r->a, NODE_FUNC, at->offset);
    node_func(call)->name = placed(make_name(r->a, str_of(name)), at);
    for (size_t i = 0; i < n; i++) {
        node_push(r->a, &node_func(call)->args, args[i]);
    }
    return placed(call, at);
}

struct node *rule_text(struct rewriting *r, const struct node *at, const char *text)
{
    return placed(make_literal(r->a, LIT_STRING, str_of(text)), at);
}

struct node *rule_integer(struct rewriting *r, const struct node *at, int64_t value)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    struct str digits = str_of(arena_printf(r->a, "%llu", (unsigned long long)size));
    struct node *n = placed(make_literal(r->a, LIT_INTEGER, digits), at);
    return value < 0 ? rule_unary(r, OP_NEG, n) : n;
}

struct node *rule_null(struct rewriting *r, const struct node *at)
{
    return placed(make_literal(r->a, LIT_NULL, STR_NULL), at);
}

struct node *rule_binary(struct rewriting *r, enum op op, struct node *left, struct node *right)
{
    struct node *n = node_new(r->a, NODE_BINARY, left->offset);
    node_binary(n)->op = op;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    return placed(n, left);
}

struct node *rule_unary(struct rewriting *r, enum op op, struct node *operand)
{
    struct node *n = node_new(r->a, NODE_UNARY, operand->offset);
    node_unary(n)->op = op;
    node_unary(n)->operand = operand;
    return placed(n, operand);
}

struct node *rule_cast(struct rewriting *r, struct node *operand, const char *type)
{
    struct node *n = node_new(r->a, NODE_CAST, operand->offset);
    struct node *target = node_new(r->a, NODE_TYPE_NAME, operand->offset);
    node_type_name(target)->text = str_of(type);
    node_cast(n)->operand = operand;
    node_cast(n)->target = target;
    return placed(n, operand);
}

struct node *rule_try_cast(struct rewriting *r, struct node *operand, const char *type)
{
    struct node *n = rule_cast(r, operand, type);
    node_cast(n)->is_try = true;
    return n;
}

static enum walk count(struct node **n, void *ctx)
{
    (void)n;
    ++*(size_t *)ctx;
    return WALK_ON;
}

struct node *rule_copy(struct rewriting *r, const struct node *n)
{
    struct node *copy = node_copy(r->a, n);
    (void)node_walk(&copy, count, &r->added);
    return copy;
}

struct str rule_word(const struct node *n)
{
    if (n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING) {
        return node_literal_const(n)->text;
    }
    if (n->kind == NODE_COLUMN_REF && node_column_ref_const(n)->parts.n == 1) {
        return node_ident(node_column_ref_const(n)->parts.at[0])->text;
    }
    return STR_NULL;
}

bool rule_is_null(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_NULL;
}
