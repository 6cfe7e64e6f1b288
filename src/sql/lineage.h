/* Lineage: the base columns that a value comes from, and how; or that a statement looks at, and
 * where.
 *
 * A set of (table, column), or unknown: a value, not a guess. Readers must take unknown as every
 * column of every table of the statement. Immutable; of the statement's arena. */
#ifndef SQL_LINEAGE_H
#define SQL_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "catalog/catalog.h"

/* How a value comes from a column. A value can come from one in several ways: both arms of a CASE,
 * say. */
enum origin_how {
    ORIGIN_COPIED = 1,     /* it passes unchanged */
    ORIGIN_DERIVED = 2,    /* something was computed from it, row by row */
    ORIGIN_AGGREGATED = 4, /* from those of many rows */
    ORIGIN_COUNTED = 8,    /* it tells how many, not which */
    ORIGIN_SUMMED = 32768  /* from those of all rows of a group together, and of none alone */
};

/* Where a statement looks at a column. */
enum origin_use {
    USE_EXPRESSION = 16, /* in an output that isn't the column itself, or an argument of one */
    USE_PREDICATE = 32,  /* WHERE, HAVING, QUALIFY, FILTER */
    USE_JOIN = 64,
    USE_GROUPING = 128, /* DISTINCT too */
    USE_ORDERING = 256,
    USE_WINDOW = 512,
    USE_SUBQUERY = 1024,   /* as the result of a sub-query within an expression */
    USE_SET = 2048,        /* rows compared by UNION, INTERSECT, EXCEPT */
    USE_WRITE = 4096,      /* put into a table */
    USE_CONSTRAINT = 8192, /* the engine checks a write against it */
    USE_ROWS = 16384,      /* it decides how many rows there are: LIMIT, a function in FROM */
    USE_OF_VALUE = 65536   /* beside a place: what is looked at isn't only counted or summed */
};

struct origin {
    const struct table *table;
    int column;
    uint32_t how; /* flags, one or more: ORIGIN_ of an output, USE_ of a statement's uses */
};

/* The value is the column's, unchanged, and nothing else was made of it. */
static inline bool origin_is_bare(const struct origin *o)
{
    return o->how == ORIGIN_COPIED;
}

struct lineage {
    struct origin *at; /* sorted by table name and column, without duplicates */
    size_t n;
    bool is_unknown;
};

/* No origin: a literal, a parameter, count(*). */
const struct lineage *lineage_none(void);
const struct lineage *lineage_unknown(void);
const struct lineage *lineage_column(struct arena *a, const struct table *t, int column);

/* Both; unknown when one is. An origin that both have is there in the ways of both: it is bare when
 * it is bare in each. */
const struct lineage *lineage_union(struct arena *a, const struct lineage *x,
                                    const struct lineage *y);

/* `x` and the origins of `y`, those in the ways `how` alone; to a place of use is added whether it
 * is one of values. */
const struct lineage *lineage_add(struct arena *a, const struct lineage *x, const struct lineage *y,
                                  unsigned how);

/* The same origins, as an expression over the value has them: none copied. */
const struct lineage *lineage_derived(struct arena *a, const struct lineage *x);
/* ... as an aggregate has them: what isn't counted already is aggregated. */
const struct lineage *lineage_aggregated(struct arena *a, const struct lineage *x);
/* ... as a sum over whole groups has them. */
const struct lineage *lineage_summed(struct arena *a, const struct lineage *x);
/* ... as what counts them has them. */
const struct lineage *lineage_counted(struct arena *a, const struct lineage *x);

#endif
