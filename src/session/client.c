/* States of a connection:
 *   RAW        nothing is read from the socket but by peeking: SSLRequest, direct TLS, refusals
 *   HANDSHAKE  TLS
 *   STARTUP    waits for the startup packet (or a cancel request) inside of TLS
 *   PASSWORD   waits for the password message
 *   LOGIN      a worker verifies it
 *   READY      has a session
 *   CLOSING    sends what is left, then closes
 * While a job is in flight (`busy`) the session belongs to a worker; the loop only lets input
 * gather up to the read watermark. A new job begins when the replies of the last are sent but for
 * one watermark of bytes: a slow reader keeps its own results waiting, held or on the disk, and
 * nobody else's. */
#include "session/client.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "identity/identity.h"
#include "net/loop.h"
#include "net/pool.h"
#include "net/tls.h"
#include "session/registry.h"
#include "wire/message.h"
#include "wire/startup.h"

enum {
    READ_HIGH = 256 << 10,  /* input that may gather after the login */
    WRITE_LOW = 64 << 10,   /* below it, more replies are fetched ... */
    WRITE_HIGH = 256 << 10, /* ... up to this */
    JOB_INPUT = 256 << 10,  /* messages given to one job, unless one alone is larger */
    PASSWORD_MAX = 9 << 10,
    SSL_REQUEST = 8
};

enum client_state { RAW, HANDSHAKE, STARTUP, PASSWORD, LOGIN, READY, CLOSING };

struct client {
    struct lane *lane;
    struct client *next, **link;
    enum client_state state;
    int fd;                 /* until the bufferevent has it; else -1 */
    struct event *raw;      /* RAW */
    struct event *deadline; /* of the login; later of an idle transaction */
    struct bufferevent *bev;
    struct ssl_st *ssl;
    bool direct;  /* TLS without SSLRequest: must say its name */
    bool counted; /* among the unauthenticated */
    bool busy, gone;
    bool asked_gss;
    char peer[LISTEN_PEER_SIZE];
    int32_t pid;
    uint32_t secret;
    struct arena *arena; /* of the startup packet; until the login is done */
    struct startup start;
    struct buf password;
    struct session *session;
    struct error error; /* of the login */
    bool refused;       /* this job only tells the session that the server is too busy */
};

static void pump(struct client *c);
static void begin_close(struct client *c);

/* ---- end ---- */

static void free_client(void *ctx)
{
    struct client *c = ctx;
    struct server_core *core = c->lane->core;
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    if (c->bev) {
        bufferevent_free(c->bev);
    }
    if (c->fd >= 0) {
        close(c->fd);
    }
    if (c->raw) {
        event_free(c->raw);
    }
    event_free(c->deadline);
    if (c->pid) {
        registry_release(core->registry, c->pid);
    }
    mem_wipe(c->password.p, c->password.n);
    buf_free(&c->password);
    arena_free(c->arena);
    if (c->counted) {
        atomic_fetch_sub(&core->unauthenticated, 1);
    }
    atomic_fetch_sub(&core->connections, 1);
    free(c);
}

static void close_session_job(void *ctx)
{
    struct client *c = ctx;
    session_close(c->session);
    c->session = NULL;
    loop_post(c->lane->loop, free_client, c);
}

/* Says good-bye and takes what the client still sent: unread input would turn the close into a
 * reset that overtakes the last message. */
static void say_goodbye(struct client *c)
{
    char rest[4096];
    evutil_socket_t fd = bufferevent_getfd(c->bev);
    if (SSL_is_init_finished(c->ssl)) {
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    for (int i = 0; i < 16 && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++) {
    }
}

/* Closes at once, or when the job that is in flight has ended. */
static void drop(struct client *c)
{
    struct server_core *core = c->lane->core;
    bool has_session = c->state == READY; /* a login under way is a worker's to look at */
    c->gone = true;
    c->state = CLOSING;
    if (c->bev) {
        bufferevent_disable(c->bev, EV_READ | EV_WRITE);
    }
    event_del(c->deadline);
    if (c->busy) {
        if (has_session) {
            session_cancel(c->session);
        }
        return;
    }
    if (c->bev) {
        say_goodbye(c);
    }
    c->busy = true; /* from here on nothing but its end */
    if (c->session) {
        registry_set(core->registry, c->pid, NULL);
        pool_submit_first(core->logins, close_session_job, c);
    } else {
        loop_post(c->lane->loop, free_client, c);
    }
}

static void refuse(struct client *c, const char *why)
{
    atomic_fetch_add(&c->lane->core->refused, 1);
    log_info("session", "%s: connection refused: %s", c->peer, why);
    drop(c);
}

/* Sends an error and closes. */
static void fatal(struct client *c, const struct error *why)
{
    struct buf b = BUF_INIT(0);
    wire_put_error(&b, "FATAL", why, STR_NULL, NULL);
    bufferevent_write(c->bev, b.p, b.n);
    buf_free(&b);
    begin_close(c);
}

/* Closes when the output is gone. */
static void begin_close(struct client *c)
{
    c->state = CLOSING;
    bufferevent_disable(c->bev, EV_READ);
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0) {
        drop(c);
        return;
    }
    bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
    struct timeval grace = {.tv_sec = 10};
    event_add(c->deadline, &grace);
}

