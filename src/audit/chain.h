/* The chain of entries and the Merkle tree over them: what is written next, and what must come
 * next. The tree's leaves are the entries' hashes, that of seq 1 first. */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include "audit/line.h"
#include "audit/merkle.h"
#include "base/id.h"

struct chain {
    struct hasher *hasher;         /* the caller's */
    unsigned version;              /* of the last line */
    uint64_t seq;                  /* of the last line; 0 before the first */
    char hash[LINE_HASH_TEXT + 1]; /* of the last line */
    char log_id[ID_UUID_SIZE];     /* "" while unknown */
    struct merkle tree;            /* over all lines so far, if `whole` */
    bool whole;
    bool open_start;  /* nothing is known before the first line: it is taken on trust */
    bool opening;     /* the next line is the first of a segment */
    unsigned segment; /* the number of that; 0: unknown */
};

/* Before the first line of a log. */
void chain_init(struct chain *c, struct hasher *h);

/* The next line is the first of this segment; `number` 0 where its name doesn't tell. */
void chain_open_segment(struct chain *c, unsigned number);

/* NULL where the line comes next, or what is wrong with it. Changes nothing. */
const char *chain_check(const struct chain *c, struct str text, struct line *out);

/* Goes on by a line that was checked. */
void chain_advance(struct chain *c, const struct line *line);

/* Appends a line with its newline and goes on by it. */
void chain_write(struct chain *c, struct buf *out, int64_t wall_us, enum audit_kind kind,
                 struct str body);

/* Appends the members of the first entry of the segment that chain_open_segment() named; the
 * log's id, which the caller has set before, is that of a new log in the first. */
void chain_write_opening(const struct chain *c, struct buf *body);

#endif
