/* What the files of the binder share: its state, scopes, and the functions that bind each family of
 * nodes. Private to bind*.c.
 *
 * Two rules keep the engine's reading of the printed tree equal to ours. Every FROM item, CTE and
 * lambda parameter gets a name that is unique in the whole statement, and every column reference is
 * rewritten to [that name, the column's name]; so no other scope rule of the engine's can catch a
 * reference. And a lineage is added to the statement's uses by whoever looks at the value
 * (bind_use): only a reference that is passed on as it is adds nothing. */
#ifndef SQL_BIND_STATE_H
#define SQL_BIND_STATE_H

#include "base/map.h"
#include "sql/bind.h"
#include "sql/function.h"
#include "sql/walk.h"

#define BIND_MAX_DEPTH   1200 /* of nesting, views included */
#define BIND_MAX_VIEWS   256  /* opened by one statement */
#define BIND_VIEW_DEPTH  8
#define BIND_MAX_RANGES  1000 /* FROM items of one statement */
#define BIND_MAX_COLUMNS 4096 /* of an output, ORDER BY, GROUP BY, VALUES row, WITH */
#define BIND_MAX_COPIED                                                                            \
    100000 /* nodes that stand for aliases: an alias of an alias doubles them                      \
            */
#define BIND_LONGEST_BIGNUM 4096  /* bytes of text that become one */
#define BIND_MAX_PARAMS     65535 /* the protocol counts them in 16 bits */

/* What is known of a value. */
struct bound_expr {
    const struct type *type;
    const struct lineage *origins;
    bool is_bare;  /* one base column, unchanged */
    bool is_const; /* the same for every row: made of literals and parameters */
};

/* One column that a FROM item gives. */
struct range_column {
    struct str name;  /* as the engine and we both know it, unique in the range */
    struct str label; /* as star expansion shows it: before duplicates were told apart */
    struct bound_expr value;
    struct bound_column *bound;
    struct row_number *number; /* it is one (bind_row_number.c); else NULL */
    struct deferred *deferred; /* what reading it waits for (bind_deferred.c); NULL: nothing */
    bool is_merged_away;       /* the right column of USING: found by qualified name alone */
    struct node *merged;       /* the left column of USING: what the bare name means */
    struct bound_expr merged_value;
};

/* One FROM item. */
struct range {
    struct str alias; /* as written, or the table's name */
    struct str
        schema; /* of base tables without an alias: [database.]schema.table.column is allowed */
    struct str name; /* unique in the statement */
    struct range_column *columns;
    size_t n;
    struct bound_table *table; /* base tables */
    bool is_hidden;            /* the right side of a semi join, after the join */
    struct str system;         /* of a relation of pg_catalog: its name there; else empty */
};

/* One column of a FROM item, as a star shows it. */
struct star_column {
    struct range *range;
    size_t column;
};

/* The common columns of a join by names; `from` to `to` are the ranges of its two sides. */
struct merged_columns {
    size_t from, to;
    struct star_column *at;
    size_t n;
};

/* The columns that a query gives. */
struct columns {
    struct output_column *at;
    size_t n;
    struct deferred **deferred; /* [i]: what reading it waits for; NULL: none waits */
};

struct cte {
    struct str name; /* as written */
    struct str unique;
    struct columns columns;
    const struct cte *next;
    struct node *node; /* NULL: it is being bound */
};

struct lambda_param {
    struct str name, unique;
    const struct type *type;
    const struct lambda_param *next;
};

/* A window of the SELECT. */
struct window_name {
    struct str name, unique;
    const struct window_name *next;
};

/* What names mean at one place. */
struct scope {
    struct scope *parent; /* of the enclosing query: correlated references */
    const struct cte *ctes;
    VEC_OF(struct range *) ranges;
    VEC_OF(struct merged_columns) merges; /* of joins by names, the inner ones first */
    size_t first_visible;                 /* of ranges: within a join's ON, those of the join */
    const struct window_name *windows;
    const struct lambda_param *lambdas;
    struct macro_param *macro;  /* what the parameters of an opened macro mean */
    const struct type *element; /* of the list that a lambda among the arguments is for, or NULL */
    bool is_of_merge;           /* RETURNING of MERGE: merge_action may stand */
    struct node_list *targets;  /* SELECT: whose aliases other clauses may name */
    struct bound_expr *target_values;
    struct deferred **target_deferred; /* NULL: none waits */
    struct node **target_originals;    /* as written, of targets with a sub-query; else NULL */
    size_t targets_bound;              /* targets before this one are bound */
    const struct node *from, *where;   /* SELECT: as they are written */
    const struct node_list *selected;  /* SELECT: its outputs as they are written ... */
    const struct node_list *unbound_targets; /* ... while a join's ON is bound; else NULL */
    uint32_t unbound_count;                  /* of them, those that a name may mean */
};

