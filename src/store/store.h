/* The control store: organizations, users, keys, policies, quotas, registrations of tables. In a
 * SQLite file, or in PostgreSQL, where several programs on several machines share it. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct store;

/* Opens or makes what `where` names and brings it to the newest schema by numbered migrations, one
 * program at a time; a schema newer than this program is refused. It is a file's path (made with
 * mode 0600; other processes may use the same file at the same time) or a PostgreSQL URI, as link.h
 * takes it. Thread-safe. Every wait has an end: a store that can't be reached is ERR_NOT_READY
 * after some seconds, and at once while it is known to be away. */
MUST_USE enum status store_open(const char *where, struct store **out, struct error *e);
bool store_is_remote(const char *where); /* a URI, not a file */
void store_close(struct store *s);       /* NULL is allowed */

/* A data plane's copy of another store, in a file, filled by snapshot_apply() alone: it reads as
 * that store does, and what would change it asks the control plane through `u` (store/upstream.h)
 * or is refused. `u` outlives it. */
struct store_upstream;
MUST_USE enum status store_open_replica(const char *path, const struct store_upstream *u,
                                        struct store **out, struct error *e);

/* Makes `path`, which isn't there yet, a store like this one, in one database file: all of it where
 * this one is a file, else what a data plane must know of it (store/snapshot.h). */
MUST_USE enum status store_copy(struct store *s, const char *path, struct error *e);

/* Changes with every committed change of any process to principals, policies, quotas or tables:
 * with this program's own at once; with another's at once in a file, and in PostgreSQL within a
 * tenth of a second, or it fails (ERR_NOT_READY) a second after the server was last heard of. Cheap
 * enough to ask at every statement. */
MUST_USE enum status store_version(struct store *s, uint64_t *out, struct error *e);

/* Rises with each committed change to what a data plane must know (store/snapshot.h): with both
 * versions, and with sign-ins, signing keys, requests for grants and revoked proxies. */
MUST_USE enum status store_position(struct store *s, uint64_t *out, struct error *e);

/* Changes whenever store_version() does, and with each just-in-time grant that begins or ends. */
MUST_USE enum status store_rights_version(struct store *s, uint64_t *out, struct error *e);

#endif
