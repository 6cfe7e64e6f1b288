/* Lineage: the base columns that a value comes from.
 *
 * A set of (table, column), or unknown: a value, not a guess. Readers must take unknown as every
 * column of every table of the statement. Immutable; of the statement's arena. */
#ifndef SQL_LINEAGE_H
#define SQL_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "catalog/catalog.h"

struct origin {
    const struct table *table;
    int column;
    bool is_bare; /* the value passes unchanged; false: something was computed from it */
};

struct lineage {
    struct origin *at; /* sorted by table name and column, without duplicates */
    size_t n;
    bool is_unknown;
};

/* No origin: a literal, a parameter, count(*). */
const struct lineage *lineage_none(void);
const struct lineage *lineage_unknown(void);
const struct lineage *lineage_column(struct arena *a, const struct table *t, int column);

/* Both; unknown when one is. An origin is bare in the result when it is bare in each
 * that has it. */
const struct lineage *lineage_union(struct arena *a, const struct lineage *x,
                                    const struct lineage *y);

/* The same origins, none bare: what an expression over the value has. */
const struct lineage *lineage_derived(struct arena *a, const struct lineage *x);

#endif
