/* hatidata serve: both planes in one process; and the data plane alone, for hatidata proxy. What is
 * started last is stopped first. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/columns.h"
#include "audit/source.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"
#include "command/plane.h"
#include "command/serve.h"
#include "config/config.h"
#include "crypto/keyfile.h"
#include "identity/identity.h"
#include "meter/meter.h"
#include "meter/tally.h"
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
    struct uplink *link; /* of a proxy; else NULL */
    struct store *store;
    struct plane_audit audit;
    struct engine *engine;
    struct audit_columns *columns;
    struct ledger *ledger;
    struct tally *tally;
    int64_t usage_due_ns; /* when it is told again */
    struct plane_federation federation;
    struct identity *identity;
    struct pipeline *pipeline;
    struct server *server;
    struct control *control;
    struct http *http;
};

/* Each change of a proxy's replica is looked at by all its sessions, at once. */
static void on_change(void *ctx)
{
    const struct running *r = ctx;
    server_recheck(r->server);
}

static void make_link(struct running *r, const struct enrolment *proxy)
{
    const struct uplink_config link = {.enrolment = proxy,
                                       .stale_ms = r->config->stale_limit,
                                       .timeout_ms = (int)r->config->control_timeout,
                                       .changed = on_change,
                                       .ctx = r};
    r->link = proxy ? uplink_new(&link) : NULL;
}

static enum status open_store(struct running *r, struct error *e)
{
    return r->link ? store_open_replica(r->dir.replica, uplink_upstream(r->link), &r->store, e)
                   : datadir_store(&r->dir, &r->store, e);
}

/* A proxy that can't hear of a legal hold now deletes nothing. */
static enum status ask_demand(void *ctx, struct audit_demand *out, struct error *e)
{
    struct running *r = ctx;
    struct uplink_stats link = {.up = true};
    if (r->link) {
        uplink_stats(r->link, &link);
    }
    return link.up
               ? plane_demand(r->store, out, e)
               : error_set(e, ERR_NOT_READY, "the control plane can't be asked for legal holds");
}

static enum status start_data(struct running *r, struct error *e)
{
    const struct config *c = r->config;
    if (datadir_keyring(c->kms, r->dir.keyring, &r->keys, e) != OK || open_store(r, e) != OK) {
        return FAIL;
    }
    plane_seal(r->keys, r->store);
    if (plane_audit_open(c, r->dir.audit, r->keys, r->link, ask_demand, r, r->arena, &r->audit,
                         e) != OK ||
        plane_alerts_start(c, r->arena, &r->audit, e) != OK ||
        datadir_clear_spill(c->spill_dir, e) != OK) {
        return FAIL;
    }
    const char *columns_dir = audit_columns_folder(r->arena, r->dir.audit, e);
    if (!columns_dir) {
        return FAIL;
    }
    const struct engine_source *log = audit_source(r->arena, r->dir.audit, columns_dir);
    struct engine_config engine = {
        .path = r->dir.database,
        .data_key = keyring_key(r->keys, KEY_DATA),
        .spill_dir = c->spill_dir,
        .extension_dir = *c->extension_dir ? c->extension_dir : datadir_extensions(r->arena),
        .memory_limit = c->engine_memory,
        .sources = log,
        .source_count = 1,
        .threads = c->engine_threads ? (int)c->engine_threads : (int)sysconf(_SC_NPROCESSORS_ONLN),
    };
    if (engine_open(&engine, &r->engine, e) != OK) {
        struct error why = *e;
        error_set(e, why.code, "%s: %s", engine.path, why.message);
        return error_hint(e, "%s", error_advice(&why));
    }
    return audit_columns_start(r->dir.audit, r->engine, log, &r->columns, e);
}

static enum dialect dialect_of(const char *word)
{
    return !strcmp(word, "duckdb")     ? DIALECT_DUCKDB
           : !strcmp(word, "postgres") ? DIALECT_POSTGRES
                                       : DIALECT_SNOWFLAKE;
}

