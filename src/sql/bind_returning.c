/* RETURNING: what a statement that writes shows of the rows it wrote. The engine knows the table's
 * own columns there, and no parameter. */
#include "sql/bind_state.h"
#include "sql/walk.h"

static enum walk find_parameter(struct node **n, void *ctx)
{
    const struct node **found = ctx;
    *found = (*n)->kind == NODE_PARAM ? *n : *found;
    return *found ? WALK_STOP : WALK_ON;
}

/* What the engine's RETURNING can't do. `others`: tables of FROM or USING, whose columns a bare
 * star shows in PostgreSQL. */
static enum status refuse_returning(struct binder *b, struct node_list *list,
                                    const struct node *others)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct node *found = NULL, *value = node_target(list->at[i])->expr;
        (void)node_walk(&list->at[i], find_parameter, &found);
        if (found) {
            return bind_fail(b, found, ERR_UNSUPPORTED,
                             "a parameter in RETURNING is not supported");
        }
        if (others && value->kind == NODE_STAR && !node_star_const(value)->qualifier.n &&
            b->ctx->dialect == DIALECT_POSTGRES) {
            bind_fail(b, value, ERR_UNSUPPORTED,
                      "RETURNING * beside another table is not supported");
            return error_hint(b->e, "Write table.* for the columns of the table that is written.");
        }
    }
    return OK;
}

enum status bind_returning(struct binder *b, struct range *target, struct node_list *list,
                           const struct node *others)
{
    struct columns columns = {0};
    struct scope s = {.is_of_merge = b->out->kind == STATEMENT_MERGE};
    if (!list->n) {
        return OK;
    }
    if (refuse_returning(b, list, others) != OK) {
        return FAIL;
    }
    if (scope_add(b, &s, target, NULL) != OK || bind_targets(b, &s, list, &columns) != OK) {
        return FAIL;
    }
    b->out->outputs = columns.at;
    b->out->output_count = columns.n;
    return OK;
}
