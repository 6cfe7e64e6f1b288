/* What the files that bind expressions share. Each bind_* of a node binds its operands, whose
 * origins become uses of the statement, and says in `out` what is known of its value. */
#ifndef SQL_BIND_EXPR_H
#define SQL_BIND_EXPR_H

#include "sql/bind_state.h"

/* An accumulator over operands: derived, constant while all are; of no type yet. */
struct bound_expr bind_start(void);
void bind_add_operand(struct binder *b, struct bound_expr *all, const struct bound_expr *operand);
/* Binds an operand, uses it and adds it to `all`; `out`, where not NULL, is what is known of it.
 * `*n` may be NULL. */
MUST_USE enum status bind_operand(struct binder *b, struct scope *s, struct node **n,
                                  struct bound_expr *all, struct bound_expr *out);

/* bind_operator.c */
/* The types of two sides that meet: an untyped parameter takes the other's. NULL is allowed. */
void bind_settle_pair(struct binder *b, struct node *x, struct node *y);
/* ... and whether bringing them together can fail. */
void bind_note_implicit_cast(struct binder *b, const struct node *x, const struct bound_expr *p,
                             const struct node *y, const struct bound_expr *q);
MUST_USE enum status bind_binary(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out);
MUST_USE enum status bind_unary(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out);
MUST_USE enum status bind_chain(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out);
MUST_USE enum status bind_between(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out);
MUST_USE enum status bind_in_list(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out);
MUST_USE enum status bind_like(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out);

/* bind_subquery.c */
MUST_USE enum status bind_quantified(struct binder *b, struct scope *s, struct node *n,
                                     struct bound_expr *out);
MUST_USE enum status bind_scalar_query(struct binder *b, struct scope *s, struct node *n,
                                       struct bound_expr *out);
MUST_USE enum status bind_in_query(struct binder *b, struct scope *s, struct node *n,
                                   struct bound_expr *out);
MUST_USE enum status bind_exists(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out);

/* bind_value.c */
MUST_USE enum status bind_case(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out);
MUST_USE enum status bind_cast(struct binder *b, struct scope *s, struct node **at,
                               struct bound_expr *out);
MUST_USE enum status bind_list(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out);
MUST_USE enum status bind_row(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out);
MUST_USE enum status bind_struct(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out);
MUST_USE enum status bind_element(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out); /* x[i] */
MUST_USE enum status bind_slice(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out);
MUST_USE enum status bind_field(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out);
MUST_USE enum status bind_collate(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out);
MUST_USE enum status bind_interval(struct binder *b, struct scope *s, struct node *n,
                                   struct bound_expr *out);
MUST_USE enum status bind_lambda(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out);

#endif
