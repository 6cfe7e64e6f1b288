/* Which constraint an error of the engine's is of, by the names that pg_constraint tells. */
#ifndef PGCATALOG_BROKEN_H
#define PGCATALOG_BROKEN_H

#include "base/arena.h"
#include "base/error.h"
#include "catalog/catalog.h"

struct broken {
    struct str name; /* empty: NOT NULL, which has none */
    const struct str *columns;
    size_t column_count;
};

/* What of `t` the error's clue is of: its column, key, unique index, CHECK or foreign key, or with
 * `other` the foreign key of `t` to `other`. False where it is of none, or could be of several.
 * What it gives is the table's or the arena's. */
bool broken_find(struct arena *a, const struct table *t, const struct table *other,
                 const struct error *e, struct broken *out);

#endif
