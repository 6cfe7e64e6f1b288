/* A small HTTP server for operators: GET on a few fixed paths, each answered by a function. It has
 * a thread of its own, so that a slow handler delays no client of the database. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct http;

struct http_route {
    const char *path;                        /* matched whole, without the query */
    const char *content_type;                /* such as "text/plain; version=0.0.4" */
    int (*get)(void *ctx, struct buf *body); /* fills the body, gives the status (200, 503) */
    void *ctx;
};

struct http_config {
    const char *address;
    uint16_t port;                   /* 0: chosen by the system */
    const struct http_route *routes; /* outlive the server */
    size_t route_count;
};

/* Other methods get 405, other paths 404. Headers are limited to 8 KiB, bodies refused, an idle
 * connection closed after 10 s. ERR_CONFIG where the port is taken. */
MUST_USE enum status http_start(const struct http_config *c, struct http **out, struct error *e);
void http_stop(struct http *h); /* NULL is allowed */
uint16_t http_port(const struct http *h);

#endif
