/* A connection on its event loop: from accept through TLS, startup packet and login to a session,
 * and then the hand-over of messages to workers and of replies to the socket.
 *
 * All functions are called on the loop's thread. */
#ifndef SESSION_CLIENT_H
#define SESSION_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "net/listen.h"
#include "session/server.h"
#include "session/session.h"

struct client;
struct loop;
struct pool;
struct ssl_ctx_st;

/* One event loop and the connections on it. */
struct lane {
    struct server_core *core;
    struct loop *loop;
    struct client *first;
    struct event *tick; /* each second: are sessions still valid? */
    bool checking;      /* such a check is under way */
    bool check_again;   /* one was asked for meanwhile */
    bool stopping;
};

/* What connections need of the server. */
struct server_core {
    struct server_config config;
    struct session_env env;
    struct held_limits held;
    struct ssl_ctx_st *tls;
    struct pool *workers, *logins;
    struct admission *admission; /* before the workers */
    struct registry *registry;
    atomic_llong connections, unauthenticated, connections_total, refused, auth_failures;
    atomic_llong tls_failures, cancels, statements_refused;
};

/* Takes the socket over. */
void client_accept(struct lane *lane, int fd, const char *peer);

#endif
