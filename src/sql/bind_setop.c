/* UNION, INTERSECT, EXCEPT: the columns that two queries have together. */
#include "sql/bind_query.h"
#include "sql/bind_type.h"

static bool same_column(const struct output_column *x, const struct output_column *y)
{
    return x->is_bare && y->is_bare && x->origins->n == 1 && y->origins->n == 1 &&
           x->origins->at[0].table == y->origins->at[0].table &&
           x->origins->at[0].column == y->origins->at[0].column;
}

/* A column of both arms. It is bare only where both are the same base column: otherwise one arm
 * could put values of its own choice beside masked ones and learn what the mask makes of them. */
static struct output_column both(struct binder *b, const struct output_column *x,
                                 const struct output_column *y)
{
    struct output_column c = {.name = x->name,
                              .type = type_common(b->a, x->type, y->type),
                              .origins = lineage_union(b->a, x->origins, y->origins),
                              .is_bare = same_column(x, y)};
    if (!c.is_bare) {
        bind_use_at(b, c.origins, USE_SET);
        c.origins = lineage_derived(b->a, c.origins);
    }
    b->out->may_fail |= !type_is_widening(x->type, c.type) || !type_is_widening(y->type, c.type);
    return c;
}

static struct output_column *find_column(struct columns *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (str_ieq(c->at[i].name, name)) {
            return &c->at[i];
        }
    }
    return NULL;
}

static void combine_by_name(struct binder *b, struct columns *l, struct columns *r,
                            struct columns *out)
{
    static const struct lineage none;
    struct output_column missing = {.type = type_simple(TYPE_NULL), .origins = &none};
    out->at = ARENA_ARRAY(b->a, struct output_column, l->n + r->n);
    for (size_t i = 0; i < l->n; i++) {
        struct output_column *y = find_column(r, l->at[i].name);
        out->at[out->n++] = both(b, &l->at[i], y ? y : &missing);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (!find_column(l, r->at[i].name)) {
            missing.name = r->at[i].name;
            out->at[out->n++] = both(b, &missing, &r->at[i]);
        }
    }
}

enum status bind_combine(struct binder *b, const struct node_setop *n, struct columns *l,
                         struct columns *r, struct columns *out)
{
    *out = (struct columns){0};
    if (!(n->op == SETOP_UNION && n->all)) {
        bind_use_all(b, l, USE_SET);
        bind_use_all(b, r, USE_SET);
    }
    if (n->by_name) {
        combine_by_name(b, l, r, out);
        return OK;
    }
    if (l->n != r->n) {
        return bind_fail(b, &n->base, ERR_BAD_SQL,
                         "each part of a set operation must have the same number of columns");
    }
    out->at = ARENA_ARRAY(b->a, struct output_column, l->n);
    for (; out->n < l->n; out->n++) {
        out->at[out->n] = both(b, &l->at[out->n], &r->at[out->n]);
    }
    return OK;
}
