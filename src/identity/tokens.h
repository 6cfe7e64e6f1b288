/* Access tokens: JWTs signed with RS256 (RFC 7519, RFC 9068 for the claims), of one hour.
 *
 * Signing keys lie in the store, sealed. Each signs for thirty days; the next one is made and
 * published a day before it signs, and the last one stays published until its tokens have ended:
 * whoever has read the key set within a day knows every token. All nodes of one store use the same
 * keys.
 *
 * A token alone proves nothing: it names a sign-in, and the caller asks the store whether that
 * still is. Thread-safe. */
#ifndef IDENTITY_TOKENS_H
#define IDENTITY_TOKENS_H

#include "base/arena.h"
#include "base/error.h"
#include "crypto/aead.h"

enum {
    TOKEN_SECONDS = 3600,
    SIGNING_KEY_SECONDS = 30 * 24 * 3600,
    SIGNING_KEY_LEAD_SECONDS = 24 * 3600, /* published before it signs */
    SIGNING_KEY_ROTATE_SECONDS = 10 * 60  /* the same where somebody asks for a new one */
};
#define TOKEN_AUDIENCE "hatidata"

struct store;
struct tokens;

/* What a token says. */
struct token_claims {
    struct str sign_in, user_id, org_id, role, environment;
    int64_t expires_s; /* since 1970 */
};

/* `secret_key` unseals the keys (copied); NULL: tokens are verified alone, by keys that others make
 * and that come into the store. `issuer` is copied. Touches no store before
 * tokens_tick(). */
struct tokens *tokens_new(struct store *s, const uint8_t secret_key[AEAD_KEY_SIZE],
                          const char *issuer);
void tokens_free(struct tokens *t); /* NULL is allowed */

/* Each second or so, and once before the first use: takes over what other processes added, makes
 * the first key and each next one in time, and removes what is over. */
MUST_USE enum status tokens_tick(struct tokens *t, int64_t now_us, struct error *e);

/* The key that signs now signs for SIGNING_KEY_ROTATE_SECONDS more, then a new one. */
MUST_USE enum status tokens_rotate(struct tokens *t, struct str actor, int64_t now_us,
                                   struct error *e);

/* ERR_NOT_READY where no key signs now. In the arena. */
MUST_USE enum status tokens_issue(struct tokens *t, const struct token_claims *c, int64_t now_us,
                                  struct arena *a, struct str *out, struct error *e);

/* Does it say that it is of this issuer? Nothing is verified. */
bool tokens_is_ours(struct tokens *t, struct str token, struct arena *a);

/* ERR_AUTH with what is wrong, for the operator's log alone. In the arena. */
MUST_USE enum status tokens_verify(struct tokens *t, struct str token, int64_t now_us,
                                   struct arena *a, struct token_claims *out, struct error *e);

/* The key set (RFC 7517, section 5), in the arena. */
struct str tokens_key_set(struct tokens *t, struct arena *a);

#endif
