/* Aliases of outputs in the place of columns: what was selected under the name stands there. */
#include "sql/bind_state.h"

static enum walk look_through(struct node **n, void *ctx)
{
    struct copied *c = ctx;
    c->nodes++;
    c->has_query |= (*n)->kind == NODE_QUERY;
    return c->has_query ? WALK_STOP : WALK_ON;
}

struct copied bind_copied(struct node *n)
{
    struct copied c = {0};
    (void)node_walk(&n, look_through, &c);
    return c;
}

/* The name of an output that a reference may mean: x, or alias.x where no table is called alias.
 * Empty where it can mean none. */
struct str bind_output_name(const struct scope *s, const struct node *n)
{
    const struct node_list *parts = &node_column_ref_const(n)->parts;
    if (parts->n == 1) {
        return ident_text(parts->at[0]);
    }
    bool is_marked = parts->n == 2 && s && str_iis(ident_text(parts->at[0]), "alias") &&
                     !scope_names_range(s, STR("alias"));
    return is_marked ? ident_text(parts->at[1]) : STR("");
}

/* A sub-query isn't copied once it is bound: each occurrence of a table must be known once. What
 * was written is bound again. */
static enum status bind_again(struct binder *b, struct scope *s, size_t target, struct node **n,
                              struct bound_expr *out)
{
    size_t bound = s->targets_bound;
    *n = node_copy(b->a, s->target_originals[target]);
    s->targets_bound = target;
    enum status status = bind_expr(b, s, n, out);
    s->targets_bound = bound;
    return status;
}

static enum status too_complex(struct binder *b, const struct node *at)
{
    return bind_fail(b, at, ERR_STATEMENT_TOO_COMPLEX,
                     "aliases that stand for each other make the statement too complex");
}

static enum status of_a_query(struct binder *b, const struct node *at, struct str name)
{
    return bind_fail(b, at, ERR_UNSUPPORTED, "the alias \"%.*s\" of a sub-query can't be used here",
                     STR_ARG(name));
}

/* In ON, which is bound before the outputs are: what was written for the alias stands in. Of it an
 * alias means one of the outputs before it. */
static enum status unbound_alias(struct binder *b, struct scope *s, struct str name,
                                 struct node **n, struct bound_expr *out, bool *is_found)
{
    const struct node_list *targets = s->unbound_targets;
    uint32_t end = s->unbound_count;
    for (uint32_t i = 0; i < end && !*is_found; i++) {
        struct node_target *t = node_target(targets->at[i]);
        if (!t->alias || !str_ieq(ident_text(t->alias), name)) {
            continue;
        }
        struct copied c = bind_copied(t->expr);
        b->nodes_copied += c.nodes;
        if (c.has_query || b->nodes_copied > BIND_MAX_COPIED) {
            return c.has_query ? of_a_query(b, *n, name) : too_complex(b, *n);
        }
        *is_found = true;
        *n = node_copy(b->a, t->expr);
        s->unbound_count = i;
    }
    enum status status = *is_found ? bind_expr(b, s, n, out) : OK;
    s->unbound_count = end;
    return status;
}

/* A name of an output: its expression stands in for it. */
enum status bind_alias(struct binder *b, struct scope *s, struct node **n, struct bound_expr *out,
                       bool *is_found)
{
    struct str name = bind_output_name(s, *n);
    for (size_t i = 0; s->targets && i < s->targets_bound && name.n; i++) {
        struct node_target *t = node_target(s->targets->at[i]);
        if (!t->alias || !str_ieq(ident_text(t->alias), name)) {
            continue;
        }
        struct copied c = bind_copied(t->expr);
        b->nodes_copied += c.nodes;
        if (b->nodes_copied > BIND_MAX_COPIED) {
            return too_complex(b, *n);
        }
        *is_found = true;
        bind_need(b, s->target_deferred ? s->target_deferred[i] : NULL);
        if (!c.has_query) {
            *n = node_copy(b->a, t->expr);
            *out = s->target_values[i];
            return OK;
        }
        if (!s->target_originals[i]) {
            return of_a_query(b, *n, name);
        }
        return bind_again(b, s, i, n, out);
    }
    return name.n && !*is_found && s->unbound_targets ? unbound_alias(b, s, name, n, out, is_found)
                                                      : OK;
}
