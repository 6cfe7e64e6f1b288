#include "dialect/rule.h"

#include <stdarg.h>
#include <stdio.h>

#include "sql/function.h"
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

void rule_hint(struct rewriting *r, const char *fmt, ...)
{
    char hint[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(hint, sizeof hint, fmt, args);
    va_end(args);
    (void)error_hint(r->e, "%s", hint);
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
    struct node *ident = placed(node_new(r->a, NODE_IDENT, 0), at);
    node_ident(ident)->text = str_of(name);
    node_func(call)->name = placed(node_new(r->a, NODE_NAME, 0), at);
    node_push(r->a, &node_name(node_func(call)->name)->parts, ident);
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

bool rule_is_string(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
}

struct str rule_name(const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    return node_ident_const(parts->at[parts->n - 1])->text;
}

struct node *rule_arg(const struct node_func *f, uint32_t i)
{
    struct node *n = i < f->args.n ? f->args.at[i] : NULL;
    return n && n->kind == NODE_NAMED_ARG ? node_named_arg(n)->value : n;
}

bool rule_int(const struct node *n, int64_t *out)
{
    if (n->kind == NODE_UNARY && node_unary_const(n)->op == OP_NEG) {
        bool is_int = rule_int(node_unary_const(n)->operand, out) && *out > INT64_MIN;
        *out = is_int ? -*out : 0;
        return is_int;
    }
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_to_i64(node_literal_const(n)->text, out);
}

static enum walk find_volatile(struct node **n, void *ctx)
{
    if ((*n)->kind != NODE_FUNC) {
        return WALK_ON;
    }
    const struct node_list *parts = &node_name_const(node_func(*n)->name)->parts;
    const struct function *f = function_find(node_ident(parts->at[parts->n - 1])->text);
    bool is_volatile = f && (f->flags & FUNCTION_VOLATILE);
    *(bool *)ctx |= is_volatile;
    return is_volatile ? WALK_STOP : WALK_ON;
}

bool rule_is_volatile(const struct node *n)
{
    bool found = false;
    struct node *top = (struct node *)(uintptr_t)n;
    (void)node_walk(&top, find_volatile, &found);
    return found;
}

static struct node *plain_ident(struct rewriting *r, const char *name)
{
    struct node *n = node_new(r->a, NODE_IDENT, 0);
    node_ident(n)->text = str_of(name);
    return n;
}

static struct node *plain_column(struct rewriting *r, const char *name)
{
    struct node *n = node_new(r->a, NODE_COLUMN_REF, 0);
    node_push(r->a, &node_column_ref(n)->parts, plain_ident(r, name));
    return n;
}

/* list_transform([value], lambda name: body)[1] */
static struct node *computed_once(struct rewriting *r, struct node *value, const char *name,
                                  struct node *body)
{
    struct node *list = placed(node_new(r->a, NODE_LIST, 0), body);
    struct node *lambda = placed(node_new(r->a, NODE_LAMBDA, 0), body);
    struct node *index = placed(node_new(r->a, NODE_INDEX, 0), body);
    node_push(r->a, &node_list_lit(list)->items, value);
    node_push(r->a, &node_lambda(lambda)->params, plain_ident(r, name));
    node_lambda(lambda)->body = body;
    node_index(index)->operand = CALL(r, body, "list_transform", list, lambda);
    node_index(index)->index = rule_integer(r, body, 1);
    return index;
}

struct node *rule_fill(struct rewriting *r, const struct template *t, const struct node *at,
                       size_t n, struct node *const *args)
{
    struct node *given[TEMPLATE_MOST_ARGS] = {NULL};
    const char *names[TEMPLATE_MOST_ARGS] = {NULL};
    for (size_t i = 0; i < n && i < TEMPLATE_MOST_ARGS; i++) {
        given[i] = args[i];
        if (t->uses[i] > 1 && rule_is_volatile(args[i])) {
            names[i] = arena_printf(r->a, "once_%zu_%u", i + 1, at->offset);
            given[i] = plain_column(r, names[i]);
        }
    }
    struct node *out = template_fill(r->a, t, at, given, n, &r->added);
    for (size_t i = 0; i < n && i < TEMPLATE_MOST_ARGS; i++) {
        out = names[i] ? computed_once(r, args[i], names[i], out) : out;
    }
    return out;
}

struct node *rule_expand(struct rewriting *r, const struct node *at, const char *text, size_t n,
                         struct node *const *args)
{
    struct template t = template_parse(r->a, text);
    return rule_fill(r, &t, at, n, args);
}
