/* Tree to text: the only source of SQL that an engine ever sees. */
#ifndef SQL_PRINT_H
#define SQL_PRINT_H

#include "base/buf.h"
#include "base/error.h"
#include "sql/ast.h"

enum print_target {
    PRINT_CANONICAL, /* our own SQL: reads back to an equal tree; view definitions, logs, tests */
    PRINT_DUCKDB     /* engine SQL: bound tables by their engine names, every identifier quoted */
};

/* Appends the statement or expression. FAIL with ERR_UNSUPPORTED and the position where the target
 * has no way to say it; `out` then holds a part that must not be used. */
MUST_USE enum status sql_print(const struct node *n, enum print_target target, struct buf *out,
                               struct error *e);

#endif
