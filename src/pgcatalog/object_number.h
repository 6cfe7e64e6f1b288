/* The numbers of what regclass, regtype and their like name. */
#ifndef PGCATALOG_OBJECT_NUMBER_H
#define PGCATALOG_OBJECT_NUMBER_H

#include "sql/bind.h"

/* As bind_context.find_object wants it: looked up among the rows that pg_catalog's relations have
 * for this caller. */
bool object_number(const struct bind_context *ctx, enum type_alias kind, const struct str *path,
                   size_t path_count, struct str name, int64_t *number);

#endif
