/* The control plane's side of the link: a listener of its own for proxies, on mutual TLS 1.3 under
 * the planes' authority.
 *
 * Without a certificate a client can enrol with a token, and nothing else. With one it is the proxy
 * of that name, and each request asks the store whether it still may. */
#ifndef PLANES_LISTENER_H
#define PLANES_LISTENER_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "crypto/kms.h"

struct identity;
struct listener;
struct store;

struct listener_config {
    const char *address;
    uint16_t port;
    int workers;
    int max_connections;
    int64_t certificate_seconds; /* of proxies */
    int64_t jit_minutes_max;
    struct store *store; /* these outlive it */
    struct identity *identity;
    const uint8_t *mask_key; /* KEY_MASK of the keyring: proxies that enrol get it */
};

/* `secret_key` is keyring_store_key(). ERR_CONFIG: the address is taken, and the like. */
MUST_USE enum status listener_start(const struct listener_config *c,
                                    const uint8_t secret_key[KMS_KEY_SIZE], struct listener **out,
                                    struct error *e);
void listener_stop(struct listener *l); /* NULL is allowed */

uint16_t listener_port(const struct listener *l);

#endif
