#include "command/plane.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "alert/alert.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"
#include "crypto/datakey.h"
#include "identity/federation.h"
#include "identity/identity.h"
#include "net/http.h"
#include "net/http_client.h"
#include "planes/uplink.h"
#include "store/history.h"
#include "store/retention.h"
#include "trial/place.h"

const char *plane_address(struct arena *a, const char *address, uint16_t *port)
{
    const char *colon = strrchr(address, ':');
    struct str host = {address, (size_t)(colon - address)};
    *port = (uint16_t)strtoul(colon + 1, NULL, 10);
    if (host.n >= 2 && host.p[0] == '[') {
        host = (struct str){host.p + 1, host.n - 2};
    }
    return str_is(host, "*") ? "0.0.0.0" : arena_strdup(a, host);
}

struct identity_config plane_identity(const struct config *c, const struct keyring *keys,
                                      uint8_t secret_key[KMS_KEY_SIZE])
{
    struct identity_config identity = IDENTITY_CONFIG_DEFAULT;
    keyring_store_key(keys, secret_key);
    identity.secret_key = secret_key;
    identity.issuer = c->token_issuer;
    identity.argon2_memory_kib = (int)(c->argon2_memory / 1024);
    identity.argon2_passes = (int)c->argon2_passes;
    return identity;
}

/* One that can't be asked now doesn't keep the server from starting. */
static enum status check_anchor(struct anchor *anchor, struct error *e)
{
    struct error why = ERROR_INIT;
    if (anchor_check(anchor, &why) == OK) {
        return OK;
    }
    if (why.code == ERR_IO) {
        log_warn("audit", "anchor %s can't be asked yet: %s", anchor_uri(anchor), why.message);
        return OK;
    }
    *e = why;
    return error_hint(e, "audit_anchors: %s", error_advice(&why));
}

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A checkpoint that could be taken away while its entries are still kept would prove nothing about
 * them. */
static enum status check_lock(const struct config *c, const char *uri, struct error *e)
{
    if (!str_starts(str_of(uri), "s3://") ||
        c->audit_anchor_retention >= c->audit_retention * DAY_MS) {
        return OK;
    }
    error_set(e, ERR_CONFIG,
              "audit_anchor_retention is %lld days, and audit_retention %lld: an object store must "
              "keep a checkpoint as long as the entries that it proves",
              (long long)(c->audit_anchor_retention / DAY_MS), (long long)c->audit_retention);
    return error_hint(e, "Set audit_anchor_retention = %lldd, or more.",
                      (long long)c->audit_retention);
}

/* Organizations may want more than that, also later: it is only told. */
static void check_wishes(const struct config *c, audit_demand_fn *demand, void *ctx)
{
    struct audit_demand wanted;
    struct error ignored = ERROR_INIT;
    if (demand && demand(ctx, &wanted, &ignored) == OK && strstr(c->audit_anchors, "s3://") &&
        wanted.days * DAY_MS > c->audit_anchor_retention) {
        log_warn("audit",
                 "an organization wants entries for %lld days, and an object store keeps their "
                 "checkpoints for %lld: set audit_anchor_retention = %lldd, or more",
                 (long long)wanted.days, (long long)(c->audit_anchor_retention / DAY_MS),
                 (long long)wanted.days);
    }
}

