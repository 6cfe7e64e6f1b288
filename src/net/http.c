#include "net/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/web.h"

enum { HEADERS_MAX = 8192, BODY_MAX = 1, IDLE_SECONDS = 10 };

struct http {
    struct web *web;
    const struct http_route *routes;
    size_t route_count;
};

static void reply(struct web_request *r, int status, const char *type, struct str body)
{
    web_add_header(r, "Content-Type", type);
    web_reply(r, status, body);
}

static const struct http_route *find(const struct http *h, const char *path)
{
    for (size_t i = 0; i < h->route_count; i++) {
        if (strcmp(h->routes[i].path, path) == 0) {
            return &h->routes[i];
        }
    }
    return NULL;
}

static void answer(void *ctx, struct web_request *r)
{
    const struct http *h = ctx;
    const struct http_route *route = find(h, web_path(r));
    if (strcmp(web_method(r), "GET") != 0) {
        web_add_header(r, "Allow", "GET");
        reply(r, 405, "text/plain", STR("only GET\n"));
    } else if (!route) {
        reply(r, 404, "text/plain", STR("no such path\n"));
    } else {
        struct buf body = BUF_INIT(0);
        int status = route->get(route->ctx, &body);
        reply(r, status, route->content_type, buf_str(&body));
        buf_free(&body);
    }
}

enum status http_start(const struct http_config *c, struct http **out, struct error *e)
{
    struct http *h = mem_alloc(sizeof *h);
    struct web_config web = {.name = "http",
                             .address = c->address,
                             .port = c->port,
                             .headers_max = HEADERS_MAX,
                             .body_max = BODY_MAX,
                             .idle_seconds = IDLE_SECONDS,
                             .handle = answer,
                             .ctx = h};
    h->routes = c->routes;
    h->route_count = c->route_count;
    if (web_start(&web, &h->web, e)) {
        free(h);
        return FAIL;
    }
    *out = h;
    return OK;
}

void http_stop(struct http *h)
{
    if (h) {
        web_quiesce(h->web);
        web_stop(h->web);
        free(h);
    }
}

uint16_t http_port(const struct http *h)
{
    return web_port(h->web);
}
