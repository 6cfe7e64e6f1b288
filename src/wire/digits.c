#include "wire/digits.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/shortest.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                            "34353637383940414243444546474849505152535455565758596061626364656667"
                            "6869707172737475767778798081828384858687888990919293949596979899";

/* Writes backwards, ending before `end`; gives the first byte. */
static char *write_back(char *end, uint64_t v)
{
    while (v >= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (v % 100), 2);
        v /= 100;
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, pairs + 2 * v, 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

char *digits_u64(char *out, uint64_t v)
{
    char room[DIGITS_I64];
    char *start = write_back(room + sizeof room, v);
    size_t n = (size_t)(room + sizeof room - start);
    memcpy(out, start, n);
    return out + n;
}

char *digits_i64(char *out, int64_t v)
{
    if (v < 0) {
        *out++ = '-';
        return digits_u64(out, 0 - (uint64_t)v);
    }
    return digits_u64(out, (uint64_t)v);
}

char *digits_fixed(char *out, uint32_t v, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return out + width;
}

char *digits_u128(char *out, u128 v, int scale)
{
    const uint64_t part = 10000000000000000000u;
    char room[64];
    memset(room, '0', sizeof room);
    char *start = room + sizeof room, *end = start;
    for (int parts = 0; v || parts == 0; parts++) {
        start = write_back(end - 19 * parts, (uint64_t)(v % part));
        v /= part;
    }
    if (end - start <= scale) {
        start = end - scale - 1;
    }
    size_t whole = (size_t)(end - start) - (size_t)scale;
    memcpy(out, start, whole);
    out += whole;
    if (scale) {
        *out++ = '.';
        memcpy(out, start + whole, (size_t)scale);
    }
    return out + scale;
}

char *digits_i128(char *out, i128 v, int scale)
{
    if (v < 0) {
        *out++ = '-';
        return digits_u128(out, 0 - (u128)v, scale);
    }
    return digits_u128(out, (u128)v, scale);
}

/* A positive number as digits and the power of ten of the first one. */
struct decimal {
    char digits[DIGITS_I64];
    int n, exponent;
};

static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

/* Numbers with few decimals, which is what most columns hold. A quotient of two exact doubles is
 * rounded as the decimal text would be, so if it gives `v` back, the text does; and of the decimals
 * with at most `limit`'s digits (DBL_DIG, FLT_DIG) only one reads as `v`, so it is the shortest. */
static bool is_short_decimal(double v, double limit, bool is_float, struct decimal *d)
{
    if (v < 1e-5 || v >= limit) {
        return false;
    }
    for (int k = 0; k <= 10; k++) {
        double scaled = nearbyint(v * powers[k]);
        if (scaled >= limit) {
            return false;
        }
        double back = scaled / powers[k];
        if (is_float ? (float)back == (float)v : back == v) {
            d->n = (int)(digits_u64(d->digits, (uint64_t)scaled) - d->digits);
            d->exponent = d->n - 1 - k;
            return true;
        }
    }
    return false;
}

static void find_shortest(double v, bool is_float, struct decimal *d)
{
    struct shortest s = is_float ? shortest_f32((float)v) : shortest_f64(v);
    d->n = (int)(digits_u64(d->digits, s.digits) - d->digits);
    d->exponent = d->n - 1 + s.exponent;
}

static char *put_plain(char *out, const struct decimal *d)
{
    if (d->exponent < 0) {
        memcpy(out, "0.00000", 7);
        out += 1 - d->exponent;
        memcpy(out, d->digits, (size_t)d->n);
        return out + d->n;
    }
    for (int i = 0; i < d->n || i <= d->exponent; i++) {
        if (i == d->exponent + 1) {
            *out++ = '.';
        }
        *out++ = i < d->n ? d->digits[i] : '0';
    }
    return out;
}

static char *put_scientific(char *out, const struct decimal *d)
{
    *out++ = d->digits[0];
    if (d->n > 1) {
        *out++ = '.';
        memcpy(out, d->digits + 1, (size_t)d->n - 1);
        out += d->n - 1;
    }
    int exponent = abs(d->exponent);
    *out++ = 'e';
    *out++ = d->exponent < 0 ? '-' : '+';
    return digits_fixed(out, (uint32_t)exponent, exponent > 99 ? 3 : 2);
}

/* As many digits as are asked for, whether they are enough or not. */
static char *put_rounded(char *out, double v, int digits)
{
    return out + snprintf(out, DIGITS_FLOAT, "%.*g", digits > 1 ? digits : 1, v);
}

static char *put_float(char *out, double v, bool is_float, int extra)
{
    if (isnan(v)) {
        return (char *)memcpy(out, "NaN", 3) + 3;
    }
    if (signbit(v)) {
        *out++ = '-';
        v = -v;
    }
    if (isinf(v)) {
        return (char *)memcpy(out, "Infinity", 8) + 8;
    }
    if (v == 0) {
        *out = '0';
        return out + 1;
    }
    if (extra <= 0) {
        return put_rounded(out, v, (is_float ? FLT_DIG : DBL_DIG) + extra);
    }
    struct decimal d;
    int plain = is_float ? 6 : 15; /* FLT_DIG, DBL_DIG: the exponent from which it is scientific */
    if (!is_short_decimal(v, powers[is_float ? 6 : 10] * (is_float ? 1 : 1e5), is_float, &d)) {
        find_shortest(v, is_float, &d);
    }
    while (d.n > 1 && d.digits[d.n - 1] == '0') {
        d.n--;
    }
    return d.exponent < -4 || d.exponent >= plain ? put_scientific(out, &d) : put_plain(out, &d);
}

char *digits_f64(char *out, double v, int extra)
{
    return put_float(out, v, false, extra);
}

char *digits_f32(char *out, float v, int extra)
{
    return put_float(out, v, true, extra);
}
