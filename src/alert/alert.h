/* Alerts: what somebody should look at now. Each is an entry of the audit log, a metric, a line of
 * the operator's log and a message to the webhooks; docs/alerts.md says which there are and when.
 *
 * A process has one `alerts`. It watches the log's entries, its anchors and its files by itself;
 * what others find they raise. */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include "base/error.h"
#include "base/str.h"

struct alerts;
struct audit;

/* id, type, severity, metric, and what its subject is. */
#define ALERT_KINDS(X)                                                                             \
    X(ALERT_CHAIN, "chain_broken", "critical", METRIC_ALERTS_CHAIN)                                \
    X(ALERT_ANCHOR, "anchor_unreachable", "warning", METRIC_ALERTS_ANCHOR)                         \
    X(ALERT_FORK, "anchor_contradicts", "critical", METRIC_ALERTS_FORK)                            \
    X(ALERT_DENIALS, "repeated_denials", "warning", METRIC_ALERTS_DENIALS)                         \
    X(ALERT_EXPORT, "unusual_export", "warning", METRIC_ALERTS_EXPORT)

enum alert_kind {
#define X(id, type, severity, metric) id,
    ALERT_KINDS(X)
#undef X
        ALERT_KIND_COUNT
};

struct alerts_config {
    struct audit *audit;    /* outlives it; NULL: another process has the log */
    const char *state_file; /* where the usual is kept over a restart; mode 0600 */
    const char *webhooks, *webhook_secret, *webhook_ca; /* as in webhook.h */
    int64_t repeat_ms;                                  /* one subject's alert comes again after */
    int64_t anchor_tries;
    int64_t denials, denials_within_ms;
    int64_t export_factor, export_least, export_least_bytes;
    int64_t check_interval_ms; /* of the log's files; 0: never */
};

/* Before statements run. ERR_CONFIG names what is wrong. */
MUST_USE enum status alerts_start(const struct alerts_config *c, struct alerts **out,
                                  struct error *e);
void alerts_stop(struct alerts *a); /* raises and sends what waits; NULL is allowed */

/* An alert about `subject` (an anchor, a principal, a proxy: at most 255 bytes), which isn't raised
 * again about it for a while. `summary` is a sentence, `details` a JSON object; neither has text of
 * a statement or values of a table. Never blocks; of any thread. NULL is allowed for `a`. */
void alerts_raise(struct alerts *a, enum alert_kind kind, struct str subject, struct str summary,
                  struct str details);

#endif
