/* The packets that open a connection, before messages have a type: what the client wants. */
#ifndef WIRE_STARTUP_H
#define WIRE_STARTUP_H

#include "base/arena.h"
#include "base/error.h"

enum {
    STARTUP_MAX = 10000,  /* bytes of any packet before authentication, as PostgreSQL has it */
    STARTUP_NEWEST = 2,   /* the newest minor version of protocol 3 that is spoken */
    CANCEL_KEY_SHORT = 4, /* bytes of a cancel key: until version 3.1 ... */
    CANCEL_KEY_LONG = 32, /* ... and since 3.2, where up to 256 are allowed */
    CANCEL_HEAD = 12,     /* of a CancelRequest before the key */
    STARTUP_PEEK = CANCEL_HEAD + CANCEL_KEY_LONG + 1 /* enough to tell by, and one byte more */
};

/* What a CancelRequest must know of BackendKeyData besides the number; bytes behind `n` are 0. */
struct cancel_key {
    uint8_t bytes[CANCEL_KEY_LONG];
    size_t n;
};

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
    struct cancel_key key;
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
