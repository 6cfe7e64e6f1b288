#include "planes/listener.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/pool.h"
#include "net/web.h"
#include "planes/rpc.h"

enum { HEADERS_MAX = 8 << 10, IDLE_SECONDS = 20 };
static const int64_t server_seconds = 398LL * 24 * 3600;

/* ---- requests ---- */

static void refuse(struct web_request *r, enum error_code code, const char *message)
{
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0);
    error_set(&e, code, "%s", message);
    message_write_error(&e, &text);
    web_reply(r, error_info(code)->http, buf_str(&text));
    buf_free(&text);
}

/* On the server's thread. */
static void take_request(void *ctx, struct web_request *r)
{
    struct listener *l = ctx;
    char proxy[TLS_PEER_SIZE] = "";
    const struct rpc_kind *kind = rpc_kind_of(web_path(r));
    bool proved = web_peer_name(r, proxy);
    web_add_header(r, "Content-Type", "application/json");
    if (!kind || strcmp(web_method(r), "POST") != 0) {
        refuse(r, ERR_NOT_FOUND, "the control plane has no such call");
        return;
    }
    if (kind->enrolled && !proved) {
        refuse(r, ERR_AUTH, "only a proxy with a certificate of this control plane may ask");
        return;
    }
    struct arena *a = arena_new(0);
    struct rpc *rpc = ARENA_NEW(a, struct rpc);
    *rpc = (struct rpc){.listener = l, .request = r, .arena = a, .kind = kind};
    memcpy(rpc->proxy, proxy, sizeof proxy);
    rpc->body = arena_str(a, web_body(r));
    if (!pool_submit(l->workers, rpc_run, rpc)) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_NOT_READY, "the control plane is busy");
        rpc_refuse(rpc, &e);
    }
}

/* ---- the server ---- */

static enum status open_tls(struct listener *l, struct error *e)
{
    struct str pem;
    if (authority_server(l->ca.authority, server_seconds, l->arena, &pem, e) != OK) {
        return FAIL;
    }
    struct tls_config tls = {.pem = arena_strdup(l->arena, pem),
                             .peers = arena_strdup(l->arena, l->ca.certificate)};
    enum status status = tls_server_new(&tls, &l->tls, e);
    mem_wipe((char *)tls.pem, pem.n);
    mem_wipe((char *)pem.p, pem.n);
    return status;
}

static enum status open_web(struct listener *l, struct error *e)
{
    struct web_config web = {.name = "planes",
                             .address = l->config.address,
                             .port = l->config.port,
                             .tls = l->tls,
                             .headers_max = HEADERS_MAX,
                             .body_max = MESSAGE_MAX,
                             .connections_max = l->config.max_connections,
                             .idle_seconds = IDLE_SECONDS,
                             .handle = take_request,
                             .ctx = l};
    return web_start(&web, &l->web, e);
}

enum status listener_start(const struct listener_config *c, const uint8_t secret_key[KMS_KEY_SIZE],
                           struct listener **out, struct error *e)
{
    struct listener *l = mem_alloc(sizeof *l);
    *l = (struct listener){.config = *c, .arena = arena_new(0)};
    if (planeca_open(c->store, secret_key, STR("hatidata"), l->arena, &l->ca, e) != OK ||
        open_tls(l, e) != OK ||
        pool_new("planes", c->workers, c->max_connections, &l->workers, e) != OK ||
        feed_new(c->store, l->workers, &l->feed, e) != OK || open_web(l, e) != OK) {
        listener_stop(l);
        return FAIL;
    }
    *out = l;
    return OK;
}

void listener_stop(struct listener *l)
{
    if (!l) {
        return;
    }
    if (l->web) {
        web_quiesce(l->web);
    }
    feed_stop(l->feed);
    pool_free(l->workers);
    web_stop(l->web);
    feed_free(l->feed);
    tls_free(l->tls);
    authority_free(l->ca.authority);
    arena_free(l->arena);
    free(l);
}

uint16_t listener_port(const struct listener *l)
{
    return web_port(l->web);
}