/* ---- jobs ---- */

static void job_done(void *ctx)
{
    struct client *c = ctx;
    c->busy = false;
    registry_set(c->lane->core->registry, c->pid, NULL);
    session_forget_cancel(c->session);
    if (c->gone) {
        drop(c);
        return;
    }
    if (c->lane->stopping) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_SHUTDOWN, "terminating connection due to administrator command");
        session_fatal(c->session, &e);
    }
    pump(c);
}

static void run_job(void *ctx)
{
    struct client *c = ctx;
    if (c->refused) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_TOO_MANY_STATEMENTS, "too many statements are waiting for a worker");
        session_refuse(c->session, &e);
    } else {
        session_run(c->session);
    }
    loop_post(c->lane->loop, job_done, c);
}

static void start_job(struct client *c)
{
    struct server_core *core = c->lane->core;
    c->busy = true;
    c->refused = false;
    event_del(c->deadline);
    registry_set(core->registry, c->pid, c->session);
    if (!pool_submit(core->workers, run_job, c)) {
        c->refused = true;
        atomic_fetch_add(&core->statements_refused, 1);
        pool_submit_first(core->logins, run_job, c);
    }
}

/* ---- after the login ---- */

/* Moves whole messages from the socket's buffer to the session. False: a message is malformed. */
static bool gather(struct client *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    struct buf *in = session_input(c->session);
    size_t max = c->lane->core->config.max_message;
    while (in->n < JOB_INPUT) {
        uint8_t head[WIRE_HEADER];
        ev_ssize_t got = evbuffer_copyout(input, head, sizeof head);
        struct wire_message m;
        size_t size;
        if (got <= 0) {
            break;
        }
        if (wire_frame((struct str){(char *)head, (size_t)got}, max, &m, &size) == FRAME_BAD) {
            return false;
        }
        if (size == 0 || evbuffer_get_length(input) < size) {
            /* Room for all of it, or it would never be there as a whole. */
            bufferevent_setwatermark(c->bev, EV_READ, 0, size > READ_HIGH ? size : READ_HIGH);
            break;
        }
        void *room = buf_reserve(in, size);
        if (!room || evbuffer_remove(input, room, size) != (int)size) {
            return false;
        }
        in->n += size;
        bufferevent_setwatermark(c->bev, EV_READ, 0, READ_HIGH);
    }
    return true;
}

static void arm_idle(struct client *c)
{
    int64_t ms = session_idle_ms(c->session);
    if (ms > 0) {
        struct timeval after = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
        event_add(c->deadline, &after);
    } else {
        event_del(c->deadline);
    }
}

/* Fills the socket's buffer from the replies up to the watermark. False where they can't be read.
 */
static bool fill(struct client *c)
{
    struct evbuffer *output = bufferevent_get_output(c->bev);
    struct replies *replies = session_replies(c->session);
    struct error e = ERROR_INIT;
    while (evbuffer_get_length(output) < WRITE_HIGH) {
        struct str piece;
        if (replies_peek(replies, &piece, &e)) {
            log_error("session", "%s: reading a held result: %s", c->peer, e.message);
            return false;
        }
        if (piece.n == 0) {
            break;
        }
        piece.n = piece.n < WRITE_LOW ? piece.n : WRITE_LOW;
        if (bufferevent_write(c->bev, piece.p, piece.n) != 0) {
            return false;
        }
        replies_consume(replies, piece.n);
    }
    return true;
}

/* What can be done now: send, close, or begin the next job. */
static void pump(struct client *c)
{
    if (c->busy || c->state != READY) {
        return;
    }
    if (!fill(c)) {
        drop(c);
        return;
    }
    if (!replies_empty(session_replies(c->session))) {
        return;
    }
    if (session_is_ending(c->session)) {
        begin_close(c);
        return;
    }
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) > WRITE_HIGH) {
        return;
    }
    if (!gather(c)) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_PROTOCOL, "invalid message type or length");
        fatal(c, &e);
        return;
    }
    if (session_has_input(c->session)) {
        start_job(c);
    } else {
        arm_idle(c);
    }
}

