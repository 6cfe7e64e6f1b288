/* What opening a function made in SQL and making one have in common. Private to bind_macro.c and
 * bind_create_function.c. */
#ifndef SQL_BIND_MACRO_H
#define SQL_BIND_MACRO_H

#include "sql/bind_state.h"

struct macro_param {
    struct str name;
    struct node *value; /* bound */
    struct bound_expr known;
    bool is_used;
    bool is_name;   /* of a column of the body: not bound */
    bool is_asking; /* for it, just now */
    struct macro_param *next;
};

/* Adds one to the list, at its front. */
struct macro_param *macro_param_new(struct binder *b, struct macro_param **list, struct str name);

/* The body as an expression, of the type that was promised. */
struct node *macro_body_expr(struct binder *b, const struct node_function_body *body);

/* Puts the call of a system function of one parameter in the place of its argument, which is bound:
 * `known` is what is known of it, and of the call afterwards. */
MUST_USE enum status macro_call_system(struct binder *b, const char *name, struct node **arg,
                                       struct bound_expr *known);

#endif
