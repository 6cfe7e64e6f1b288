/* The names in a statement: which tables it needs, with which columns, where nothing tells. */
#ifndef CONFORMANCE_NAMES_H
#define CONFORMANCE_NAMES_H

#include <jansson.h>

#include "dialect/dialect.h"
#include "sql/walk.h"

/* Adds to `tables` each table that a FROM names and no WITH defines, by its last part, as an array
 * of the columns that could only be its own: those qualified by it, and the bare ones of a query
 * that it comes first in. Columns of a query without a table go under "". */
void names_of(struct node *n, json_t *tables);

/* Table names without database and schema. */
void names_last_parts(struct arena *a, struct node **n);

#endif
