/* Inside the store: is there such an environment? */
#ifndef STORE_ENVIRONMENT_H
#define STORE_ENVIRONMENT_H

#include "store/db.h"

/* ERR_NOT_FOUND where the organization has none of that name. */
MUST_USE enum status environment_find(struct db *db, struct str org_id, struct str name,
                                      struct error *e);

#endif
