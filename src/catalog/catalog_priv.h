/* What the files of the catalog share. Private to src/catalog/. */
#ifndef CATALOG_CATALOG_PRIV_H
#define CATALOG_CATALOG_PRIV_H

#include "base/buf.h"
#include "catalog/catalog.h"

/* Once its columns are there: `from` of those that are generated. */
void catalog_resolve_generated(struct arena *a, struct table *t);

/* ---- engine_name.c ---- */

char catalog_fold(char c); /* as the engine folds case */

/* The schema's name on the engine, or the name of the one where its macros are. */
void catalog_put_schema(struct buf *b, struct space space, struct str schema, bool of_macros);

/* With what the names of all schemas begin that somebody made there, and no others. */
struct str catalog_own_prefix(struct arena *a, struct space space);

/* What an engine schema says: whose it is, and which of his. */
struct catalog_owner {
    struct space space;
    struct str schema;
    bool of_macros;
};

/* False where the schema is no organization's. */
bool catalog_read_owner(struct arena *a, struct str engine_schema, struct catalog_owner *out);

#endif
