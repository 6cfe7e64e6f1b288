/* WITH: queries under a name, and those that read themselves. */
#include "sql/bind_query.h"

struct self_search {
    struct str name;
    bool found;
};

static enum walk find_self(struct node **n, void *ctx)
{
    struct self_search *search = ctx;
    if ((*n)->kind == NODE_TABLE_REF) {
        const struct node_list *parts = &node_name(node_table_ref(*n)->name)->parts;
        search->found |= parts->n == 1 && str_ieq(ident_text(parts->at[0]), search->name);
    }
    return search->found ? WALK_STOP : WALK_ON;
}

/* The CTE's columns under the names that it gives them, each once, written back. */
static enum status name_cte_columns(struct binder *b, struct node_cte *n, struct columns *c)
{
    if (n->columns.n > c->n) {
        return bind_fail(b, &n->base, ERR_BAD_SQL,
                         "WITH query \"%.*s\" has %zu columns but %u names",
                         STR_ARG(ident_text(n->name)), c->n, n->columns.n);
    }
    for (uint32_t i = 0; i < n->columns.n; i++) {
        c->at[i].name = ident_text(n->columns.at[i]);
    }
    struct range names = {.columns = ARENA_ARRAY(b->a, struct range_column, c->n), .n = c->n};
    for (size_t i = 0; i < c->n; i++) {
        names.columns[i].name = names.columns[i].label = c->at[i].name;
    }
    range_tell_apart(b, &names);
    n->columns = (struct node_list){0};
    for (size_t i = 0; i < c->n; i++) {
        c->at[i].name = names.columns[i].name;
        node_push(b->a, &n->columns, bind_ident(b, c->at[i].name, &n->base));
    }
    return OK;
}

static bool has_same_origins(const struct lineage *x, const struct lineage *y, struct arena *a)
{
    const struct lineage *p = lineage_add(a, lineage_none(), x, ORIGIN_DERIVED);
    return lineage_add(a, p, y, ORIGIN_DERIVED) == p;
}

/* The recursive term was bound with the anchor's lineage. Where its own outputs come from elsewhere
 * as well, what the term saw in itself was wrong from the second round on: nothing
 * is proved then. */
static void settle_recursion(struct binder *b, struct columns *anchor, const struct columns *term)
{
    for (size_t i = 0; i < anchor->n; i++) {
        if (!has_same_origins(anchor->at[i].origins, term->at[i].origins, b->a)) {
            bind_use(b, lineage_unknown());
            for (size_t k = 0; k < anchor->n; k++) {
                anchor->at[k].origins = lineage_unknown();
                anchor->at[k].is_bare = false;
            }
            return;
        }
    }
}

static enum status bind_recursive(struct binder *b, struct scope *parent, struct node_cte *n,
                                  struct cte *self, struct columns *out)
{
    struct node_query *q = node_query(n->query);
    const struct cte *ctes = self->next;
    struct scope *ignored = NULL;
    struct columns term = {0};
    if (q->body->kind != NODE_SETOP || node_setop(q->body)->op != SETOP_UNION ||
        node_setop(q->body)->by_name || q->order.n || q->order_all || q->limit || q->offset) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED,
                         "recursive query \"%.*s\" must be: anchor UNION [ALL] recursive term",
                         STR_ARG(self->name));
    }
    struct node_setop *u = node_setop(q->body);
    if (bind_ctes(b, parent, &ctes, &q->ctes, q->recursive) != OK ||
        bind_body(b, parent, ctes, u->left, &ignored, out) != OK ||
        name_cte_columns(b, n, out) != OK) {
        return FAIL;
    }
    struct cte visible = {self->name, self->unique, *out, ctes};
    struct cte *copy = ARENA_NEW(b->a, struct cte);
    *copy = visible;
    if (bind_body(b, parent, copy, u->right, &ignored, &term) != OK) {
        return FAIL;
    }
    struct columns all = {0}, anchor = *out;
    b->out->may_fail = true;
    if (bind_combine(b, u, &anchor, &term, &all) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < all.n; i++) {
        all.at[i].type = anchor.at[i].type;
    }
    *out = all;
    settle_recursion(b, &anchor, &term);
    for (size_t i = 0; i < all.n; i++) {
        if (anchor.at[i].origins->is_unknown) {
            out->at[i].origins = lineage_unknown();
            out->at[i].is_bare = false;
        }
    }
    return OK;
}

static enum status bind_cte(struct binder *b, struct scope *parent, const struct cte **ctes,
                            struct node_cte *n, bool recursive)
{
    struct cte *c = ARENA_NEW(b->a, struct cte);
    c->name = ident_text(n->name);
    c->unique = bind_unique(b, c->name);
    c->next = *ctes;
    if (n->query->kind != NODE_QUERY) {
        return bind_fail(b, n->query, ERR_UNSUPPORTED, "WITH takes queries only");
    }
    struct self_search self = {c->name, false};
    if (recursive) {
        (void)node_walk(&n->query, find_self, &self);
    }
    enum status status = self.found ? bind_recursive(b, parent, n, c, &c->columns)
                                    : bind_query(b, parent, *ctes, n->query, &c->columns);
    if (status != OK || (!self.found && name_cte_columns(b, n, &c->columns) != OK)) {
        return FAIL;
    }
    n->name = bind_ident(b, c->unique, n->name);
    c->node = &n->base;
    *ctes = c;
    return OK;
}

enum status bind_ctes(struct binder *b, struct scope *parent, const struct cte **ctes,
                      struct node_list *list, bool recursive)
{
    const struct cte *outer = *ctes;
    if (bind_limit_list(b, list->n ? list->at[0] : NULL, list->n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_cte *n = node_cte(list->at[i]);
        for (const struct cte *c = *ctes; c != outer; c = c->next) {
            if (str_ieq(c->name, ident_text(n->name))) {
                return bind_fail(b, n->name, ERR_DUPLICATE_ALIAS,
                                 "WITH query name \"%.*s\" specified more than once",
                                 STR_ARG(c->name));
            }
        }
        if (bind_cte(b, parent, ctes, n, recursive) != OK) {
            return FAIL;
        }
    }
    return OK;
}
