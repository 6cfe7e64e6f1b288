#include "plain.h"

struct plain {
    struct arena *a;
    const json_t *functions, *types;
    int lambdas;
};

static struct str lower(struct arena *a, struct str s)
{
    char *folded = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        bool is_upper = folded[i] >= 'A' && folded[i] <= 'Z';
        folded[i] = (char)(is_upper ? folded[i] - 'A' + 'a' : folded[i]);
    }
    return (struct str){folded, s.n};
}

static struct str synonym(const json_t *of, struct str name)
{
    const json_t *other = json_object_getn(of, name.p, name.n);
    return other ? str_of(json_string_value(other)) : name;
}

static enum walk plain(struct node **n, void *ctx)
{
    struct plain *p = ctx;
    if ((*n)->kind == NODE_IDENT) {
        node_ident(*n)->text = lower(p->a, node_ident(*n)->text);
        node_ident(*n)->quoted = 0;
    }
    if ((*n)->kind == NODE_TYPE_NAME) {
        struct str name = lower(p->a, node_type_name(*n)->text);
        node_type_name(*n)->text = synonym(p->types, name);
    }
    return WALK_ON;
}

static enum walk plain_call(struct node **n, void *ctx)
{
    struct plain *p = ctx;
    if ((*n)->kind == NODE_FUNC && node_name(node_func(*n)->name)->parts.n == 1) {
        struct node_ident *name = node_ident(node_name(node_func(*n)->name)->parts.at[0]);
        name->text = synonym(p->functions, name->text);
    }
    return WALK_ON;
}

/* ---- lambdas ---- */

struct renaming {
    struct str from, to;
};

static enum walk rename_reference(struct node **n, void *ctx)
{
    const struct renaming *r = ctx;
    if ((*n)->kind == NODE_COLUMN_REF) {
        struct node_ident *first = node_ident(node_column_ref(*n)->parts.at[0]);
        first->text = str_eq(first->text, r->from) ? r->to : first->text;
    }
    return WALK_ON;
}

/* The inner ones first: what an outer parameter's name still finds then is a reference to it. */
static enum walk plain_lambda(struct node **n, void *ctx)
{
    struct plain *p = ctx;
    if ((*n)->kind != NODE_LAMBDA) {
        return WALK_ON;
    }
    struct node_lambda *lambda = node_lambda(*n);
    (void)node_walk(&lambda->body, plain_lambda, p);
    p->lambdas++;
    for (uint32_t i = 0; i < lambda->params.n; i++) {
        struct node_ident *param = node_ident(lambda->params.at[i]);
        const char *name = arena_printf(p->a, "parameter %u of %d", (unsigned)i, p->lambdas);
        struct renaming r = {param->text, str_of(name)};
        (void)node_walk(&lambda->body, rename_reference, &r);
        param->text = r.to;
    }
    return WALK_SKIP;
}

void plain_tree(struct arena *a, struct node **n, const json_t *synonyms)
{
    struct plain p = {.a = a,
                      .functions = json_object_get(synonyms, "functions"),
                      .types = json_object_get(synonyms, "types")};
    (void)node_walk(n, plain, &p);
    (void)node_walk(n, plain_call, &p);
    (void)node_walk(n, plain_lambda, &p);
}
