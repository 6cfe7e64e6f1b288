/* The organizations' own patterns of redaction (audit/pattern.h). What they must be, the caller has
 * checked. */
#ifndef STORE_PATTERNS_H
#define STORE_PATTERNS_H

#include "store/store.h"

struct store_pattern {
    struct str org_id, name, text;
    int64_t created_us;
};

/* Of one organization, or of all (STR_NULL), by organization and name. */
MUST_USE enum status store_patterns(struct store *s, struct str org_id, struct arena *a,
                                    struct store_pattern **rows, size_t *n, struct error *e);

/* Adds it, or changes that of the name. ERR_VALIDATION where there are `most` others. */
MUST_USE enum status store_pattern_set(struct store *s, struct str actor, struct str org_id,
                                       struct str name, struct str text, size_t most,
                                       struct error *e);

/* ERR_NOT_FOUND. */
MUST_USE enum status store_pattern_remove(struct store *s, struct str actor, struct str org_id,
                                          struct str name, struct error *e);

#endif
