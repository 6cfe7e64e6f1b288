/* The control plane of a process, by the configuration: of `serve` and of `control`. */
#ifndef COMMAND_PLANE_H
#define COMMAND_PLANE_H

#include <signal.h>

#include "config/config.h"
#include "control/control.h"
#include "crypto/datakey.h"

struct admission;
struct federation;
struct http_client;
struct keyring;

/* Has the store seal what it keeps of policies' history. */
void plane_seal(const struct keyring *keys, struct store *store);

/* What the REST API works on; all of it outlives it. */
struct plane {
    struct store *store;
    struct identity *identity;
    const char *audit_dir;
    struct pipeline *pipeline; /* of the data plane, as what follows; NULL: there is none */
    struct ledger *ledger;
    struct admission *admission;
};

MUST_USE enum status plane_start(const struct config *c, struct arena *a, const struct plane *p,
                                 struct control **out, struct error *e);

/* How keys are checked and people sign in, as the configuration says. The caller wipes `secret_key`
 * once the identity is open. */
struct identity_config plane_identity(const struct config *c, const struct keyring *keys,
                                      uint8_t secret_key[KMS_KEY_SIZE]);

/* Other identity providers, as the configuration says. Both are the caller's, and end after the
 * identity that has them. */
struct federation *plane_federation(const struct config *c, struct store *store,
                                    struct http_client **client);

/* "127.0.0.1:5439", "[::1]:5439", "*:5439": the host in the arena. The configuration checked the
 * form. */
const char *plane_address(struct arena *a, const char *address, uint16_t *port);

/* Before any thread starts: the log's level, and the signals that end a server blocked, so that
 * only who waits for them in sigtimedwait() takes them. */
void plane_prepare(const struct config *c, sigset_t *stops);

/* A command that runs as the configuration says: --help (`about` after the usage), mistakes, and
 * --print-config are seen to. Gives the exit code. */
int plane_run(int argc, char **argv, const char *about,
              int (*run)(const struct config *c, struct arena *a));

#endif
