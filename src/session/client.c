/* States of a connection:
 *   RAW        nothing is read from the socket but by peeking: SSLRequest, direct TLS, refusals
 *   HANDSHAKE  TLS
 *   STARTUP    waits for the startup packet (or a cancel request) inside of TLS
 *   PASSWORD   waits for the password message
 *   LOGIN      a worker verifies it
 *   READY      has a session
 *   CLOSING    sends what is left, then closes
 *   LINGERING  has said good-bye; waits a while for the client's, as a reset would overtake ours
 * While a job is in flight (`busy`) the session belongs to a worker; the loop only lets input
 * gather up to the read watermark. A new job begins when the replies of the last are sent but for
 * one watermark of bytes: a slow reader keeps its own results waiting, held or on the disk, and
 * nobody else's. */
#include "session/client_state.h"

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
#include "net/loop.h"
#include "net/pool.h"
#include "net/tls.h"
#include "session/lane.h"
#include "session/registry.h"
#include "wire/message.h"
#include "wire/startup.h"

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
    admission_leave(core->admission, c->tenant);
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

/* Takes what the client still sent: unread input would turn the close into a reset. Has it more to
 * send? */
static bool drain(int fd)
{
    char rest[4096];
    ssize_t n = 1;
    for (int i = 0; i < 16 && n > 0; i++) {
        n = recv(fd, rest, sizeof rest, MSG_DONTWAIT);
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void on_linger(evutil_socket_t fd, short what, void *ctx)
{
    if (!drain(fd)) {
        client_drop(ctx);
    }
}

/* Says good-bye. Where the client's is still to come, it has a moment for it: sent to a socket that
 * is gone it would be answered with a reset, which fails the client in the middle of its own close
 * and discards what it hasn't read. True: it waits. */
static bool say_goodbye(struct client *c)
{
    struct timeval moment = {.tv_sec = 2};
    evutil_socket_t fd = bufferevent_getfd(c->bev);
    if (SSL_is_init_finished(c->ssl)) {
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    bool waits = drain(fd) && SSL_is_init_finished(c->ssl) && !c->session && !c->lane->stopping &&
                 shutdown(fd, SHUT_WR) == 0;
    c->raw =
        waits ? event_new(loop_base(c->lane->loop), fd, EV_READ | EV_PERSIST, on_linger, c) : NULL;
    if (c->raw) {
        c->state = LINGERING;
        event_add(c->raw, NULL);
        event_add(c->deadline, &moment);
    }
    return c->raw;
}

static void job_done(void *ctx);

/* Closes at once, or when the job that is in flight has ended. */
void client_drop(struct client *c)
{
    struct server_core *core = c->lane->core;
    bool has_session = c->state == READY; /* a login under way is a worker's to look at */
    bool has_lingered = c->state == LINGERING;
    c->gone = true;
    c->state = CLOSING;
    if (c->bev) {
        bufferevent_disable(c->bev, EV_READ | EV_WRITE);
    }
    event_del(c->deadline);
    if (has_lingered) {
        event_del(c->raw);
    }
    if (c->busy) {
        if (has_session) {
            session_cancel(c->session);
        }
        if (has_session && admission_withdraw(core->admission, &c->job)) {
            loop_post(c->lane->loop, job_done, c);
        }
        return;
    }
    if (c->bev && !has_lingered && say_goodbye(c)) {
        return;
    }
    c->busy = true; /* from here on nothing but its end */
    if (c->session) {
        registry_set(core->registry, c->pid, NULL);
        pool_submit_first(core->logins, close_session_job, c);
    } else {
        loop_post(c->lane->loop, free_client, c);
    }
}

void client_refuse(struct client *c, const char *why)
{
    struct server_core *core = c->lane->core;
    atomic_fetch_add(&core->refused, 1);
    if (c->state <= HANDSHAKE) {
        atomic_fetch_add(&core->tls_failures, 1);
    }
    log_info("session", "%s: connection refused: %s", c->peer, why);
    client_drop(c);
}

/* Sends an error and closes. */
void client_fatal(struct client *c, const struct error *why)
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
        client_drop(c);
        return;
    }
    bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
    struct timeval grace = {.tv_sec = 10};
    event_add(c->deadline, &grace);
}

/* ---- jobs ---- */

void client_end(struct client *c)
{
    struct error e = ERROR_INIT;
    error_set(&e, ERR_SHUTDOWN, "terminating connection due to administrator command");
    session_fatal(c->session, &e);
}

static void job_done(void *ctx)
{
    struct client *c = ctx;
    c->busy = false;
    registry_set(c->lane->core->registry, c->pid, NULL);
    session_forget_cancel(c->session);
    if (c->gone) {
        client_drop(c);
        return;
    }
    if (c->lane->stopping || c->ended) {
        client_end(c);
    }
    client_pump(c);
}

static void submit(struct client *c);

static void unpark(void *ctx)
{
    struct client *c = ctx;
    c->parked = false;
    event_del(c->deadline);
    submit(c);
}

/* On any thread. */
static void wake(void *ctx)
{
    struct client *c = ctx;
    loop_post(c->lane->loop, unpark, c);
}

/* The worker is free for others until the lock is there. */
static void park(void *ctx)
{
    struct client *c = ctx;
    int64_t ms = session_wait_ms(c->session);
    struct timeval patience = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    c->parked = true;
    event_del(c->deadline);
    if (ms > 0 && !c->gone) {
        event_add(c->deadline, &patience);
    }
    session_arm(c->session, wake, c);
}

static void run_job(void *ctx)
{
    struct client *c = ctx;
    session_run(c->session);
    admission_done(c->lane->core->admission, &c->job, session_concurrency(c->session));
    loop_post(c->lane->loop, session_waits(c->session) ? park : job_done, c);
}

static void refuse_job(void *ctx)
{
    struct client *c = ctx;
    struct error e = ERROR_INIT;
    error_set(&e, ERR_TOO_MANY_STATEMENTS, "%s", c->refused);
    session_refuse(c->session, &e);
    loop_post(c->lane->loop, job_done, c);
}

static void refuse_statements(struct client *c, const char *why)
{
    struct server_core *core = c->lane->core;
    c->refused = why;
    atomic_fetch_add(&core->statements_refused, 1);
    pool_submit_first(core->logins, refuse_job, c);
}

static void start_job(struct client *c)
{
    c->busy = true;
    event_del(c->deadline);
    registry_set(c->lane->core->registry, c->pid, c->session);
    submit(c);
}

static void submit(struct client *c)
{
    struct server_core *core = c->lane->core;
    struct timeval patience = {.tv_sec = core->config.queue_ms / 1000,
                               .tv_usec = core->config.queue_ms % 1000 * 1000};
    c->job = (struct admission_job){
        .run = run_job, .ctx = c, .priority = admission_priority_of(session_priority(c->session))};
    if (!admission_submit(core->admission, c->tenant, &c->job)) {
        refuse_statements(c, "too many statements are waiting for a worker");
    } else if (core->config.queue_ms > 0 && !c->gone) {
        event_add(c->deadline, &patience);
    }
}

/* It waited as long as anything may. */
static void waited_too_long(struct client *c)
{
    if (admission_withdraw(c->lane->core->admission, &c->job)) {
        refuse_statements(c, "the statement waited too long for a worker");
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
void client_pump(struct client *c)
{
    if (c->busy || c->state != READY) {
        return;
    }
    if (!fill(c)) {
        client_drop(c);
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
        client_fatal(c, &e);
        return;
    }
    if (session_has_input(c->session)) {
        start_job(c);
    } else {
        arm_idle(c);
    }
}

void client_ready(struct client *c)
{
    const struct server_config *config = &c->lane->core->config;
    event_del(c->deadline);
    c->tenant = admission_join(c->lane->core->admission, session_org(c->session), c->concurrency);
    registry_name(c->lane->core->registry, c->pid,
                  &(struct registry_owner){session_org(c->session), session_user(c->session),
                                           session_environment(c->session), str_of(c->peer),
                                           lane_end_session, c->lane});
    c->state = READY;
    c->counted = false;
    atomic_fetch_sub(&c->lane->core->unauthenticated, 1);
    bufferevent_setwatermark(c->bev, EV_READ, 0, READ_HIGH);
    bufferevent_setwatermark(c->bev, EV_WRITE, WRITE_LOW, 0);
    if (config->send_seconds > 0) {
        struct timeval stalled = {.tv_sec = config->send_seconds};
        bufferevent_set_timeouts(c->bev, NULL, &stalled);
    }
    if (c->lane->stopping) {
        struct error e = ERROR_INIT;
        error_set(&e, ERR_SHUTDOWN, "the server is shutting down");
        session_fatal(c->session, &e);
    }
    client_pump(c);
}

/* ---- bufferevent ---- */

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct client *c = ctx;
    switch (c->state) {
    case STARTUP:
        greet_startup(c);
        break;
    case PASSWORD:
        greet_password(c);
        break;
    case READY:
        client_pump(c);
        break;
    case RAW:
    case HANDSHAKE:
    case LOGIN:
    case CLOSING:
    case LINGERING:
        break;
    }
}

static void on_write(struct bufferevent *bev, void *ctx)
{
    struct client *c = ctx;
    if (c->state == READY) {
        client_pump(c);
    } else if (c->state == CLOSING && !c->busy &&
               evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
        client_drop(c);
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
            client_refuse(c, "direct TLS without the protocol name postgresql");
            return;
        }
        c->state = STARTUP;
        greet_startup(c);
        return;
    }
    if (c->state == HANDSHAKE) {
        client_refuse(c, "the TLS 1.3 handshake failed");
        return;
    }
    if (what & BEV_EVENT_TIMEOUT) {
        log_info("session", "%s: closed: it takes no data", c->peer);
    }
    client_drop(c);
}

void client_start_tls(struct client *c)
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
        client_refuse(c, "no memory for TLS");
        return;
    }
    c->fd = -1;
    c->state = HANDSHAKE;
    bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
    bufferevent_setwatermark(c->bev, EV_READ, 0, STARTUP_MAX + 1);
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* ---- accept ---- */

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
    struct client *c = ctx;
    if (c->state == READY && c->parked) {
        session_wait_expired(c->session);
    } else if (c->state == READY && c->busy) {
        waited_too_long(c);
    } else if (c->state == READY) {
        session_idle_expired(c->session);
        client_pump(c);
    } else if (c->state == CLOSING || c->state == LINGERING) {
        if (!c->busy) {
            client_drop(c);
        }
    } else if (c->state != READY) {
        client_refuse(c, "the login took too long");
    }
}

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
    c->raw = event_new(base, fd, EV_READ | EV_PERSIST | EV_ET, greet_raw, c);
    c->deadline = evtimer_new(base, on_deadline, c);
    event_add(c->raw, NULL);
    event_add(c->deadline, &limit);
}
