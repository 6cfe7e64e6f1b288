/* Proofs about a log, for who has a signed checkpoint and the public key but not the log: that an
 * entry is in it, and that it begins with what an older checkpoint was made over (RFC 9162,
 * sections 2.1.3 and 2.1.4). docs/audit-format.md has their JSON. */
#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include "audit/verify.h"

/* Which entry: by its seq, or where that is 0 by its entry_id. */
struct prove_entry {
    uint64_t seq;
    struct str id;
};

/* Appends the proof under the log's last checkpoint. The log is verified on the way: ERR_CORRUPT
 * where it is broken; ERR_NOT_FOUND where there is no such entry, or no checkpoint after it yet. */
MUST_USE enum status prove_inclusion(const char *path, const struct prove_entry *which,
                                     struct buf *out, struct error *e);

/* The same that the log begins with the entries of `old`, a note, which is verified to be one of
 * this log. */
MUST_USE enum status prove_consistency(const char *path, struct str old, struct buf *out,
                                       struct error *e);

/* What a proof shows. */
struct proof_shown {
    struct checkpoint checkpoint;
    bool is_inclusion;
    uint64_t seq;           /* inclusion: of the entry */
    struct str entry;       /* its line, in the arena */
    struct checkpoint from; /* consistency: what came first */
};

/* Checks a proof with public keys alone; there must be one. ERR_CORRUPT: not a proof, or it proves
 * nothing; ERR_KEY: a checkpoint in it isn't signed by one of them. */
MUST_USE enum status proof_check(struct str json, const struct note_key *keys, size_t count,
                                 struct arena *a, struct proof_shown *out, struct error *e);

#endif
