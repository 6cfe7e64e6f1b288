/* A decision being made: what the files of the decision share. Private to decide*.c. */
#ifndef POLICY_DECIDE_PRIV_H
#define POLICY_DECIDE_PRIV_H

#include "policy/rules.h"

struct deciding {
    const struct org_rules *org; /* NULL: no policies */
    const struct principal *who;
    const struct binding *binding;
    int64_t now_us;
    struct arena *arena;
    struct decision *decision;
    VEC_OF(struct verdict_note) notes;
    struct error *error;
};

/* decide.c */
void decide_note(struct deciding *d, struct str id, struct str name, const char *action,
                 struct str columns, const struct table *t); /* `t` NULL: of no table */
/* Notes the refusal whose error is set; who manages policies finds the policy in the hint. FAIL. */
enum status decide_deny(struct deciding *d, struct str id, struct str name);

/* decide_shadow.c: what a policy of shadow mode would have done, noted once a table: `did` is
 * "would_deny", "would_mask" or "would_filter"; `used` flags the columns of `t` that it is about,
 * NULL: none are named. */
void decide_would(struct deciding *d, struct str id, struct str name, const char *did,
                  const struct table *t, const bool *used);
/* Where masks of shadow mode differ from those that act: of the columns that are read. */
void decide_would_mask(struct deciding *d, const struct table_verdict *v);
/* A change of schema, which whom they concern may not make. */
void decide_would_protect(struct deciding *d, const struct table *t,
                          const struct column_rules *enforced, const struct column_rules *shadow);
/* Would the masks and the rules of use of shadow mode have let the statement through? */
void decide_would_use(struct deciding *d, const struct decision *whole);

/* decide_access.c: role and scope, and the tables that the key and the organization may touch. */
MUST_USE enum status decide_actions(struct deciding *d);
MUST_USE enum status decide_touch(struct deciding *d);
const char *decide_verb(enum action a); /* "read data": for messages */
/* Does the statement read this occurrence? A target whose columns are looked at is read too. */
bool decide_is_read(const struct bound_table *t);

/* decide_filter.c: the row filters that concern who asks, bound, with their values. */
MUST_USE enum status decide_filters(struct deciding *d, const struct table_rules *rules,
                                    struct table_verdict *v);

#endif
