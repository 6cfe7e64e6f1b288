/* Policy: pure decisions. Policies are compiled once into an immutable, versioned snapshot; a
 * statement gets one decision from one snapshot. No I/O here: the control store gives the documents
 * (JSON as in docs/policies.md), the pipeline gives the binding.
 *
 * A snapshot never changes and its count is atomic: any thread may decide over it at any time. */
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

/* Limits of one document. */
enum {
    POLICY_FILTER_DEPTH = 8,      /* filters that stand within the sub-queries of others */
    POLICY_FILTER_READS = 500,    /* filters with sub-queries that one statement meets */
    POLICY_JSON_MAX = 256 * 1024, /* bytes of JSON */
    POLICY_RULES_MAX = 1000,      /* rules of a document */
    POLICY_LIST_MAX = 1000,       /* entries of one list */
    POLICY_FILTER_MAX = 4096,     /* bytes of a row filter */
    POLICY_ATTRIBUTES_MAX = 64    /* placeholders of a row filter */
};

/* Reads one document's head: its name, and whether it is enabled (it is, where it doesn't say). The
 * position is the offset in the text. Does not check the rest. */
MUST_USE enum status policy_head_read(struct str text, struct arena *a, struct policy_document *out,
                                      struct error *e);

/* Checks one document: JSON, fields, functions, and the row filter's grammar. ERR_VALIDATION names
 * the field ("rules[0].function") and what it may be. */
MUST_USE enum status policy_validate(const struct policy_document *d, struct error *e);

/* Whether its row filters fit the tables of one environment that they name: bound as a statement
 * will bind them, and conditions. ERR_VALIDATION as of policy_validate(), with the table. A table
 * that isn't there is none to fit; whether two types can be compared is left to the engine. */
MUST_USE enum status policy_fits(const struct policy_document *d, const struct catalog *catalog,
                                 struct space space, struct error *e);

/* Is it in shadow mode, deciding nothing? False where it can't be read. */
bool policy_is_shadow(const struct policy_document *d);

/* The environments that a document limits itself to, in the arena; none: it is for all, or can't be
 * read. */
size_t policy_environments(const struct policy_document *d, struct arena *a, struct str **out);

/* All that is wrong with a document, in the arena: each as policy_validate() would tell it, with
 * its offset in the JSON as the position. 0: it is good. */
size_t policy_mistakes(const struct policy_document *d, struct arena *a, struct error **out);

/* The offset in a document of the field that a message begins with, such as "rules[0].filter: must
 * be ...". Where it isn't there, of the nearest that is around it. */
size_t policy_place(struct str json, const char *message);

/* Compiles all organizations' documents. A document that doesn't compile (it was checked when
 * stored, so this is damage) denies every statement of its organization; one that is off doesn't
 * count. One reference. */
struct policy_snapshot *policy_compile(const struct policy_document *documents, size_t count,
                                       uint64_t version);
struct policy_snapshot *policy_ref(struct policy_snapshot *s);
void policy_unref(struct policy_snapshot *s); /* NULL is allowed */
uint64_t policy_version(const struct policy_snapshot *s);

/* From the loosest to the strictest. */
enum mask_function { MASK_NONE, MASK_PARTIAL, MASK_HASH, MASK_FULL, MASK_NULL };

struct mask {
    enum mask_function function;
    int visible_chars; /* PARTIAL */
    bool as_text;      /* a non-text column becomes text instead of NULL */
    struct str policy_id, policy_name;
};

/* The type of a column of type `t` under the mask; `t` itself where nothing changes. `m` NULL:
 * none. */
const struct type *mask_type(const struct type *t, const struct mask *m);

/* What use of a column is left to whom a rule concerns, from the loosest to the strictest. */
enum usage_kind { USAGE_FREE, USAGE_NO_PROJECTION, USAGE_MIN_GROUP, USAGE_DENIED };

/* At least `size` different keys stand behind an aggregate. */
struct min_group {
    int size, key; /* a column of the table; -1: its rows */
    const struct min_group *next;
};

/* Stands beside a mask: where a column has both, both hold. */
struct usage {
    enum usage_kind kind;           /* the strictest; the others hold too */
    bool no_projection;             /* is among them */
    const struct min_group *groups; /* all must be large enough; NULL: no such rule */
    struct str policy_id, policy_name;
};

/* What the sub-queries of a condition read: decided as a query of the caller's own, so that his row
 * filters, masks and denials hold there too. */
struct filter_reads {
    const struct binding *binding;
    const struct decision *decision;
    unsigned depth; /* 0: of a table of the statement; else of one that another filter reads */
};

/* One condition over a table's rows: of which rows are there, or of what new ones must be. */
struct row_filter {
    struct str policy_id, policy_name;
    struct str text; /* as its policy has it; of the snapshot, as are the names that follow */
    const struct str *attributes; /* [i] is what PARAM i+1 stands for */
    const struct node *filter; /* bound to the table by sql_bind_filter; {attribute} is a PARAM */
    struct bound_filter bound;
    const struct filter_reads *reads; /* NULL: it looks at its own row alone */
    const struct value *values;       /* [i] for PARAM i+1, from the principal's attributes */
    size_t value_count;
    bool is_check; /* its rule's own condition for new rows, which differs from that for old ones */
    bool is_any;   /* one of several of which one must hold */
};