struct binder {
    const struct bind_context *ctx;
    struct arena *a;
    struct error *e;
    struct binding *out;
    VEC_OF(struct bound_table *) tables;
    VEC_OF(struct binding *) described;
    VEC_OF(struct bound_view) views;
    VEC_OF(struct range *) all_ranges;
    VEC_OF(const struct type *) params;
    VEC_OF(struct node_param *) param_nodes;
    VEC_OF(struct reference) references;
    VEC_OF(struct deferred *) deferred;
    struct deferred *deferring;         /* the output that is being bound, if it may wait */
    const struct node *deferred_select; /* whose outputs may: that of the view being opened */
    struct map *names;                  /* unique names given so far, folded */
    const char *prefix; /* of each of them; NULL: a statement's, none of which looks like one */
    size_t views_opened, nodes_copied, nodes_kept;
    int view_depth, depth;
    int lasting_views; /* that are open: names in them mean the same for all */
    bool has_json, has_variant;
    bool has_correlated;        /* a reference to a table of an enclosing query */
    const struct node *refused; /* of a pair of operands, the one that may not meet the other */
    bool allow_default;         /* DEFAULT may stand as a value */
    struct str
        unnumbered; /* the column of a row number that can't be had and was read; or STR_NULL */
    const struct node *unnumbered_at;
    const struct node_list *shown; /* the outputs, as written, that the client is shown */
    bool is_query_body;            /* CREATE VIEW: uses are counted when the view is read */

    /* Of what is being bound: where its columns are used. */
    enum origin_use place;
};

/* bind_name.c: does the bare name mean a table although a relation of pg_catalog has it too? */
bool bind_hides_system(const struct binder *b, struct str name);

/* bind_state.c */
enum status bind_fail(struct binder *b, const struct node *at, enum error_code code,
                      const char *fmt, ...) PRINTF_LIKE(4, 5);
MUST_USE enum status bind_enter(struct binder *b, const struct node *at);
void bind_leave(struct binder *b);
MUST_USE enum status bind_limit_list(struct binder *b, const struct node *at, size_t n);
void bind_use(struct binder *b, const struct lineage *l); /* at the place that is being bound */
void bind_use_at(struct binder *b, const struct lineage *l, enum origin_use place);
/* Says which place comes, and gives the one before, to be set again behind it. */
enum origin_use bind_place(struct binder *b, enum origin_use place);

/* bind_scope.c */
struct str ident_text(const struct node *n); /* of an IDENT; empty for NULL */
struct str bind_unique(struct binder *b, struct str wanted);
struct node *bind_ident(struct binder *b, struct str text, const struct node *at);
struct node *bind_column_ref(struct binder *b, const struct range *r, size_t column,
                             const struct node *at);
/* The statement names a column there, of which `origins` are. */
void bind_note_reference(struct binder *b, const struct lineage *origins, const struct node *at);
struct range *range_new(struct binder *b, struct str alias, size_t columns);
struct range *range_of_columns(struct binder *b, struct str alias, const struct columns *columns);
struct range *range_of_table(struct binder *b, struct str alias, struct bound_table *t);
void range_tell_apart(struct binder *b, struct range *r);
MUST_USE enum status scope_add(struct binder *b, struct scope *s, struct range *r,
                               const struct node *at);
/* The column itself, and of a generated one all that it is made of. */
const struct lineage *bind_column_origins(struct binder *b, const struct table *t, int column);
/* An occurrence that is not among the statement's. */
struct bound_table *bind_new_table(struct binder *b, const struct table *t, struct node *ref,
                                   bool written);
struct bound_table *bind_add_table(struct binder *b, const struct table *t, struct node *ref,
                                   bool written);
void bind_add_view(struct binder *b, const struct table *view);
struct str bind_fold(struct arena *a, struct str s); /* its ASCII letters in lower case */

/* bind_alias_clash.c: once all is bound. `stmt` NULL: nothing can be renamed, a clash is an error.
 */
MUST_USE enum status bind_settle_aliases(struct binder *b, struct node **stmt);
/* The names, folded, that clash with columns where there are correlated sub-queries; gives their
 * number. */
