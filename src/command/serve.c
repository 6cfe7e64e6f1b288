/* hatidata serve: both planes in one process. What is started last is stopped first. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"
#include "config/config.h"
#include "identity/identity.h"
#include "meter/meter.h"
#include "metrics/metrics.h"
#include "net/http.h"
#include "pipeline/pipeline.h"
#include "session/server.h"
#include "store/store.h"

enum { METRICS_MAX = 4 << 20, TICK_SECONDS = 1 };

/* All that runs, in the order of starting. */
struct running {
    const struct config *config;
    struct datadir dir;
    struct arena *arena;
    struct keyring *keys;
    struct store *store;
    struct audit *audit;
    struct engine *engine;
    struct ledger *ledger;
    struct identity *identity;
    struct pipeline *pipeline;
    struct server *server;
    struct http_server *http;
    bool engine_is_open;
};

static enum status start_data(struct running *r, struct error *e)
{
    const struct config *c = r->config;
    if (datadir_keyring(c->kms, r->dir.keyring, &r->keys, e) != OK ||
        store_open(r->dir.control_db, &r->store, e) != OK) {
        return FAIL;
    }
    struct audit_config audit = {
        .dir = r->dir.audit,
        .fingerprint_key = keyring_key(r->keys, KEY_AUDIT),
        .segment_bytes = c->audit_segment,
    };
    if (audit_open(&audit, &r->audit, e) != OK || datadir_clear_spill(c->spill_dir, e) != OK) {
        return FAIL;
    }
    struct engine_config engine = {
        .path = r->dir.database,
        .data_key = keyring_key(r->keys, KEY_DATA),
        .spill_dir = c->spill_dir,
        .extension_dir = c->extension_dir,
        .memory_limit = c->engine_memory,
        .threads = (int)c->engine_threads,
    };
    return engine_open(&engine, &r->engine, e);
}

static enum status start_pipeline(struct running *r, struct error *e)
{
    const struct config *c = r->config;
    struct identity_config identity = IDENTITY_CONFIG_DEFAULT;
    identity.argon2_memory_kib = (int)c->argon2_memory;
    identity.argon2_passes = (int)c->argon2_passes;
    if (ledger_open(r->store, &r->ledger, e) != OK ||
        identity_open(r->store, &identity, &r->identity, e) != OK) {
        return FAIL;
    }
    struct pipeline_config pipeline = {
        .engine = r->engine,
        .store = r->store,
        .ledger = r->ledger,
        .audit = r->audit,
        .keyring = r->keys,
        .statement_timeout_ms = c->statement_timeout,
        .dialect = (enum dialect)c->dialect,
        .limits = PARSE_LIMITS_DEFAULT,
    };
    return pipeline_new(&pipeline, &r->pipeline, e);
}

static void count_connections(const struct running *r)
{
    struct server_counters now;
    server_counters(r->server, &now);
    metrics_set(METRIC_CONNECTIONS, now.connections);
    metrics_set(METRIC_CONNECTIONS_TOTAL, now.connections_total);
    metrics_set(METRIC_CONNECTIONS_REFUSED, now.refused_total);
    metrics_set(METRIC_AUTH_FAILURES, now.auth_failures_total);
    metrics_set(METRIC_QUEUE_DEPTH, now.statements_waiting);
    metrics_set(METRIC_HELD_BYTES, now.held_memory_bytes);
    metrics_set(METRIC_RESULT_SPILL, now.held_spilled_bytes_total);
}

static int answer_metrics(void *ctx, struct buf *body)
{
    const struct running *r = ctx;
    count_connections(r);
    metrics_render(body);
    return 200;
}

static int answer_live(void *ctx, struct buf *body)
{
    (void)ctx;
    buf_puts(body, "live\n");
    return 200;
}

/* Ready: a statement would find a log that takes its entries. */
static int answer_ready(void *ctx, struct buf *body)
{
    const struct running *r = ctx;
    bool ready = r->server && audit_is_healthy(r->audit);
    buf_puts(body, ready ? "ready\n" : "not ready: the audit log can't be written\n");
    return ready ? 200 : 503;
}

static void on_signal(int sig)
{
    (void)sig;
}

/* Until a signal to stop comes; each second the administrators' changes go into the log. */
static void run_until_told(struct running *r, const sigset_t *stops)
{
    bool said = false;
    for (;;) {
        struct timespec tick = {.tv_sec = TICK_SECONDS};
        int sig = sigtimedwait(stops, NULL, &tick);
        if (sig > 0) {
            log_info("serve", "stopping (signal %d)", sig);
            return;
        }
        struct error e = ERROR_INIT;
        if (pipeline_record_changes(r->pipeline, &e) != OK && !said) {
            log_error("serve", "changes of administrators aren't recorded: %s", e.message);
            said = true;
        }
    }
}
