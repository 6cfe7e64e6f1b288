/* The relations of pg_catalog and information_schema, by their names. */
#ifndef PGCATALOG_SYSTEM_RELATION_H
#define PGCATALOG_SYSTEM_RELATION_H

#include "sql/bind.h"

/* The relation's query, to be bound in the place of its name, as bind_context.relation wants it;
 * `*query` is NULL where there is none of that name. ERR_DENIED for those that PostgreSQL, too,
 * keeps from who isn't its superuser. */
MUST_USE enum status system_relation(const struct bind_context *ctx,
                                     const struct relation_asked *asked, struct node **query,
                                     struct error *e);

#endif
