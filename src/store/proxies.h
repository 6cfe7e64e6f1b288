/* The other plane: the authority that signs certificates between the two, tokens by which a proxy
 * enrols, and the proxies. All of one installation, of no organization. */
#ifndef STORE_PROXIES_H
#define STORE_PROXIES_H

#include "store/row.h"
#include "store/store.h"

struct store_authority {
    struct str id; /* of the store: another store, another id */
    struct str certificate, sealed;
};

/* ERR_NOT_FOUND: none was made yet. */
MUST_USE enum status store_authority_find(struct store *s, struct arena *a,
                                          struct store_authority *out, struct error *e);

/* Does nothing where there is one by now. */
MUST_USE enum status store_authority_add(struct store *s, struct str actor,
                                         const struct store_authority *row, struct error *e);

struct store_proxy {
    struct str id, name;
    int64_t enrolled_us, ends_us, revoked_us; /* ends_us: of its last certificate; 0: not revoked */
    struct str usage; /* the newest usage data that it sent; empty: none yet */
    int64_t usage_us; /* when */
};

/* A token for a proxy of that name, kept as its digest. ERR_EXISTS where a proxy has the name. */
MUST_USE enum status store_proxy_token(struct store *s, struct str actor, struct str digest,
                                       struct str name, int64_t expires_us, struct error *e);

/* Uses a token up and adds the proxy, of row->id and ends_us; the rest is filled in, in the arena.
 * Of several at once one succeeds. ERR_AUTH: it is unknown, used, or over. */
MUST_USE enum status store_proxy_enrol(struct store *s, struct str digest, int64_t now_us,
                                       struct arena *a, struct store_proxy *row, struct error *e);

/* ERR_REVOKED: it was revoked, or nobody knows it. */
MUST_USE enum status store_proxy_check(struct store *s, struct str id, struct error *e);

/* Another certificate was given. ERR_REVOKED as above. */
MUST_USE enum status store_proxy_renew(struct store *s, struct str id, int64_t ends_us,
                                       struct error *e);

/* Keeps what the proxy says of its statements, in the place of what it said before. */
MUST_USE enum status store_proxy_usage(struct store *s, struct str id, struct str document,
                                       int64_t now_us, struct error *e);

/* By id, or by name among those that aren't revoked. ERR_NOT_FOUND. */
MUST_USE enum status store_proxy_revoke(struct store *s, struct str actor, struct str id_or_name,
                                        struct error *e);

MUST_USE enum status store_proxies(struct store *s, struct arena *a, struct store_proxy **rows,
                                   size_t *n, struct error *e); /* by time */

#endif
