/* A statement that a session planned before: what a run of it costs before the engine is asked. An
 * engine, control store and audit log of its own, with the world's tables (empty) as those of two
 * organizations. */
#ifndef BENCH_SQL_AGAIN_H
#define BENCH_SQL_AGAIN_H

#include "sql_world.h"

struct again;

struct again *again_open(const struct world *w, const char *extensions, enum dialect d);
void again_close(struct again *g);

/* Nanoseconds of each of `rounds` runs, over the tables of w->catalog[catalog]. Ends the process
 * where a run did not find its plan. */
void again_measure(struct again *g, int catalog, const char *sql, int rounds, int64_t *ns);

#endif