/* ---- login ---- */

static void login_done(void *ctx)
{
    struct client *c = ctx;
    struct server_core *core = c->lane->core;
    c->busy = false;
    mem_wipe(c->password.p, c->password.n);
    buf_free(&c->password);
    arena_free(c->arena);
    c->arena = NULL;
    if (!c->session && c->error.code == ERR_AUTH) {
        atomic_fetch_add(&core->auth_failures, 1);
    }
    if (c->gone) {
        drop(c);
        return;
    }
    if (!c->session) {
        fatal(c, &c->error);
        return;
    }
    event_del(c->deadline);
    c->state = READY;
    c->counted = false;
    atomic_fetch_sub(&core->unauthenticated, 1);
    bufferevent_setwatermark(c->bev, EV_READ, 0, READ_HIGH);
    bufferevent_setwatermark(c->bev, EV_WRITE, WRITE_LOW, 0);
    if (core->config.send_seconds > 0) {
        struct timeval stalled = {.tv_sec = core->config.send_seconds};
        bufferevent_set_timeouts(c->bev, NULL, &stalled);
    }
    if (c->lane->stopping) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_SHUTDOWN, "the server is shutting down");
        session_fatal(c->session, &e);
    }
    pump(c);
}

static void login_job(void *ctx)
{
    struct client *c = ctx;
    struct wire_message m;
    size_t size;
    struct str secret;
    c->error = (struct error)ERROR_INIT;
    if (wire_frame(buf_str(&c->password), PASSWORD_MAX, &m, &size) != FRAME_WHOLE) {
        error_set(&c->error, ERR_PROTOCOL, "malformed password message");
    } else if (wire_get_text(m.body, "password", &secret, &c->error) == OK &&
               session_open(&c->lane->core->env, &c->start, secret, c->peer, c->pid, c->secret,
                            &c->session, &c->error)) {
        c->session = NULL;
    }
    loop_post(c->lane->loop, login_done, c);
}

static void on_password(struct client *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    uint8_t head[WIRE_HEADER];
    ev_ssize_t got = evbuffer_copyout(input, head, sizeof head);
    struct wire_message m;
    size_t size;
    if (got <= 0) {
        return;
    }
    if (head[0] != 'p' ||
        wire_frame((struct str){(char *)head, (size_t)got}, PASSWORD_MAX, &m, &size) == FRAME_BAD) {
        refuse(c, "not a password message");
        return;
    }
    if (size == 0 || evbuffer_get_length(input) < size) {
        return;
    }
    void *room = buf_reserve(&c->password, size);
    evbuffer_remove(input, room, size);
    c->password.n = size;
    c->state = LOGIN;
    c->busy = true;
    if (!pool_submit(c->lane->core->logins, login_job, c)) {
        struct error e = ERROR_INIT;
        c->busy = false;
        error_set(&e, ERR_TOO_MANY_CONNECTIONS, "too many logins at once");
        atomic_fetch_add(&c->lane->core->refused, 1);
        fatal(c, &e);
    }
}

static void cancel_other(struct client *c, const struct startup_head *h)
{
    if (registry_cancel(c->lane->core->registry, h->pid, h->secret)) {
        atomic_fetch_add(&c->lane->core->cancels, 1);
    }
    drop(c); /* whatever came of it: a cancel request gets no answer */
}

static void take_startup(struct client *c, const struct startup_head *h)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    struct error e = ERROR_INIT;
    c->arena = arena_new(0);
    char *packet = arena_alloc(c->arena, h->size);
    evbuffer_remove(input, packet, h->size);
    if (startup_parse(c->arena, (struct str){packet, h->size}, &c->start, &e)) {
        fatal(c, &e);
        return;
    }
    struct buf b = BUF_INIT(0);
    if (h->minor > 0 || c->start.unknown.n > 0) {
        wire_put_negotiate(&b, 0, c->start.unknown.at, c->start.unknown.n);
    }
    wire_put_auth_cleartext(&b);
    bufferevent_write(c->bev, b.p, b.n);
    buf_free(&b);
    c->pid = registry_reserve(c->lane->core->registry, &c->secret);
    c->state = PASSWORD;
    on_password(c);
}

static void on_startup(struct client *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    uint8_t head[16];
    ev_ssize_t got = evbuffer_copyout(input, head, sizeof head);
    struct startup_head h = startup_peek((struct str){(char *)head, got > 0 ? (size_t)got : 0});
    if (h.kind == STARTUP_MORE) {
        return;
    }
    if (h.kind == STARTUP_CANCEL) {
        cancel_other(c, &h);
    } else if (h.kind != STARTUP_SESSION) {
        refuse(c, "not a startup packet");
    } else if (evbuffer_get_length(input) >= h.size) {
        take_startup(c, &h);
    }
}

