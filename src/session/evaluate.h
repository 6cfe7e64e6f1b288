/* Values that a statement of the session takes as expressions: SET x = ..., EXECUTE p(...). They
 * are asked for as a query of one row, so that policy and masks have their say and the engine its
 * limits. */
#ifndef SESSION_EVALUATE_H
#define SESSION_EVALUATE_H

#include "session/state.h"

struct evaluated {
    const struct type *type; /* of kind TEXT where nothing tells */
    struct str text;         /* in PostgreSQL's text form; STR_NULL: NULL */
};

/* One for each expression, in an array of `a`. Literals need no query. `stmt` is the statement that
 * they are of, whose text is on record. */
MUST_USE enum status evaluate(struct session *s, const struct node *stmt,
                              const struct node_list *exprs, struct arena *a,
                              struct evaluated **out, struct error *e);

/* The types that are named, in an array of `a`. */
MUST_USE enum status evaluate_types(struct session *s, const struct node *stmt,
                                    const struct node_list *names, struct arena *a,
                                    const struct type ***out, struct error *e);

/* The statement's own text within what the client sent. */
struct str evaluate_text(const struct session *s, const struct node *stmt);

#endif
