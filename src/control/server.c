/* The server: starting and stopping, and the way of a request to a worker. */
#include "control/server.h"

#include <stdlib.h>

#include "base/mem.h"
#include "control/call.h"
#include "control/fault.h"
#include "control/queries.h"
#include "control/route.h"
#include "net/pool.h"
#include "net/tls.h"
#include "net/web.h"

enum { HEADERS_MAX = 16 << 10 };

/* On the server's thread. */
static void take_request(void *ctx, struct web_request *r)
{
    struct control *c = ctx;
    struct call *call = call_new(c, &c->config, r);
    web_add_header(r, "Content-Type", "application/json");
    if (!pool_submit(c->workers, call_run, call)) {
        call_refuse_busy(call);
    }
}

static enum status open_web(struct control *c, struct error *e)
{
    const struct control_config *o = &c->config;
    struct tls_config tls = {.certificate_file = o->certificate_file, .key_file = o->key_file};
    struct web_config web = {.name = "control",
                             .address = o->address,
                             .port = o->port,
                             .headers_max = HEADERS_MAX,
                             .body_max = o->max_body,
                             .connections_max = o->max_connections,
                             .idle_seconds = o->idle_seconds,
                             .handle = take_request,
                             .refuse = fault_refuse,
                             .ctx = c};
    if (tls_server_new(&tls, &c->tls, e) != OK) {
        return FAIL;
    }
    web.tls = c->tls;
    return web_start(&web, &c->web, e);
}

enum status control_start(const struct control_config *config, struct control **out,
                          struct error *e)
{
    struct control *c = mem_alloc(sizeof *c);
    c->config = *config;
    c->credentials = rates_new();
    c->addresses = rates_new();
    c->queries = queries_new(config->admission, config->queue_ms);
    if (routes_check(e) != OK ||
        pool_new("control", config->workers, config->queue, &c->workers, e) != OK ||
        open_web(c, e) != OK) {
        control_stop(c);
        return FAIL;
    }
    *out = c;
    return OK;
}

void control_stop(struct control *c)
{
    if (!c) {
        return;
    }
    atomic_store(&c->stops, true);
    if (c->web) {
        web_quiesce(c->web);
    }
    queries_stop(c->queries);
    pool_free(c->workers);
    web_stop(c->web);
    tls_free(c->tls);
    rates_free(c->credentials);
    rates_free(c->addresses);
    queries_free(c->queries);
    free(c);
}

void control_tick(struct control *c)
{
    if (c) {
        queries_check(c->queries, c->config.identity);
    }
}

uint16_t control_port(const struct control *c)
{
    return web_port(c->web);
}