size_t bind_clashing(struct binder *b, const struct str **out);

/* bind_deferred.c: an output of a view that waits until it is read. Between the two calls the
 * output is bound; NULL from the second: it doesn't wait. */
struct deferred *bind_defer(struct binder *b, struct node *target);
struct deferred *bind_defer_end(struct binder *b, struct deferred *d, bool is_grouped);
void bind_need(struct binder *b, struct deferred *d); /* something reads it; NULL is allowed */
void bind_mark_column(struct binder *b, struct bound_table *t, size_t column); /* it is read */
void bind_drop_unread(struct binder *b); /* once all is bound */

/* bind_reference.c */
/* What a name means among the FROM items of one query: `count` is 0, 1 or more that it could be. */
struct found {
    const struct range *range;
    size_t column, count;
    size_t parts; /* of the name that were used; the rest are fields of a structure */
};
struct found scope_find(const struct bind_context *c, const struct scope *s,
                        const struct node_list *parts);
/* Do the first n parts name this FROM item: alias, schema.alias or database.schema.alias? */
bool range_is_named(const struct bind_context *c, const struct range *r,
                    const struct node_list *parts, size_t n);
bool scope_has_column(const struct scope *s, struct str name); /* of this query, by its bare name */
bool scope_names_range(const struct scope *s, struct str name); /* and the enclosing ones */
MUST_USE enum status bind_reference(struct binder *b, struct scope *s, struct node **n,
                                    struct bound_expr *out);
/* ": did you mean x?" as a hint, where something is near. */
void bind_suggest_column(struct binder *b, const struct scope *s, struct str name);

/* bind_star.c */
MUST_USE enum status bind_star(struct binder *b, struct scope *s, const struct node_star *star,
                               struct node_list *targets);

/* bind_returning.c: `others` are the tables of FROM or USING, NULL where there are none. */
MUST_USE enum status bind_returning(struct binder *b, struct range *target, struct node_list *list,
                                    const struct node *others);

/* bind_using.c */
struct join_side {
    size_t from, to; /* ranges of the scope */
};
/* NATURAL and USING become ON; the right side's common columns are found by qualified name alone.
 */
MUST_USE enum status bind_join_by_name(struct binder *b, struct scope *s, struct node_join *j,
                                       struct join_side left, struct join_side right);
/* All columns of the scope in the order in which the dialect's star shows them (a qualified one: as
 * the FROM items have them), hidden and merged ones among them; gives their number. */
size_t bind_star_columns(struct binder *b, const struct scope *s, bool of_joins,
                         struct star_column **out);

/* bind_alias.c */
/* What a copy of an expression would bring: how many nodes, up to the first query in it. */
struct copied {
    bool has_query;
    size_t nodes;
};
struct copied bind_copied(struct node *n);
struct str bind_output_name(const struct scope *s, const struct node *column_ref);
/* A name of an output: its expression stands in for it. */
MUST_USE enum status bind_alias(struct binder *b, struct scope *s, struct node **n,
                                struct bound_expr *out, bool *is_found);

/* bind_refuse.c */
MUST_USE enum status bind_refuse(struct binder *b, struct node **n);

/* bind_name.c */
bool bind_may_see(const struct binder *b, const struct table *t); /* is it there for this caller? */
bool bind_is_database(const struct binder *b, struct str name);   /* the environment's own */
/* A schema as it was written: of the database that the session uses, where it says none. */
struct str bind_in_database(const struct binder *b, struct str schema);
/* The schema, empty where none is written, and the last part. */
MUST_USE enum status bind_split_name(struct binder *b, const struct node *name, struct str *schema,
                                     struct str *object);
const struct table *bind_find(const struct binder *b, struct str schema, struct str name);
MUST_USE enum status bind_find_table(struct binder *b, struct node *name, const struct table **out);
const struct table *bind_find_macro(const struct binder *b, struct str schema, struct str name);
/* A type that an organization named; NULL where there is none that the caller may know of. */
const struct made_type *bind_find_type(const struct binder *b, struct str schema, struct str name);
size_t bind_list_tables(const struct binder *b, const struct table ***out); /* all, temporary too */
/* The schemas of the search path that are there, in its order. */
size_t bind_search_path(const struct binder *b, struct str **out);
/* $name: a constant of the variable's type stands in its place. */
MUST_USE enum status bind_variable(struct binder *b, struct node **n, struct bound_expr *out);

/* The names of tables, types and functions in a tree, in the order of the walk; and what was found
 * for them written into a copy's. The first must be taken before binding, which moves nodes. */
