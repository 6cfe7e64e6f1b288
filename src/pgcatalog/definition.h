/* Definitions of the relations that information_schema_relation() finds by their names. */
#ifndef PGCATALOG_DEFINITION_H
#define PGCATALOG_DEFINITION_H

#include "pgcatalog/relation.h"

struct relation_definition {
    const char *name; /* NULL: behind the last */
    const struct relation_column *columns;
    size_t column_count;
    void (*fill)(struct relation *r); /* leaves out what the caller may not know of */
};

#define RELATION_COLUMNS(list) list, sizeof list / sizeof *list

extern const struct relation_definition constraint_relations[]; /* constraints.c */
extern const struct relation_definition duckdb_relations[];     /* duckdb_relations.c */

/* constraints.c: is the column, or any where NULL, of the primary key? */
bool is_of_primary_key(const struct table *t, const struct str *column);

/* information_schema.c: database, schema, name. */
void relation_place(struct relation *r, const struct table *t);
bool is_temporary(const struct table *t);

#endif
