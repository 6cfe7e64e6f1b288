/* The inside of a connection, shared by client.c, greet.c and lane.c. */
#ifndef SESSION_CLIENT_STATE_H
#define SESSION_CLIENT_STATE_H

#include "base/arena.h"
#include "net/listen.h"
#include "session/admission.h"
#include "session/client.h"
#include "wire/startup.h"

struct bufferevent;
struct event;
struct ssl_st;

enum {
    READ_HIGH = 256 << 10,  /* input that may gather after the login */
    WRITE_LOW = 64 << 10,   /* below it, more replies are fetched ... */
    WRITE_HIGH = 256 << 10, /* ... up to this */
    JOB_INPUT = 256 << 10,  /* messages given to one job, unless one alone is larger */
    PASSWORD_MAX = 9 << 10,
    SSL_REQUEST = 8
};

enum client_state { RAW, HANDSHAKE, STARTUP, PASSWORD, LOGIN, READY, CLOSING, LINGERING };

struct client {
    struct lane *lane;
    struct client *next, **link;
    enum client_state state;
    int fd;                 /* until the bufferevent has it; else -1 */
    struct event *raw;      /* RAW, LINGERING */
    struct event *deadline; /* of the login; later of an idle transaction */
    struct bufferevent *bev;
    struct ssl_st *ssl;
    bool direct;  /* TLS without SSLRequest: must say its name */
    bool counted; /* among the unauthenticated */
    bool busy, gone;
    bool ended;  /* by another session: when its job is done */
    bool parked; /* busy, but without a worker: its session waits for a lock */
    bool asked_gss;
    char peer[LISTEN_PEER_SIZE];
    int32_t pid;
    struct cancel_key key;
    struct arena *arena; /* of the startup packet; until the login is done */
    struct startup start;
    struct buf password;
    struct session *session;
    struct error error;              /* of the login */
    struct admission_tenant *tenant; /* once there is a session */
    int64_t concurrency;             /* of the tenant, as the login found it */
    struct admission_job job;
    const char *refused; /* this job only tells the session why it doesn't run */
};

/* client.c */

/* Does what can be done now: send, close, or begin the next job. */
void client_pump(struct client *c);

/* Closes at once, or when the job that is in flight has ended. */
void client_drop(struct client *c);

/* The same, with a line in the log, and counted. */
void client_refuse(struct client *c, const char *why);

/* Sends an error, then closes. */
void client_fatal(struct client *c, const struct error *why);

/* The same for one with a session that no worker has: 57P01. client_pump() goes on. */
void client_end(struct client *c);

void client_start_tls(struct client *c);
void client_ready(struct client *c); /* the login is done */

/* greet.c */
void greet_raw(int fd, short what, void *client); /* the socket is readable before TLS */
void greet_startup(struct client *c);
void greet_password(struct client *c);

#endif
