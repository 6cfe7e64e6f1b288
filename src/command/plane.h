/* The control plane of a process, by the configuration: of `serve` and of `control`. */
#ifndef COMMAND_PLANE_H
#define COMMAND_PLANE_H

#include <signal.h>

#include "audit/anchor.h"
#include "config/config.h"
#include "control/control.h"
#include "crypto/datakey.h"

struct admission;
struct keyring;

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

/* A process's audit log with its anchors, by the configuration; all zeros are none. */
enum { ANCHORS_MAX = 16 };
struct plane_audit {
    struct anchor *anchors[ANCHORS_MAX];
    size_t anchor_count;
    struct audit *log;
};
MUST_USE enum status plane_audit_open(const struct config *c, const char *dir,
                                      const struct keyring *keys, struct arena *a,
                                      struct plane_audit *out, struct error *e);
void plane_audit_close(struct plane_audit *x);

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

/* Before any thread starts: the log's level, as many open files as there may be, and the signals
 * that end a server blocked, so that only who waits for them in sigtimedwait() takes them. */
void plane_prepare(const struct config *c, sigset_t *stops);

/* A command that runs as the configuration says: --help (`about` after the usage), mistakes, and
 * --print-config are seen to. Gives the exit code. */
int plane_run(int argc, char **argv, const char *about,
              int (*run)(const struct config *c, struct arena *a));

#endif