struct named_tables {
    struct arena *arena;
    VEC_OF(struct node *) names;
    VEC_OF(struct node_type_name *) types;
};
struct named_tables bind_named_tables(struct arena *a, struct node *tree);
void bind_qualify(struct binder *b, const struct named_tables *bound,
                  const struct named_tables *copies);

/* bind_expr.c */
MUST_USE enum status bind_expr(struct binder *b, struct scope *s, struct node **n,
                               struct bound_expr *out);
/* ... of a place that looks at the value, whatever it is */
MUST_USE enum status bind_used(struct binder *b, struct scope *s, struct node **n,
                               struct bound_expr *out);
MUST_USE enum status bind_used_at(struct binder *b, struct scope *s, struct node **n,
                                  struct bound_expr *out, enum origin_use place);
MUST_USE enum status bind_used_list(struct binder *b, struct scope *s, struct node_list *l);
/* Gives an untyped parameter its type. */
void bind_settle(struct binder *b, struct node *n, const struct type *t);
void bind_settle_kind(struct binder *b, struct node *n, enum type_kind kind);

/* The node's type; that of NULL for a parameter that nothing typed yet: it takes
 * the others' type. */
const struct type *bind_known_type(const struct node *n);
/* bind_operator.c: ... that it has beside a value of type `other`: an integer literal takes an
 * integer's. */
const struct type *bind_type_beside(const struct node *n, const struct type *other);

/* bind_variant.c: a variant becomes the scalar in it, where the other side is a scalar, or where a
 * scalar of that type is what the place takes. Nothing changes for other values. */
void bind_scalar_beside(struct binder *b, struct node **n, const struct type *t);
void bind_scalar_pair(struct binder *b, struct node **x, struct node **y);
void bind_scalar_kind(struct binder *b, struct node **n, enum type_kind kind);
/* Arrays and objects that a query of Snowflake's dialect gives are shown as documents. */
void bind_show_documents(struct binder *b, struct node **stmt);
/* {*}: an object of the columns that the star has, by their names. */
MUST_USE enum status bind_star_object(struct binder *b, struct scope *s, struct node **n,
                                      struct bound_expr *out);

/* bind_array.c: a string literal that is PostgreSQL's text of an array becomes the list, of the
 * given type; any other node stays. ERR_BAD_VALUE where it is malformed. */
MUST_USE enum status bind_array_literal(struct binder *b, struct node **n, const struct type *list);
bool bind_is_array_query(const struct node *func); /* ARRAY(SELECT ...) */
MUST_USE enum status bind_array_query(struct binder *b, struct scope *s, struct node **n,
                                      struct bound_expr *out);
/* generate_subscripts() and the like in FROM, before they are bound, as the series that they are.
 */
void bind_series_in_from(struct binder *b, struct node_func *f);

/* Subscripts of int2vector and oidvector begin at 0: `*subscript`, bound, of a list of that type;
 * and what generate_subscripts() gives as an output, the call being bound. */
void bind_from_zero(struct binder *b, const struct type *list, struct node **subscript);
void bind_subscripts_from_zero(struct binder *b, struct node **call);

/* bind_subquery.c */

/* In the bound condition of a join that isn't an inner one, `x = ANY (list)` becomes
 * list_contains(list, x), whose NULL is false: that a row doesn't meet is all there is to know
 * there. The engine makes a sub-query of the first, and does none over both sides of an outer join.
 */
void bind_outer_join_lists(struct binder *b, struct node *join);

/* bind_reg.c: objects by their names. A cast of a string literal to regclass or its like: its
 * number, or an error where the caller may know of none. */
bool bind_is_reg(const struct type *t);
bool bind_is_reg_literal(const struct node_cast *cast, const struct type *to);
MUST_USE enum status bind_reg_literal(struct binder *b, struct node **n, const struct type *to,
                                      struct bound_expr *out);
/* int2vector and oidvector: they begin at 0, and their text has blanks between the numbers. */
bool bind_is_vector(const struct type *t);
/* Any other cast from or to one, and of a vector to text, its operand bound; `out` is what is known
 * of it. */
MUST_USE enum status bind_reg_cast(struct binder *b, struct node **n, const struct type *to,
                                   struct bound_expr *out);
/* An output: the name in the place of the number. */
MUST_USE enum status bind_show_reg(struct binder *b, struct node **n, struct bound_expr *value);

/* bind_argument.c: of a call whose arguments are bound and settled */
MUST_USE enum status bind_check_arguments(struct binder *b, struct node_func *f);

