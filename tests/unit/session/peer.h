/* A client of the wire for tests, byte by byte: what no well-behaved library would send. Every call
 * fails the test where the network does; reads give up after 20 s. */
#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include <openssl/ssl.h>

#include "base/buf.h"

struct peer {
    int fd;
    SSL *ssl; /* NULL: plain */
    struct buf in;
};

int peer_socket(uint16_t port);
struct peer peer_plain(uint16_t port);
/* TLS after SSLRequest, or at once. False where the handshake fails. */
bool peer_tls(struct peer *p, uint16_t port, bool direct, const char *alpn, int version);
struct peer peer_login(uint16_t port, const char *more_options); /* pairs, each with NUL; or NULL */
void peer_close(struct peer *p);

void peer_send(struct peer *p, const void *bytes, size_t n);
bool peer_is_closed(struct peer *p); /* waits for the end of the stream */

/* Messages to send are gathered in a buffer. */
void msg_query(struct buf *b, const char *sql);
void msg_parse(struct buf *b, const char *name, const char *sql);
void msg_bind(struct buf *b, const char *portal, const char *statement, const char *param);
void msg_describe(struct buf *b, char kind, const char *name);
void msg_execute(struct buf *b, const char *portal, int max);
void msg_bare(struct buf *b, char type);
void msg_text(struct buf *b, char type, const char *text); /* with NUL */
void msg_data(struct buf *b, const char *text);            /* CopyData */
void peer_flush(struct peer *p, struct buf *b);

/* The next message: its type, and the body until the next call; 0 at the end of the stream. */
char peer_read(struct peer *p, struct str *body);

/* The types of all messages up to ReadyForQuery (or the end), as "TDCZ"; a run of rows is one 'D'.
 * The last row, error code and tag are kept. */
struct peer_answer {
    char types[128];
    int rows;
    char row[512]; /* fields joined by '|' */
    char code[8], message[512], position[16], detail[256], severity[16];
    char tag[64];
    char status; /* of ReadyForQuery */
};
struct peer_answer peer_answer(struct peer *p);

#endif
