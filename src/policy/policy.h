/* Policy: pure decisions. Policies are compiled once into an immutable, versioned snapshot; a
 * statement gets one decision from one snapshot. No I/O here: the control store gives the documents
 * (JSON as in docs/policies.md), the pipeline gives the binding. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/error.h"
#include "catalog/catalog.h"
#include "policy/principal.h"
#include "sql/ast.h"
#include "sql/bind.h"

struct policy_snapshot;

struct policy_document {
    struct str id, org_id, name;
    struct str json; /* {"type":"column_masking"|"row_level_security"|"abac", ...} */
    bool enabled;
};

/* Checks one document: JSON, fields, functions, and the row filter's grammar. The error names the
 * field ("rules[0].function") and what it may be. */
MUST_USE enum status policy_check(const struct policy_document *d, struct error *e);

/* Compiles all organizations' documents. A document that doesn't compile (it was checked when stored,
 * so this is damage) denies every statement of its organization. One reference. */
struct policy_snapshot *policy_compile(const struct policy_document *documents, size_t count,
                                       uint64_t version);
struct policy_snapshot *policy_ref(struct policy_snapshot *s);
void policy_unref(struct policy_snapshot *s);
uint64_t policy_version(const struct policy_snapshot *s);

enum mask_function { MASK_NONE, MASK_FULL, MASK_PARTIAL, MASK_HASH, MASK_NULL };

struct mask {
    enum mask_function function;
    int visible_chars;   /* PARTIAL */
    bool as_text;        /* a non-text column becomes text instead of NULL */
    struct str policy_id, policy_name;
};

struct row_filter {
    struct str policy_id, policy_name;
    const struct node *filter; /* parsed, not yet bound; {attribute} is a PARAM */
    const struct value *values;/* [i] for PARAM i+1, from the principal's attributes */
    size_t value_count;
};

struct table_verdict {
    const struct bound_table *table;
    bool tenant_scoped;             /* tenant column = org_id must be injected */
    const struct row_filter *filters;
    size_t filter_count;
    const struct mask *masks;       /* [column] of the table; function MASK_NONE: not masked */
};

struct verdict_note { /* for the audit entry */
    struct str policy_id, policy_name, action; /* "mask", "filter", "deny", "allow" */
    struct str columns;                        /* comma-separated, may be empty */
};

struct decision {
    struct table_verdict *tables; /* [i] for binding->tables[i] */
    size_t table_count;
    struct verdict_note *notes;
    size_t note_count;
};

struct policy_request {
    const struct principal *principal;
    const struct binding *binding;
    int64_t now_us; /* for time-of-week rules */
};

/* The decision, in the arena; FAIL with ERR_DENIED (message without hidden names; the policy's name in
 * the hint only for owner and admin) and, when `*out` is not NULL then, the notes of the denial. In the
 * order: key scope and role for the action, allowed schemas and tables, tenancy (a table of another
 * organization was never visible), ABAC rules (deny wins; an unknown attribute denies), row filters
 * (an absent attribute denies), masks; then use of masked columns other than as a bare output
 * (ERR_MASKED_USE), and unknown lineage over masked tables. */
MUST_USE enum status policy_decide(const struct policy_snapshot *s, const struct policy_request *r,
                                   struct arena *a, struct decision **out, struct error *e);

/* May this role, with these scopes, do it at all? */
enum action { ACTION_QUERY, ACTION_WRITE, ACTION_DELETE, ACTION_DDL, ACTION_READ_SCHEMA,
              ACTION_READ_AUDIT, ACTION_MANAGE, ACTION_BILLING };
bool policy_role_may(const struct principal *p, enum action action);
const char *action_name(enum action a); /* "query" */

#endif
