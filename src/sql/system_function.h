/* Functions of PostgreSQL's that ask about the catalogs, said in SQL over pg_catalog's own
 * relations: each is opened for its caller as a function is that an organization made, and so knows
 * of nothing that he may not know of. They are of the schema pg_catalog and found before all
 * others. */
#ifndef SQL_SYSTEM_FUNCTION_H
#define SQL_SYSTEM_FUNCTION_H

#include "base/arena.h"
#include "base/str.h"

/* CREATE MACRO name(parameters) AS ..., with a body for each number of arguments; STR_NULL where
 * there is none of that name in that schema (empty: none was written). Case doesn't matter. */
struct str system_function_text(struct arena *a, struct str schema, struct str name);

/* All names, for tests and for functions that list them; NULL behind the last. */
const char *system_function_at(size_t i);

#endif
