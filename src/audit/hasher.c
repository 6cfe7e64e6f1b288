#include "audit/hasher.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"

struct hasher {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

struct hasher *hasher_new(void)
{
    struct hasher *h = mem_alloc(sizeof *h);
    h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    h->ctx = EVP_MD_CTX_new();
    if (!h->md || !h->ctx || !EVP_DigestInit_ex2(h->ctx, h->md, NULL)) {
        abort(); /* a system without SHA-256 can't keep a log */
    }
    return h;
}

void hasher_free(struct hasher *h)
{
    if (h) {
        EVP_MD_CTX_free(h->ctx);
        EVP_MD_free(h->md);
        free(h);
    }
}

void hasher_digest(struct hasher *h, struct str first, struct str second, uint8_t out[HASHER_SIZE])
{
    if (!EVP_DigestInit_ex2(h->ctx, NULL, NULL) || !EVP_DigestUpdate(h->ctx, first.p, first.n) ||
        !EVP_DigestUpdate(h->ctx, second.p, second.n) || !EVP_DigestFinal_ex(h->ctx, out, NULL)) {
        abort();
    }
}
