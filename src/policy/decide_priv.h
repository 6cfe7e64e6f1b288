/* A decision being made: what the files of the decision share. Private to decide*.c. */
#ifndef POLICY_DECIDE_PRIV_H
#define POLICY_DECIDE_PRIV_H

#include "policy/rules.h"

/* A filter whose sub-queries are being decided on. */
struct reading {
    const struct table *table; /* that it is of */
    const struct policy_label *policy;
    const struct reading *around;
};

/* What all filters of a statement read. */
struct reads_met {
    VEC_OF(const struct filter_reads *) list;
    bool is_told; /* the refusal is one of a filter, and names nothing that it reads */
};

struct deciding {
    const struct org_rules *org; /* NULL: no policies */
    const struct principal *who;
    const struct binding *binding;
    const struct catalog *catalog;
    int64_t now_us;
    struct arena *arena;
    struct decision *decision;
    VEC_OF(struct verdict_note) notes;
    const struct reading *within; /* the filters around, the innermost first; NULL: none */
    struct reads_met *met;
    struct error *error;
};

/* decide.c */
void decide_note(struct deciding *d, struct str id, struct str name, const char *action,
                 struct str columns, const struct table *t); /* `t` NULL: of no table */
/* Decides on the binding: fills `d->decision`, but for its notes. */
MUST_USE enum status decide_binding(struct deciding *d);
/* Who manages policies is told which ones it was; FAIL. */
enum status decide_name_policies(struct deciding *d, const char *names);
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

/* "a row filter can't be applied: why", which names nothing that it reads. FAIL. */
enum status decide_refuse_filter(struct deciding *d, const struct policy_label *policy,
                                 const char *why);

/* decide_reads.c: how many filters stand around. */
unsigned decide_depth(const struct deciding *d);
/* What the sub-queries of a bound filter of `t` read, as a query of the caller's
 * own, into f->reads. Refuses filters that read each other without end. */
MUST_USE enum status decide_reads(struct deciding *d, const struct filter_rule *rule,
                                  const struct table *t, struct row_filter *f);
/* Who is bound by a filter doesn't make, or change the schema of, a table that it reads. */
MUST_USE enum status decide_read_by_filters(struct deciding *d, const struct table *t);

#endif
