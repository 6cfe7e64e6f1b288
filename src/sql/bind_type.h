/* Type rules: what the engine makes of two types. Where a rule isn't known the answer has kind
 * TYPE_UNKNOWN, and the engine decides. Never NULL. */
#ifndef SQL_BIND_TYPE_H
#define SQL_BIND_TYPE_H

#include "base/arena.h"
#include "base/type.h"
#include "sql/ast.h"

/* Of CASE, COALESCE, UNION, lists: the type that both fit in. */
const struct type *type_common(struct arena *a, const struct type *x, const struct type *y);

/* Of `x op y`, arithmetic, bits and concatenation. */
const struct type *type_of_binary(struct arena *a, enum op op, const struct type *x,
                                  const struct type *y);

/* Of a literal as the engine reads it. */
const struct type *type_of_literal(struct arena *a, const struct node_literal *l);

/* Can every value of `from` become one of `to`? Then the cast never fails. */
bool type_is_widening(const struct type *from, const struct type *to);

/* Two numbers that can be compared whatever their values: their common type holds both. */
bool type_may_meet(struct arena *a, const struct type *x, const struct type *y);

/* The kind that a type's name stands for, without parts; TYPE_UNKNOWN where it stands for none. */
enum type_kind bind_type_kind(struct str name);

/* Has the type nothing to say about others: unknown, or that of NULL? */
bool type_is_open(const struct type *t);

#endif
