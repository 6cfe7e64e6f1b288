/* Tree to text: the only source of SQL that an engine ever sees. */
#ifndef SQL_PRINT_H
#define SQL_PRINT_H

#include "base/buf.h"
#include "base/error.h"
#include "sql/ast.h"

enum print_target {
    /* Our own SQL: reads back, with DIALECT_POSTGRES, to an equal tree. View definitions, tests. */
    PRINT_CANONICAL,
    /* Engine SQL: tables and functions by their engine names, types as resolved, every name quoted.
     * A table, function, type or DDL name that the binder left alone is refused, but for a
     * TABLE_REF of a single part that is a name of a WITH around it. */
    PRINT_DUCKDB
};

/* Appends the statement or expression. FAIL with ERR_UNSUPPORTED and the position where the target
 * has no way to say it; `out` then holds a part that must not be used. */
MUST_USE enum status sql_print(const struct node *n, enum print_target target, struct buf *out,
                               struct error *e);

/* The same words as for the engine, of a tree that isn't bound, for a reader: names stand as
 * written. A type of its own, so that it can't be taken for what an engine may be given. */
struct shown_sql {
    struct buf text;
};

MUST_USE enum status sql_show(const struct node *n, struct shown_sql *out, struct error *e);

#endif
