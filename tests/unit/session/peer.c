#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/message.h"

int peer_socket(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

struct peer peer_plain(uint16_t port)
{
    return (struct peer){.fd = peer_socket(port)};
}

bool peer_tls(struct peer *p, uint16_t port, bool direct, const char *alpn, int version)
{
    static const uint8_t request[8] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    char answer = 0;
    *p = peer_plain(port);
    if (!direct) {
        assert_int_equal(send(p->fd, request, 8, MSG_NOSIGNAL), 8);
        assert_int_equal(recv(p->fd, &answer, 1, 0), 1);
        assert_int_equal(answer, 'S');
    }
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(ctx, version);
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (alpn) {
        uint8_t list[64] = {(uint8_t)strlen(alpn)};
        memcpy(list + 1, alpn, strlen(alpn));
        SSL_CTX_set_alpn_protos(ctx, list, 1u + list[0]);
    }
    p->ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    SSL_set_fd(p->ssl, p->fd);
    return SSL_connect(p->ssl) == 1;
}

void peer_close(struct peer *p)
{
    SSL_free(p->ssl);
    if (p->fd >= 0) {
        close(p->fd);
    }
    buf_free(&p->in);
    *p = (struct peer){.fd = -1};
}

void peer_send(struct peer *p, const void *bytes, size_t n)
{
    if (p->ssl) {
        assert_int_equal(SSL_write(p->ssl, bytes, (int)n), (int)n);
    } else {
        assert_int_equal(send(p->fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
    }
}

/* More bytes into p->in; false at the end of the stream. */
static bool more(struct peer *p)
{
    uint8_t *room = buf_reserve(&p->in, 16384);
    ssize_t n = p->ssl ? SSL_read(p->ssl, room, 16384) : recv(p->fd, room, 16384, 0);
    if (n > 0) {
        p->in.n += (size_t)n;
    }
    return n > 0;
}

bool peer_is_closed(struct peer *p)
{
    while (more(p)) {
    }
    return errno != EAGAIN;
}

void msg_text(struct buf *b, char type, const char *text)
{
    size_t at = wire_begin(b, type);
    buf_putz(b, text);
    wire_end(b, at);
}

void msg_query(struct buf *b, const char *sql)
{
    msg_text(b, 'Q', sql);
}

void msg_parse(struct buf *b, const char *name, const char *sql)
{
    size_t at = wire_begin(b, 'P');
    buf_putz(b, name);
    buf_putz(b, sql);
    buf_u16(b, 0);
    wire_end(b, at);
}

void msg_bind(struct buf *b, const char *portal, const char *statement, const char *param)
{
    size_t at = wire_begin(b, 'B');
    buf_putz(b, portal);
    buf_putz(b, statement);
    buf_u16(b, 0);
    buf_u16(b, param ? 1 : 0);
    if (param) {
        buf_u32(b, (uint32_t)strlen(param));
        buf_puts(b, param);
    }
    buf_u16(b, 0);
    wire_end(b, at);
}

void msg_describe(struct buf *b, char kind, const char *name)
{
    size_t at = wire_begin(b, 'D');
    buf_u8(b, (uint8_t)kind);
    buf_putz(b, name);
    wire_end(b, at);
}

void msg_execute(struct buf *b, const char *portal, int max)
{
    size_t at = wire_begin(b, 'E');
    buf_putz(b, portal);
    buf_u32(b, (uint32_t)max);
    wire_end(b, at);
}

void msg_bare(struct buf *b, char type)
{
    wire_end(b, wire_begin(b, type));
}

void msg_data(struct buf *b, const char *text)
{
    size_t at = wire_begin(b, 'd');
    buf_puts(b, text);
    wire_end(b, at);
}

void peer_flush(struct peer *p, struct buf *b)
{
    peer_send(p, b->p, b->n);
    buf_free(b);
}

char peer_read(struct peer *p, struct str *body)
{
    static struct buf last;
    for (;;) {
        if (p->in.n >= WIRE_HEADER) {
            struct wire_reader r = wire_reader((struct str){(char *)p->in.p + 1, 4});
            size_t size = (size_t)wire_read_i32(&r) + 1;
            if (p->in.n >= size) {
                char type = (char)p->in.p[0];
                buf_clear(&last);
                buf_put(&last, p->in.p + WIRE_HEADER, size - WIRE_HEADER);
                buf_consume(&p->in, size);
                *body = buf_str(&last);
                return type;
            }
        }
        if (!more(p)) {
            return 0;
        }
    }
}

static void keep_row(struct peer_answer *a, struct str body)
{
    struct wire_reader r = wire_reader(body);
    int n = wire_read_i16(&r);
    a->row[0] = '\0';
    for (int i = 0; i < n; i++) {
        struct str v = wire_read_value(&r);
        size_t at = strlen(a->row);
        snprintf(a->row + at, sizeof a->row - at, "%s%.*s", i ? "|" : "", v.p ? (int)v.n : 6,
                 v.p ? v.p : "(null)");
    }
    assert_true(wire_read_end(&r));
}

static void keep_error(struct peer_answer *a, struct str body)
{
    struct wire_reader r = wire_reader(body);
    for (char field; (field = (char)wire_read_u8(&r)) != 0;) {
        struct str v = wire_read_cstr(&r);
        char *to = field == 'C'   ? a->code
                   : field == 'M' ? a->message
                   : field == 'P' ? a->position
                   : field == 'D' ? a->detail
                   : field == 'S' ? a->severity
                                  : NULL;
        size_t max = field == 'C'   ? sizeof a->code
                     : field == 'M' ? sizeof a->message
                     : field == 'P' ? sizeof a->position
                     : field == 'D' ? sizeof a->detail
                                    : sizeof a->severity;
        if (to) {
            snprintf(to, max, "%.*s", STR_ARG(v));
        }
    }
    assert_true(wire_read_end(&r));
}

struct peer_answer peer_answer(struct peer *p)
{
    struct peer_answer a = {0};
    struct str body;
    for (size_t n = 0;;) {
        char type = peer_read(p, &body);
        bool repeated = n > 0 && (type == 'D' || type == 'd') && a.types[n - 1] == type;
        if (type && !repeated && n < sizeof a.types - 1) {
            a.types[n++] = type;
        }
        if (type == 'D') {
            a.rows++;
            keep_row(&a, body);
        } else if (type == 'd') {
            snprintf(a.row, sizeof a.row, "%.*s", STR_ARG(body));
            a.rows++;
        } else if (type == 'E' || type == 'N') {
            keep_error(&a, body);
        } else if (type == 'C') {
            snprintf(a.tag, sizeof a.tag, "%.*s", STR_ARG(body));
        } else if (type == 'Z') {
            a.status = body.p[0];
        }
        if (type == 0 || type == 'Z' || type == 'G') {
            return a;
        }
    }
}

struct peer peer_login(uint16_t port, const char *more_options)
{
    struct peer p;
    struct buf b = BUF_INIT(0);
    assert_true(peer_tls(&p, port, false, NULL, TLS1_3_VERSION));
    buf_u32(&b, 0);
    buf_u32(&b, 3 << 16);
    buf_put(&b, "user\0me\0database\0hatidata", 26);
    for (const char *o = more_options; o && *o; o += strlen(o) + 1) {
        buf_putz(&b, o);
    }
    buf_u8(&b, 0);
    buf_patch_u32(&b, 0, (uint32_t)b.n);
    peer_flush(&p, &b);
    struct str body;
    assert_int_equal(peer_read(&p, &body), 'R');
    msg_text(&b, 'p', "right");
    peer_flush(&p, &b);
    return p;
}
