/* What the log says of a bound value: its type, and what redaction finds in it. Neither the value
 * nor a digest of it: who reads the log could run statements with values of his own until one has
 * the same digest. */
#ifndef AUDIT_PARAMETER_H
#define AUDIT_PARAMETER_H

#include "base/arena.h"
#include "base/value.h"

/* Such as "VARCHAR", "INTEGER null", "VARCHAR <email> <phone>"; in the arena. `type` is the
 * parameter's, as the statement has it. */
struct str parameter_shown(struct arena *a, const struct type *type, const struct value *v);

#endif
