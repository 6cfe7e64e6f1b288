/* The audit log: entries in a hash chain, one JSON object a line, made durable by
 * group commit. docs/audit-format.md defines the bytes.
 *
 * A statement's intent is written before it executes and its outcome after. What can't be written
 * denies: after a failed write or fsync every call fails with ERR_AUDIT until the process starts
 * anew. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct anchor;
struct audit;

enum audit_kind { AUDIT_INTENT, AUDIT_OUTCOME, AUDIT_IAM, AUDIT_SYSTEM };

struct audit_verdict {
    struct str policy_id, policy_name, action, columns;
};

/* Empty fields are left out of the entry, but for those that its kind demands. */
struct audit_entry {
    enum audit_kind kind;
    struct str query_id, request_id, parent_request_id, reasoning_step; /* as the client says */
    struct str key_id; /* of the credential: an API key's, a sign-in's */
    struct str session_id, user_id, role, agent_id, agent_framework;
    struct str grant_id; /* of the just-in-time grant that gave the role */
    struct str source_ip, org_id, environment;
    struct str sql; /* as the client sent it: redacted and fingerprinted here, never stored raw */
    bool is_snowflake; /* its strings and comments are as in that dialect */
    const struct str
        *insert_columns; /* of the table, that an INSERT without a list fills in order */
    size_t insert_column_count;
    bool is_unbound;              /* its tables aren't known, as it was refused before */
    struct str text;              /* what audit_text() made of it; empty: made here */
    const struct str *parameters; /* of parameter_shown() */
    size_t parameter_count;
    const struct str *tables_accessed, *columns_accessed, *columns_masked;
    size_t table_count, column_count, masked_count;
    const struct audit_verdict *verdicts;
    size_t verdict_count;
    int64_t rows_returned, execution_time_us;
    int64_t rows_delivered, bytes_delivered; /* that the client was given; not written */
    double credits_consumed;
    bool cache_hit;
    struct str error_code; /* "HATI_ERR_403_POLICY"; empty: success */
    /* iam and system */
    struct str actor, action, resource, before, after;
};

/* What organizations want of the log, which has the entries of all. */
struct audit_demand {
    int64_t days; /* the longest that one wants entries kept; 0: none says */
    bool held;    /* a legal hold stands */
};

typedef enum status audit_demand_fn(void *ctx, struct audit_demand *out, struct error *e);

/* When entries end. What isn't known keeps them. */
struct audit_retention {
    int64_t days;         /* of the operator; it can only lengthen what the law wants */
    audit_demand_fn *ask; /* of any thread */
    void *ctx;
};

/* How the log's state is signed (docs/audit-format.md, Checkpoints): after so many entries, after
 * so long where there are new ones, and at the end. */
struct audit_notary {
    const uint8_t *seed; /* 32 bytes: of the Ed25519 key */
    uint64_t entries;
    int64_t interval_ms;
    const struct audit_retention *retention; /* NULL: nothing is ever deleted */
    struct anchor *const *anchors; /* where checkpoints go besides; they outlive the log */
    size_t anchor_count;
};

struct audit_config {
    const char *dir;                   /* made when absent, mode 0700 */
    const uint8_t *fingerprint_key;    /* 32 bytes: HMAC of normalized statements */
    size_t segment_bytes;              /* a new file after this; 0: 64 MiB */
    const struct audit_notary *notary; /* NULL: no checkpoints */
};

/* Opens or continues the log. The last segment is verified; a torn last line (a crash in mid-write)
 * is cut and a system entry says so; anything else that is wrong is ERR_CORRUPT and the log isn't
 * opened. A second process on the same folder is refused. */
MUST_USE enum status audit_open(const struct audit_config *c, struct audit **out, struct error *e);
void audit_close(struct audit *a); /* writes what waits, signs the end; NULL is allowed */

enum audit_wait {
    AUDIT_WRITTEN, /* given to the operating system: survives the end of this process */
    AUDIT_DURABLE  /* on the disk: survives the loss of power */
};

/* Appends and waits. Safe from any thread. */
MUST_USE enum status audit_append(struct audit *a, const struct audit_entry *entry,
                                  enum audit_wait wait, struct error *e);

/* What entries show of `entry->sql`, redacted and fingerprinted once for all entries about it; in
 * the arena. */
struct str audit_text(struct audit *a, const struct audit_entry *entry, struct arena *arena);

/* The organizations' own patterns from now on (taken over; NULL: none). What audit_text() made
 * under another version is to be made anew. */
struct patterns;
void audit_set_patterns(struct audit *a, struct patterns *p);
uint64_t audit_patterns_version(struct audit *a);

/* Has `see` told of each entry that is appended from now on, on the appender's thread: it must be
 * quick, and append nothing. Before statements run, and once. */
void audit_observe(struct audit *a, void (*see)(void *ctx, const struct audit_entry *entry),
                   void *ctx);

/* Reads the log's files as they are now and compares them with what this process knows that it
 * wrote: a change anywhere is found, also one that a verifier without a checkpoint can't see.
 * `go_on` is told the bytes of each line, and ends the reading by false; the report then says
 * nothing (0 entries, valid). FAIL: the files can't be read. */
struct audit_report;
MUST_USE enum status audit_check(struct audit *a, bool (*go_on)(void *ctx, size_t bytes), void *ctx,
                                 struct audit_report *out, struct error *e);

/* How its anchors do, at most `max`; gives their number. */
struct anchor_state;
size_t audit_anchors(const struct audit *a, struct anchor_state *out, size_t max);

/* False once a write failed. */
bool audit_is_healthy(const struct audit *a);

#endif
