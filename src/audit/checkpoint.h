/* Checkpoints: what a log was at one moment, as a signed note in the form of C2SP's
 * tlog-checkpoint:
 *
 *     hatidata.audit/<log id>      the origin, also the name of the key
 *     <entries>
 *     <base64 of the tree's root>
 *
 * Who keeps one elsewhere finds out later whether the log still begins with these entries. */
#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include "audit/chain.h"
#include "crypto/note.h"

enum { CHECKPOINT_ORIGIN_SIZE = 64, CHECKPOINT_MAX = NOTE_MAX };

struct checkpoint {
    char origin[CHECKPOINT_ORIGIN_SIZE];
    uint64_t size; /* entries: those with seq 1 to this one */
    uint8_t root[MERKLE_SIZE];
    bool has_more_lines; /* read: there is more below the root */
};

/* What the origin of a log's checkpoints is. */
void checkpoint_origin(const char *log_id, char out[CHECKPOINT_ORIGIN_SIZE]);

/* The log's id in an origin as above; NULL where it is none. */
const char *checkpoint_log_of(const struct checkpoint *c);

/* The log as it is now. The chain must be whole, and its log's id known. */
void checkpoint_of(const struct chain *c, struct checkpoint *out);

/* Appends the text that is signed. */
void checkpoint_write(const struct checkpoint *c, struct buf *out);

/* Reads the text of a note; lines below the root are passed over, but none may be empty.
 * ERR_CORRUPT: it isn't one. */
MUST_USE enum status checkpoint_read(struct str text, struct checkpoint *out, struct error *e);

/* Reads a note and, where keys are given, checks that one of them that has its origin for a name
 * signed it (as note_open()). */
MUST_USE enum status checkpoint_open(struct str note, const struct note_key *keys, size_t count,
                                     struct checkpoint *out, struct error *e);

/* Whether a line of the log is the system entry of this action ("checkpoint"). The note that it
 * must have is put into `out`, which stays empty where it has none. */
bool checkpoint_in_line(const struct line *line, const char *action, struct buf *out);

#endif
