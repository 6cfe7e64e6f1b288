/* Kept checkpoints: what stays in a log's folder in place of segments that expired. Each is a note
 * as of any checkpoint, in a file checkpoint-<entries>, with a line more that says until where
 * entries may be missing, since when and under which rule. The same note is in an entry
 * "retention" of the log. docs/audit-format.md defines it. */
#ifndef AUDIT_KEPT_H
#define AUDIT_KEPT_H

#include "audit/checkpoint.h"

#define KEPT_ACTION "retention"

struct kept {
    struct checkpoint checkpoint; /* over the entries of the segments up to: */
    unsigned through;             /* this */
    char when[CLOCK_TEXT_SIZE];   /* they were found to be expired */
    unsigned days;                /* that entries are kept */
    char name[256];               /* of the file */
    struct str note;              /* in the arena */
};

/* Appends the text that is signed. */
void kept_write(const struct kept *k, struct buf *out);

/* Reads a note with all but its `name`; `note` is not copied. Where keys are given one must have
 * signed it (ERR_KEY). ERR_CORRUPT: it isn't one. */
MUST_USE enum status kept_read(struct str note, const struct note_key *keys, size_t count,
                               struct kept *out, struct error *e);

/* Those of a folder, the fewest entries first. Where keys are given one must have signed each
 * (ERR_KEY). ERR_CORRUPT names a file that isn't one. */
MUST_USE enum status kept_list(int dir_fd, const struct note_key *keys, size_t count,
                               struct arena *a, struct kept **out, size_t *n, struct error *e);

/* The last segment that may be missing by what is kept in the folder, whoever signed it; 0: none.
 */
MUST_USE enum status kept_through(int dir_fd, unsigned *out, struct error *e);

/* Writes a note to checkpoint-<size> in a folder, durably: under another name until it is whole. A
 * file that is there already stays as it is. ERR_IO. */
MUST_USE enum status kept_put(int dir_fd, uint64_t size, struct str note, struct error *e);

#endif
