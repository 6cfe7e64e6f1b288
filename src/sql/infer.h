/* Types that the tree alone tells, before names are bound. */
#ifndef SQL_INFER_H
#define SQL_INFER_H

#include "sql/ast.h"

/* Of literals, casts and calls of known functions; TYPE_UNKNOWN where the tree doesn't tell. The
 * binder's type, where there is one, counts before it. */
enum type_kind infer_type(const struct node *n);

#endif
