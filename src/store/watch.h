/* Inside the store: what a program knows of its PostgreSQL between two statements: the version of
 * what is stored, and whether the server can be reached at all.
 *
 * A thread with a connection of its own asks for the version ten times a second. For a second what
 * it heard is what holds; after that a caller must ask, and where he can't, he knows nothing. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "store/db.h"
#include "store/link.h"

/* Keys of advisory locks, one of each kind a schema. */
#define WATCH_LOCK_OF_CHANGES "1212240969, hashtext(current_schema())"
#define WATCH_LOCK_OF_DRAIN   "1212240970, hashtext(current_schema())"

struct watch;

struct watch *watch_new(struct link_target *target); /* which it owns from now on */
void watch_free(struct watch *w);                    /* NULL is allowed */

/* A new link. After a failure all fail at once for a while (0.1 s, doubled to 2 s): a server that
 * is away holds nobody up. */
MUST_USE enum status watch_link(struct watch *w, struct link *out, struct error *e);

/* What was heard within the last second; false: ask. Starts the thread. */
bool watch_versions(struct watch *w, struct db_versions *out);

/* Asks over this link, and remembers. */
MUST_USE enum status watch_ask(struct watch *w, struct link *l, struct db_versions *out,
                               struct error *e);
void watch_read(struct watch *w, struct link *l); /* the same, for what it is worth */

/* Of all programs on the schema one has the IAM trail's outbox: the first that asks here, until it
 * ends or its connection does. */
bool watch_drains(struct watch *w);

#endif
