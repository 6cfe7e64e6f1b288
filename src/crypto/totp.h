/* One-time codes of a shared secret and the time: TOTP (RFC 6238) of six digits, steps of thirty
 * seconds and HMAC-SHA-1, which is what every authenticator application knows. Pure: no clock, no
 * state. */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include "base/arena.h"

enum { TOTP_SECRET_SIZE = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30 };

/* HOTP (RFC 4226, section 5.3) of a counter: `digits` from 6 to 8, and a NUL. */
void totp_hotp(struct str secret, uint64_t counter, int digits, char out[9]);

/* Is `code` that of now, of the step before or of the one after? All three are compared, in time
 * that doesn't depend on the code. `*step` is the latest that it is the code of. */
bool totp_matches(struct str secret, struct str code, int64_t now_s, int64_t *step);

/* Base32 (RFC 4648, section 6) without padding, in the arena. */
struct str totp_base32(struct str bytes, struct arena *a);

/* The address that authenticator applications read from a QR code:
 * otpauth://totp/ISSUER:ACCOUNT?... */
struct str totp_uri(struct str issuer, struct str account, struct str secret, struct arena *a);

#endif
