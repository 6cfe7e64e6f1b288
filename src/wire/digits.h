/* Numbers as decimal text, written by hand because they are the hot path of every text result. Each
 * function writes at `out` without a NUL and gives the end; the needed room is stated. */
#ifndef WIRE_DIGITS_H
#define WIRE_DIGITS_H

#include <stdint.h>

#include "base/array.h"

enum { DIGITS_I64 = 20, DIGITS_I128 = 44, DIGITS_FLOAT = 32 };

char *digits_u64(char *out, uint64_t v);              /* DIGITS_I64 */
char *digits_i64(char *out, int64_t v);               /* DIGITS_I64 */
char *digits_fixed(char *out, uint32_t v, int width); /* exactly `width`, zeros in front */

/* With a point before the last `scale` digits (0 to 38) and at least one digit before it. Room:
 * DIGITS_I128. */
char *digits_u128(char *out, u128 v, int scale);
char *digits_i128(char *out, i128 v, int scale);

/* In PostgreSQL's form: "0.1", "1e+20", "NaN", "-Infinity". With `extra` (extra_float_digits) above
 * 0 the shortest text that reads back as the same number, else 15 + extra digits of a double, 6 +
 * extra of a float. Room: DIGITS_FLOAT. */
char *digits_f64(char *out, double v, int extra);
char *digits_f32(char *out, float v, int extra);

#endif
