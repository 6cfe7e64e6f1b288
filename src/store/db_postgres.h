/* Inside the store: PostgreSQL as its database, for several programs on several machines. */
#ifndef STORE_DB_POSTGRES_H
#define STORE_DB_POSTGRES_H

#include "store/db.h"

/* `where` is an address as link.h takes it; the tables are in the first schema of its search
 * path. */
extern const struct db_kind db_postgres;

#endif
