/* Users: people of one organization, with one role each. The first of them is an owner, and what
 * would leave the organization without an active owner is refused (ERR_CONSTRAINT). Who is
 * suspended or removed or gets another role loses, in the same change, his just-in-time grants and
 * those that rest on his approval. */
#ifndef STORE_USER_H
#define STORE_USER_H

#include "store/row.h"
#include "store/store.h"

struct store_user {
    struct str id; /* UUID */
    struct str org_id, email, role;
    bool active; /* not suspended */
    struct store_pairs attributes;
    int64_t created_us;
};

/* `email` is folded to lower case and unique in the organization; `role` is one of the six. The
 * first user of an organization must be an owner. */
MUST_USE enum status store_user_create(struct store *s, struct str actor, struct str org_id,
                                       struct str email, struct str role,
                                       struct store_pairs attributes, struct arena *a,
                                       struct store_user *out, struct error *e);

/* By id or e-mail within the organization. ERR_NOT_FOUND. */
MUST_USE enum status store_user_find(struct store *s, struct str org_id, struct str id_or_email,
                                     struct arena *a, struct store_user *out, struct error *e);
MUST_USE enum status store_users(struct store *s, struct str org_id, struct arena *a,
                                 struct store_user **rows, size_t *n, struct error *e);

MUST_USE enum status store_user_set_role(struct store *s, struct str actor, struct str org_id,
                                         struct str id_or_email, struct str role, struct error *e);
MUST_USE enum status store_user_set_active(struct store *s, struct str actor, struct str org_id,
                                           struct str id_or_email, bool active, struct error *e);
MUST_USE enum status store_user_set_attributes(struct store *s, struct str actor, struct str org_id,
                                               struct str id_or_email,
                                               struct store_pairs attributes, struct error *e);

/* Revokes the user's keys in the same change. */
MUST_USE enum status store_user_remove(struct store *s, struct str actor, struct str org_id,
                                       struct str id_or_email, struct error *e);

#endif
