/* The key sets of OpenID providers: fetched when they are needed, kept for a while.
 *
 * Whatever tokens come, a provider is asked at most once an interval, by one thread, outside of all
 * locks; meanwhile the keys that are there serve, until a limit of age. Thread-safe. */
#ifndef IDENTITY_KEYSET_H
#define IDENTITY_KEYSET_H

#include "base/buf.h"
#include "crypto/jws.h"

struct keysets;

struct keysets_config {
    int64_t interval_ms; /* least time between two requests to a provider */
    int64_t fresh_ms;    /* age from which the keys are asked for anew */
    int64_t stale_ms;    /* age from which they serve no more */
    int64_t (*mono_ns)(void);

    /* Appends what https address `url` answers to `out`. Blocks. */
    enum status (*fetch)(void *ctx, const char *url, struct buf *out, struct error *e);
    void *ctx;
};

struct keysets *keysets_new(const struct keysets_config *c);
void keysets_free(struct keysets *k); /* NULL is allowed; nobody may be in keysets_verify() */

/* Verifies `t` with the keys of `issuer`, at `jwks_uri` or, where that is empty, where the issuer's
 * discovery document says (OpenID Connect Discovery 1.0, section 4). A key that isn't there is
 * worth one request, within the interval. ERR_AUTH: the token is refused; ERR_IO: no keys can be
 * had. */
MUST_USE enum status keysets_verify(struct keysets *k, struct str issuer, struct str jwks_uri,
                                    const struct jws *t, struct error *e);

/* Requests since the start, for tests and metrics: a set's two (discovery, keys) count as one. */
uint64_t keysets_fetches(struct keysets *k);

#endif
