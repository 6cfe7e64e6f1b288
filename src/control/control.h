/* The control plane's REST API: HTTP/1.1 on TLS 1.3, JSON in and out, on threads of its own.
 *
 * Every request goes the same way (call.c): route, credential, rate, role, path, query, body,
 * handler. What isn't in the table of routes doesn't exist; a route that doesn't say who may use it
 * keeps the server from starting. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct admission;
struct control;
struct identity;
struct ledger;
struct pipeline;
struct store;
struct trial_site;

/* Requests a minute of one credential, and how many may come at once. */
struct control_rate {
    int per_minute, burst;
};

struct control_config {
    const char *address;
    uint16_t port; /* 0: chosen by the system */
    const char *certificate_file, *key_file;
    int workers;              /* threads that answer requests */
    int queue;                /* requests that may wait for one; more get 503 */
    int max_connections;      /* at once; more wait in the system's backlog */
    int idle_seconds;         /* for a whole request to come, and for an answer to be taken */
    size_t max_body;          /* bytes of a request's body */
    struct control_rate rate; /* of addresses, and of organizations without a tier of their own */
    int64_t jit_minutes_max;  /* of a just-in-time grant */
    const char *version;

    struct store *store; /* these outlive the server */
    struct identity *identity;
    struct pipeline *pipeline;       /* for statements; NULL: they are refused */
    struct admission *admission;     /* before its statement workers ... */
    int64_t queue_ms;                /* ... how long a statement may wait there; 0: for ever */
    struct ledger *ledger;           /* of the data plane; NULL: there is none here */
    const char *audit_dir;           /* where the log's files are; NULL: there are none */
    struct engine *engine;           /* that has the log as columns; NULL: none has */
    const struct trial_site *trials; /* where policy tests run; NULL: nowhere */
};

#define CONTROL_CONFIG_DEFAULT                                                                     \
    {                                                                                              \
        .address = "127.0.0.1", .port = 8443, .workers = 8, .queue = 256, .max_connections = 1000, \
        .idle_seconds = 30, .max_body = 1u << 20, .rate = {300, 50}, .version = "0.1.0"            \
    }

/* The words of the configuration: free, cloud, growth, enterprise. The last where it is none of
 * them: the configuration, and the store, have checked it. */
struct control_rate control_rate_of(struct str tier);

/* ERR_CONFIG says what is wrong: a port that is taken, a certificate, a route without permission.
 */
MUST_USE enum status control_start(const struct control_config *c, struct control **out,
                                   struct error *e);

/* Each second: stops statements whose credentials have ended, and those that waited too long. NULL
 * is allowed. */
void control_tick(struct control *c);

/* Stops the statements that run, and waits for the requests that are under way. NULL is allowed. */
void control_stop(struct control *c);

uint16_t control_port(const struct control *c);

#endif
