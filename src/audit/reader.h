/* The one way to read a log: its segments in their order, line by line, with the place of each.
 *
 * Where a chain is given each line is checked to be what comes next in it; without one lines are
 * given as they stand. One thread at a time; it blocks. */
#ifndef AUDIT_READER_H
#define AUDIT_READER_H

#include "audit/chain.h"
#include "audit/segment.h"

enum reader_got {
    READER_LINE,
    READER_END,
    READER_TORN,   /* the last segment ends within a line: `torn` bytes, after `offset` bytes */
    READER_BROKEN, /* `why`, of `file` at `line`: the log isn't one from here on */
    READER_FAILED  /* the error says which file can't be read, and why; ERR_NOT_READY: segments
                    * expired meanwhile, begin anew */
};

struct reader {
    /* The place of what was given last. */
    char file[256];   /* the segment's file name */
    unsigned segment; /* its number; 0: the name of a lone file doesn't tell */
    uint64_t line;    /* from 1 */
    uint64_t offset;  /* bytes of the segment up to the end of the line */
    const char *why;  /* READER_BROKEN, READER_TORN: static */
    uint64_t torn;

    unsigned *numbers; /* of the segments there were at opening, rising */
    size_t count;
    bool growing; /* a process may be writing: the rest of the log's last line is waited for */

    /* Its own. */
    const char *path; /* of a lone file; NULL: a folder */
    int dir_fd, fd;   /* fd: of the open segment; -1 */
    size_t begin, at, end;
    bool bounded;
    uint64_t bytes; /* that count of the last segment */
    struct chain *chain;
    struct segment_reader in;
};

/* A log's folder, or one segment file by itself. Both leave `r` so that reader_close() may follow
 * in any case; `path` must last. FAIL: it can't be read. A folder without a log has no segments. */
MUST_USE enum status reader_open(struct reader *r, const char *path, struct error *e);
MUST_USE enum status reader_open_folder(struct reader *r, const char *dir, struct error *e);
void reader_close(struct reader *r);

/* What is appended from now on is not of this reading. */
MUST_USE enum status reader_bound(struct reader *r, struct error *e);

/* Reads the segments [begin, end) of `numbers` next. `chain` (may be NULL) is set to before the
 * first of them: to the log's beginning, or to a segment whose opening is taken on trust. */
void reader_begin(struct reader *r, size_t begin, size_t end, struct chain *chain);

/* Seq and time (0: unreadable) of the first entry of segment `i` of `numbers`; false where it has
 * none that can be read. Nothing is being read then. */
bool reader_first(struct reader *r, size_t i, uint64_t *seq, int64_t *at_us);

/* One line by itself: that which begins `offset` bytes into the segment of this number, which may
 * be newer than the list. END where it expired or has no such line. It lasts until the next call;
 * nothing is being read then. */
enum reader_got reader_at(struct reader *r, unsigned segment, uint64_t offset, struct str *text,
                          struct error *e);

/* Which of `numbers` has the entry `seq`: the last that begins with it or before; 0 where none
 * does. Nothing is being read then. */
size_t reader_find(struct reader *r, uint64_t seq);

/* The next line, without its newline; it lasts until the next call. With a chain `line` receives
 * its parts, and is the caller's to chain_advance() by before the next call; without one it stays
 * as it is. With a chain a gap between segments is BROKEN, and so is an empty one that isn't the
 * last; a line that is torn off in the middle of the log or longer than one can be always is. */
enum reader_got reader_next(struct reader *r, struct str *text, struct line *line, struct error *e);

#endif
