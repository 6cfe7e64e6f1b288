/* Inside the store: what every credential's query reads of its holder. */
#ifndef STORE_CREDENTIALROW_H
#define STORE_CREDENTIALROW_H

#include "store/key.h"
#include "store/userrow.h"

/* Of organizations o, users u, and the grant g that CREDENTIAL_GRANT joins to them. */
#define CREDENTIAL_COLUMNS                                                                         \
    " o.name, o.rate_tier, g.id, g.role, g.expires_us, g.left_us, " USER_COLUMNS
#define CREDENTIAL_GRANT " LEFT JOIN jit_in_force g ON g.user_id = u.id AND g.org_id = u.org_id"
enum { CREDENTIAL_USER = 6 };

/* The columns stand in that order from column `at`; key.user_id of `out` is already read. */
void credential_read(struct query *q, struct arena *a, int at, struct store_credential *out);

#endif
