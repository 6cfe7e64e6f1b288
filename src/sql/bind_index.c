/* CREATE INDEX: the engine's own, over columns or expressions of one table. It changes no answer. A
 * unique one would: it is a key, and what a key tells of hidden rows is known of those alone that
 * CREATE TABLE and ALTER TABLE make. */
#include "sql/bind_ddl.h"

static const char *unkept(const struct node_create_index *n)
{
    return n->unique                                   ? "a unique index"
           : n->or_replace                             ? "CREATE OR REPLACE INDEX"
           : n->concurrently                           ? "CONCURRENTLY"
           : n->include.n                              ? "INCLUDE"
           : n->where                                  ? "a partial index"
           : n->options.n                              ? "an option of an index"
           : n->method.n && !str_iis(n->method, "art") ? "this kind of index"
                                                       : NULL;
}

/* Within the statement the engine knows columns by their bare names. */
static enum walk bare(struct node **n, void *ctx)
{
    (void)ctx;
    if ((*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->parts.n > 1) {
        struct node_list *parts = &node_column_ref(*n)->parts;
        parts->at[0] = parts->at[parts->n - 1];
        parts->n = 1;
    }
    return WALK_ON;
}

static enum walk find_query(struct node **n, void *ctx)
{
    struct node **found = ctx;
    if ((*n)->kind == NODE_QUERY) {
        *found = *n;
        return WALK_STOP;
    }
    return WALK_ON;
}

static enum status bind_key(struct binder *b, struct scope *s, struct node_order_item *key)
{
    struct node *query = NULL;
    (void)node_walk(&key->expr, find_query, &query);
    if (query) {
        return bind_fail(b, query, ERR_BAD_SQL, "an index can't have a sub-query");
    }
    key->descending = 0;
    key->nulls = NULLS_ORDER_DEFAULT;
    if (bind_used(b, s, &key->expr, NULL) != OK) {
        return FAIL;
    }
    (void)node_walk(&key->expr, bare, NULL);
    return OK;
}

enum status bind_create_index(struct binder *b, struct node_create_index *n)
{
    const char *what = unkept(n);
    const struct table *t = NULL;
    struct scope s = {0};
    b->out->kind = STATEMENT_DDL;
    if (what) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "%s is not supported", what);
    }
    if (!n->name || node_name(n->name)->parts.n != 1) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "an index has a name without a schema");
    }
    if (bind_own(b, n->table, false, OWN_TABLE, &t) != OK) {
        return FAIL;
    }
    struct bound_table *bound = bind_add_table(b, t, NULL, false);
    if (scope_add(b, &s, range_of_table(b, t->name, bound), n->table) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->keys.n; i++) {
        if (bind_key(b, &s, node_order_item(n->keys.at[i])) != OK) {
            return FAIL;
        }
    }
    bind_add_ddl_table(b, t);
    return OK;
}
