/* libevent's evhttp, with what it leaves out: a bound for connections and for the time of a
 * request. A TLS connection's own data hangs on its SSL object, whose end OpenSSL tells us. */
#include "net/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/refusal.h"
#include "net/tls.h"

enum { BACKLOG = 256 };

struct web {
    struct web_config config;
    struct loop *loop;
    struct evhttp *server;
    struct evconnlistener *listener; /* the server's */
    uint16_t port;
    int connections;
    bool closing;
    pthread_mutex_t lock;
    pthread_cond_t closed;
    bool is_closed; /* under lock */
};

struct connection {
    struct web *web;
    struct bufferevent *bev;
    struct event *deadline;
    struct refusal refusal;
};

struct web_request {
    struct web *web;
    struct evhttp_request *r;
    int status;
    struct buf body;
};

/* ---- connections ---- */

static int connection_index;

static void on_ssl_free(void *ssl, void *data, CRYPTO_EX_DATA *all, int i, long argl, void *argp)
{
    struct connection *c = data;
    if (!c) {
        return;
    }
    c->web->connections--;
    if (c->web->listener && !c->web->closing) {
        evconnlistener_enable(c->web->listener);
    }
    event_free(c->deadline);
    free(c);
}

static void make_index(void)
{
    connection_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl_free);
}

/* The server sees the end of the connection, and closes. */
static void on_deadline(evutil_socket_t none, short what, void *ctx)
{
    struct connection *c = ctx;
    shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

static void arm(struct connection *c)
{
    struct timeval t = {.tv_sec = c->web->config.idle_seconds};
    event_add(c->deadline, &t);
}

/* For an accepted socket. NULL would mean a plain connection, so there is no NULL: out of memory
 * ends the process, as everywhere. */
static struct bufferevent *new_connection(struct event_base *base, void *ctx)
{
    struct web *w = ctx;
    SSL *ssl = tls_connection(w->config.tls);
    struct connection *c = mem_alloc(sizeof *c);
    if (!ssl) {
        abort();
    }
    *c = (struct connection){.web = w,
                             .deadline = evtimer_new(base, on_deadline, c),
                             .refusal = {.write = w->config.refuse, .ctx = w->config.ctx}};
    c->bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    if (!c->bev || !c->deadline || SSL_set_ex_data(ssl, connection_index, c) != 1) {
        abort();
    }
    bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
    if (w->config.refuse) {
        refusal_watch(&c->refusal, c->bev);
    }
    arm(c);
    if (++w->connections >= w->config.connections_max) {
        evconnlistener_disable(w->listener);
    }
    return c->bev;
}

static struct connection *connection_of(struct evhttp_request *r)
{
    struct evhttp_connection *from = evhttp_request_get_connection(r);
    struct bufferevent *bev = from ? evhttp_connection_get_bufferevent(from) : NULL;
    SSL *ssl = bev ? bufferevent_openssl_get_ssl(bev) : NULL;
    return ssl ? SSL_get_ex_data(ssl, connection_index) : NULL;
}

/* ---- requests ---- */

static void on_answered(struct evhttp_request *r, void *web)
{
    struct connection *c = connection_of(r);
    if (c) {
        arm(c);
    }
}

static void send_reply(void *ctx)
{
    struct web_request *r = ctx;
    bool head = evhttp_request_get_command(r->r) == EVHTTP_REQ_HEAD; /* RFC 9110, 9.3.2 */
    struct evbuffer *out = head ? NULL : evbuffer_new();
    if (out) {
        evbuffer_add(out, r->body.p, r->body.n);
    }
    struct connection *c = r->web->config.tls ? connection_of(r->r) : NULL;
    evhttp_request_set_on_complete_cb(r->r, on_answered, r->web);
    if (c) {
        c->refusal.ours = true;
    }
    evhttp_send_reply(r->r, r->status, NULL, out);
    if (c) {
        c->refusal.ours = false;
    }
    if (out) {
        evbuffer_free(out);
    }
    buf_free(&r->body);
    free(r);
}

static size_t count_header(struct evhttp_request *er, const char *name)
{
    size_t n = 0;
    const struct evkeyval *h;
    TAILQ_FOREACH(h, evhttp_request_get_input_headers(er), next)
    {
        n += evutil_ascii_strcasecmp(h->key, name) == 0;
    }
    return n;
}

/* Where a request ends must be as clear to us as to a proxy before us: what one takes for a body
 * the other would take for the next request (RFC 9112, 6.3 and 11.2). libevent reads a body of
 * POST, PUT and PATCH alone, chunked where that is the only coding; bytes that it leaves unread go
 * with the connection. */
static bool is_framed(struct evhttp_request *er)
{
    const int with_body = EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH;
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(er);
    const char *length = evhttp_find_header(headers, "Content-Length");
    const char *coding = evhttp_find_header(headers, "Transfer-Encoding");
    if (!((int)evhttp_request_get_command(er) & with_body)) {
        return !coding && (!length || !strcmp(length, "0"));
    }
    return count_header(er, "Content-Length") + count_header(er, "Transfer-Encoding") <= 1 &&
           (!coding || !evutil_ascii_strcasecmp(coding, "chunked"));
}

static void on_request(struct evhttp_request *er, void *ctx)
{
    struct web *w = ctx;
    struct connection *c = w->config.tls ? connection_of(er) : NULL;
    struct web_request *r = mem_alloc(sizeof *r);
    *r = (struct web_request){.web = w, .r = er};
    if (c) {
        event_del(c->deadline);
    }
    web_add_header(r, "X-Content-Type-Options", "nosniff");
    web_add_header(r, "Cache-Control", "no-store");
    if (!is_framed(er)) {
        web_add_header(r, "Connection", "close");
    }
    if (er->type == EVHTTP_REQ_CONNECT) { /* its connection would stay open as a tunnel */
        er->type = EVHTTP_REQ_OPTIONS;
        web_add_header(r, "Connection", "close");
    }
    if (w->closing) {
        web_add_header(r, "Connection", "close");
        r->status = 503;
        send_reply(r);
        return;
    }
    w->config.handle(w->config.ctx, r);
}

const char *web_method(const struct web_request *r)
{
    switch (evhttp_request_get_command(r->r)) {
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    case EVHTTP_REQ_PATCH:
        return "PATCH";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_OPTIONS:
        return "OPTIONS";
    default:
        return "?";
    }
}

const char *web_path(const struct web_request *r)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r->r);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    return path ? path : "";
}

