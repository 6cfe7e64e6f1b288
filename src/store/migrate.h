/* The schema, as numbered steps that are never edited once released. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

/* Brings the database to the newest schema, each step in a transaction. ERR_CORRUPT for a database
 * that isn't a control store; ERR_CONFIG for one of a newer program. */
MUST_USE enum status migrate(struct db *db, struct error *e);

/* The schema that this program knows. */
int migrate_newest(void);

#endif
