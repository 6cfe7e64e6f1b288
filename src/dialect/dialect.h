/* What a statement of another dialect means, said in our own SQL.
 *
 * Runs between parser and binder. Our own SQL is what PRINT_CANONICAL writes; a statement that is
 * written in it, such as a view's definition, doesn't come here again. */
#ifndef DIALECT_DIALECT_H
#define DIALECT_DIALECT_H

#include "sql/parse.h"

/* The rules that were applied, each once, in the order of their first use. */
struct dialect_trace {
    struct dialect_rule {
        const char *name, *says;
    } * at;
    size_t n, cap;
};

/* Gives names to outputs that have none, as the dialect calls them: before dialect_normalize(),
 * which changes the expressions that such names come from. */
MUST_USE enum status dialect_name_outputs(struct arena *a, enum dialect dialect, struct node **stmt,
                                          struct error *e);

/* Rewrites `*stmt` in place, in the arena; the tree must be as the parser made it. `trace` may be
 * NULL. Errors: ERR_UNSUPPORTED with the position for what has no equal here, ERR_BAD_SQL for a
 * call that the dialect itself would refuse, ERR_STATEMENT_TOO_COMPLEX where the rules add too
 * much. */
MUST_USE enum status dialect_normalize(struct arena *a, enum dialect dialect, struct node **stmt,
                                       struct dialect_trace *trace, struct error *e);

#endif