/* bind_session.c: of a FUNCTION_SESSION */
MUST_USE enum status bind_session_value(struct binder *b, const struct function *def,
                                        struct node **n, struct bound_expr *out);

/* current_setting() of what no literal says: the call is another's from now on. */
bool bind_setting_as_query(struct binder *b, struct node_func *f);

/* bind_func.c */
MUST_USE enum status bind_func(struct binder *b, struct scope *s, struct node **n,
                               struct bound_expr *out);
MUST_USE enum status bind_func_args(struct binder *b, struct scope *s, struct node_func *f,
                                    struct bound_expr *first, struct bound_expr *all);
MUST_USE enum status bind_window(struct binder *b, struct scope *s, struct node_window *w);

/* bind_columns.c: what stands for many columns, before it is bound. In a condition all must hold.
 */
MUST_USE enum status bind_expand_targets(struct binder *b, struct scope *s,
                                         struct node_list *targets);
MUST_USE enum status bind_expand_items(struct binder *b, struct scope *s, struct node_list *items);
MUST_USE enum status bind_expand_condition(struct binder *b, struct scope *s, struct node **n);

/* #1: the first column that a star gives. */
MUST_USE enum status bind_position(struct binder *b, struct scope *s, struct node **n,
                                   struct bound_expr *out);

/* bind_guard.c */
bool type_is_other(const struct type *t, const char *name);
bool bind_is_guarded(const struct type *t); /* holds a BIGNUM or VARIANT */
/* Would text become a BIGNUM, if `value` (may be NULL: many) of type `from` became a `to`? */
bool bind_makes_bignum(const struct node *value, const struct type *from, const struct type *to);
MUST_USE enum status bind_check_assigned(struct binder *b, const struct node *at,
                                         const struct node *value, const struct type *from,
                                         const struct type *to);
void bind_note_type(struct binder *b, const struct type *t);
MUST_USE enum status bind_check_variant(struct binder *b); /* once all is bound */

/* bind_unnest.c */
bool bind_is_unnest(const struct node *n);
/* An unnest() within an expression, its argument bound: it must give one column. */
MUST_USE enum status bind_check_unnest(struct binder *b, struct node_func *f);
/* An output that is an unnest(): appends the targets that it stands for, bound. `value` is what is
 * known of each, but for its type. */
MUST_USE enum status bind_unnest_target(struct binder *b, struct scope *s,
                                        struct node_target *target, struct node_list *out,
                                        struct bound_expr *value);

/* bind_row_number.c: of a lateral sub-query that begins with input_row_number(), before it is
 * bound; NULL of any other. `s`: what it stands behind. */
struct row_number *bind_row_number(struct binder *b, const struct scope *s, struct node *query);
void bind_row_number_bound(struct row_number *r, struct node *query); /* once it is */
void bind_row_number_read(struct binder *b, struct row_number *r, struct str column,
                          const struct node *at);
MUST_USE enum status bind_check_row_numbers(struct binder *b); /* once all is bound */

/* bind_window.c: gives the windows their names, and finds what one means. */
MUST_USE enum status bind_name_windows(struct binder *b, struct scope *s,
                                       const struct node_list *defs);
MUST_USE enum status bind_window_name(struct binder *b, const struct scope *s, struct node **ident);

/* bind_from.c */
MUST_USE enum status bind_from(struct binder *b, struct scope *s, struct node **n);
/* Applies the column aliases that were written and writes all names back. */
MUST_USE enum status bind_name_columns(struct binder *b, struct range *r, struct node_list *list,
                                       const struct node *at);

MUST_USE enum status bind_derived(struct binder *b, struct scope *s, struct node *n);

/* bind_pseudo.c: rowid, merge_action. False where the name means neither. */
bool bind_pseudo_column(struct binder *b, const struct scope *s, struct node **n,
                        struct bound_expr *out);

/* bind_relation.c: what is made for the statement stands in the tree as a derived table. */
MUST_USE enum status bind_made_relation(struct binder *b, struct scope *s, struct node **n,
                                        bool *is_made);
MUST_USE enum status bind_described(struct binder *b, struct scope *s, struct node **n);

/* bind_pivot.c: PIVOT and UNPIVOT, by what they stand for. */
MUST_USE enum status bind_pivot(struct binder *b, struct scope *s, struct node **n);

/* bind_query.c */
MUST_USE enum status bind_query(struct binder *b, struct scope *parent, const struct cte *ctes,
                                struct node *query, struct columns *out);
