/* What people write to other systems and HatiData never runs: by kind of object or by verb, why not
 * and what to do instead. One table, so that parser, binder and documentation say the same. */
#ifndef SQL_FOREIGN_H
#define SQL_FOREIGN_H

#include "base/error.h"
#include "sql/ast.h"

struct foreign {
    const char *words;   /* lower case: "file format"; "grant" */
    const char *reason;  /* "HatiData has no ..."; ends without a full stop */
    const char *instead; /* the hint; a sentence */
};

/* Kinds of objects, longer ones before those that begin them; ends with words NULL. */
extern const struct foreign foreign_objects[];

/* Statements that are foreign by their first word; ends with words NULL. */
extern const struct foreign foreign_verbs[];

/* Of a statement's object, else of its verb. Never NULL. */
const struct foreign *foreign_of(const struct node_foreign *n);

/* Fills `e` with why the statement is refused: the kind and the reason, no name, no value of it. */
MUST_USE enum status foreign_refuse(const struct node_foreign *n, struct error *e);

#endif
