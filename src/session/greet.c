/* The way of a connection to its session: what comes before TLS, the startup packet and the
 * password. Nothing here grows with what an unknown client sends: packets have small fixed limits.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/loop.h"
#include "net/pool.h"
#include "session/client_state.h"
#include "session/registry.h"
#include "wire/message.h"

static void cancel_other(struct client *c, const struct startup_head *h)
{
    char packet[CANCEL_HEAD + CANCEL_KEY_LONG];
    if (c->fd >= 0) { /* only peeked at so far: left unread it would turn the close into a reset */
        recv(c->fd, packet, h->size, MSG_DONTWAIT);
    }
    if (registry_cancel(c->lane->core->registry, h->pid, &h->key)) {
        atomic_fetch_add(&c->lane->core->cancels, 1);
    }
    client_drop(c); /* whatever came of it: a cancel request gets no answer */
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
    client_refuse(c, "no TLS");
}

static void answer_request(struct client *c, enum startup_kind kind, size_t there)
{
    char packet[SSL_REQUEST];
    if (there > SSL_REQUEST) {
        client_refuse(c, "bytes between the TLS request and its answer");
        return;
    }
    if (recv(c->fd, packet, sizeof packet, 0) != SSL_REQUEST) {
        client_refuse(c, "reading failed");
        return;
    }
    if (!send_raw(c, kind == STARTUP_SSL ? "S" : "N", 1)) {
        client_refuse(c, "writing failed");
    } else if (kind == STARTUP_SSL) {
        client_start_tls(c);
    } else if (c->asked_gss) {
        client_refuse(c, "a second GSSENCRequest");
    } else {
        c->asked_gss = true;
    }
}

void greet_raw(int fd, short what, void *ctx)
{
    struct client *c = ctx;
    char head[STARTUP_PEEK];
    ssize_t n = recv(fd, head, sizeof head, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        client_drop(c);
        return;
    }
    struct startup_head h = startup_peek((struct str){head, (size_t)n});
    switch (h.kind) {
    case STARTUP_MORE:
        /* What was peeked stays readable: wait for an edge, or this would spin. */
        break;
    case STARTUP_TLS:
        c->direct = true;
        client_start_tls(c);
        break;
    case STARTUP_SSL:
    case STARTUP_GSS:
        answer_request(c, h.kind, (size_t)n);
        break;
    case STARTUP_CANCEL:
        if (c->lane->core->config.plain_cancel) {
            cancel_other(c, &h);
        } else {
            client_refuse(c, "a cancel request without TLS");
        }
        break;
    case STARTUP_SESSION:
        refuse_plain(c);
        break;
    case STARTUP_BAD:
        client_refuse(c, "not the PostgreSQL protocol");
        break;
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
        client_drop(c);
        return;
    }
    if (!c->session) {
        client_fatal(c, &c->error);
        return;
    }
    client_ready(c);
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
               session_open(&c->lane->core->env, &c->start, secret, c->peer, c->pid, &c->key,
                            &c->session, &c->error)) {
        c->session = NULL;
    }
    c->concurrency = c->session ? session_concurrency(c->session) : 0;
    loop_post(c->lane->loop, login_done, c);
}

void greet_password(struct client *c)
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
        client_refuse(c, "not a password message");
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
        client_fatal(c, &e);
    }
}

static void take_startup(struct client *c, const struct startup_head *h)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    struct error e = ERROR_INIT;
    c->arena = arena_new(0);
    char *packet = arena_alloc(c->arena, h->size);
    evbuffer_remove(input, packet, h->size);
    if (startup_parse(c->arena, (struct str){packet, h->size}, &c->start, &e)) {
        client_fatal(c, &e);
        return;
    }
    struct buf b = BUF_INIT(0);
    int32_t minor = h->minor < STARTUP_NEWEST ? h->minor : STARTUP_NEWEST;
    if (minor != h->minor || c->start.unknown.n > 0) {
        wire_put_negotiate(&b, minor, c->start.unknown.at, c->start.unknown.n);
    }
    wire_put_auth_cleartext(&b);
    bufferevent_write(c->bev, b.p, b.n);
    buf_free(&b);
    c->pid = registry_reserve(c->lane->core->registry,
                              minor < 2 ? CANCEL_KEY_SHORT : CANCEL_KEY_LONG, &c->key);
    c->state = PASSWORD;
    greet_password(c);
}

void greet_startup(struct client *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    uint8_t head[STARTUP_PEEK];
    ev_ssize_t got = evbuffer_copyout(input, head, sizeof head);
    struct startup_head h = startup_peek((struct str){(char *)head, got > 0 ? (size_t)got : 0});
    if (h.kind == STARTUP_MORE) {
        return;
    }
    if (h.kind == STARTUP_CANCEL) {
        cancel_other(c, &h);
    } else if (h.kind != STARTUP_SESSION) {
        client_refuse(c, "not a startup packet");
    } else if (evbuffer_get_length(input) >= h.size) {
        take_startup(c, &h);
    }
}