/* Those of the configuration, a comma between them. */
static enum status open_anchors(const struct config *c, struct arena *a, struct plane_audit *out,
                                struct error *e)
{
    char *rest = arena_strdup(a, str_of(c->audit_anchors)), *one;
    const struct anchor_options o = {.s3_region = c->audit_s3_region,
                                     .s3_endpoint = c->audit_s3_endpoint,
                                     .s3_ca = c->audit_s3_ca,
                                     .keep_ms = c->audit_anchor_retention};
    while ((one = strtok_r(NULL, ", ", &rest))) {
        if (out->anchor_count == ANCHORS_MAX) {
            return error_set(e, ERR_CONFIG, "audit_anchors: at most %d", ANCHORS_MAX);
        }
        if (check_lock(c, one, e) != OK) {
            return FAIL;
        }
        if (anchor_open(one, &o, &out->anchors[out->anchor_count], e) != OK) {
            return FAIL;
        }
        if (check_anchor(out->anchors[out->anchor_count++], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

enum status plane_demand(void *store, struct audit_demand *out, struct error *e)
{
    return store_retention_demand(store, &out->days, &out->held, e);
}

enum status plane_audit_open(const struct config *c, const char *dir, const struct keyring *keys,
                             struct uplink *link, audit_demand_fn *demand, void *ctx,
                             struct arena *a, struct plane_audit *out, struct error *e)
{
    uint8_t seed[KMS_KEY_SIZE];
    const struct audit_retention retention = {
        .days = c->audit_retention, .ask = demand, .ctx = ctx};
    struct audit_notary notary = {
        .retention = &retention,
        .seed = seed,
        .entries = (uint64_t)c->audit_checkpoint_entries,
        .interval_ms = c->audit_checkpoint_interval,
        .anchors = out->anchors,
    };
    struct audit_config audit = {
        .dir = dir,
        .fingerprint_key = keyring_key(keys, KEY_AUDIT),
        .segment_bytes = (size_t)c->audit_segment,
        .notary = &notary,
    };
    if (link) {
        out->anchors[out->anchor_count++] = anchor_new("control", uplink_keep_checkpoint, link);
    }
    if (open_anchors(c, a, out, e) != OK) {
        return FAIL;
    }
    check_wishes(c, demand, ctx);
    notary.anchor_count = out->anchor_count;
    keyring_checkpoint_seed(keys, seed);
    enum status status = audit_open(&audit, &out->log, e);
    mem_wipe(seed, sizeof seed);
    return status;
}

enum status plane_alerts_start(const struct config *c, struct arena *a, struct plane_audit *out,
                               struct error *e)
{
    const struct alerts_config alerts = {
        .audit = out->log,
        .state_file = arena_printf(a, "%s/alerts.json", c->data_dir),
        .webhooks = c->alert_webhooks,
        .webhook_secret = c->alert_webhook_secret,
        .webhook_ca = c->alert_webhook_ca,
        .repeat_ms = c->alert_repeat,
        .anchor_tries = c->alert_anchor_tries,
        .denials = c->alert_denials,
        .denials_within_ms = c->alert_denials_within,
        .export_factor = c->alert_export_factor,
        .export_least = c->alert_export_least,
        .export_least_bytes = c->alert_export_least_bytes,
        .check_interval_ms = c->audit_check_interval,
    };
    return alerts_start(&alerts, &out->alerts, e);
}

void plane_audit_close(struct plane_audit *x)
{
    alerts_stop(x->alerts);
    audit_close(x->log);
    for (size_t i = 0; i < x->anchor_count; i++) {
        anchor_close(x->anchors[i]);
    }
}

void plane_federation_start(const struct config *c, struct store *store,
                            struct plane_federation *out)
{
    enum { FRESH_MS = 3600 * 1000, STALE_MS = 24 * FRESH_MS };
    struct http_client_config http = {.ca_file = c->federation_ca,
                                      .proxy = c->federation_proxy,
                                      .timeout_ms = (int)c->federation_timeout};
    out->http = http_client_new(&http);
    struct federation_config federation = {
        .store = store,
        .http = out->http,
        .sts_connect = c->federation_sts,
        .key_interval_ms = c->federation_interval,
        .key_fresh_ms = FRESH_MS,
        .key_stale_ms = STALE_MS,
        .wall_us = clock_wall_us,
    };
    out->federation = federation_new(&federation);
}

void plane_federation_stop(struct plane_federation *f)
{
    federation_free(f->federation);
    http_client_free(f->http);
}

void plane_seal(const struct keyring *keys, struct store *store)
{
    uint8_t key[KMS_KEY_SIZE];
    keyring_seal_key(keys, key);
    store_seal_with(store, key);
    mem_wipe(key, sizeof key);
}

/* Policy tests have to share the host with what it is there for. */
static const struct trial_site *trials_of(const struct config *c, struct arena *a,
                                          const struct plane *p)
{
    enum { MEMORY = 256 << 20, STATEMENT_MS = 5000, RUN_MS = 45000 };
    struct trial_site *site = ARENA_NEW(a, struct trial_site);
    *site = (struct trial_site){
        .store = p->store,
        .keys = p->keys,
        .folder = c->data_dir,
        .extension_dir = *c->extension_dir ? c->extension_dir : datadir_extensions(a),
        .memory = MEMORY,
        .threads = 1,
        .statement_ms = STATEMENT_MS,
        .run_ms = RUN_MS,
        .actor = STR("policy test"),
    };
    return site;
}

enum status plane_start(const struct config *c, struct arena *a, const struct plane *p,
                        struct control **out, struct error *e)
{
    struct control_config o = CONTROL_CONFIG_DEFAULT;
    o.address = plane_address(a, c->control_listen, &o.port);
    o.certificate_file = c->tls_cert;
    o.key_file = c->tls_key;
    o.workers = (int)c->control_workers;
    o.queue = (int)c->control_max_connections; /* a connection has one request waiting */
    o.max_connections = (int)c->control_max_connections;
    o.idle_seconds = (int)((c->control_idle_timeout + 999) / 1000);
    o.max_body = (size_t)c->control_max_body;
    o.rate = control_rate_of(str_of(c->rate_tier));
    o.jit_minutes_max = c->jit_max / 60000;
    o.version = HATIDATA_VERSION;
    o.store = p->store;
    o.identity = p->identity;
    o.audit_dir = p->audit_dir;
    o.trials = trials_of(c, a, p);
    o.engine = p->engine;
    o.pipeline = p->pipeline;
    o.ledger = p->ledger;
    o.admission = p->admission;
    o.queue_ms = c->queue_timeout;
    return control_start(&o, out, e);
}

/* A connection is a file: as many as this user may have, not as few as a shell gives. */
static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int answer_live(void *ctx, struct buf *body)
{
    (void)ctx;
    buf_puts(body, "live\n");
    return 200;
}

enum status plane_metrics_start(const char *listen, struct arena *a,
                                int (*metrics)(void *ctx, struct buf *body),
                                int (*ready)(void *ctx, struct buf *body), void *ctx,
                                struct http **out, struct error *e)
{
    static const char text[] = "text/plain; charset=utf-8";
    struct http_route *routes = ARENA_ARRAY(a, struct http_route, 3);
    routes[0] =
        (struct http_route){"/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics, ctx};
    routes[1] = (struct http_route){"/live", text, answer_live, ctx};
    routes[2] = (struct http_route){"/ready", text, ready, ctx};
    struct http_config http = {.routes = routes, .route_count = 3};
    http.address = plane_address(a, listen, &http.port);
    return http_start(&http, out, e);
}

void plane_prepare(const struct config *c, sigset_t *stops)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < 4; i++) {
        if (!strcmp(c->log_level, levels[i])) {
            log_set_level((enum log_level)i);
        }
    }
    raise_files();
    sigemptyset(stops);
    sigaddset(stops, SIGINT);
    sigaddset(stops, SIGTERM);
    sigaddset(stops, SIGHUP);
    pthread_sigmask(SIG_BLOCK, stops, NULL);
}

static int print_all(const struct config *c)
{
    struct buf text = BUF_INIT(0);
    config_print(c, &text);
    fwrite(text.p, 1, text.n, stdout);
    buf_free(&text);
    return EXIT_DONE;
}

static int help(const char *command, const char *about)
{
    struct buf text = BUF_INIT(0);
    buf_printf(&text,
               "usage: hatidata %s [OPTIONS]\n"
               "%s Flags go before environment (HATIDATA_NAME), that before the\n"
               "file (--config FILE, else hatidata.conf); --print-config shows what holds.\n\n",
               command, about);
    config_help(&text);
    fwrite(text.p, 1, text.n, stdout);
    buf_free(&text);
    return EXIT_DONE;
}

int plane_run(int argc, char **argv, const char *about,
              int (*run)(const struct config *c, struct arena *a))
{
    struct arena *a = arena_new(0);
    struct buf mistakes = BUF_INIT(1 << 20);
    struct config config;
    int code;
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        code = help(argv[0], about);
    } else if (config_load(argc, argv, &config, a, &mistakes) != OK) {
        fwrite(mistakes.p, 1, mistakes.n, stderr);
        code = EXIT_USAGE;
    } else if (config.rest_count) {
        fprintf(stderr, "hatidata %s: unexpected argument '%s'\n", argv[0], config.rest[0]);
        code = EXIT_USAGE;
    } else {
        code = config.print_config ? print_all(&config) : run(&config, a);
    }
    buf_free(&mistakes);
    arena_free(a);
    return code;
}
