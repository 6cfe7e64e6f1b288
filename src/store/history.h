/* The history of an organization's policies: what each was made into, when and by whom. Rows are
 * only ever added, in the transaction of the change itself; triggers refuse an UPDATE or DELETE.
 *
 * A version is one change of an organization: of one policy, or of many at once (an apply, a
 * rollback), so that each version is a state that really was. A policy that isn't as its last row
 * says (it is older than the history, or was changed behind the program's back) is written down as
 * "found" by the next change, before it.
 *
 * Each row has a seal: an HMAC over the row and the seal before it, under a key of the keyring. Who
 * can write the database and doesn't have the key can't change, insert, move or remove a row that
 * has a successor, and a rollback refuses a history whose seals don't hold. Not seen here: that the
 * newest rows, or the whole database, were replaced by an older copy. The IAM trail tells that: its
 * entries hold the number and the seal of each row. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/row.h"
#include "store/store.h"

enum { STORE_SEAL_KEY_SIZE = 32 };

/* The key of the seals (copied, wiped by store_close). Without it every change of a policy gives
 * ERR_KEY. */
void store_seal_with(struct store *s, const uint8_t key[STORE_SEAL_KEY_SIZE]);

struct store_policy_version {
    int64_t version; /* of the organization: from 1, rising; rows of one change have the same */
    int64_t at_us;
    struct str actor;  /* empty: not known (a policy that was found) */
    struct str action; /* "create", "change", "enable", "disable", "remove", "found",
                          "rollback to 3" */
    struct str policy_id, name;
    struct str json; /* as it was from then on; empty: there was no such policy any more */
    bool enabled;
};

/* The rows of one organization, oldest first; of one policy where `name` isn't empty. ERR_CORRUPT
 * after the rows were read (they are given nevertheless) where a seal doesn't hold: the message
 * names the first version that isn't as it was written. */
MUST_USE enum status store_history(struct store *s, struct str org_id, struct str name,
                                   struct arena *a, struct store_policy_version **rows, size_t *n,
                                   struct error *e);

#endif
