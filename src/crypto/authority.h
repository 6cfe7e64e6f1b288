/* The certificate authority between the two planes: it signs client certificates of proxies and
 * server certificates of control nodes, and nobody else trusts it. Keys are EC P-256; everything is
 * PEM text. Thread-safe: no state but the keys. */
#ifndef CRYPTO_AUTHORITY_H
#define CRYPTO_AUTHORITY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct authority;

/* SHA-256 of a certificate in lower-case hexadecimal, with NUL. */
enum { FINGERPRINT_SIZE = 65, AUTHORITY_PEM_MAX = 16 << 10 };

/* The name that every control node's certificate is for, wherever the node is: who has one is the
 * control plane. */
#define AUTHORITY_SERVER_NAME "control.hatidata.internal"

/* A new authority's certificate and private key, in the arena; the caller wipes the key. */
MUST_USE enum status authority_make(struct arena *a, struct str *certificate, struct str *key,
                                    struct error *e);

/* ERR_CORRUPT where they aren't a pair. */
MUST_USE enum status authority_open(struct str certificate, struct str key, struct authority **out,
                                    struct error *e);
void authority_free(struct authority *t); /* NULL is allowed */

/* A client certificate for the key of a signing request (PKCS #10), whose signature is checked:
 * nothing else of it is taken. `name` is the common name. ERR_VALIDATION: not a request. */
MUST_USE enum status authority_sign(const struct authority *t, struct str request, const char *name,
                                    int64_t seconds, struct arena *a, struct str *certificate,
                                    struct error *e);

/* A new key pair for a control node of AUTHORITY_SERVER_NAME: its certificate, the authority's, and
 * the private key, one text that the caller wipes. */
MUST_USE enum status authority_server(const struct authority *t, int64_t seconds, struct arena *a,
                                      struct str *pem, struct error *e);

/* A new key pair and a request to sign it. The caller wipes the key. */
MUST_USE enum status authority_request(struct arena *a, struct str *request, struct str *key,
                                       struct error *e);

/* Of the first certificate of the text. ERR_VALIDATION: it isn't one. */
MUST_USE enum status certificate_fingerprint(struct str certificate, char out[FINGERPRINT_SIZE],
                                             struct error *e);
MUST_USE enum status certificate_ends(struct str certificate, int64_t *wall_us, struct error *e);

#endif
