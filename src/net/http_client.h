/* One HTTPS request to a server whose name an administrator has configured: an identity provider's
 * keys, a cloud's token service. By libcurl, with everything off that could lead elsewhere: no
 * other scheme, no redirects, no proxy from the environment, no cookies or .netrc, no link-local
 * address (where clouds have their metadata), TLS 1.2 or newer with the certificate and name
 * verified. Thread-safe. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"

struct http_client_config {
    const char *ca_file; /* PEM of the authorities to trust; NULL or "": the system's */
    const char *proxy;   /* as in "http://proxy.example:3128"; NULL or "": none */
    int timeout_ms;      /* for all of a request */

    /* Of a server of our own: with one of the first two, TLS 1.3 alone, and no other authority. */
    const char *authority;   /* PEM text of the one to trust; NULL: ca_file */
    const char *fingerprint; /* or its SHA-256 in hexadecimal: the server sends it along */
    bool newest_tls;         /* TLS 1.3 alone, whoever is trusted */

    /* SHA-256 of the server's own certificate in 64 lower-case hexadecimal digits: that one and no
     * other is taken, while its dates hold, whoever signed it and whatever its names are. In place
     * of all of the above. */
    const char *certificate;
    const char *identity_file; /* PEM of our own certificate and key, read at each request */

    /* A cloud's metadata service, which has neither name nor TLS: plain HTTP, and only to addresses
     * that no router passes on (link-local ones and loopback). In place of all of the above but
     * timeout_ms. */
    bool metadata;

    bool loopback; /* plain HTTP, to loopback alone: likewise */
};

/* The strings are copied. Never NULL. */
struct http_client *http_client_new(const struct http_client_config *c);
void http_client_free(struct http_client *h); /* NULL is allowed */

struct http_request {
    const char *url;            /* https only, without user or password */
    const char *const *headers; /* "Name: value", without line ends; such a header is refused */
    size_t header_count;
    const char *method;         /* NULL: GET, or POST where there is a body */
    const char *body;           /* NULL: none */
    int timeout_ms;             /* 0: the client's */
    const atomic_bool *abandon; /* NULL, or: set by another thread, it ends the request soon */
    int *status;                /* NULL: 200 alone is an answer; else any is, and it is told here */
    const char
        *connect;     /* host:port to connect to in the place of the URL's; NULL: the URL's own */
    const char *sign; /* "aws:amz:REGION:SERVICE": signed as AWS demands (SigV4); NULL: not */
    const char *sign_with; /* "ID:SECRET" */
};

/* Appends the body of an answer (with status 200, unless r->status is set) to `out`, at most
 * out->max bytes, which must be set. ERR_IO where there is no such answer: the message has the
 * host, what libcurl says and the status, nothing of what was sent or came. Blocks: call it off the
 * event loop. */
MUST_USE enum status http_client_fetch(struct http_client *h, const struct http_request *r,
                                       struct buf *out, struct error *e);

#endif
