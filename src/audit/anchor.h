/* Anchors: places outside the log that keep its checkpoints, so that a log that was cut, rewritten
 * or put back from a copy is found out by who looks there. */
#ifndef AUDIT_ANCHOR_H
#define AUDIT_ANCHOR_H

#include "base/error.h"
#include "base/str.h"

struct anchor;

/* "folder:PATH" (a file a checkpoint, never written again; PATH must exist) or "syslog:" (a line of
 * the system's log, facility authpriv). ERR_CONFIG names what is wrong. */
MUST_USE enum status anchor_open(const char *uri, struct anchor **out, struct error *e);
void anchor_close(struct anchor *a); /* NULL is allowed */

/* As it was given to anchor_open(). */
const char *anchor_uri(const struct anchor *a);

/* Keeps the checkpoint of so many entries; one that it has already is not written again. ERR_IO
 * says why it couldn't. Blocks. */
MUST_USE enum status anchor_put(struct anchor *a, uint64_t size, struct str note, struct error *e);

#endif
