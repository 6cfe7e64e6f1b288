/* The chain of entries, the Merkle tree over them, the chain of the IAM entries alone, and the age
 * of the log: what is written next, and what must come next. The tree's leaves are the entries'
 * hashes, that of seq 1 first. docs/audit-format.md has it all. */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include "audit/line.h"
#include "audit/merkle.h"
#include "base/id.h"

/* No gap between two entries makes the log older by more: so that a clock that jumps, or an
 * attacker who sets it, doesn't make it old. */
#define CHAIN_GAP_MAX_US (7 * 86400 * INT64_C(1000000))

#define CHAIN_CLOCK_FORWARD "clock_set_forward" /* the action whose gap doesn't count at all */

struct chain {
    struct hasher *hasher;         /* the caller's */
    unsigned version;              /* of the last line */
    uint64_t seq;                  /* of the last line; 0 before the first */
    char hash[LINE_HASH_TEXT + 1]; /* of the last line */
    char log_id[ID_UUID_SIZE];     /* "" while unknown */
    int64_t at_us;                 /* time of the last line */
    int64_t age_us;   /* that the log has seen pass, since it is of version 3; 0 before that */
    uint64_t iam_seq; /* IAM entries of version 3 so far */
    char iam_hash[LINE_HASH_TEXT + 1]; /* of the last of them */
    struct merkle tree;                /* over all lines so far, if `whole` */
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

/* Goes on by a line where only IAM entries are, in their own chain, which those of versions 1 and 2
 * are no part of. NULL, or what is wrong with it.
 * Where nothing is known (`open_start`) the first is taken on trust, unless it says that it is the
 * log's first. */
const char *chain_take_iam(struct chain *c, struct str text, struct line *out);

/* Goes on by a line that was checked. */
void chain_advance(struct chain *c, const struct line *line);

/* Appends a line with its newline and goes on by it. */
void chain_write(struct chain *c, struct buf *out, int64_t wall_us, enum audit_kind kind,
                 struct str body);

/* Appends the members of the first entry, of that time, of the segment that chain_open_segment()
 * named; the log's id, which the caller has set before, is that of a new log in the first. */
void chain_write_opening(const struct chain *c, int64_t wall_us, struct buf *body);

/* Makes `c`, in which nothing is known, what it was before this first line of a segment, as far as
 * that line tells: log, seq, tree, age (with the gap before the line), IAM entries. */
void chain_trust(struct chain *c, const struct line *opening);

#endif
