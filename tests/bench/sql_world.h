/* What bench_sql measures with: the tables of TPC-H and TPC-DS as one organization's shared ones,
 * each with a tenant column, one of TPC-H with a mask, and all 121 queries. */
#ifndef BENCH_SQL_WORLD_H
#define BENCH_SQL_WORLD_H

#include "policy/policy.h"

enum { WORLD_CLASSES = 4, WORLD_ALL = 130 };

struct subject {
    const char *name;
    char *sql;
    double target_us; /* 0: none */
};

struct world {
    struct catalog *catalog[2]; /* of TPC-H and of TPC-DS: both have a table customer */
    struct policy_snapshot *policy;
    struct principal who;
    struct subject classes[WORLD_CLASSES]; /* the four published classes of statements */
    int class_catalog[WORLD_CLASSES];
    struct subject tpcds[WORLD_ALL];
    size_t tpcds_count;
};

/* From the engine's generators in `extensions`; ends the process where it can't. */
void world_make(struct world *w, const char *extensions);
void world_free(struct world *w);

#endif
