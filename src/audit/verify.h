/* Verification of a log from its files alone, and of what is known of it from elsewhere. Needs no
 * server, and no key but public ones. */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/checkpoint.h"

/* What whoever verifies has from elsewhere than the log's folder. */
struct audit_known {
    const struct note_key *keys; /* that may have signed checkpoints; none: not checked */
    size_t key_count;
    const struct audit_witness {
        const char *name; /* of its file, for the report */
        struct checkpoint checkpoint;
    } * witnesses; /* checkpoints that an anchor kept, in the order of their sizes */
    size_t witness_count;
};

struct audit_report {
    uint64_t entries;
    bool valid;
    uint64_t bad_seq; /* the first entry that is wrong, or that should stand there */
    char bad_file[256];
    uint64_t bad_line; /* from 1; 0: of no one line */
    char reason[512];
    char first_hash[65], last_hash[65];
    char log_id[ID_UUID_SIZE]; /* "" while unknown */
    uint64_t checkpoints;      /* in the log, that hold (and are signed, where keys are given) */
    uint64_t checked_size;     /* of the last of them; 0: none */
    uint64_t witnesses;        /* that the log agrees with */
    /* Under retention: entries 1 to `expired` are gone, as a checkpoint that was kept for them says
     * and an entry of the log repeats. 0: none. */
    uint64_t expired;
    char expired_on[CLOCK_TEXT_SIZE]; /* when the last of them were found to be expired */
    unsigned expired_days;            /* the rule: that entries were kept */
    uint64_t unheard; /* witnesses of fewer entries than have expired: nothing to compare */
};

/* Reads a log folder or one segment file. `known` may be NULL. FAIL only where it can't be read; a
 * broken chain is a report with valid == false. What came before a segment that is read alone is
 * taken on trust. */
MUST_USE enum status audit_verify(const char *path, const struct audit_known *known,
                                  struct audit_report *out, struct error *e);

/* The same, and calls `visit` with each line that is right, in their order. */
typedef void audit_visit(void *ctx, const struct line *line);
MUST_USE enum status audit_visit_log(const char *path, const struct audit_known *known,
                                     audit_visit *visit, void *ctx, struct audit_report *out,
                                     struct error *e);

/* A file of IAM entries alone, as an export of them: each is the next of the one before. */
MUST_USE enum status audit_verify_iam(const char *path, struct audit_report *out, struct error *e);

/* The id of the log in a folder, as its first segment tells. ERR_NOT_FOUND: there is no log;
 * ERR_CORRUPT: it doesn't tell. */
MUST_USE enum status audit_log_id(const char *dir, char out[ID_UUID_SIZE], struct error *e);

#endif
