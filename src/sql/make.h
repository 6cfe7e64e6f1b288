/* Nodes that no client wrote: what the pipeline adds to a statement is made of these. Names are
 * quoted, positions are 0, memory is the arena's, and nothing here fails. Text is not copied. */
#ifndef SQL_MAKE_H
#define SQL_MAKE_H

#include "sql/ast.h"

struct node *make_ident(struct arena *a, struct str text);

/* A NAME of one part. */
struct node *make_name(struct arena *a, struct str text);

/* alias.column, or column alone where `alias` is empty; `type` may be NULL: not known yet. */
struct node *make_column(struct arena *a, struct str alias, struct str column,
                         const struct type *type);

/* `kind` is of enum literal_kind. */
struct node *make_literal(struct arena *a, int kind, struct str text);

struct node *make_cast(struct arena *a, struct node *n, const struct type *type);

/* x AND y; either may be NULL: then the other. */
struct node *make_and(struct arena *a, struct node *x, struct node *y);

/* CASE WHEN condition THEN then ELSE otherwise END */
struct node *make_case(struct arena *a, struct node *condition, struct node *then,
                       struct node *otherwise);

/* expression AS alias; no alias where it is empty. */
struct node *make_target(struct arena *a, struct node *expr, struct str alias);

/* A query of this body (SELECT, VALUES): no WITH, ORDER BY or LIMIT. */
struct node *make_query(struct arena *a, struct node *body);

/* SELECT * FROM from */
struct node *make_star_query(struct arena *a, struct node *from);

/* (query) AS alias */
struct node *make_derived(struct arena *a, struct node *query, struct str alias);

#endif
