/* What the process counts of itself, and the text in which a scraper reads it (Prometheus text
 * format 0.0.4). Everything is declared in the tables below, labels included: no tenant, user or
 * statement text can become a label, and the number of series is fixed. Only policies in shadow
 * mode are told apart, by their ids, METRICS_SHADOWS_MAX of them.
 *
 * All functions are safe from any thread; but for metrics_count_shadow() they take no lock. */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* id, name, type, units that a stored 1 is of the shown unit (1000: stored
 * in thousandths), help. */
#define METRICS(X)                                                                                 \
    X(METRIC_CONNECTIONS, "hatidata_connections", GAUGE, 1, "Open client connections.")            \
    X(METRIC_CONNECTIONS_TOTAL, "hatidata_connections_total", COUNTER, 1,                          \
      "Client connections accepted.")                                                              \
    X(METRIC_CONNECTIONS_REFUSED, "hatidata_connections_refused_total", COUNTER, 1,                \
      "Client connections refused by a limit.")                                                    \
    X(METRIC_AUTH_FAILURES, "hatidata_auth_failures_total", COUNTER, 1, "Failed log-ins.")         \
    X(METRIC_TLS_FAILURES, "hatidata_tls_failures_total", COUNTER, 1,                              \
      "Connections refused before TLS 1.3 was established.")                                       \
    X(METRIC_QUEUE_DEPTH, "hatidata_queue_depth", GAUGE, 1, "Statements that wait for a worker.")  \
    X(METRIC_RUNNING, "hatidata_statements_running", GAUGE, 1, "Statements that a worker has.")    \
    X(METRIC_RESULT_SPILL, "hatidata_result_spill_bytes_total", COUNTER, 1,                        \
      "Bytes of results that were held on disk.")                                                  \
    X(METRIC_HELD_BYTES, "hatidata_held_bytes", GAUGE, 1, "Bytes of results held in memory.")      \
    X(METRIC_CREDITS_USED, "hatidata_credits_used_total", COUNTER, 1000, "Credits settled.")       \
    X(METRIC_QUOTA_REFUSALS, "hatidata_quota_refusals_total", COUNTER, 1,                          \
      "Statements refused for want of credits.")                                                   \
    X(METRIC_QUOTA_UTILIZATION, "hatidata_quota_utilization_ratio", GAUGE, 1000,                   \
      "Highest share of its credits that an organization has used (0 to 1).")                      \
    X(METRIC_SECOND_OPINION_ALERTS, "hatidata_second_opinion_alerts_total", COUNTER, 1,            \
      "Statements stopped because the engine would touch what policy did not approve.")            \
    X(METRIC_AUDIT_ENTRIES, "hatidata_audit_entries_total", COUNTER, 1,                            \
      "Entries given to the audit log.")                                                           \
    X(METRIC_CHECKPOINTS, "hatidata_audit_checkpoints_total", COUNTER, 1,                          \
      "Checkpoints of the audit log that were signed.")                                            \
    X(METRIC_ANCHOR_FAILURES, "hatidata_audit_anchor_failures_total", COUNTER, 1,                  \
      "Times that an anchor didn't take a checkpoint.")                                            \
    X(METRIC_ANCHORS_FAILING, "hatidata_audit_anchors_failing", GAUGE, 1,                          \
      "Anchors that didn't take the checkpoint they were given last.")                             \
    X(METRIC_ANCHOR_DROPPED, "hatidata_audit_anchor_dropped_total", COUNTER, 1,                    \
      "Checkpoints that an anchor never got: it failed for too long.")                             \
    X(METRIC_ANCHOR_CONTRADICTIONS, "hatidata_audit_anchor_contradictions_total", COUNTER, 1,      \
      "Checkpoints that an anchor has another of: the log, or the anchor's, is a fork.")           \
    X(METRIC_CHAIN_CHECKS, "hatidata_audit_checks_total", COUNTER, 1,                              \
      "Times that the audit log's files were compared with what was written.")                     \
    X(METRIC_CHAIN_BROKEN, "hatidata_audit_broken", GAUGE, 1,                                      \
      "1 where the last check found the audit log's files broken.")                                \
    X(METRIC_ALERTS_CHAIN, "hatidata_alerts_chain_broken_total", COUNTER, 1,                       \
      "Alerts: the audit log's files are broken.")                                                 \
    X(METRIC_ALERTS_ANCHOR, "hatidata_alerts_anchor_unreachable_total", COUNTER, 1,                \
      "Alerts: an anchor takes no checkpoints.")                                                   \
    X(METRIC_ALERTS_FORK, "hatidata_alerts_anchor_contradicts_total", COUNTER, 1,                  \
      "Alerts: an anchor, or a proxy's log, contradicts what was kept.")                           \
    X(METRIC_ALERTS_DENIALS, "hatidata_alerts_repeated_denials_total", COUNTER, 1,                 \
      "Alerts: a principal was denied again and again.")                                           \
    X(METRIC_ALERTS_EXPORT, "hatidata_alerts_unusual_export_total", COUNTER, 1,                    \
      "Alerts: a role was given far more rows than usual.")                                        \
    X(METRIC_ALERTS_DROPPED, "hatidata_alerts_dropped_total", COUNTER, 1,                          \
      "Alerts that found no room: too many at once.")                                              \
    X(METRIC_WEBHOOKS_SENT, "hatidata_webhooks_sent_total", COUNTER, 1,                            \
      "Alerts that a webhook took.")                                                               \
    X(METRIC_WEBHOOK_FAILURES, "hatidata_webhook_failures_total", COUNTER, 1,                      \
      "Times that a webhook didn't take an alert.")                                                \
    X(METRIC_WEBHOOKS_DROPPED, "hatidata_webhooks_dropped_total", COUNTER, 1,                      \
      "Alerts that a webhook never got: it failed for too long.")                                  \
    X(METRIC_PLAN_CACHE_HITS, "hatidata_plan_cache_hits_total", COUNTER, 1, "Plans used again.")   \
    X(METRIC_PLAN_CACHE_MISSES, "hatidata_plan_cache_misses_total", COUNTER, 1, "Plans made.")     \
    X(METRIC_PLAN_CACHE_ENTRIES, "hatidata_plan_cache_entries", GAUGE, 1, "Plans held.")           \
    X(METRIC_LINK_UP, "hatidata_link_up", GAUGE, 1,                                                \
      "Of a proxy: 1 while the control plane answers it.")                                         \
    X(METRIC_SNAPSHOT_POSITION, "hatidata_snapshot_position", GAUGE, 1,                            \
      "Of a proxy: the position of the control store that it serves.")                             \
    X(METRIC_SNAPSHOT_AGE, "hatidata_snapshot_age_seconds", GAUGE, 1000,                           \
      "Of a proxy: time since it asked for what the control plane last said; -0.001: never.")      \
    X(METRIC_LINK_FAILURES, "hatidata_link_failures_total", COUNTER, 1,                            \
      "Of a proxy: questions that the control plane left unanswered.")                             \
    X(METRIC_SNAPSHOTS_REFUSED, "hatidata_snapshots_refused_total", COUNTER, 1,                    \
      "Of a proxy: snapshots that it refused.")

