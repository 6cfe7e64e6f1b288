/* Inside the store: a connection to PostgreSQL (libpq), every wait on which has an end. */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include <libpq-fe.h>

#include "base/error.h"

/* Where a connection goes: a URI or a list of key=value, as libpq takes them (PostgreSQL manual,
 * 34.1.1). What holds whatever it says:
 *   - no password in it (ERR_CONFIG): it would stand in the configuration and be shown; a passfile
 *     or a service has it, or a certificate is used;
 *   - sslmode=verify-full, but for sockets and loopback addresses;
 *   - a server that can be written to.  */
struct link_target;
MUST_USE enum status link_target_read(const char *where, struct link_target **out, struct error *e);
void link_target_free(struct link_target *t); /* NULL is allowed */

enum { LINK_ANSWER_MS = 5000 }; /* the server's own limits end a statement before */

struct link {
    PGconn *pg;
    bool is_dead; /* of no use any more: to be closed */
    bool is_late; /* it died of waiting */
};

/* Connects and sets the session up: its limits of time, and its schema alone to look names up in.
 * FAIL (ERR_NOT_READY, ERR_CONFIG) after at most a few seconds. */
MUST_USE enum status link_open(const struct link_target *t, struct link *out, struct error *e);
void link_close(struct link *l);

/* The next result, or NULL: there is no more, or the link is dead. */
PGresult *link_result(struct link *l, int wait_ms);

/* Runs statements without parameters to the end of the last; the rows of that one are the caller's
 * to PQclear. NULL: failed. */
PGresult *link_exec(struct link *l, const char *sql, int wait_ms, struct error *e);

/* A result that isn't the good one as our error; NULL: the link's death. Returns FAIL. */
enum status link_failed(struct link *l, const PGresult *r, struct error *e);

#endif
