/* The packets that open a connection, before messages have a type: what the client wants. */
#ifndef WIRE_STARTUP_H
#define WIRE_STARTUP_H

#include "base/arena.h"
#include "base/error.h"

enum { STARTUP_MAX = 10000 }; /* bytes of any packet before authentication, as PostgreSQL has it */

enum startup_kind {
    STARTUP_MORE,   /* not all there yet */
    STARTUP_BAD,    /* no such packet */
    STARTUP_TLS,    /* a TLS record: direct TLS */
    STARTUP_SSL,    /* SSLRequest */
    STARTUP_GSS,    /* GSSENCRequest */
    STARTUP_CANCEL, /* CancelRequest */
    STARTUP_SESSION /* StartupMessage of protocol 3 */
};

struct startup_head {
    enum startup_kind kind;
    size_t size;   /* of the packet; 0 while unknown */
    int32_t minor; /* SESSION: the minor version asked for */
    int32_t pid;   /* CANCEL */
    uint32_t secret;
};

/* What stands at the start of `in`. Kind SESSION is told as soon as the version is there, even
 * where the rest is still to come (size > in.n): over plaintext the answer doesn't need the rest.
 */
struct startup_head startup_peek(struct str in);

struct startup_option {
    struct str name, value;
};

struct startup {
    struct str user, database;             /* database: the user's name where none was given */
    VEC_OF(struct startup_option) options; /* everything else, those of "options" last */
    VEC_OF(struct str) unknown;            /* "_pq_." options: to be named in the negotiation */
};

/* Reads a whole StartupMessage (`packet` from its length on) into the arena. No user, bad UTF-8, a
 * missing terminator: ERR_PROTOCOL; a replication connection: ERR_UNSUPPORTED. */
MUST_USE enum status startup_parse(struct arena *a, struct str packet, struct startup *out,
                                   struct error *e);

#endif
