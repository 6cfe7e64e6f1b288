/* What the files of the printer share. Printing goes on after a failure but `failed` stays, so each
 * function is a plain sequence of puts and the caller asks once. */
#ifndef SQL_PRINT_PRIV_H
#define SQL_PRINT_PRIV_H

#include "base/buf.h"
#include "sql/operator.h"
#include "sql/print.h"

/* The names of WITH around what is printed. The engine reads an unknown name as a file's, so a
 * table that the binder left alone must be one of these. */
struct print_scope {
    const struct node_list *ctes;
    const struct print_scope *outer;
};

struct printer {
    struct buf *out;
    enum print_target target;
    struct arena *arena; /* for type names; made when first needed */
    const struct print_scope *scope;
    struct error *e;
    bool failed;
    bool in_subscript; /* where a colon would end what is printed */
    bool shows;        /* DuckDB's words for a reader, of a tree that isn't bound (sql_show) */
};

/* In the engine's words, whoever reads them. */
static inline bool for_engine(const struct printer *pr)
{
    return pr->target == PRINT_DUCKDB;
}

/* For the engine itself: nothing that isn't bound may get through. */
static inline bool must_be_bound(const struct printer *pr)
{
    return for_engine(pr) && !pr->shows;
}

void print_fail(struct printer *pr, const struct node *at,
                const char *what); /* "X is not supported" */
void print_puts(struct printer *pr, const char *z);
void print_quoted(struct printer *pr, struct str name);  /* "name" */
void print_string(struct printer *pr, struct str value); /* 'value' */
void print_ident(struct printer *pr, const struct node *ident);
void print_parts(struct printer *pr, const struct node_list *parts, uint32_t from); /* a.b.c */
void print_path(struct printer *pr, const struct node *n);             /* IDENT or NAME: a.b */
void print_object(struct printer *pr, const struct node *name);        /* what DDL names */
void print_idents(struct printer *pr, const struct node_list *idents); /* ("a", "b") */
void print_list(struct printer *pr, const struct node_list *list,
                void (*print)(struct printer *, const struct node *)); /* x, y */
void print_type(struct printer *pr, const struct node *type);
void print_literal(struct printer *pr, const struct node *literal);

void print_expr(struct printer *pr, const struct node *n);
void print_operand(struct printer *pr, const struct node *n,
                   int least); /* in parentheses if weaker */
void print_call(struct printer *pr, const struct node *func);
void print_named_arg(struct printer *pr, const struct node *arg);
void print_window(struct printer *pr, const struct node *window);
void print_order_item(struct printer *pr, const struct node *item);
void print_target(struct printer *pr, const struct node *target);

void print_query(struct printer *pr, const struct node *query);
void print_query_in_parens(struct printer *pr, const struct node *query);
/* Prints WITH and opens its scope, which the caller holds and closes behind what it covers. */
void print_with(struct printer *pr, struct print_scope *scope, const struct node_list *ctes,
                bool recursive);
void print_end_with(struct printer *pr);
void print_values(struct printer *pr, const struct node *values);
void print_from(struct printer *pr, const struct node *from);
void print_from_source(struct printer *pr, const struct node *from); /* joins in parentheses */
void print_alias(struct printer *pr, const struct node *alias, const struct node_list *columns);
void print_rare_from(struct printer *pr, const struct node *from); /* print_from_item.c */
void print_written_table(struct printer *pr, const struct node *table_ref);

void print_insert(struct printer *pr, const struct node *n);
void print_multi_insert(struct printer *pr, const struct node *n);
void print_update(struct printer *pr, const struct node *n);
void print_delete(struct printer *pr, const struct node *n);
void print_merge(struct printer *pr, const struct node *n);
void print_overriding(struct printer *pr, int32_t overriding);

struct create_words {
    int32_t or_replace, temporary, if_not_exists;
};

/* CREATE ... name */
void print_create(struct printer *pr, const struct node *n, struct create_words words,
                  const char *object, const struct node *name);
void print_ddl(struct printer *pr, const struct node *n);
void print_create_table(struct printer *pr, const struct node *n);
void print_column_def(struct printer *pr, const struct node *n);
void print_constraint(struct printer *pr, const struct node *n);
void print_comment_option(struct printer *pr, const struct node *comment); /* NULL: nothing */
void print_time_travel(struct printer *pr, const struct node *at, bool before);
void print_cluster(struct printer *pr, const struct node_list *keys);
void print_create_view(struct printer *pr, const struct node *n);
void print_sequence_options(struct printer *pr, const struct node *n);
void print_create_function(struct printer *pr, const struct node *n);
void print_signature(struct printer *pr, const struct node *n);
void print_alter(struct printer *pr, const struct node *n);
void print_session(struct printer *pr, const struct node *n);
void print_catalog(struct printer *pr, const struct node *n); /* SHOW of objects, DESCRIBE */
void print_explain(struct printer *pr, const struct node *n);
void print_explain_policy(struct printer *pr, const struct node *n);
void print_copy(struct printer *pr, const struct node *n);

/* What was kept as tokens (print_clause.c): for no engine. */
void print_token(struct printer *pr, const struct node *n);
void print_items(struct printer *pr, const struct node_list *items);     /* a b c */
void print_clauses(struct printer *pr, const struct node_list *clauses); /* " a b c" */
void print_foreign(struct printer *pr, const struct node *n);
void print_statement(struct printer *pr, const struct node *n);

#endif