const char *web_query(const struct web_request *r)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r->r);
    return uri ? evhttp_uri_get_query(uri) : NULL;
}

const char *web_header(const struct web_request *r, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(r->r), name);
}

struct str web_body(struct web_request *r)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(r->r);
    size_t n = evbuffer_get_length(in);
    return n ? (struct str){(const char *)evbuffer_pullup(in, -1), n} : STR("");
}

const char *web_peer(const struct web_request *r)
{
    struct evhttp_connection *from = evhttp_request_get_connection(r->r);
    char *address = NULL;
    ev_uint16_t port = 0;
    if (from) {
        evhttp_connection_get_peer(from, &address, &port);
    }
    return address ? address : "?";
}

bool web_peer_name(const struct web_request *r, char name[TLS_PEER_SIZE])
{
    struct evhttp_connection *from = evhttp_request_get_connection(r->r);
    struct bufferevent *bev = from ? evhttp_connection_get_bufferevent(from) : NULL;
    SSL *ssl = bev && r->web->config.tls ? bufferevent_openssl_get_ssl(bev) : NULL;
    return ssl && tls_peer(ssl, name);
}

void web_add_header(struct web_request *r, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(r->r);
    (void)evhttp_add_header(headers, name, value);
}

void web_reply(struct web_request *r, int status, struct str body)
{
    r->status = status;
    buf_put_str(&r->body, body);
    loop_post(r->web->loop, send_reply, r);
}

/* ---- the server ---- */

static enum status open_server(struct web *w, struct error *e)
{
    const struct web_config *c = &w->config;
    struct event_base *base = loop_base(w->loop);
    int fd = -1;
    w->server = evhttp_new(base);
    if (!w->server) {
        return error_set(e, ERR_IO, "can't make an HTTP server");
    }
    evhttp_set_max_headers_size(w->server, (ev_ssize_t)c->headers_max);
    evhttp_set_max_body_size(w->server, (ev_ssize_t)c->body_max);
    evhttp_set_timeout(w->server, c->idle_seconds);
    /* All methods come to `handle`, which answers in its own words. */
    evhttp_set_allowed_methods(w->server, 0xffff);
    evhttp_set_gencb(w->server, on_request, w);
    if (c->tls) {
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, make_index);
        evhttp_set_bevcb(w->server, new_connection, w);
    }
    if (listen_open(c->address, c->port, BACKLOG, &fd, e)) {
        return FAIL;
    }
    w->port = listen_port(fd);
    w->listener =
        evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 0, fd);
    if (!w->listener) {
        close(fd);
        return error_set(e, ERR_IO, "can't accept HTTP connections");
    }
    if (!evhttp_bind_listener(w->server, w->listener)) {
        evconnlistener_free(w->listener);
        w->listener = NULL;
        return error_set(e, ERR_IO, "can't accept HTTP connections");
    }
    return OK;
}

enum status web_start(const struct web_config *c, struct web **out, struct error *e)
{
    struct web *w = mem_alloc(sizeof *w);
    w->config = *c;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->closed, NULL);
    if (loop_new(&w->loop, e) || open_server(w, e) || loop_start(w->loop, c->name, e)) {
        web_stop(w);
        return FAIL;
    }
    *out = w;
    return OK;
}

static void close_down(void *ctx)
{
    struct web *w = ctx;
    w->closing = true;
    evconnlistener_disable(w->listener);
    pthread_mutex_lock(&w->lock);
    w->is_closed = true;
    pthread_cond_signal(&w->closed);
    pthread_mutex_unlock(&w->lock);
}

void web_quiesce(struct web *w)
{
    loop_post(w->loop, close_down, w);
    pthread_mutex_lock(&w->lock);
    while (!w->is_closed) {
        pthread_cond_wait(&w->closed, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
}

/* The connections' own data goes with the loop, which runs what libevent has put off. */
void web_stop(struct web *w)
{
    if (!w) {
        return;
    }
    if (w->loop) {
        loop_stop(w->loop);
    }
    w->listener = NULL;
    if (w->server) {
        evhttp_free(w->server);
    }
    loop_free(w->loop);
    pthread_cond_destroy(&w->closed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

uint16_t web_port(const struct web *w)
{
    return w->port;
}