enum metric {
#define X(id, name, type, unit, help) id,
    METRICS(X)
#undef X
        METRIC_COUNT
};

/* id, name, help. Histograms of seconds without labels. */
#define METRICS_HISTOGRAMS(X)                                                                      \
    X(METRIC_AUDIT_FSYNC, "hatidata_audit_fsync_seconds", "Time of the audit log's fdatasync.")

enum metric_histogram {
#define X(id, name, help) id,
    METRICS_HISTOGRAMS(X)
#undef X
        METRIC_HISTOGRAM_COUNT
};

/* The stages of the pipeline, in its order. */
#define METRICS_STAGES(X)                                                                          \
    X("policy_check")                                                                              \
    X("cost_estimate")                                                                             \
    X("quota_check")                                                                               \
    X("row_filter")                                                                                \
    X("transpile")                                                                                 \
    X("execute")                                                                                   \
    X("column_mask")                                                                               \
    X("meter")                                                                                     \
    X("audit")

enum { METRICS_STAGE_COUNT = 9 };

#define METRICS_KINDS(X)                                                                           \
    X(METRICS_SELECT, "select")                                                                    \
    X(METRICS_INSERT, "insert")                                                                    \
    X(METRICS_UPDATE, "update")                                                                    \
    X(METRICS_DELETE, "delete")                                                                    \
    X(METRICS_DDL, "ddl")                                                                          \
    X(METRICS_COPY, "copy")                                                                        \
    X(METRICS_OTHER, "other")

enum metrics_kind {
#define X(id, name) id,
    METRICS_KINDS(X)
#undef X
        METRICS_KIND_COUNT
};

/* Counters take v >= 0; gauges go either way. In the metric's stored unit. */
void metrics_add(enum metric m, int64_t v);
void metrics_set(enum metric m, int64_t v); /* gauges */
int64_t metrics_get(enum metric m);

void metrics_observe(enum metric_histogram h, int64_t ns);
/* `stage`: 0 to METRICS_STAGE_COUNT - 1; others: nothing. */
void metrics_observe_stage(int stage, int64_t ns);

void metrics_count_statement(enum metrics_kind kind, bool failed);
static inline void metrics_statement(bool failed) /* of a kind that the caller doesn't tell */
{
    metrics_count_statement(METRICS_OTHER, failed);
}

void metrics_error(enum error_code code);

/* A statement that a policy in shadow mode would have changed: `would` is "would_deny",
 * "would_mask" or "would_filter", others are not counted. Policies past the first
 * METRICS_SHADOWS_MAX, and ids that are no id, count together as "other". */
enum { METRICS_SHADOWS_MAX = 256, METRICS_ID_MAX = 64 };
void metrics_count_shadow(struct str policy_id, struct str would);

/* Appends everything as text, for "Content-Type: text/plain; version=0.0.4". */
void metrics_render(struct buf *out);

#endif
