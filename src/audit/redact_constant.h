/* Constants that a statement puts together, as far as they can be told without running it. */
#ifndef AUDIT_REDACT_CONSTANT_H
#define AUDIT_REDACT_CONSTANT_H

#include "base/buf.h"

/* Where the expression begins whose '(' or "||" is at `at`: a call of a function that is known
 * here, a parenthesis that holds a constant, a number before "||". SIZE_MAX: it is none. */
size_t redact_constant_begin(struct str sql, size_t at);

/* Reads the constant expression at `at`: literals, numbers, casts, calls of known functions, joined
 * by || or by nothing but a line's end, as far as they are constant. Appends its value and gives
 * its end; 0 where there is none (then `out` may have got something). *joined: it is more than one
 * literal. The work is linear in what it reads. */
size_t redact_constant(struct str sql, size_t at, bool snowflake, struct buf *out, bool *joined);

/* The constants at the begin of the list behind '(' at `at`, as concat() joins them; as above. */
size_t redact_constant_list(struct str sql, size_t at, bool snowflake, struct buf *out);

#endif
