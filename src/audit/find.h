/* Where entries are, asked of the engine's columns (columns.h) instead of reading the log. They are
 * only an index: what is at a place is read from the log, and judged there. */
#ifndef AUDIT_FIND_H
#define AUDIT_FIND_H

#include "audit/search.h"

struct audit_place {
    uint64_t seq;
    unsigned segment; /* its number */
    uint64_t offset;  /* bytes of the segment before the line */
};

/* The places of the newest entries that `s` is for, of those with least <= seq < before (0: any),
 * falling by seq; at most `most`. */
MUST_USE enum status audit_find(const struct audit_search *s, uint64_t least, uint64_t before,
                                struct audit_place *out, size_t most, size_t *n, struct error *e);

#endif
