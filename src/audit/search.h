/* Entries of one organization in the log's files, the newest segments first.
 *
 * It reads as much as it is told to and no more, whatever the log's length, and says where it left
 * off. It blocks: not for an event loop. The chain isn't checked (audit_verify(),
 * audit_verify_session()). */
#ifndef AUDIT_SEARCH_H
#define AUDIT_SEARCH_H

#include <jansson.h>

#include "audit/line.h"

enum { AUDIT_SAME_MAX = 4 };

struct engine;

struct audit_search {
    struct str org_id;
    enum audit_kind kind;
    uint64_t before;        /* only entries with a lower seq; 0: all */
    int64_t from_us, to_us; /* only entries from that time, and before this; 0: open */
    uint64_t bytes_max;     /* no further segment is begun once this many bytes were read */

    /* Where there is an engine that has the log (source.h) it says where entries are. Then no
     * others come than those whose members have these values; without one they come, too. */
    struct engine *engine; /* NULL: the log is read line by line */
    struct {
        const char *column; /* of TEXT */
        struct str value;
    } same[AUDIT_SAME_MAX];
    size_t same_count;

    /* Called with each such entry, in the order of the log within its segment; with an engine, the
     * newest first. `line` and `entry` last for the call. */
    void (*take)(void *ctx, const struct line *line, struct str text, const json_t *entry);
    /* After each segment, or each entry with an engine: are older ones not wanted any more? */
    bool (*enough)(void *ctx);
    void *ctx;
};

/* `*left_off`: 0 where the log's beginning or from_us was reached, else the seq of the oldest entry
 * that was looked at: what is older may hold more. A line that isn't an entry is passed over. FAIL
 * where the folder or a file can't be read. */
MUST_USE enum status audit_search(const char *dir, const struct audit_search *s, uint64_t *left_off,
                                  struct error *e);

struct audit_session {
    uint64_t entries; /* of the session */
    bool chain_valid;
    char first_hash[LINE_HASH_TEXT + 1], last_hash[LINE_HASH_TEXT + 1]; /* ""; no entry */
    /* Where the chain breaks: meaningful when it does. */
    uint64_t bad_seq;   /* that should stand there */
    char bad_file[256]; /* the segment's name */
    uint64_t bad_line;
    const char *reason; /* static */
};

/* The entries of a session, and whether the chain holds from the segment in which it began (by the
 * time in its id, a UUID of version 7; else from the log's beginning) to the end of the log. A
 * break ends the reading. A session that isn't the organization's has no entries. ERR_TOO_LARGE
 * where that is more than `bytes_max`. */
MUST_USE enum status audit_verify_session(const char *dir, struct str org_id, struct str session_id,
                                          uint64_t bytes_max, struct audit_session *out,
                                          struct error *e);

#endif
