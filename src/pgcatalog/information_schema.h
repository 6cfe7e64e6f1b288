/* information_schema: the views of the SQL standard over what the caller may know of. */
#ifndef PGCATALOG_INFORMATION_SCHEMA_H
#define PGCATALOG_INFORMATION_SCHEMA_H

#include "sql/bind.h"

/* The relation's query, to be bound in the place of its name; NULL where there is none of that
 * name. Of the form that bind_context.relation wants. */
struct node *information_schema_relation(const struct bind_context *ctx, struct str schema,
                                         struct str name);

#endif
