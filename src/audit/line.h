/* One line of the log: the shape that docs/audit-format.md fixes, and its hash.
 *
 * A line is
 * {"v":3,"seq":N,"timestamp":"T","kind":"K","entry_id":"U",...,"prev_hash":"H","entry_hash":"H"}
 * with the first five members and the last two always at these places, so that it is checked and
 * chained without parsing JSON. */
#ifndef AUDIT_LINE_H
#define AUDIT_LINE_H

#include "audit/audit.h"
#include "audit/hasher.h"
#include "base/buf.h"
#include "base/clock.h"

enum {
    LINE_HASH_TEXT = 64, /* hexadecimal digits of SHA-256 */
    LINE_TIME_TEXT = CLOCK_TEXT_SIZE - 1,
    LINE_BYTES_MAX =
        4 * 1024 * 1024, /* bytes of a line without its newline; a longer one is damage */
};

/* The version that is written; lines of the first, which knew no tree, are read. */
enum { LINE_VERSION = 3, LINE_VERSION_TREE = 2, LINE_VERSION_AGE = 3 };

/* The prev_hash of the first entry of a log. */
extern const char line_no_hash[LINE_HASH_TEXT + 1];

struct line {
    unsigned version;
    uint64_t seq;
    enum audit_kind kind;
    struct str timestamp, prev_hash, entry_hash; /* within the line */
    struct str covered;                          /* the bytes that the hash covers */
    int64_t at_us;                               /* its timestamp; set by chain_check() */
    struct str body;           /* the members from "entry_id" to before "prev_hash" */
    uint8_t hash[HASHER_SIZE]; /* that the covered bytes have; not set by line_read() */
};

/* The kind of such a name; false where there is none. */
bool line_kind(struct str name, enum audit_kind *out);

/* Reads the fixed places of a line (given without its newline). NULL, or why it isn't one. */
const char *line_read(struct str text, struct line *out);

/* The hash of covered bytes: of their version's name, so that no hash of ours is one of another
 * purpose, and them. */
void line_hash(struct hasher *h, unsigned version, struct str covered, uint8_t out[HASHER_SIZE]);

/* Appends a whole line with its newline. `body` are members as text, without a comma at either end.
 * `prev` is the entry_hash of the line before; `hash` receives this one's. */
void line_write(struct buf *out, struct hasher *h, uint64_t seq, int64_t wall_us,
                enum audit_kind kind, struct str body, const char prev[LINE_HASH_TEXT + 1],
                uint8_t hash[HASHER_SIZE]);

/* "intent" and so on; static. */
const char *line_kind_word(enum audit_kind kind);

/* The whole line, without its newline. */
struct str line_text(const struct line *line);

/* The text (still escaped) of a member that opens the body, as entry_id, or that follows `after`
 * bytes of it; STR_NULL when another member stands there, or no comma behind it. `end` (may be
 * NULL) receives the place of that comma. */
struct str line_member(struct str body, size_t after, const char *name, size_t *end);

/* The "action" of a system entry, where it follows entry_id as that of those that make the log
 * does; else STR_NULL; `end` as above. */
struct str line_system_action(const struct line *line, size_t *end);

/* Whether these are LINE_HASH_TEXT digits as a hash is written with. */
bool line_is_hash(struct str text);

/* Microseconds since 1970 of a timestamp of a line, which is of a day of the calendar after that
 * year began; 0 where it isn't. */
int64_t line_time(struct str timestamp);

#endif
