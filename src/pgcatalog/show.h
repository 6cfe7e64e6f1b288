/* SHOW TABLES, SHOW COLUMNS ..., DESCRIBE TABLE: each becomes a query over rows made from the
 * catalog, of what the caller may know of. */
#ifndef PGCATALOG_SHOW_H
#define PGCATALOG_SHOW_H

#include "sql/bind.h"

/* Replaces `*stmt` by a QUERY where it is a SHOW of objects or a DESCRIBE of a table or view;
 * leaves any other as it is. ERR_UNKNOWN_TABLE, ERR_UNSUPPORTED with the position. */
MUST_USE enum status show_as_query(const struct bind_context *ctx, struct node **stmt,
                                   struct error *e);

/* The answer to DESCRIBE of a query: `b` is its binding. */
struct node *show_outputs(const struct bind_context *ctx, const struct binding *b);

/* DESCRIBE in FROM, as bind_context.describe wants it: of the name of a table or view that the
 * caller may know of, as DESCRIBE of it; of a query its outputs. ERR_UNKNOWN_TABLE, those of
 * sql_bind(), and ERR_UNSUPPORTED where only the engine knows a type. */
MUST_USE enum status show_described(const struct bind_context *ctx, struct node *of,
                                    struct node **rows, struct binding **binding, struct error *e);

#endif
