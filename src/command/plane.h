/* The control plane of a process, by the configuration: of `serve` and of `control`. */
#ifndef COMMAND_PLANE_H
#define COMMAND_PLANE_H

#include <signal.h>

#include "audit/anchor.h"
#include "audit/audit.h"
#include "config/config.h"
#include "control/control.h"
#include "crypto/datakey.h"

struct admission;
struct keyring;
struct uplink;

/* Has the store seal what it keeps of policies' history. */
void plane_seal(const struct keyring *keys, struct store *store);

/* What the REST API works on; all of it outlives it. */
struct plane {
    struct store *store;
    struct identity *identity;
    const struct keyring *keys;
    const char *audit_dir;
    struct engine *engine; /* of the data plane, as what follows; NULL: there is none */
    struct pipeline *pipeline;
    struct ledger *ledger;
    struct admission *admission;
};

MUST_USE enum status plane_start(const struct config *c, struct arena *a, const struct plane *p,
                                 struct control **out, struct error *e);

/* A process's audit log with its anchors, by the configuration, and the control plane beside them
 * where `link` (which outlives it) is a proxy's; all zeros are none. */
enum { ANCHORS_MAX = 16 };
struct plane_audit {
    struct anchor *anchors[ANCHORS_MAX];
    size_t anchor_count;
    struct audit *log;
    struct alerts *alerts; /* about the log, and what others raise */
};
/* `demand` tells, of any thread and until plane_audit_close(), how long organizations want entries
 * kept; plane_demand() does by the store that is `ctx`. */
MUST_USE enum status plane_audit_open(const struct config *c, const char *dir,
                                      const struct keyring *keys, struct uplink *link,
                                      audit_demand_fn *demand, void *ctx, struct arena *a,
                                      struct plane_audit *out, struct error *e);
enum status plane_demand(void *store, struct audit_demand *out, struct error *e);
void plane_audit_close(struct plane_audit *x);

/* Alerts by the configuration, about out->log where there is one; plane_audit_close() ends them. */
MUST_USE enum status plane_alerts_start(const struct config *c, struct arena *a,
                                        struct plane_audit *out, struct error *e);

/* Tokens of other identity providers, by the configuration; `store` outlives it. */
struct plane_federation {
    struct http_client *http;
    struct federation *federation;
};
void plane_federation_start(const struct config *c, struct store *store,
                            struct plane_federation *out);
void plane_federation_stop(struct plane_federation *f); /* all zeros are allowed */

/* How keys are checked and people sign in, as the configuration says. The caller wipes `secret_key`
 * once the identity is open. */
struct identity_config plane_identity(const struct config *c, const struct keyring *keys,
                                      uint8_t secret_key[KMS_KEY_SIZE]);

/* "127.0.0.1:5439", "[::1]:5439", "*:5439": the host in the arena. The configuration checked the
 * form. */
const char *plane_address(struct arena *a, const char *address, uint16_t *port);

/* Starts answering /metrics, /live and /ready at an address of the configuration. `metrics` and
 * `ready` are called with `ctx` on a thread of its own, until http_stop(). */
struct buf;
struct http;
MUST_USE enum status plane_metrics_start(const char *listen, struct arena *a,
                                         int (*metrics)(void *ctx, struct buf *body),
                                         int (*ready)(void *ctx, struct buf *body), void *ctx,
                                         struct http **out, struct error *e);

/* Before any thread starts: the log's level, as many open files as there may be, and the signals
 * that end a server blocked, so that only who waits for them in sigtimedwait() takes them. */
void plane_prepare(const struct config *c, sigset_t *stops);

/* A command that runs as the configuration says: --help (`about` after the usage), mistakes, and
 * --print-config are seen to. Gives the exit code. */
int plane_run(int argc, char **argv, const char *about,
              int (*run)(const struct config *c, struct arena *a));

#endif