MUST_USE enum status bind_where(struct binder *b, struct scope *s, struct node **n);
/* ... or a join's ON. */
MUST_USE enum status bind_condition(struct binder *b, struct scope *s, struct node **n,
                                    enum origin_use place);

/* bind_cte.c */
MUST_USE enum status bind_ctes(struct binder *b, struct scope *parent, const struct cte **ctes,
                               struct node_list *list, bool recursive);

/* bind_target.c */
MUST_USE enum status bind_targets(struct binder *b, struct scope *s, struct node_list *targets,
                                  struct columns *out);
/* ... of a view: outputs may wait until they are read. */
MUST_USE enum status bind_deferred_targets(struct binder *b, struct scope *s, struct node_select *n,
                                           struct columns *out);
struct str bind_target_name(struct binder *b, const struct node *expr);

/* bind_write.c, bind_merge.c, bind_ddl.c */
/* The table that a statement changes; its range gets its name before all others. */
MUST_USE enum status bind_written_table(struct binder *b, struct node *n, bool is_insert,
                                        struct range **range);
/* The columns written, in order: those of the list, or the first `width`; written out into it. */
MUST_USE enum status bind_target_columns(struct binder *b, const struct table *t,
                                         struct node_list *list, size_t width,
                                         const struct node *at, int **out, size_t *n);
MUST_USE enum status bind_assignments(struct binder *b, struct scope *s, struct bound_table *target,
                                      struct node_list *list);
MUST_USE enum status bind_merge(struct binder *b, struct node_merge *n);
MUST_USE enum status bind_insert(struct binder *b, struct node_insert *n);
MUST_USE enum status bind_update(struct binder *b, struct node_update *n);
MUST_USE enum status bind_delete(struct binder *b, struct node_delete_stmt *n);
MUST_USE enum status bind_copy(struct binder *b, struct node_copy_stmt *n);
MUST_USE enum status bind_create_table(struct binder *b, struct node_create_table *n);
MUST_USE enum status bind_create_view(struct binder *b, struct node_create_view *n);
MUST_USE enum status bind_drop(struct binder *b, struct node_drop *n);
MUST_USE enum status bind_alter(struct binder *b, struct node **stmt);

/* bind_aggregate.c */
/* Is the argument a column of a base table of this very query, as it is, in an aggregate of all its
 * rows together? An aggregate of an outer query's column has other rows. */
bool bind_sums(const struct scope *s, const struct node_func *f, const struct bound_expr *v);
/* What an aggregate tells of the columns behind its arguments. */
const struct lineage *bind_aggregated(struct binder *b, const struct node_func *f,
                                      const struct lineage *l);

/* bind_macro.c: calls of functions that were made in SQL; *is_one: it is such a call */
MUST_USE enum status bind_macro_call(struct binder *b, struct scope *s, struct node **n,
                                     struct bound_expr *out, bool *is_one);
MUST_USE enum status bind_macro_query(struct binder *b, struct scope *s, struct node *call,
                                      struct node **query, struct columns *columns, bool *is_one);
MUST_USE enum status bind_macro_param(struct binder *b, struct scope *s, const struct scope *at,
                                      struct node **n, struct bound_expr *out, bool *is_found);

/* bind_schema.c: nextval('s'), and s.nextval where no column has that name. */
MUST_USE enum status bind_sequence_call(struct binder *b, struct node **n, struct bound_expr *out,
                                        bool *is_one);
MUST_USE enum status bind_sequence_column(struct binder *b, struct node **n, struct bound_expr *out,
                                          bool *is_one);

/* bind_constraint.c: what the constraints of the written table tell, as uses and reads. `changes`:
 * rows that are there already are changed or deleted. */
MUST_USE enum status bind_constraints(struct binder *b, struct bound_table *target, bool changes,
                                      const struct node *at);
/* ... and the table that a new foreign key refers to: its columns, or its key when none are named.
 */
void bind_foreign_key(struct binder *b, const struct table *other, const struct node_list *columns);

#define BIND_MAX_LABELS     4096  /* of an enumeration ... */
#define BIND_LONGEST_LABELS 65536 /* ... bytes in all of them */
/* bind_create_type.c: the labels, which are literals, as a type. */
MUST_USE enum status bind_enum_labels(struct binder *b, const struct node *at,
                                      const struct node_list *labels, const struct type **out);

/* bind_type_name.c */
MUST_USE enum status bind_type_name(struct binder *b, struct node *n, const struct type **out);

#endif
