/* The control store: organizations, users, keys, policies, quotas, registrations of tables. SQLite.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct store;

/* Opens or makes the file (mode 0600) and brings it to the newest schema by numbered migrations; a
 * schema newer than this program is refused. Thread-safe: calls are serialized. Other processes
 * (the command line) may use the same file at the same time. */
MUST_USE enum status store_open(const char *path, struct store **out, struct error *e);
void store_close(struct store *s); /* NULL is allowed */

/* Makes `path`, which isn't there yet, a store like this one, in one database file. ERR_UNSUPPORTED
 * where this one is no file. */
MUST_USE enum status store_copy(struct store *s, const char *path, struct error *e);

/* Changes with every committed change of any process to principals, policies, quotas or tables.
 * Cheap enough to ask at every statement. */
MUST_USE enum status store_version(struct store *s, uint64_t *out, struct error *e);

/* Changes whenever store_version() does, and with each just-in-time grant that begins or ends. */
MUST_USE enum status store_rights_version(struct store *s, uint64_t *out, struct error *e);

#endif
