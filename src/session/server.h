/* The server: listens, accepts, and holds the connections of the PostgreSQL wire.
 *
 * Event loops hold the connections and never block; logins run in one small pool, statements in
 * another. One statement of a connection runs at a time. */
#ifndef SESSION_SERVER_H
#define SESSION_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct admission;
struct pipeline;
struct identity;
struct server;

struct server_config {
    const char *address; /* numeric; "127.0.0.1" */
    uint16_t port;       /* 0: chosen by the system */
    const char *certificate_file, *key_file;
    int loops;        /* threads that hold connections */
    int workers;      /* threads that run statements */
    int queue;        /* statements that may wait for a worker ... */
    int64_t queue_ms; /* ... and how long; 0: for ever */
    int login_workers, login_queue;
    int max_connections;            /* all */
    int max_unauthenticated;        /* of them, before the login is done */
    int auth_seconds;               /* from accept to the end of the login */
    int64_t idle_in_transaction_ms; /* of new sessions, which may SET it; 0: none */
    int send_seconds;      /* a client that takes nothing for so long is closed; 0: never */
    int shutdown_seconds;  /* grace for running statements */
    size_t max_message;    /* bytes of one message after the login */
    size_t max_statements; /* prepared statements and portals of a session, each */
    const char *spill_dir; /* held results past memory; NULL: none */
    size_t held_memory;    /* of one result */
    size_t held_memory_of_all;
    uint64_t held_total; /* of one message's replies */
    bool plain_cancel;   /* accept CancelRequest without TLS too: libpq before 17 sends it so */
    const char *version; /* ours, shown in server_version */
    struct pipeline *pipeline; /* outlives the server */
    struct identity *identity;
};

#define SERVER_CONFIG_DEFAULT                                                                      \
    {                                                                                              \
        .address = "127.0.0.1", .port = 5439, .loops = 2, .workers = 8, .queue = 100,              \
        .queue_ms = 30000, .login_workers = 4, .login_queue = 500, .max_connections = 10000,       \
        .max_unauthenticated = 500, .auth_seconds = 30, .send_seconds = 900,                       \
        .shutdown_seconds = 10, .max_message = 64u << 20, .max_statements = 5000,                  \
        .held_memory = 4u << 20, .held_memory_of_all = 256u << 20, .held_total = 64ull << 30,      \
        .plain_cancel = true, .version = "0.1.0"                                                   \
    }

/* Listens and serves. A port that is taken, a certificate that can't be read and the like are
 * ERR_CONFIG with the name of what is wrong. */
MUST_USE enum status server_start(const struct server_config *c, struct server **out,
                                  struct error *e);

/* No new connections; idle sessions end with 57P01, running statements get the grace, then are
 * cancelled. Returns when every connection is closed; counters can still be asked for. NULL is
 * allowed. */
void server_stop(struct server *s);

/* After server_stop(), when nobody asks for anything of it any more. NULL is allowed. */
void server_free(struct server *s);

/* Asks of every session at once, in the place of within a second, whether it still holds: what they
 * are judged by has changed. From any thread; returns at once. */
void server_recheck(struct server *s);

uint16_t server_port(const struct server *s);

/* What decides which statement is next on the workers: for others that bring statements, who must
 * be through before server_stop(). */
struct admission *server_admission(struct server *s);

struct server_counters {
    int64_t connections, unauthenticated;     /* now */
    int64_t connections_total, refused_total; /* refused: limits, plaintext, garbage, old TLS */
    int64_t tls_failures_total;               /* of the refused: before TLS was established */
    int64_t auth_failures_total, cancels_total;
    int64_t statements_running, statements_waiting; /* now */
    int64_t statements_refused_total;               /* the queue was full */
    int64_t held_memory_bytes;                      /* now */
    int64_t held_spilled_bytes_total;
};
void server_counters(struct server *s, struct server_counters *out);

#endif
