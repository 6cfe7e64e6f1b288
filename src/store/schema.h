/* Inside the store: how either database keeps the number of the schema, and takes its statements.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

struct schema {
    bool is_ours, is_empty;
    int step; /* the newest that was done; 0: none */
};

MUST_USE enum status schema_read(struct db *db, struct schema *out, struct error *e);
MUST_USE enum status schema_mark(struct db *db, int step, struct error *e);

#define SCHEMA_ONLY_SQLITE   "sqlite:"
#define SCHEMA_ONLY_POSTGRES "postgres:"

/* Runs a statement of migrate.c, unless it begins with the mark of the other database. */
MUST_USE enum status schema_run(struct db *db, const char *sql, struct error *e);

#endif
