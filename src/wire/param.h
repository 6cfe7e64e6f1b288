/* Values from clients: bind parameters and COPY fields, text or binary, into struct value.
 *
 * Strict: the whole input is consumed, ranges are checked, text is UTF-8 without NUL. Text is read
 * as PostgreSQL reads it, save forms that depend on a clock or a setting ("now", "03/04/05").
 * A timestamp with time zone whose text says no zone is of `zone`; NULL: of UTC.
 * Errors name the type and never show the value. What a value points at is in the arena; the input
 * may go. */
#ifndef WIRE_PARAM_H
#define WIRE_PARAM_H

#include "base/error.h"
#include "base/value.h"
#include "wire/numeric.h"
#include "wire/zone.h"

enum { PARAM_MAX_ELEMENTS = 1 << 20 }; /* of one array */

/* A bind parameter of PostgreSQL type `oid`; `format` is FORMAT_TEXT or FORMAT_BINARY. bytes.p NULL
 * is NULL. The value's type is oid_type(oid), but a numeric gets the DECIMAL that just holds it;
 * more than 38 digits, NaN and infinity are ERR_OUT_OF_RANGE. An oid that we don't take is
 * ERR_UNSUPPORTED. Where the statement wants a nested type, `wanted` (NULL: none is known), json,
 * jsonb and arrays are read as that. */
MUST_USE enum status param_decode(uint32_t oid, const struct type *wanted, int format,
                                  const struct zone *zone, struct str bytes, struct arena *a,
                                  struct value *out, struct error *e);

/* Text for a column of type `t`: DECIMAL is rounded to its scale. Types without a struct value of
 * their own (TIMETZ, BIT, TIMESTAMP_S ...) come as OTHER or as TIMESTAMP, for the engine to read.
 * A nested type is read as param_nested.h says. */
MUST_USE enum status param_from_text(const struct type *t, const struct zone *zone, struct str s,
                                     struct arena *a, struct value *out, struct error *e);

/* PostgreSQL's binary form of oid_of(t) for a column of type `t`. */
MUST_USE enum status param_from_binary(const struct type *t, struct str bytes, struct arena *a,
                                       struct value *out, struct error *e);

/* The reader of binary forms by oid, of one value that is not NULL; of an array's elements too. */
MUST_USE enum status param_binary(uint32_t oid, struct str bytes, struct arena *a,
                                  struct value *out, struct error *e);

/* oid_type(), but a numeric whose precision the value decides is a DECIMAL of width 0. */
const struct type *param_type(uint32_t oid);

/* For the readers: the errors that they share, and text checked and copied. */
enum status param_bad(struct error *e, uint32_t oid);
enum status param_too_large(struct error *e, uint32_t oid);
MUST_USE enum status param_text(struct str s, struct arena *a, struct value *out, struct error *e);

/* What was read as a numeric, for `t`: DECIMAL (width 0: as in param_decode), UINT8, INT16, UINT16.
 */
MUST_USE enum status param_numeric(const struct type *t, enum numeric_result result,
                                   struct numeric *n, struct arena *a, struct value *out,
                                   struct error *e);

#endif
