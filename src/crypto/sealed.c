#include "crypto/sealed.h"

#include "base/id.h"
#include "base/text.h"

enum { OVERHEAD = AEAD_NONCE_SIZE + AEAD_TAG_SIZE };

/* A NUL between the two: no pair of place and id reads as another. */
static struct str place_of(const char *place, struct str id, struct arena *a)
{
    size_t n = strlen(place) + 1;
    char *text = arena_alloc(a, n + id.n);

    memcpy(text, place, n);
    memcpy(text + n, id.p, id.n);
    return (struct str){text, n + id.n};
}

enum status sealed_write(const uint8_t key[AEAD_KEY_SIZE], const char *place, struct str id,
                         struct str secret, struct arena *a, struct str *out, struct error *e)
{
    size_t n = secret.n + OVERHEAD;
    uint8_t *bytes = arena_alloc(a, n);
    char *digits = arena_alloc(a, 2 * n + 1);

    if (secret.n > SEALED_MAX) {
        return error_set(e, ERR_TOO_LARGE, "a secret has at most %d bytes", SEALED_MAX);
    }
    id_random(bytes, AEAD_NONCE_SIZE);
    if (aead_seal(key, bytes, place_of(place, id, a), secret.p, secret.n, bytes + AEAD_NONCE_SIZE,
                  e) != OK) {
        return FAIL;
    }
    text_hex(bytes, n, digits);
    *out = (struct str){digits, 2 * n};
    return OK;
}

enum status sealed_read(const uint8_t key[AEAD_KEY_SIZE], const char *place, struct str id,
                        struct str sealed, struct arena *a, struct str *out, struct error *e)
{
    size_t n = sealed.n / 2;
    uint8_t *bytes = arena_alloc(a, n + 1);

    if (n < OVERHEAD || n > SEALED_MAX + OVERHEAD || !text_unhex(sealed, bytes, n)) {
        return error_set(e, ERR_CORRUPT, "a secret of the control store is damaged (%s)", place);
    }
    if (aead_open(key, bytes, place_of(place, id, a), bytes + AEAD_NONCE_SIZE, n - AEAD_NONCE_SIZE,
                  bytes + AEAD_NONCE_SIZE, e) != OK) {
        return error_set(e, ERR_CORRUPT,
                         "a secret of the control store wasn't sealed under this keyring (%s)",
                         place);
    }
    *out = (struct str){(char *)bytes + AEAD_NONCE_SIZE, n - OVERHEAD};
    return OK;
}
