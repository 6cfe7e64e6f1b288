#include "net/http.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/listen.h"
#include "net/loop.h"

enum { HEADERS_MAX = 8192, BODY_MAX = 1, IDLE_SECONDS = 10 };

struct http {
    struct loop *loop;
    struct evhttp *server;
    const struct http_route *routes;
    size_t route_count;
    uint16_t port;
};

static void reply(struct evhttp_request *r, int status, const char *type, struct str body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(r);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Cache-Control", "no-store");
    struct evbuffer *out = evbuffer_new();
    if (out) {
        evbuffer_add(out, body.p, body.n);
    }
    evhttp_send_reply(r, status, NULL, out);
    if (out) {
        evbuffer_free(out);
    }
}

static const struct http_route *find(const struct http *h, const char *path)
{
    for (size_t i = 0; path && i < h->route_count; i++) {
        if (strcmp(h->routes[i].path, path) == 0) {
            return &h->routes[i];
        }
    }
    return NULL;
}

static void on_request(struct evhttp_request *r, void *ctx)
{
    const struct http *h = ctx;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r);
    const struct http_route *route = find(h, uri ? evhttp_uri_get_path(uri) : NULL);
    if (evhttp_request_get_command(r) != EVHTTP_REQ_GET) {
        evhttp_add_header(evhttp_request_get_output_headers(r), "Allow", "GET");
        reply(r, HTTP_BADMETHOD, "text/plain", STR("only GET\n"));
    } else if (!route) {
        reply(r, HTTP_NOTFOUND, "text/plain", STR("no such path\n"));
    } else {
        struct buf body = BUF_INIT(0);
        int status = route->get(route->ctx, &body);
        reply(r, status, route->content_type, buf_str(&body));
        buf_free(&body);
    }
}

static enum status open_server(struct http *h, const struct http_config *c, struct error *e)
{
    h->server = evhttp_new(loop_base(h->loop));
    if (!h->server) {
        return error_set(e, ERR_IO, "can't make an HTTP server");
    }
    evhttp_set_max_headers_size(h->server, HEADERS_MAX);
    evhttp_set_max_body_size(h->server, BODY_MAX);
    evhttp_set_timeout(h->server, IDLE_SECONDS);

    /* All methods come to on_request(), which answers 405 in our own words. */
    evhttp_set_allowed_methods(h->server, 0xffff);
    evhttp_set_gencb(h->server, on_request, h);
    int fd = -1;
    if (listen_open(c->address, c->port, 64, &fd, e)) {
        return FAIL;
    }
    h->port = listen_port(fd);
    if (evhttp_accept_socket(h->server, fd) != 0) {
        close(fd);
        return error_set(e, ERR_IO, "can't accept HTTP connections");
    }
    return OK;
}

enum status http_start(const struct http_config *c, struct http **out, struct error *e)
{
    struct http *h = mem_alloc(sizeof *h);
    h->routes = c->routes;
    h->route_count = c->route_count;
    if (loop_new(&h->loop, e) || open_server(h, c, e) || loop_start(h->loop, "http", e)) {
        http_stop(h);
        return FAIL;
    }
    *out = h;
    return OK;
}

void http_stop(struct http *h)
{
    if (!h) {
        return;
    }
    if (h->loop) {
        loop_stop(h->loop);
    }
    if (h->server) {
        evhttp_free(h->server);
    }
    loop_free(h->loop);
    free(h);
}

uint16_t http_port(const struct http *h)
{
    return h->port;
}
