/* Relations that are made for the statement: those of information_schema, and DESCRIBE in FROM.
 * Each stands in the tree as a derived table of constants. */
#include "sql/bind_state.h"

static struct node *made_relation(struct binder *b, const struct node *name)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    bool is_qualified =
        parts->n == 2 || (parts->n == 3 && bind_is_database(b, ident_text(parts->at[0])));
    return b->ctx->relation && is_qualified
               ? b->ctx->relation(b->ctx, ident_text(parts->at[parts->n - 2]),
                                  ident_text(parts->at[parts->n - 1]))
               : NULL;
}

static enum status stand_in(struct binder *b, struct scope *s, struct node **n, struct node *query,
                            struct node *alias, struct node_list columns)
{
    struct node *derived = node_new(b->a, NODE_DERIVED, (*n)->offset);
    derived->length = (*n)->length;
    node_derived(derived)->query = query;
    node_derived(derived)->alias = alias;
    node_derived(derived)->columns = columns;
    *n = derived;
    return bind_derived(b, s, derived);
}

enum status bind_made_relation(struct binder *b, struct scope *s, struct node **n, bool *is_made)
{
    const struct node_table_ref *ref = node_table_ref_const(*n);
    const struct node_list *parts = &node_name_const(ref->name)->parts;
    struct node *made = made_relation(b, ref->name);
    *is_made = made != NULL;
    return made ? stand_in(b, s, n, made, ref->alias ? ref->alias : parts->at[parts->n - 1],
                           ref->columns)
                : OK;
}

/* Why a DESCRIBE can't stand here; NULL: it can. What it tells of is bound by itself, so that
 * nothing of it is read: names of this statement mean nothing there. */
static const char *misplaced(const struct binder *b, const struct scope *s,
                             const struct node_described *d)
{
    return d->summarize || !b->ctx->describe      ? "is not supported"
           : b->is_query_body || b->lasting_views ? "can't stand in a view"
           : s->ctes                              ? "can't stand beside WITH"
                                                  : NULL;
}

enum status bind_described(struct binder *b, struct scope *s, struct node **n)
{
    struct node_described *d = node_described(*n);
    struct node *rows = NULL;
    struct binding *of = NULL;
    const char *why = misplaced(b, s, d);
    if (why) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "%s in FROM %s",
                         d->summarize ? "SUMMARIZE" : "DESCRIBE", why);
    }
    if (b->views_opened++ >= BIND_MAX_VIEWS) {
        return bind_fail(b, *n, ERR_STATEMENT_TOO_COMPLEX, "too many views");
    }
    if (b->ctx->describe(b->ctx, d->query, &rows, &of, b->e) != OK) {
        return FAIL;
    }
    if (of) {
        VEC_PUSH(b->a, b->described, of);
    }
    return stand_in(b, s, n, rows, d->alias, d->columns);
}
