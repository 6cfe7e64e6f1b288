/* Outputs of views that nobody reads. A view is opened in every statement that reads it, and what
 * its outputs look at is used only where the statement goes on to use them: an output waits, with
 * the columns that it reads, until something refers to it. One that nothing refers to is NULL in
 * the end, so that the engine computes nothing of it either.
 *
 * What may wait changes no row of the view and no other output: a scalar expression without a
 * query, and beside GROUP BY an aggregate, of a SELECT without DISTINCT. */
#include "sql/bind_state.h"
#include "sql/make.h"

/* Of a base table, which an output that waits reads. */
struct waiting_read {
    struct bound_table *table;
    size_t column;
};

struct deferred {
    struct node_target *target;
    const struct type *type;
    const struct lineage *uses;
    const struct lineage *outer_uses; /* those of the statement, while this one is bound */
    struct deferred *outer;           /* that was being bound before */
    size_t tables;                    /* of the statement, before this one was bound */
    VEC_OF(struct waiting_read) reads;
    VEC_OF(struct deferred *) needs; /* outputs of views beneath */
    bool is_needed;
};

struct deferred *bind_defer(struct binder *b, struct node *target)
{
    struct deferred *d = ARENA_NEW(b->a, struct deferred);
    d->target = node_target(target);
    d->outer = b->deferring;
    d->outer_uses = b->out->uses;
    d->tables = b->tables.n;
    b->deferring = d;
    b->out->uses = lineage_none();
    return d;
}

struct contents {
    bool has_aggregate, has_other;
};

static enum walk look(struct node **n, void *ctx)
{
    struct contents *c = ctx;
    if ((*n)->kind == NODE_FUNC) {
        const struct node_func *f = node_func_const(*n);
        bool is_aggregate = f->bound && f->bound->kind == FUNCTION_AGGREGATE && !f->over;
        c->has_aggregate |= is_aggregate;
        c->has_other |= !f->bound || f->over || bind_is_unnest(*n) ||
                        (!is_aggregate && f->bound->kind != FUNCTION_SCALAR);
    }
    c->has_other |= (*n)->kind == NODE_QUERY;
    return WALK_ON;
}

static bool may_wait(const struct binder *b, const struct deferred *d, bool is_grouped)
{
    struct contents c = {0};
    (void)node_walk(&d->target->expr, look, &c);
    return !c.has_other && b->tables.n == d->tables && (is_grouped || !c.has_aggregate);
}

struct deferred *bind_defer_end(struct binder *b, struct deferred *d, bool is_grouped)
{
    d->uses = b->out->uses;
    d->type = d->target->expr->type;
    b->out->uses = d->outer_uses;
    b->deferring = d->outer;
    if (!may_wait(b, d, is_grouped)) {
        bind_need(b, d);
        return NULL;
    }
    VEC_PUSH(b->a, b->deferred, d);
    return d;
}

static void mark(struct binder *b, struct bound_table *t, size_t column)
{
    struct waiting_read read = {t, column};
    if (b->deferring) {
        VEC_PUSH(b->a, b->deferring->reads, read);
    } else {
        t->columns_used[column] = true;
    }
}

/* A generated column is read where those are that it is made of. */
void bind_mark_column(struct binder *b, struct bound_table *t, size_t column)
{
    const struct column *c = &t->table->columns[column];
    mark(b, t, column);
    for (size_t i = 0; i < c->from_count; i++) {
        mark(b, t, (size_t)c->from[i]);
    }
}

void bind_need(struct binder *b, struct deferred *d)
{
    if (!d || d->is_needed) {
        return;
    }
    if (b->deferring) {
        VEC_PUSH(b->a, b->deferring->needs, d);
        return;
    }
    d->is_needed = true;
    b->out->uses = lineage_union(b->a, b->out->uses, d->uses);
    for (size_t i = 0; i < d->reads.n; i++) {
        mark(b, d->reads.at[i].table, d->reads.at[i].column);
    }
    for (size_t i = 0; i < d->needs.n; i++) {
        bind_need(b, d->needs.at[i]);
    }
}

void bind_drop_unread(struct binder *b)
{
    for (size_t i = 0; i < b->deferred.n; i++) {
        struct deferred *d = b->deferred.at[i];
        if (d->is_needed) {
            continue;
        }
        struct node *null = make_literal(b->a, LIT_NULL, STR_NULL);
        bool is_known = d->type && d->type->kind != TYPE_UNKNOWN && d->type->kind != TYPE_NULL;
        null->type = type_simple(TYPE_NULL);
        d->target->expr = is_known ? make_cast(b->a, null, d->type) : null;
    }
}
