/* What makes a data folder a proxy's: which control plane it belongs to, and its certificate.
 *
 *     proxy.json   who it is, of which store, the authority that it trusts, where control nodes are
 *     proxy.pem    its certificate and private key, renewed by the link */
#ifndef PLANES_ENROL_H
#define PLANES_ENROL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "crypto/kms.h"

enum { ENROL_NODES_MAX = 16 };

struct enrolment {
    struct str proxy, name, store, authority; /* ids, PEM text */
    const char *nodes[ENROL_NODES_MAX];       /* "host:port" */
    size_t node_count;
    const char *identity_file; /* proxy.pem */
};

/* "a:8444,b:8444" in the arena. ERR_VALIDATION: none, too many, or no port. */
MUST_USE enum status enrol_nodes(const char *text, struct arena *a, struct enrolment *out,
                                 struct error *e);

/* Makes a key pair here, has its certificate signed for the token, and writes proxy.pem into `dir`.
 * The control plane must prove to be of the authority with this SHA-256 fingerprint before the
 * token is sent. `mask_key` is the root of the hash masks' keys, for the keyring
 * (keyring_take_mask); wiped by the caller. ERR_EXISTS: the folder is a proxy's already. */
MUST_USE enum status enrol_proxy(const char *dir, const char *nodes, const char *fingerprint,
                                 struct str token, struct arena *a, struct enrolment *out,
                                 uint8_t mask_key[KMS_KEY_SIZE], struct error *e);

/* Writes proxy.json: from now on the folder is a proxy's. */
MUST_USE enum status enrol_finish(const char *dir, const struct enrolment *x, struct arena *a,
                                  struct error *e);

/* ERR_NOT_FOUND: the folder is no proxy's. */
MUST_USE enum status enrol_read(const char *dir, struct arena *a, struct enrolment *out,
                                struct error *e);

/* A new key pair and certificate in the place of those that end. */
struct http_client;
MUST_USE enum status enrol_renew(const struct enrolment *x, const char *node,
                                 struct http_client *http, struct error *e);

/* When the certificate ends, in microseconds since 1970. */
MUST_USE enum status enrol_ends(const struct enrolment *x, int64_t *wall_us, struct error *e);

/* One call of a control node: /planes/NAME. The answer, at most out->max bytes, which must be set.
 * What the control plane refuses is its own error; ERR_NOT_READY where it can't be reached within
 * the time. `abandon` may be NULL; set, it ends the call. */
MUST_USE enum status enrol_call(struct http_client *http, const char *node, const char *name,
                                const char *body, int timeout_ms, const atomic_bool *abandon,
                                struct buf *out, struct error *e);

#endif
