/* Inside the store: reading a user from any query that has the user's columns. */
#ifndef STORE_USERROW_H
#define STORE_USERROW_H

#include "store/change.h"
#include "store/user.h"

#define USER_COLUMNS "u.id, u.org_id, u.email, u.role, u.status, u.attributes, u.created_us"

/* The columns stand in that order from column `at`. */
void user_read(struct query *q, struct arena *a, int at, struct store_user *out);

/* The user by id or e-mail. ERR_NOT_FOUND. */
MUST_USE enum status user_find(struct db *db, struct str org_id, struct str id_or_email,
                               struct arena *a, struct store_user *out, struct error *e);

/* The user by id or e-mail, in the change's arena; fails the change (ERR_NOT_FOUND) where the
 * organization has none. True while the change is good. */
bool change_user(struct change *c, struct str org_id, struct str id_or_email,
                 struct store_user *out);

/* Makes a user of an address, role and attributes that were checked; `out` is in the arena. Fails
 * the change with ERR_EXISTS where the organization has one of that address. */
void change_user_add(struct change *c, struct str org_id, struct str email, struct str role,
                     struct store_pairs attributes, struct arena *a, struct store_user *out);

#endif
