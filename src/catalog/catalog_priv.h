/* What the files of the catalog share. Private to src/catalog/. */
#ifndef CATALOG_CATALOG_PRIV_H
#define CATALOG_CATALOG_PRIV_H

#include <stdatomic.h>

#include "base/buf.h"
#include "catalog/catalog.h"

struct map;

/* A schema that somebody made, beside public. */
struct own_schema {
    struct str engine_schema, name;
    uint32_t oid;
};

struct catalog {
    atomic_uint refs;
    uint64_t version;
    struct arena *arena;
    struct table **tables; /* sorted by engine schema and name, folded */
    size_t count;
    struct own_schema *schemas; /* sorted by engine schema */
    size_t schema_count;
    struct table *audit_log;
    struct map *by_name;
    struct map *types; /* likewise under folded names */
};

/* ---- oid.c ---- */

/* Numbers all objects of a snapshot, and no other way than any other snapshot of this process does.
 */
void catalog_number(struct catalog *c, bool temporary);

/* By bytes, as the engine folds case. */
int catalog_compare(struct str a, struct str b);

/* "schema NUL name", folded: the key of the maps. A NUL stands in no name. */
void catalog_put_key(struct buf *b, struct str schema, struct str name);

/* That of a shared table as one organization sees it, and what is under it; NULL: nothing of its
 * own. */
void catalog_put_shared_key(struct buf *b, struct str org_id, struct str name);
struct table *catalog_lookup_shared(const struct catalog *c, struct str org_id, struct str name);

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
