/* Attributes of a credential as typed values. */
#ifndef POLICY_ATTRIBUTE_H
#define POLICY_ATTRIBUTE_H

#include "base/value.h"
#include "policy/principal.h"

/* The attribute's text, or NULL when the credential has none of that name. An empty text counts as
 * absent: it would match the rows that nobody classified. */
const struct str *attribute_find(const struct principal *p, struct str name);

/* `text` as a value of the type, TEXT where the type is not known. False where it isn't one, or
 * where values of that type can't be made here (times, intervals, lists, structures): the caller
 * denies. The value's text points to `text`. */
bool attribute_value(struct str text, const struct type *type, struct value *out);

#endif
