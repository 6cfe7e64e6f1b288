/* The catalog that the binder's tests look at. */
#ifndef TEST_SQL_BIND_SCHEMA_H
#define TEST_SQL_BIND_SCHEMA_H

#include "catalog/catalog.h"

#define ORG "acme"

/* The tables of organization "acme", those of another, shared ones, and TPC-H in "acme". */
struct catalog *schema_build(void);

/* CREATE statements that make the same on the engine, ending with NULL. */
extern const char *const schema_ddl[];

#endif
