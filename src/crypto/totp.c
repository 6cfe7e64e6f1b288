#include "crypto/totp.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

enum { SHA1_SIZE = 20, WINDOW = 1 };

void totp_hotp(struct str secret, uint64_t counter, int digits, char out[9])
{
    static const uint32_t powers[] = {1000000, 10000000, 100000000};
    uint8_t message[8], mac[SHA1_SIZE];
    uint32_t number;

    for (int i = 0; i < 8; i++) {
        message[i] = (uint8_t)(counter >> (56 - 8 * i));
    }
    if (!HMAC(EVP_sha1(), secret.p, (int)secret.n, message, sizeof message, mac, NULL)) {
        fputs("HMAC-SHA-1 is not available in the OpenSSL library\n", stderr);
        abort();
    }
    const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 15);
    number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    snprintf(out, 9, "%0*u", digits, number % powers[digits - 6]);
}

bool totp_matches(struct str secret, struct str code, int64_t now_s, int64_t *step)
{
    int64_t now = now_s / TOTP_STEP_S;
    bool matches = false;

    for (int64_t s = now - WINDOW; s <= now + WINDOW; s++) {
        char right[9];

        totp_hotp(secret, (uint64_t)s, TOTP_DIGITS, right);
        if (str_same_secret(str_of(right), code)) {
            matches = true;
            *step = s;
        }
    }
    return matches;
}

struct str totp_base32(struct str bytes, struct arena *a)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = arena_alloc(a, (bytes.n * 8 + 4) / 5 + 1);
    uint32_t waiting = 0;
    int bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        waiting = waiting << 8 | (uint8_t)bytes.p[i];
        for (bits += 8; bits >= 5; bits -= 5) {
            out[n++] = alphabet[waiting >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        out[n++] = alphabet[waiting << (5 - bits) & 31];
    }
    return (struct str){out, n};
}

/* Percent-encoded but for the unreserved characters (RFC 3986, section 2.3). */
static void put_encoded(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 128 && (isalnum(c) || strchr("-._~", c))) {
            buf_u8(b, c);
        } else {
            buf_printf(b, "%%%02X", c);
        }
    }
}

struct str totp_uri(struct str issuer, struct str account, struct str secret, struct arena *a)
{
    struct buf b = BUF_INIT(0);
    struct str uri;

    buf_puts(&b, "otpauth://totp/");
    put_encoded(&b, issuer);
    buf_u8(&b, ':');
    put_encoded(&b, account);
    buf_puts(&b, "?secret=");
    buf_put_str(&b, totp_base32(secret, a));
    buf_puts(&b, "&issuer=");
    put_encoded(&b, issuer);
    buf_puts(&b, "&algorithm=SHA1&digits=6&period=30");
    uri = arena_str(a, buf_str(&b));
    buf_free(&b);
    return uri;
}