static enum status start_pipeline(struct running *r, struct error *e)
{
    const struct config *c = r->config;
    uint8_t secret_key[KMS_KEY_SIZE];
    struct identity_config identity = plane_identity(c, r->keys, secret_key);
    if (r->link) {
        identity.secret_key = NULL;
        identity.remote = uplink_remote(r->link);
    } else {
        plane_federation_start(c, r->store, &r->federation);
        identity.federation = r->federation.federation;
    }
    enum status opened = identity_open(r->store, &identity, &r->identity, e);
    mem_wipe(secret_key, sizeof secret_key);
    if (opened != OK || ledger_open(r->store, &r->ledger, e) != OK) {
        return FAIL;
    }
    r->tally = tally_new();
    struct pipeline_config pipeline = {
        .engine = r->engine,
        .store = r->store,
        .ledger = r->ledger,
        .tally = r->tally,
        .audit = r->audit.log,
        .keyring = r->keys,
        .statement_timeout_ms = c->statement_timeout,
        .jit_minutes_max = c->jit_max / 60000,
        .dialect = dialect_of(c->dialect),
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
    metrics_set(METRIC_TLS_FAILURES, now.tls_failures_total);
    metrics_set(METRIC_QUEUE_DEPTH, now.statements_waiting);
    metrics_set(METRIC_RUNNING, now.statements_running);
    metrics_set(METRIC_HELD_BYTES, now.held_memory_bytes);
    metrics_set(METRIC_RESULT_SPILL, now.held_spilled_bytes_total);
}

static void count_link(const struct running *r)
{
    struct uplink_stats now;
    uplink_stats(r->link, &now);
    metrics_set(METRIC_LINK_UP, now.up);
    metrics_set(METRIC_SNAPSHOT_POSITION, (int64_t)now.position);
    metrics_set(METRIC_SNAPSHOT_AGE, now.age_ms);
    metrics_set(METRIC_LINK_FAILURES, (int64_t)now.failures);
    metrics_set(METRIC_SNAPSHOTS_REFUSED, (int64_t)now.refused);
}

static int answer_metrics(void *ctx, struct buf *body)
{
    const struct running *r = ctx;
    count_connections(r);
    if (r->link) {
        count_link(r);
    }
    metrics_set(METRIC_QUOTA_UTILIZATION, ledger_utilization(r->ledger));
    metrics_render(body);
    return 200;
}

/* Ready: a statement would find a log that takes its entries, and a store or policies that hold. */
static int answer_ready(void *ctx, struct buf *body)
{
    const struct running *r = ctx;
    struct error e = ERROR_INIT;
    uint64_t version;
    if (!r->server || !audit_is_healthy(r->audit.log)) {
        buf_puts(body, "not ready: the audit log can't be written\n");
        return 503;
    }
    if (r->link && uplink_current(r->link, &e) != OK) {
        buf_printf(body, "not ready: %s\n", e.message);
        return 503;
    }
    if (store_version(r->store, &version, &e) != OK) {
        buf_puts(body, "not ready: the control store can't be asked\n");
        return 503;
    }
    buf_puts(body, "ready\n");
    return 200;
}

/* Writes down what was counted, and sends just that, where there is a link. */
static void tell_usage(struct running *r)
{
    struct buf document = BUF_INIT(0);
    struct error e = ERROR_INIT;
    tally_write(r->tally, &document);
    if (keyfile_replace(r->dir.usage, buf_str(&document), &e) != OK ||
        (r->link && uplink_tell_usage(r->link, buf_str(&document), &e) != OK)) {
        log_warn("serve", "usage data isn't told: %s", e.message);
    }
    buf_free(&document);
    r->usage_due_ns = clock_mono_ns() + r->config->usage_interval * 1000000;
}

/* Until a signal to stop comes; each second grants that are over end, and what was changed goes
 * into the log. */
static void run_until_told(struct running *r, const sigset_t *stops)
{
    bool said = false, complained = false;
    for (;;) {
        struct timespec tick = {.tv_sec = TICK_SECONDS};
        int sig = sigtimedwait(stops, NULL, &tick);
        if (sig > 0) {
            log_info("serve", "stopping (signal %d)", sig);
            return;
        }
        struct error e = ERROR_INIT;
        control_tick(r->control);
        if (clock_mono_ns() >= r->usage_due_ns) {
            tell_usage(r);
        }
        if (identity_tick(r->identity, &e) != OK && !complained) {
            log_error("serve", "the ends of grants can't be written down: %s", e.message);
            complained = true;
        }
        if (pipeline_record_changes(r->pipeline, &e) != OK && !said) {
            log_error("serve", "changes of administrators aren't recorded: %s", e.message);
            said = true;
        }
    }
}

static enum status start_server(struct running *r, struct error *e)
{
    const struct config *c = r->config;
    struct server_config server = SERVER_CONFIG_DEFAULT;
    server.address = plane_address(r->arena, c->listen, &server.port);
    server.certificate_file = c->tls_cert;
    server.key_file = c->tls_key;
    server.loops = (int)c->event_loops;
    server.workers = (int)c->workers;
    server.queue = (int)c->queue;
    server.queue_ms = c->queue_timeout;
    server.max_connections = (int)c->max_connections;
    server.max_unauthenticated = (int)c->max_unauthenticated;
    /* A connection has one login waiting: who may connect may wait. */
    server.login_queue = server.max_unauthenticated;
    server.auth_seconds = (int)((c->auth_timeout + 999) / 1000);
    server.idle_in_transaction_ms = c->idle_in_transaction_timeout;
    server.shutdown_seconds = (int)((c->shutdown_grace + 999) / 1000);
    server.max_message = (size_t)c->max_message;
    server.spill_dir = c->spill_dir;
    server.held_memory = (size_t)c->held_memory;
    server.held_memory_of_all = (size_t)c->held_total;
    server.held_total = (uint64_t)c->result_max;
    server.version = HATIDATA_VERSION;
    server.pipeline = r->pipeline;
    server.identity = r->identity;
    return server_start(&server, &r->server, e);
}

static enum status record_system(struct running *r, const char *action, struct error *e)
{
    struct audit_entry entry = {.kind = AUDIT_SYSTEM,
                                .actor = STR("hatidata"),
                                .action = str_of(action),
                                .resource = STR("serve")};
    return audit_append(r->audit.log, &entry, AUDIT_DURABLE, e);
}

static enum status start_control(struct running *r, struct error *e)
{
    const struct plane plane = {.store = r->store,
                                .identity = r->identity,
                                .keys = r->keys,
                                .audit_dir = r->dir.audit,
                                .engine = r->engine,
                                .pipeline = r->pipeline,
                                .ledger = r->ledger,
                                .admission = server_admission(r->server)};
    return r->config->control ? plane_start(r->config, r->arena, &plane, &r->control, e) : OK;
}

static enum status start(struct running *r, struct error *e)
{
    if (start_data(r, e) != OK || start_pipeline(r, e) != OK ||
        pipeline_record_changes(r->pipeline, e) != OK || record_system(r, "start", e) != OK ||
        start_server(r, e) != OK ||
        (r->link ? uplink_start(r->link, r->store, e) : start_control(r, e)) != OK) {
        return FAIL;
    }
    return plane_metrics_start(r->config->metrics_listen, r->arena, answer_metrics, answer_ready, r,
                               &r->http, e);
}

static void stop(struct running *r)
{
    struct error e = ERROR_INIT;
    control_stop(r->control);
    uplink_stop(r->link);
    server_stop(r->server);
    if (r->server) {
        tell_usage(r);
    }
    http_stop(r->http); /* it answers until now, from the server's counters */
    server_free(r->server);
    if (r->server &&
        (pipeline_record_changes(r->pipeline, &e) != OK || record_system(r, "stop", &e) != OK)) {
        log_error("serve", "the stop isn't in the audit log: %s", e.message);
    }
    pipeline_free(r->pipeline);
    identity_close(r->identity);
    plane_federation_stop(&r->federation);
    ledger_close(r->ledger);
    audit_columns_stop(r->columns);
    tally_free(r->tally);
    engine_close(r->engine);
    plane_audit_close(&r->audit);
    store_close(r->store);
    uplink_free(r->link);
    keyring_close(r->keys);
}

/* The configuration's data_dir with the paths that follow from it. */
static void find_paths(struct running *r)
{
    datadir_paths(r->arena, r->config->data_dir, &r->dir);
    r->dir.store = r->config->store;
}

int serve_run(const struct config *c, struct arena *a, const struct enrolment *proxy)
{
    struct running r = {.config = c, .arena = a};
    struct error e = ERROR_INIT;
    sigset_t stops;
    plane_prepare(c, &stops);
    find_paths(&r);
    make_link(&r, proxy);
    int code = EXIT_DONE;
    if (start(&r, &e) == OK) {
        log_info("serve", "PostgreSQL wire on %s, %s %s, metrics on %s", c->listen,
                 proxy ? "control plane at" : "REST on",
                 proxy        ? proxy->nodes[0]
                 : c->control ? c->control_listen
                              : "(off)",
                 c->metrics_listen);
        run_until_told(&r, &stops);
    } else {
        code = command_fail(&e);
    }
    stop(&r);
    return code;
}

static int serve(const struct config *c, struct arena *a)
{
    struct error e = ERROR_INIT;
    return datadir_not_proxy(c->data_dir, &e) == OK ? serve_run(c, a, NULL) : command_fail(&e);
}

int command_serve(int argc, char **argv)
{
    return plane_run(argc, argv, "Runs both planes.", serve);
}
