/* The walker, over the same table of fields as copying and comparing (ast.c): no node and no field
 * can be forgotten by a pass that uses it. */
#include "sql/walk.h"

static enum walk walk_list(struct node_list *list, enum walk (*visit)(struct node **n, void *ctx),
                           void *ctx)
{
    /* By index: a visit may add to the list, or move it, while we are in it. */
    for (uint32_t i = 0; i < list->n; i++) {
        if (node_walk(&list->at[i], visit, ctx) == WALK_STOP) {
            return WALK_STOP;
        }
    }
    return WALK_ON;
}

enum walk node_walk_children(struct node *n, enum walk (*visit)(struct node **n, void *ctx),
                             void *ctx)
{
    for (const struct node_member *f = node_members(n->kind); f->kind != FIELD_END; f++) {
        enum walk w = WALK_ON;
        if (f->kind == FIELD_NODE) {
            w = node_walk(node_child(n, f), visit, ctx);
        } else if (f->kind == FIELD_NODES) {
            w = walk_list(node_children(n, f), visit, ctx);
        }
        if (w == WALK_STOP) {
            return WALK_STOP;
        }
    }
    return WALK_ON;
}

enum walk node_walk(struct node **n, enum walk (*visit)(struct node **n, void *ctx), void *ctx)
{
    if (!*n) {
        return WALK_ON;
    }
    enum walk w = visit(n, ctx);
    if (w == WALK_SKIP) {
        return WALK_ON;
    }
    return w == WALK_STOP || !*n ? w : node_walk_children(*n, visit, ctx);
}
