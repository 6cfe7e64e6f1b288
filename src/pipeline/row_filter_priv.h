/* What the files of the row filter share. Private to row_filter*.c. */
#ifndef PIPELINE_ROW_FILTER_PRIV_H
#define PIPELINE_ROW_FILTER_PRIV_H

#include "pipeline/row_filter.h"
#include "sql/make.h"

/* Of all filters of a statement, those within others too: parameters behind the client's own. */
struct filter_values {
    size_t client_count; /* of the client's parameters */
    VEC_OF(struct value) list;
};

/* A statement, or a filter whose sub-queries read tables, being rewritten. */
struct rewrite {
    struct arena *arena;
    const struct binding *binding;
    const struct decision *decision;
    const struct principal *principal;
    struct error *error;
    struct filter_values *values;
    unsigned depth;   /* of the filters that stand in it */
    bool *done;       /* [i]: an occurrence of binding->tables[i] was treated */
    bool *grouped;    /* [i]: aggregates over binding->tables[i] look at its keys */
    bool all_columns; /* a join by column names: a sub-query must show them all */
    bool as_literals; /* the engine runs this statement as text: it takes no parameters */
    bool failed;
};

/* What stands for a column of the filtered table: NULL refuses. */
typedef struct node *column_source(struct rewrite *w, const struct table *t, int column, void *ctx);

/* Row predicates (row_filter_predicate.c). */
bool verdict_filters(const struct table_verdict *v);

/* The tenant's equality and the conditions of the uses (bits of 1 << enum row_use) over
 * "alias"."column", as one expression: NULL where there are none of either. */
MUST_USE enum status predicate_over(struct rewrite *w, const struct table_verdict *v, unsigned uses,
                                    struct str alias, struct node **out);
/* The conditions alone, over what `source` gives. */
MUST_USE enum status predicate_filters(struct rewrite *w, const struct table_verdict *v,
                                       unsigned uses, column_source *source, void *ctx,
                                       struct node **out);
/* The uses whose conditions hold of rows that are written as `use` says. */
unsigned uses_with_sight(const struct table_verdict *v, enum row_use use);
/* Has a condition of the uses a sub-query? */
bool predicate_has_query(const struct table_verdict *v, unsigned uses);
/* The organization's id as a value of the tenant column's type; NULL after a failure. */
struct node *predicate_tenant_value(struct rewrite *w, const struct table *t);
/* Flags of the columns that the conditions of the uses read. */
bool *predicate_columns(struct rewrite *w, const struct table_verdict *v, unsigned uses);

/* Do masks act at the references to this table (row_filter_mask.c)? */
bool verdict_masks(const struct rewrite *w, const struct table_verdict *v);
/* What is shown of the column, whose raw value `raw` is: `raw` itself where it isn't masked. */
struct node *masked_column(struct rewrite *w, const struct table_verdict *v, size_t column,
                           struct node *raw);

/* Aggregates over columns that are seen in groups only give NULL for small ones
 * (row_filter_group.c). False: the error is set. Comes before tables become sub-queries. */
bool guard_groups(struct rewrite *w, struct node **stmt);
/* The keys of the groups, for the sub-query that the table becomes. */
void show_group_keys(struct rewrite *w, const struct table_verdict *v, struct str alias,
                     struct node_list *targets);

struct node *make_barrier(struct arena *a); /* the LIMIT that nothing passes */
struct node *make_refusal(struct arena *a); /* error(REWRITE_ROW_POLICY) */

/* Targets of statements that write (row_filter_write.c). */
MUST_USE enum status rewrite_insert(struct rewrite *w, struct node_insert *n);
MUST_USE enum status rewrite_delete(struct rewrite *w, struct node_delete_stmt *n);
MUST_USE enum status rewrite_merge(struct rewrite *w,
                                   struct node_merge *n); /* row_filter_merge.c */

/* Rows that are changed (row_filter_update.c). */
MUST_USE enum status rewrite_update(struct rewrite *w, struct node_update *n);
MUST_USE enum status rewrite_conflict(struct rewrite *w, const struct table_verdict *v,
                                      struct str alias, struct node_on_conflict *c);
/* What must hold, by the conditions of the uses, of the row that the assignments make of one of
 * `alias`: NULL where nothing more is
 * asked of it than of the row as it was. Values that are asked for are cast where they stand. */
MUST_USE enum status check_changed_row(struct rewrite *w, const struct table_verdict *v,
                                       unsigned uses, struct str alias,
                                       const struct node_list *assignments, struct node **check);
/* Can the value be written down twice, and be of the column's type both times? */
MUST_USE enum status check_repeatable(struct rewrite *w, const struct node *value,
                                      const struct type *type);
/* CASE WHEN demand THEN TRUE ELSE error(...) END */
struct node *make_demand(struct arena *a, struct node *demand);

/* Marks the target and puts the conditions of the uses into WHERE. */
MUST_USE enum status rewrite_where(struct rewrite *w, const struct node *ref, unsigned uses,
                                   struct node **where);
/* policy AND user, the user's predicate kept from rows that the policy hides. */
MUST_USE enum status guard_where(struct rewrite *w, struct node *policy, struct str alias,
                                 struct node **where);
/* Does a sub-query inside look at the row of `alias`? */
bool has_correlation(struct node *n, struct str alias);
enum status refuse_correlation(struct rewrite *w, const struct node *at);
/* That a key is taken, or is not, must not tell of a hidden row. `uses`: what makes rows here of
 * which it isn't asked that they may be seen. */
MUST_USE enum status check_keys(struct rewrite *w, const struct table_verdict *v, unsigned uses);

/* The tables that a filter's instance reads become sub-queries as those of a statement do. */
MUST_USE enum status rewrite_reads(struct rewrite *w, const struct filter_reads *reads,
                                   struct node **instance);
/* The verdict on a TABLE_REF; NULL where it is not of the decision. */
const struct table_verdict *verdict_of(const struct rewrite *w, const struct node *ref);
struct str ref_alias(const struct node *ref);

#endif
