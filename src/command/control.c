/* hatidata control: the control plane alone: REST API, and the listener of proxies. It keeps the
 * IAM trail in its own audit log, unless another server on the same data folder has that open. */
#include "control/control.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/audit.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"
#include "command/plane.h"
#include "control/openapi.h"
#include "identity/identity.h"
#include "metrics/metrics.h"
#include "net/http.h"
#include "pipeline/pipeline.h"
#include "planes/listener.h"
#include "store/store.h"

enum { PLANE_WORKERS = 8 };

struct running {
    struct datadir dir;
    struct keyring *keys;
    struct store *store;
    struct plane_audit audit; /* without a log: another server has it */
    struct plane_federation federation;
    struct identity *identity;
    struct control *control;
    struct listener *listener;
    struct http *http;
};

static enum status open_audit(struct running *r, const struct config *c, struct arena *a,
                              struct error *e)
{
    struct error why = ERROR_INIT;
    if (plane_audit_open(c, r->dir.audit, r->keys, NULL, plane_demand, r->store, a, &r->audit,
                         &why) == OK) {
        return OK;
    }
    if (why.code == ERR_CONFIG) { /* an anchor */
        *e = why;
        return FAIL;
    }
    plane_audit_close(&r->audit);
    r->audit = (struct plane_audit){.log = NULL};
    log_info("control", "the IAM trail is left to whoever has the log: %s", why.message);
    return OK;
}

static enum status open_identity(struct running *r, const struct config *c,
                                 uint8_t key[KMS_KEY_SIZE], struct error *e)
{
    struct identity_config identity = plane_identity(c, r->keys, key);
    plane_federation_start(c, r->store, &r->federation);
    identity.federation = r->federation.federation;
    return identity_open(r->store, &identity, &r->identity, e);
}

static enum status open_listener(struct running *r, const struct config *c, struct arena *a,
                                 const uint8_t key[KMS_KEY_SIZE], struct error *e)
{
    struct listener_config listener = {
        .workers = PLANE_WORKERS,
        .max_connections = (int)c->plane_max_connections,
        .certificate_seconds = (c->proxy_certificate + 999) / 1000,
        .jit_minutes_max = c->jit_max / 60000,
        .store = r->store,
        .identity = r->identity,
        .alerts = r->audit.alerts,
        .mask_key = keyring_key(r->keys, KEY_MASK),
    };
    listener.address = plane_address(a, c->plane_listen, &listener.port);
    return listener_start(&listener, key, &r->listener, e);
}

static enum status start_planes(struct running *r, const struct config *c, struct arena *a,
                                uint8_t key[KMS_KEY_SIZE], struct error *e)
{
    if (open_identity(r, c, key, e) != OK) {
        return FAIL;
    }
    const struct plane plane = {
        .store = r->store, .identity = r->identity, .keys = r->keys, .audit_dir = r->dir.audit};
    return plane_start(c, a, &plane, &r->control, e) == OK ? open_listener(r, c, a, key, e) : FAIL;
}

static int answer_metrics(void *ctx, struct buf *body)
{
    (void)ctx;
    metrics_render(body);
    return 200;
}

/* Ready: the store answers, and a log that is this process's takes entries. */
static int answer_ready(void *ctx, struct buf *body)
{
    const struct running *r = ctx;
    struct error e = ERROR_INIT;
    uint64_t version;
    bool writes = !r->audit.log || audit_is_healthy(r->audit.log);
    bool asked = store_version(r->store, &version, &e) == OK;
    buf_puts(body, !writes  ? "not ready: the audit log can't be written\n"
                   : !asked ? "not ready: the control store can't be asked\n"
                            : "ready\n");
    return writes && asked ? 200 : 503;
}

static enum status start_metrics(struct running *r, const struct config *c, struct arena *a,
                                 struct error *e)
{
    return *c->control_metrics_listen
               ? plane_metrics_start(c->control_metrics_listen, a, answer_metrics, answer_ready, r,
                                     &r->http, e)
               : OK;
}

static enum status start(struct running *r, const struct config *c, struct arena *a,
                         struct error *e)
{
    uint8_t key[KMS_KEY_SIZE];
    datadir_paths(a, c->data_dir, &r->dir);
    r->dir.store = c->store;
    if (datadir_not_proxy(c->data_dir, e) != OK ||
        datadir_keyring(c->kms, r->dir.keyring, &r->keys, e) != OK ||
        datadir_store(&r->dir, &r->store, e) != OK) {
        return FAIL;
    }
    plane_seal(r->keys, r->store);
    if (open_audit(r, c, a, e) != OK || plane_alerts_start(c, a, &r->audit, e) != OK) {
        return FAIL;
    }
    enum status status = start_planes(r, c, a, key, e);
    mem_wipe(key, sizeof key);
    return status == OK ? start_metrics(r, c, a, e) : FAIL;
}

/* What couldn't be done is told once. */
static void tell(bool *told, const char *what, enum status status, const struct error *e)
{
    if (status != OK && !*told) {
        log_error("control", "%s: %s", what, e->message);
    }
    *told = status != OK;
}

/* Each second grants that are over end, and what was changed goes into the log, as in `serve`. */
static void run_until_told(struct running *r, const sigset_t *stops)
{
    const struct timespec tick = {.tv_sec = 1};
    bool ends = false, trail = false;
    while (sigtimedwait(stops, NULL, &tick) < 0) {
        struct error e = ERROR_INIT;
        tell(&ends, "the ends of grants can't be written down", identity_tick(r->identity, &e), &e);
        if (r->audit.log) {
            tell(&trail, "changes of administrators aren't recorded",
                 iam_record(r->store, r->audit.log, &e), &e);
        }
    }
}

static void stop(struct running *r)
{
    struct error e = ERROR_INIT;
    listener_stop(r->listener);
    control_stop(r->control);
    http_stop(r->http);
    if (r->audit.log && iam_record(r->store, r->audit.log, &e) != OK) {
        log_error("control", "changes of administrators aren't recorded: %s", e.message);
    }
    identity_close(r->identity);
    plane_federation_stop(&r->federation);
    plane_audit_close(&r->audit);
    store_close(r->store);
    keyring_close(r->keys);
}

static int control(const struct config *c, struct arena *a)
{
    struct running r = {.keys = NULL};
    struct error e = ERROR_INIT;
    int code = EXIT_DONE;
    sigset_t stops;
    plane_prepare(c, &stops);
    if (start(&r, c, a, &e) == OK) {
        log_info("control", "REST on %s, proxies on %s", c->control_listen, c->plane_listen);
        run_until_told(&r, &stops);
    } else {
        code = command_fail(&e);
    }
    stop(&r);
    return code;
}

/* The same document as GET /v1/openapi.json. */
static int print_openapi(void)
{
    struct arena *a = arena_new(0);
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    openapi_write(&j, HATIDATA_VERSION, a);
    printf("%.*s\n", (int)text.n, text.p);
    buf_free(&text);
    arena_free(a);
    return EXIT_DONE;
}

int command_control(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--openapi")) {
        return print_openapi();
    }
    return plane_run(argc, argv,
                     "Runs the control plane without the data plane; --openapi alone prints the "
                     "API's OpenAPI document.",
                     control);
}
