/* Listening sockets. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sockaddr;

/* A non-blocking listening TCP socket on a numeric address ("127.0.0.1", "::", "0.0.0.0") and port;
 * 0 has the system choose one. A taken port, a foreign address and the like are ERR_CONFIG. */
MUST_USE enum status listen_open(const char *address, uint16_t port, int backlog, int *fd,
                                 struct error *e);

uint16_t listen_port(int fd); /* the port it got */

/* "192.0.2.1" or "2001:db8::1", with NUL; "?" for another family. */
enum { LISTEN_PEER_SIZE = 46 };
void listen_peer(const struct sockaddr *from, char out[LISTEN_PEER_SIZE]);

#endif
