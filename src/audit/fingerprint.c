#include "audit/fingerprint.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "audit/token.h"
#include "base/text.h"

static void put_lower(struct buf *out, struct str s)
{
    uint8_t *room = buf_reserve(out, s.n);
    for (size_t i = 0; room && i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        room[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
    }
    out->n += room ? s.n : 0;
}

/* A space after each token keeps "a b" apart from "ab". */
void fingerprint_normalize(struct str sql, bool snowflake, struct buf *out)
{
    struct token t;
    for (size_t at = 0; (t = token_at(sql, at, snowflake)).kind != TOKEN_END; at += t.text.n) {
        switch (t.kind) {
        case TOKEN_END:
        case TOKEN_SPACE:
        case TOKEN_COMMENT:
            continue;
        case TOKEN_WORD:
            put_lower(out, t.text);
            break;
        case TOKEN_QUOTED:
        case TOKEN_MARK:
            buf_put_str(out, t.text);
            break;
        case TOKEN_STRING:
        case TOKEN_DOLLAR:
        case TOKEN_NUMBER:
        case TOKEN_PARAMETER:
            buf_u8(out, '?');
            break;
        }
        buf_u8(out, ' ');
    }
    while (out->n >= 2 && memcmp(out->p + out->n - 2, "; ", 2) == 0) {
        out->n -= 2;
    }
}

void fingerprint_sql(const uint8_t key[32], struct str sql, bool snowflake,
                     char out[FINGERPRINT_TEXT])
{
    struct buf text = BUF_INIT(0);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    fingerprint_normalize(sql, snowflake, &text);
    struct str s = buf_str(&text);
    if (!HMAC(EVP_sha256(), key, 32, (const unsigned char *)s.p, s.n, mac, &n) || n != 32) {
        abort();
    }
    text_hex(mac, n, out);
    buf_free(&text);
}
