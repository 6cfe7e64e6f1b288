#include "sql/template.h"

#include <stdio.h>
#include <stdlib.h>

#include "sql/parse.h"
#include "sql/walk.h"

static enum walk count_use(struct node **n, void *ctx)
{
    struct template *t = ctx;
    if ((*n)->kind == NODE_PARAM) {
        int32_t number = node_param(*n)->number;
        if (number > TEMPLATE_MOST_ARGS) {
            abort();
        }
        t->uses[number - 1]++;
    }
    return WALK_ON;
}

struct template template_parse(struct arena *a, const char *text)
{
    struct template t = {0};
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct error e = ERROR_INIT;
    struct node *tree = NULL;
    if (sql_parse_expr(a, str_of(text), DIALECT_POSTGRES, &limits, &tree, &e) != OK) {
        fprintf(stderr, "a rule doesn't parse: %s: %s\n", text, e.message);
        abort();
    }
    (void)node_walk(&tree, count_use, &t);
    t.tree = tree;
    return t;
}

struct filling {
    struct arena *a;
    const struct node *at;
    struct node *const *args;
    size_t n;
    bool used[TEMPLATE_MOST_ARGS];
    size_t *copied;
    struct str renamed, to; /* the lambda's parameter that is renamed, if one is */
};

static enum walk count_node(struct node **n, void *ctx)
{
    (void)n;
    ++*(size_t *)ctx;
    return WALK_ON;
}

static struct node *argument(struct filling *f, size_t i)
{
    if (!f->used[i]) {
        f->used[i] = true;
        return f->args[i];
    }
    struct node *copy = node_copy(f->a, f->args[i]);
    (void)node_walk(&copy, count_node, f->copied);
    return copy;
}

struct search {
    struct str name;
    bool found;
};

static enum walk find_name(struct node **n, void *ctx)
{
    struct search *s = ctx;
    s->found |= (*n)->kind == NODE_IDENT && str_ieq(node_ident(*n)->text, s->name);
    return s->found ? WALK_STOP : WALK_ON;
}

static bool args_use(const struct filling *f, struct str name)
{
    struct search s = {.name = name};
    for (size_t i = 0; i < f->n; i++) {
        struct node *arg = f->args[i];
        (void)node_walk(&arg, find_name, &s);
    }
    return s.found;
}

static struct node *fill(struct filling *f, const struct node *n);

static struct node *fill_ident(struct filling *f, const struct node *n)
{
    struct node *copy = node_copy(f->a, n);
    if (f->renamed.n && str_eq(node_ident(copy)->text, f->renamed)) {
        node_ident(copy)->text = f->to;
    }
    return copy;
}

/* Templates have lambdas of one parameter, not within each other. */
static void rename_parameter(struct filling *f, const struct node *n)
{
    struct str name = node_ident_const(node_lambda_const(n)->params.at[0])->text;
    struct str other = name;
    for (int i = 1; args_use(f, other) && i < 100; i++) {
        other = str_of(arena_printf(f->a, "%.*s_%d", STR_ARG(name), i));
    }
    f->renamed = name;
    f->to = other;
}

static struct node *fill(struct filling *f, const struct node *n)
{
    if (n->kind == NODE_PARAM) {
        return argument(f, (size_t)node_param_const(n)->number - 1);
    }
    if (n->kind == NODE_LAMBDA) {
        rename_parameter(f, n);
    }
    struct node *copy = n->kind == NODE_IDENT ? fill_ident(f, n) : node_shallow_copy(f->a, n);
    copy->offset = f->at->offset;
    copy->length = f->at->length;
    for (const struct node_member *m = node_members(n->kind); m->kind != FIELD_END; m++) {
        if (m->kind == FIELD_NODE && *node_child(n, m)) {
            *node_child(copy, m) = fill(f, *node_child(n, m));
        } else if (m->kind == FIELD_NODES) {
            const struct node_list *from = node_children(n, m);
            struct node_list *to = node_children(copy, m);
            *to = (struct node_list){0};
            for (uint32_t i = 0; i < from->n; i++) {
                node_push(f->a, to, fill(f, from->at[i]));
            }
        }
    }
    if (n->kind == NODE_LAMBDA) {
        f->renamed = STR_NULL;
    }
    return copy;
}

struct node *template_fill(struct arena *a, const struct template *t, const struct node *at,
                           struct node *const *args, size_t n, size_t *copied)
{
    size_t ignored = 0;
    struct filling f = {a, at, args, n, {false}, copied ? copied : &ignored, STR_NULL, STR_NULL};
    return fill(&f, t->tree);
}
