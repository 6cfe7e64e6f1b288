/* An entry's members as JSON text: what stands between "kind" and "prev_hash" in its line. Every
 * string is bounded, so that no client can make a line that isn't one or that fills the disk. */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include "audit/audit.h"
#include "base/buf.h"

enum {
    ENTRY_ID_MAX = 256,           /* bytes of an identifier, role, address or name */
    ENTRY_TEXT_MAX = 16 * 1024,   /* bytes of before and after of an IAM entry */
    ENTRY_SQL_MAX = 64 * 1024,    /* bytes of sql_redacted */
    ENTRY_SQL_READ_MAX = 1 << 20, /* bytes of a statement that are looked at for sql_redacted */
    ENTRY_END_DROPPED = 4096,     /* bytes at the end of a statement that wasn't read whole */
    ENTRY_LIST_MAX = 512,         /* names of a list, verdicts */
};

struct pattern_set;

/* Appends the members; `own` are the organization's patterns, or NULL. Safe from any thread. */
void entry_write(struct buf *out, const struct audit_entry *entry, const struct pattern_set *own,
                 const uint8_t key[32]);

/* Appends the members that show a statement's text: "sql_redacted", "sql_bytes" where it was cut,
 * and "sql_fingerprint". Safe from any thread. */
void entry_write_text(struct buf *out, const struct audit_entry *entry,
                      const struct pattern_set *own, const uint8_t key[32]);

/* An entry of the log about itself. What is empty is left out. */
struct entry_system {
    const char *action;
    struct str resource, before, after;
    struct str log, tree; /* of a segment's first entry */
    struct str age, iam_seq, iam;
    struct str checkpoint;
    const struct str *names; /* query_ids */
    size_t count, total;     /* how many there were before the list was cut at `count` */
};
void entry_write_system(struct buf *out, const struct entry_system *entry);

#endif
