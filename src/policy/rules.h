/* What documents become: rules ready to be asked. Internal to src/policy/.
 *
 * Names and tags are lower case here, so that a decision compares bytes. All memory is the arena's
 * of the snapshot (or of the check) that read the document. */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/abac.h"
#include "policy/policy.h"

struct policy_label {
    struct str id, name;
};

/* What a rule's "table", "column" or a resource names. */
enum selector_kind {
    SELECT_EVERYTHING, /* "*": resources of ABAC only; also statements without a table */
    SELECT_ANY,        /* any table ("table:*"), or any column */
    SELECT_NAME,       /* a table by qualified or bare name, or a column */
    SELECT_TAG,
    SELECT_SCHEMA
};

struct selector {
    enum selector_kind kind;
    struct str text;
};

/* Whom a rule concerns. */
struct audience {
    unsigned exempt_roles;              /* 1 << enum role */
    struct str_list agents, frameworks; /* both empty: everybody */
    struct str_list environments;       /* of the policy; empty: all */
};

/* A rule of a policy in shadow mode (`shadow`) is asked as the others are and decides nothing: what
 * it would have done is noted. */
struct mask_rule {
    struct selector table, column;
    struct audience audience;
    bool shadow;
    struct mask mask;     /* MASK_NONE where the rule is one of use */
    struct usage usage;   /* USAGE_FREE where it is one of a mask; its groups are of each table */
    int group_size;       /* of USAGE_MIN_GROUP */
    struct str group_key; /* a column's name; empty: rows */
};

/* A condition of a row filter. */
struct filter_condition {
    struct str text;            /* as the document has it */
    const struct node *tree;    /* placeholders are PARAM nodes */
    struct str_list attributes; /* [i] is the attribute of PARAM i+1 */
    bool has_query;             /* it reads more than its row */
};

struct filter_rule {
    const struct policy_label *policy;
    struct selector table;
    struct audience audience;
    bool shadow;
    bool is_any;                        /* of the rules of this kind, one must hold */
    unsigned uses;                      /* 1 << enum row_use: what it says something of */
    struct filter_condition old, fresh; /* of rows that are there, and of new ones; of no text
                                           where the rule has nothing to say of such */
};

struct abac_rule {
    const struct policy_label *policy;
    bool deny, shadow;
    unsigned actions;             /* 1 << enum action */
    struct str_list environments; /* of the policy; empty: all */
    struct selector *resources;
    size_t resource_count;
    struct condition *conditions; /* all must hold */
    size_t condition_count;
};

struct rules {
    bool enabled, shadow; /* what the document says of itself */
    struct str_list environments;
    struct mask_rule *masks;
    size_t mask_count;
    struct filter_rule *filters;
    size_t filter_count;
    struct abac_rule *abac; /* one or none */
};

/* Reads a document (document.c). ERR_VALIDATION names the field, the first that is wrong. */
MUST_USE enum status document_read(const struct policy_document *d, struct arena *a,
                                   struct rules *out, struct error *e);

struct mistakes {
    VEC_OF(struct error) list;
};

/* Reads a row filter's text (filter_text.c): what stands for an attribute becomes a PARAM, and the
 * tree is refused where it isn't one condition of a row and of what sub-queries find. */
MUST_USE enum status filter_read(struct str text, struct arena *a, struct filter_condition *out,
                                 struct error *e);

bool audience_has(const struct audience *w, const struct principal *p);
bool audience_exempts(const struct audience *w, const struct principal *p);

/* Does the rule say anything of who asks? One of which one must hold also speaks of those whom it
 * doesn't let through. */
bool filter_concerns(const struct filter_rule *rule, const struct principal *p);

/* Is his environment one of the list? Of an empty one every environment is. */
bool environments_have(const struct str_list *l, const struct principal *p);

/* What an organization's rules say about one table, found by name and tag (snapshot.c). */
struct bucket {
    VEC_OF(const struct mask_rule *) masks;
    VEC_OF(const struct filter_rule *) filters;
    VEC_OF(const struct abac_rule *) abac;
};

struct org_rules {
    bool is_damaged;
    struct str damaged_policy;                  /* its name */
    struct map *index;                          /* text made by bucket_key() to struct bucket */
    struct bucket everything;                   /* ABAC rules on "*" */
    struct bucket any_table;                    /* ABAC rules on "table:*" */
    VEC_OF(const struct filter_rule *) reading; /* row filters with sub-queries */
    bool has_any_table_masks;                   /* by column name, whatever the table */
    bool has_column_tag_masks;                  /* by column tag, whatever the table */
};

/* NULL: the organization has no policies. */
const struct org_rules *snapshot_org(const struct policy_snapshot *s, struct str org_id);

enum bucket_of {
    BUCKET_TABLE = 't',
    BUCKET_TABLE_TAG = 'g',
    BUCKET_SCHEMA = 's',
    BUCKET_COLUMN = 'c',    /* any table's */
    BUCKET_COLUMN_TAG = 'k' /* any table's */
};

/* NULL: nothing is said of it. The name's case doesn't matter. */
const struct bucket *bucket_find(const struct org_rules *o, enum bucket_of of, struct str name);

/* The buckets of one table: by its names, its schema, its tags. */
struct table_rules {
    const struct bucket **at;
    size_t count;
};
void table_rules_find(const struct org_rules *o, const struct table *t, struct arena *a,
                      struct table_rules *out); /* `o` may be NULL */

/* Masks (masks.c). */

/* The stricter of both into `*m`. */
void mask_tighten(struct mask *m, const struct mask *other);

/* What the rules say of the columns of a table. */
struct column_rules {
    struct mask *masks; /* [column] */
    struct usage *usages;
    const struct mask_rule *missing; /* a rule that names a column that isn't there, or NULL: it was
                                        renamed or dropped, and may be under another name now */
};

/* The rules that act, in arrays of column_count, and what they were if those of shadow mode were
 * enforced too: no arrays where these say nothing to who asks. */
void masks_collect(const struct org_rules *o, const struct table_rules *rules,
                   const struct principal *p, const struct table *t, struct arena *a,
                   struct column_rules *enforced, struct column_rules *shadow);
bool column_rules_any(const struct table *t, const struct mask *masks, const struct usage *usages);

/* Where the masks of the statement act: on its outputs, or, where a masked column is used in any
 * other way, at each reference. FAIL where they can act at neither. */
MUST_USE enum status masks_check_uses(const struct decision *d, const struct binding *b,
                                      bool *at_reference, struct error *e);

/* ERR_MASKED_USE: it can't be proved where values go. FAIL. */
enum status masks_refuse_unknown(struct error *e);

/* Gives a filled error the position of a reference to the column, one of `o->how` if it can. FAIL.
 * (refusal_place.c) */
enum status refusal_point_at(const struct binding *b, const struct origin *o, struct error *e);

/* Uses (usage.c). */

/* Both into `*u`. */
void usage_tighten(struct usage *u, const struct usage *other, struct arena *a);
/* What the rule says of a column of `t`. FAIL: the table doesn't have the rule's key. */
MUST_USE enum status usage_of_rule(const struct mask_rule *rule, const struct table *t,
                                   struct arena *a, struct usage *out);

/* FAIL where the statement uses a column in a way that is denied, and where that isn't known of one
 * with such a rule: `*by` is the rule's, or NULL. Names columns only as the caller could have. */
MUST_USE enum status usage_check(const struct decision *d, const struct binding *b,
                                 const struct usage **by, struct error *e);

#endif
