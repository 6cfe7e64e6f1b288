#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum status resolve(const char *address, uint16_t port, struct addrinfo **out,
                           struct error *e)
{
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo want = {.ai_family = AF_UNSPEC,
                            .ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    int failed = getaddrinfo(address, service, &want, out);
    if (failed) {
        error_set(e, ERR_CONFIG, "listen address \"%s\": %s", address, gai_strerror(failed));
        return error_hint(e, "Give a numeric address such as 127.0.0.1 or ::.");
    }
    return OK;
}

static enum status bind_error(const char *address, uint16_t port, int why, struct error *e)
{
    error_set(e, ERR_CONFIG, "can't listen on %s port %u: %s", address, (unsigned)port,
              strerror(why));
    switch (why) {
    case EADDRINUSE:
        return error_hint(e, "Another program has the port: stop it or choose another port.");
    case EACCES:
        return error_hint(e, "Ports below 1024 need a privilege: choose another port.");
    case EADDRNOTAVAIL:
        return error_hint(e, "This machine doesn't have that address.");
    default:
        return FAIL;
    }
}

enum status listen_open(const char *address, uint16_t port, int backlog, int *out, struct error *e)
{
    struct addrinfo *to = NULL;
    if (resolve(address, port, &to, e)) {
        return FAIL;
    }
    int one = 1;
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, backlog) == 0;
    int why = errno;
    freeaddrinfo(to);
    if (!good) {
        if (fd >= 0) {
            close(fd);
        }
        return bind_error(address, port, why, e);
    }
    *out = fd;
    return OK;
}

uint16_t listen_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
        return 0;
    }
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                          : ((struct sockaddr_in *)&at)->sin_port);
}

void listen_peer(const struct sockaddr *from, char out[LISTEN_PEER_SIZE])
{
    const void *address = NULL;
    int family = from->sa_family;
    if (family == AF_INET) {
        address = &((const struct sockaddr_in *)from)->sin_addr;
    } else if (family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(six);
        address = mapped ? (const void *)(six->s6_addr + 12) : six;
        family = mapped ? AF_INET : AF_INET6;
    }
    if (!address || !inet_ntop(family, address, out, LISTEN_PEER_SIZE)) {
        memcpy(out, "?", 2);
    }
}