/* What is done with a row; each use has conditions of its own. */
enum row_use {
    ROWS_SELECTED,
    ROWS_UPDATED, /* the row as it was */
    ROWS_DELETED,
    ROWS_INSERTED,
    ROWS_CHANGED, /* the row as an UPDATE makes it */
    ROW_USES
};

/* All must hold that aren't of `is_any`; and where it is closed, at least one that is. */
struct row_conditions {
    const struct row_filter **at;
    size_t n;
    bool is_closed;
};

/* Do they let every row through because there are none? */
bool row_conditions_none(const struct row_conditions *c);
/* Does a row that satisfies `c` satisfy `other`, because it asks for the same or more? */
bool row_conditions_imply(const struct row_conditions *c, const struct row_conditions *other);

struct table_verdict {
    const struct bound_table *table;
    bool tenant_scoped; /* tenant column = org_id must be injected */
    /* By enum row_use. Of a table that is read: SELECTED alone. Of one that is written: also those
     * of what the statement may do to its rows. */
    struct row_conditions rows[ROW_USES];
    bool looks_at_rows; /* rows that are written, old and new, must also be such as may be read */
    const struct row_filter **filters; /* each once that acts */
    size_t filter_count;
    const struct mask *masks;   /* [column] of the table; function MASK_NONE: not masked */
    const struct usage *usages; /* [column] of the table */
    /* Both as they were if the policies in shadow mode were enforced; NULL: these change nothing.
     */
    const struct mask *shadow_masks;
    const struct usage *shadow_usages;
};

/* Does a condition bind any of the rows' uses? (Apart from the tenant's.) */
bool verdict_is_filtered(const struct table_verdict *v);

struct verdict_note {                          /* for the audit entry */
    struct str policy_id, policy_name, action; /* "mask", "limit", "filter", "deny", "allow"; of a
                                                  policy in shadow mode, which did nothing,
                                                  "would_mask", "would_filter", "would_deny" */
    struct str columns;                        /* comma-separated, may be empty */
    struct str table;                          /* that it was said of, or empty */
};

struct decision {
    struct table_verdict *tables; /* [i] for binding->tables[i] */
    size_t table_count;
    bool
        masks_at_reference; /* what is read of a masked column is its mask; the outputs have none */
    const struct filter_reads *const *reads; /* of all filters, and of those within them */
    size_t read_count;
    struct verdict_note *notes;
    size_t note_count;
};

/* Do the masks that act at the references show a column in another type than its own? Then what is
 * decided on must be bound again, with decision_shown_type() and the decision in the context. */
bool decision_changes_types(const struct decision *d);
const struct type *decision_shown_type(const void *decision, const struct table *t, size_t column);

struct policy_request {
    const struct principal *principal;
    const struct binding *binding;
    const struct catalog *catalog; /* that it was bound over: for the sub-queries of row filters */
    int64_t now_us;                /* for time-of-week rules */
};

/* The decision, in the arena; FAIL with ERR_DENIED (message without hidden names; the policy's name
 * in the hint only for owner and admin). `*out` is always set: after FAIL it has no tables, only
 * the notes of the denial. In the order: role and key scope for the action, allowed schemas and
 * tables, tenancy (a table of another organization was never visible), ABAC rules (deny wins; an
 * unknown attribute denies), row filters (an absent attribute denies), masks; then, what use of a
 * column is denied; where a masked column is used other than as a bare output, whether its mask can
 * act at the reference; and unknown lineage over tables with either (ERR_MASKED_USE).
 *
 * A table outside a key's allowed ones is ERR_UNKNOWN_TABLE with the text of a table that isn't
 * there. */
MUST_USE enum status policy_decide(const struct policy_snapshot *s, const struct policy_request *r,
                                   struct arena *a, struct decision **out, struct error *e);

/* The mask of each output of the binding, in an array of output_count in the arena; function
 * MASK_NONE where it has none, and everywhere where the masks act at the reference. An output with
 * several bare origins (UNION ALL) has the strictest of theirs. `d` must be the decision of this
 * binding. ERR_MASKED_USE as of policy_decide. */
MUST_USE enum status policy_output_masks(const struct decision *d, const struct binding *b,
                                         struct arena *a, const struct mask ***out,
                                         struct error *e);

enum action {
    ACTION_QUERY,
    ACTION_WRITE,
    ACTION_DELETE,
    ACTION_DDL,
    ACTION_READ_SCHEMA,
    ACTION_READ_AUDIT,
    ACTION_MANAGE,
    ACTION_BILLING,
    ACTION_COUNT
};

/* What the statement does to what it changes; of one that changes nothing: ACTION_QUERY. */
enum action policy_main_action(const struct binding *b);

/* May this role, with these scopes, do it at all? */
bool policy_role_may(const struct principal *p, enum action action);
const char *action_name(enum action a); /* "query" */

/* Is the table among those that the key may touch? (All, unless the key names
 * schemas or tables; none but the audit log, for who may do nothing with tables.) */
bool policy_may_touch(const struct principal *p, const struct table *t);

#endif
