/* One HTTPS request to a server whose name an administrator has configured: an identity provider's
 * keys, a cloud's token service, a control plane. By libcurl, with everything off that could lead
 * elsewhere: no other scheme, no redirects, no proxy from the environment, no cookies or .netrc, no
 * link-local address (where clouds have their metadata), TLS 1.2 or newer with the certificate and
 * name verified. Thread-safe. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"

struct http_client_config {
    const char *ca_file; /* PEM of the authorities to trust; NULL or "": the system's */
    const char *ca_pem;  /* the same as text, in place of ca_file; NULL: none */

    /* SHA-256 of the server's own certificate (DER) in 64 lower-case hexadecimal digits: that one
     * and no other is taken, while it is valid by its dates, whoever signed it and whatever its
     * names are. NULL: authorities decide. */
    const char *fingerprint;
    bool newest_tls;   /* TLS 1.3 alone */
    const char *proxy; /* as in "http://proxy.example:3128"; NULL or "": none */
    int timeout_ms;    /* for all of a request */
};

/* The strings are copied. Never NULL. */
struct http_client *http_client_new(const struct http_client_config *c);
void http_client_free(struct http_client *h); /* NULL is allowed */

struct http_request {
    const char *url;            /* https only, without user or password */
    const char *method;         /* NULL: GET, or POST where there is a body */
    const char *const *headers; /* "Name: value", without line ends; such a header is refused */
    size_t header_count;
    const char *body; /* NULL: none */
    const char
        *connect; /* host:port to connect to in the place of the URL's; NULL: the URL's own */
};

/* Appends the body of an answer with status 200 to `out`, at most out->max bytes, which must be
 * set. ERR_IO where there is no such answer: the message has the host, what libcurl says and the
 * status, nothing of what was sent or came. Blocks: call it off the event loop. */
MUST_USE enum status http_client_fetch(struct http_client *h, const struct http_request *r,
                                       struct buf *out, struct error *e);

/* The same for an answer of any status, which is given. ERR_IO where none came. */
MUST_USE enum status http_client_send(struct http_client *h, const struct http_request *r,
                                      struct buf *out, int *http_status, struct error *e);

#endif
