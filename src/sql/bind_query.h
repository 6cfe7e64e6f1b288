/* What the files that bind queries share. */
#ifndef SQL_BIND_QUERY_H
#define SQL_BIND_QUERY_H

#include "sql/bind_state.h"

void bind_use_all(struct binder *b, const struct columns *c, enum origin_use place);
/* What stands behind WITH and before ORDER BY; *select: its scope, NULL of anything but a SELECT.
 */
MUST_USE enum status bind_body(struct binder *b, struct scope *parent, const struct cte *ctes,
                               struct node *n, struct scope **select, struct columns *out);

/* bind_order.c: `c` are the outputs; `select`, may be NULL, the scope that they come from. */
MUST_USE enum status bind_order_item(struct binder *b, struct scope *select, struct node **n,
                                     const struct columns *c);
MUST_USE enum status bind_group_items(struct binder *b, struct scope *s, struct node_list *l,
                                      const struct columns *c);

/* bind_setop.c: the columns of both arms together. */
MUST_USE enum status bind_combine(struct binder *b, const struct node_setop *n, struct columns *l,
                                  struct columns *r, struct columns *out);

#endif
