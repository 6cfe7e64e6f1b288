/* LIKE, ILIKE and GLOB in words that the engine matches in linear time: its own matching goes back
 * to every wildcard that it met, and nothing interrupts it there. */
#ifndef SQL_REWRITE_LIKE_H
#define SQL_REWRITE_LIKE_H

#include "base/error.h"
#include "sql/ast.h"

/* What stands in the place of `*n`, a bound node of any kind. Never fails. */
void rewrite_like(struct arena *a, struct node **n);

/* Whether an escape (NULL: none) fits its pattern, as far as both are literals; `*is_literal`
 * whether they are, and the match then never fails. ERR_BAD_VALUE at the escape or pattern. */
MUST_USE enum status rewrite_like_check(const struct node *pattern, const struct node *escape,
                                        bool *is_literal, struct error *e);

#endif
