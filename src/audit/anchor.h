/* Anchors: places outside the log that keep its checkpoints, so that a log that was cut, rewritten
 * or put back from a copy is found out by who looks there. */
#ifndef AUDIT_ANCHOR_H
#define AUDIT_ANCHOR_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct anchor;

/* What an anchor may need besides its place. Texts may be NULL. */
struct anchor_options {
    const char *s3_region, *s3_endpoint, *s3_ca; /* as in net/s3.h */
    int64_t keep_ms; /* how long an object store must keep a checkpoint, at least */
};

/* "folder:PATH" (a file a checkpoint, never written again; PATH must exist), "syslog:" (a line of
 * the system's log, facility authpriv) or "s3://BUCKET[/PREFIX]" (an object a checkpoint,
 * PREFIX/LOG/checkpoint-N, locked). Asks nobody yet. ERR_CONFIG names what is wrong. */
MUST_USE enum status anchor_open(const char *uri, const struct anchor_options *o,
                                 struct anchor **out, struct error *e);

/* Another keeper: `put` as anchor_put() below, and its own; it outlives the anchor. */
typedef enum status anchor_keeper(void *ctx, uint64_t size, struct str note, struct error *e);
struct anchor *anchor_new(const char *name, anchor_keeper *put, void *ctx);

void anchor_close(struct anchor *a); /* NULL is allowed */

/* As it was given to anchor_open(), or the name. */
const char *anchor_uri(const struct anchor *a);

/* Is it fit to keep checkpoints? ERR_CONFIG: no, and nothing but an operator changes that; ERR_IO:
 * it can't be asked now. Blocks. */
MUST_USE enum status anchor_check(struct anchor *a, struct error *e);

/* Keeps the checkpoint of so many entries; one that it has already is not written again.
 * ERR_CONFLICT: it has another one that can't be of the same log's past: one of the two is a fork.
 * Any other error says why it couldn't. Blocks; used by one thread at a time. */
MUST_USE enum status anchor_put(struct anchor *a, uint64_t size, struct str note, struct error *e);

/* All that it keeps of a log, in the arena; for an object store alone (else ERR_UNSUPPORTED).
 * `names` say where each was. Blocks. */
struct anchor_kept {
    const char **names;
    struct str *notes;
    size_t n;
};
MUST_USE enum status anchor_read(struct anchor *a, const char *log_id, size_t max,
                                 struct arena *arena, struct anchor_kept *out, struct error *e);

#endif
