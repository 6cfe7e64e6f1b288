/* The server's side of TLS: version 1.3 and nothing older, no session tickets, no early data. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>

#include "base/error.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct ssl_st;     /* OpenSSL's SSL */

struct tls_config {
    const char *certificate_file; /* PEM: the server's own first, then the chain */
    const char *key_file;         /* PEM; refused where group or others may read it */
    const char *alpn;  /* the one protocol name that is spoken; outlives the context; NULL: any */
    const char *pem;   /* in the place of both files: their text, one after the other */
    const char *peers; /* PEM of the authority that signs clients' certificates: one that a client
                          sends must be of it; NULL: none is asked for */
};

/* ERR_CONFIG says which file and what is wrong with it. Free with tls_free(). The context may be
 * used by many threads. A client that offers protocol names without `alpn` among them is refused in
 * the handshake (RFC 7301); one that offers none gets through: ask tls_alpn_chosen(). */
MUST_USE enum status tls_server_new(const struct tls_config *c, struct ssl_ctx_st **out,
                                    struct error *e);
void tls_free(struct ssl_ctx_st *ctx); /* NULL is allowed */

/* A server-side connection. NULL where OpenSSL has no memory. */
struct ssl_st *tls_connection(struct ssl_ctx_st *ctx);

/* The common name of the client's certificate, which was verified, as text with NUL. False: it sent
 * none. */
enum { TLS_PEER_SIZE = 64 };
bool tls_peer(const struct ssl_st *ssl, char name[TLS_PEER_SIZE]);

/* True when the handshake agreed on a protocol name. */
bool tls_alpn_chosen(const struct ssl_st *ssl);

#endif
