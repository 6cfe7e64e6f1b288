/* An HTTP/1.1 server on a thread of its own: with TLS 1.3 or plain, every request handed to one
 * function, which answers now or later.
 *
 * Bounds: bytes of headers and body; connections at once (more wait in the system's backlog); the
 * time from accept, or from the last answer, until a request is whole; the time that a client takes
 * nothing of an answer. What isn't HTTP, or passes a bound, is refused without `handle`. */
#ifndef NET_WEB_H
#define NET_WEB_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct ssl_ctx_st;
struct web;
struct web_request;

struct web_config {
    const char *name; /* of the thread */
    const char *address;
    uint16_t port;          /* 0: chosen by the system */
    struct ssl_ctx_st *tls; /* NULL: plain. Outlives the server */
    size_t headers_max, body_max;
    int connections_max; /* with TLS alone */
    int idle_seconds;

    /* On the server's thread: must not block. Answers each request once, by web_reply(). */
    void (*handle)(void *ctx, struct web_request *r);

    /* On the server's thread: the body of a refusal that never came to `handle`; may change the
     * status. With TLS alone; NULL: libevent's own, in HTML. */
    void (*refuse)(void *ctx, int *status, struct buf *body);
    void *ctx;
};

/* ERR_CONFIG where the port is taken. */
MUST_USE enum status web_start(const struct web_config *c, struct web **out, struct error *e);

/* Stops listening; when it returns, `handle` isn't called any more, and never will be. */
void web_quiesce(struct web *w);

/* After web_quiesce(), when every request was answered. NULL is allowed. */
void web_stop(struct web *w);

uint16_t web_port(const struct web *w);

/* The request, as long as it isn't answered; only in `handle`. */
const char *web_method(const struct web_request *r); /* "GET"; "?" where it has no name here */
const char *web_path(const struct web_request *r);   /* as it was sent; "" for none */
const char *web_query(const struct web_request *r);  /* what follows "?"; NULL: nothing */
const char *web_header(const struct web_request *r, const char *name); /* NULL: none */
struct str web_body(struct web_request *r);
const char *web_peer(const struct web_request *r); /* numeric address */

/* The name in the certificate that the client proved itself by (net/tls.h); false: none. */
bool web_peer_name(const struct web_request *r, char name[64]);

/* A header of the answer; from whichever thread has the request. Ignored where it isn't one. */
void web_add_header(struct web_request *r, const char *name, const char *value);

/* Answers with a copy of `body`, from any thread; the request is gone. */
void web_reply(struct web_request *r, int status, struct str body);

#endif
