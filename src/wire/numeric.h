/* PostgreSQL's numeric: its text, and its binary form of base-10000 digits (numeric_send,
 * numeric_recv in PostgreSQL's src/backend/utils/adt/numeric.c). */
#ifndef WIRE_NUMERIC_H
#define WIRE_NUMERIC_H

#include "base/array.h"
#include "base/buf.h"

enum {
    NUMERIC_MAX_DIGITS = 38, /* what a DECIMAL of the engine holds */
    NUMERIC_TEXT = 64,       /* room for any text made here, with NUL */
};

/* The binary form of `v` / 10^scale. */
void numeric_put_binary(struct buf *out, u128 magnitude, bool is_negative, int scale);

enum numeric_result { NUMERIC_OK, NUMERIC_BAD, NUMERIC_TOO_LARGE };

struct numeric {
    u128 magnitude; /* unscaled */
    bool is_negative;
    int digits, scale; /* digits: at least scale, at least 1 */
};

/* Text (with optional exponent, spaces around) or the binary form. Trailing zeros behind the point
 * count; BAD for anything else, TOO_LARGE past 38 digits, and for NaN and the infinities. */
enum numeric_result numeric_read_text(struct str s, struct numeric *out);
enum numeric_result numeric_read_binary(struct str bytes, struct numeric *out);

/* Brings to `scale`, rounding half away from zero; TOO_LARGE where it then has more than `width`.
 */
enum numeric_result numeric_fit(struct numeric *n, int width, int scale);

/* The text, in `out` (NUMERIC_TEXT); gives its length. */
size_t numeric_text(const struct numeric *n, char *out);

#endif