/* ---- bufferevent ---- */

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct client *c = ctx;
    switch (c->state) {
    case STARTUP:
        on_startup(c);
        break;
    case PASSWORD:
        on_password(c);
        break;
    case READY:
        pump(c);
        break;
    case RAW:
    case HANDSHAKE:
    case LOGIN:
    case CLOSING:
        break;
    }
}

static void on_write(struct bufferevent *bev, void *ctx)
{
    struct client *c = ctx;
    if (c->state == READY) {
        pump(c);
    } else if (c->state == CLOSING && !c->busy &&
               evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
        drop(c);
    }
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct client *c = ctx;
    if (c->gone) {
        return;
    }
    if (what & BEV_EVENT_CONNECTED) {
        if (c->direct && !tls_alpn_chosen(c->ssl)) {
            refuse(c, "direct TLS without the protocol name postgresql");
            return;
        }
        c->state = STARTUP;
        on_startup(c);
        return;
    }
    if (c->state == HANDSHAKE) {
        refuse(c, "the TLS 1.3 handshake failed");
        return;
    }
    if (what & BEV_EVENT_TIMEOUT) {
        log_info("session", "%s: closed: it takes no data", c->peer);
    }
    drop(c);
}

static void start_tls(struct client *c)
{
    event_free(c->raw);
    c->raw = NULL;
    c->ssl = tls_connection(c->lane->core->tls);
    c->bev = c->ssl
                 ? bufferevent_openssl_socket_new(loop_base(c->lane->loop), c->fd, c->ssl,
                                                  BUFFEREVENT_SSL_ACCEPTING,
                                                  BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS)
                 : NULL;
    if (!c->bev) {
        refuse(c, "no memory for TLS");
        return;
    }
    c->fd = -1;
    c->state = HANDSHAKE;
    bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
    bufferevent_setwatermark(c->bev, EV_READ, 0, STARTUP_MAX + 1);
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* ---- before TLS ---- */

/* The socket is empty this early: what doesn't fit goes nowhere. */
static bool send_raw(struct client *c, const void *p, size_t n)
{
    return send(c->fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void refuse_plain(struct client *c)
{
    struct error e = ERROR_INIT;
    struct buf b = BUF_INIT(0);
    char rest[STARTUP_MAX];
    error_set(&e, ERR_AUTH_REQUIRED, "this server speaks TLS only");
    error_hint(&e, "Connect with sslmode=require or stricter.");
    wire_put_error(&b, "FATAL", &e, STR_NULL, NULL);
    /* Unread input would turn the close into a reset that overtakes the answer. */
    while (recv(c->fd, rest, sizeof rest, MSG_DONTWAIT) > 0) {
    }
    send_raw(c, b.p, b.n);
    shutdown(c->fd, SHUT_WR);
    buf_free(&b);
    refuse(c, "no TLS");
}

static void answer_request(struct client *c, enum startup_kind kind, size_t there)
{
    char packet[SSL_REQUEST];
    if (there > SSL_REQUEST) {
        refuse(c, "bytes between the TLS request and its answer");
        return;
    }
    if (recv(c->fd, packet, sizeof packet, 0) != SSL_REQUEST) {
        refuse(c, "reading failed");
        return;
    }
    if (!send_raw(c, kind == STARTUP_SSL ? "S" : "N", 1)) {
        refuse(c, "writing failed");
    } else if (kind == STARTUP_SSL) {
        start_tls(c);
    } else if (c->asked_gss) {
        refuse(c, "a second GSSENCRequest");
    } else {
        c->asked_gss = true;
    }
}

static void on_raw(evutil_socket_t fd, short what, void *ctx)
{
    struct client *c = ctx;
    char head[17];
    ssize_t n = recv(fd, head, sizeof head, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        drop(c);
        return;
    }
    struct startup_head h = startup_peek((struct str){head, (size_t)n});
    switch (h.kind) {
    case STARTUP_MORE:
        /* What was peeked stays readable: wait for an edge, or this would spin. */
        break;
    case STARTUP_TLS:
        c->direct = true;
        start_tls(c);
        break;
    case STARTUP_SSL:
    case STARTUP_GSS:
        answer_request(c, h.kind, (size_t)n);
        break;
    case STARTUP_CANCEL:
        if (c->lane->core->config.plain_cancel) {
            cancel_other(c, &h);
        } else {
            refuse(c, "a cancel request without TLS");
        }
        break;
    case STARTUP_SESSION:
        refuse_plain(c);
        break;
    case STARTUP_BAD:
        refuse(c, "not the PostgreSQL protocol");
        break;
    }
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
    struct client *c = ctx;
    if (c->state == READY && !c->busy) {
        session_idle_expired(c->session);
        pump(c);
    } else if (c->state == CLOSING) {
        if (!c->busy) {
            drop(c);
        }
    } else if (c->state != READY) {
        refuse(c, "the login took too long");
    }
}

/* ---- accept ---- */

static bool admit(struct server_core *core)
{
    long long all = atomic_fetch_add(&core->connections, 1);
    long long early = atomic_fetch_add(&core->unauthenticated, 1);
    if (all < core->config.max_connections && early < core->config.max_unauthenticated) {
        atomic_fetch_add(&core->connections_total, 1);
        return true;
    }
    atomic_fetch_sub(&core->connections, 1);
    atomic_fetch_sub(&core->unauthenticated, 1);
    atomic_fetch_add(&core->refused, 1);
    return false;
}

void client_accept(struct lane *lane, int fd, const char *peer)
{
    if (lane->stopping || !admit(lane->core)) {
        close(fd);
        return;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    struct client *c = mem_alloc(sizeof *c);
    c->lane = lane;
    c->fd = fd;
    c->counted = true;
    strncpy(c->peer, peer, sizeof c->peer - 1);
    c->next = lane->first;
    c->link = &lane->first;
    if (c->next) {
        c->next->link = &c->next;
    }
    lane->first = c;
    struct event_base *base = loop_base(lane->loop);
    struct timeval limit = {.tv_sec = lane->core->config.auth_seconds};
    c->raw = event_new(base, fd, EV_READ | EV_PERSIST | EV_ET, on_raw, c);
    c->deadline = evtimer_new(base, on_deadline, c);
    event_add(c->raw, NULL);
    event_add(c->deadline, &limit);
}

/* ---- all of a lane ---- */

static bool is_idle(const struct client *c)
{
    return c->state == READY && !c->busy;
}

void client_stop_all(struct lane *lane)
{
    struct error e = ERROR_INIT;
    error_set(&e, ERR_SHUTDOWN, "terminating connection due to administrator command");
    lane->stopping = true;
    for (struct client *c = lane->first, *next; c; c = next) {
        next = c->next;
        if (is_idle(c)) {
            session_fatal(c->session, &e);
            pump(c);
        } else if (!c->busy && c->state < LOGIN) {
            drop(c);
        }
    }
}

void client_cancel_all(struct lane *lane)
{
    for (struct client *c = lane->first, *next; c; c = next) {
        next = c->next;
        if (!c->gone) {
            drop(c);
        }
    }
}

/* The check of idle sessions: names are taken on the loop, asked about in a worker (it may read the
 * store), and ended on the loop. */
struct check {
    struct lane *lane;
    size_t n;
    struct {
        int32_t pid;
        struct login *login;
        bool revoked;
    } at[];
};

static void check_done(void *ctx)
{
    struct check *k = ctx;
    struct error e = ERROR_INIT;
    error_set(&e, ERR_REVOKED, "the credentials of this session are no longer valid");
    k->lane->checking = false;
    for (size_t i = 0; i < k->n; i++) {
        login_drop(k->at[i].login);
        for (struct client *c = k->at[i].revoked ? k->lane->first : NULL; c; c = c->next) {
            if (c->pid == k->at[i].pid && is_idle(c)) {
                session_fatal(c->session, &e);
                pump(c);
                break;
            }
        }
    }
    free(k);
}

static void check_job(void *ctx)
{
    struct check *k = ctx;
    struct error e = ERROR_INIT;
    for (size_t i = 0; i < k->n; i++) {
        k->at[i].revoked =
            identity_still_valid(k->lane->core->env.identity, k->at[i].login->principal, &e) != OK;
    }
    loop_post(k->lane->loop, check_done, k);
}

void client_tick(struct lane *lane)
{
    size_t n = 0;
    for (const struct client *c = lane->first; c; c = c->next) {
        n += is_idle(c);
    }
    if (n == 0 || lane->checking) {
        return;
    }
    struct check *k = mem_alloc(sizeof *k + n * sizeof k->at[0]);
    k->lane = lane;
    for (const struct client *c = lane->first; c; c = c->next) {
        if (is_idle(c)) {
            k->at[k->n].pid = c->pid;
            k->at[k->n++].login = login_hold((struct login *)(uintptr_t)session_login(c->session));
        }
    }
    lane->checking = true;
    pool_submit_first(lane->core->logins, check_job, k);
}
