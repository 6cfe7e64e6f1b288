/* SHA-256 by libcrypto's own functions: by EVP each digest costs a context that is made, wiped and
 * freed, for a leaf of the tree more than its hash. They are called the low-level ones there, and
 * have the same code for the same machines below. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/hasher.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "base/mem.h"

struct hasher {
    SHA256_CTX ctx;
};

struct hasher *hasher_new(void)
{
    return mem_alloc(sizeof(struct hasher));
}

void hasher_free(struct hasher *h)
{
    free(h);
}

void hasher_digest(struct hasher *h, struct str first, struct str second, uint8_t out[HASHER_SIZE])
{
    if (!SHA256_Init(&h->ctx) || !SHA256_Update(&h->ctx, first.p, first.n) ||
        !SHA256_Update(&h->ctx, second.p, second.n) || !SHA256_Final(out, &h->ctx)) {
        abort();
    }
}
