/* One walker that every pass over the tree reuses. */
#ifndef SQL_WALK_H
#define SQL_WALK_H

#include "sql/ast.h"

enum walk { WALK_ON, WALK_SKIP /* not into this node's children */, WALK_STOP };

/* Calls `visit` for `*n` and then, unless told to skip, for each child in the order of the node
 * list. `visit` may replace `*n`; the children walked are then the replacement's. Gives WALK_STOP
 * when a visit stopped it. `*n` may be NULL: nothing happens. */
enum walk node_walk(struct node **n, enum walk (*visit)(struct node **n, void *ctx), void *ctx);

/* The same for the children of `n` alone. */
enum walk node_walk_children(struct node *n, enum walk (*visit)(struct node **n, void *ctx),
                             void *ctx);

#endif
