/* Format models of numbers, such as FM999,990.00, as PostgreSQL's to_char() takes them. */
#ifndef DIALECT_NUMBER_MODEL_H
#define DIALECT_NUMBER_MODEL_H

#include "dialect/rule.h"

/* Whether a literal's text is a model of numbers, not of moments. */
bool number_model_is(struct str model);

/* `x` written by the model, a literal; the layout is that of PostgreSQL's numbers in the locale C.
 * NULL after a failure that says what of the model has no equal. */
struct node *number_model_write(struct rewriting *r, struct node *x, const struct node *model);

#endif
