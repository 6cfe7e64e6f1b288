/* Values of nested types (type_is_nested()), and of lists, from clients. A structure is a JSON
 * object with some of its fields, those left out are NULL; a map is an object whose keys are read
 * as texts; a union an object with one member; a list is a JSON array, or PostgreSQL's array in
 * text or binary, of as many dimensions as it has levels. Values within are read as texts of their
 * types, JSON's numbers with all of their digits. In all there are at most PARAM_MAX_ELEMENTS
 * values; depth is bounded by the type. Errors never show a value or a key. */
#ifndef WIRE_PARAM_NESTED_H
#define WIRE_PARAM_NESTED_H

#include "base/error.h"
#include "base/value.h"
#include "wire/zone.h"

MUST_USE enum status param_nested_text(const struct type *t, const struct zone *zone, struct str s,
                                       struct arena *a, struct value *out, struct error *e);

/* The binary form of json, jsonb, or an array, which `oid` says. */
MUST_USE enum status param_nested_binary(uint32_t oid, const struct type *t,
                                         const struct zone *zone, struct str bytes, struct arena *a,
                                         struct value *out, struct error *e);

#endif
