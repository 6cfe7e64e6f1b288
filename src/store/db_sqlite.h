/* Inside the store: SQLite as its database. */
#ifndef STORE_DB_SQLITE_H
#define STORE_DB_SQLITE_H

#include "store/db.h"

/* `where` is a file's path; the file is made (0600) where it isn't there. */
extern const struct db_kind db_sqlite;

#endif
