#include "wire/shortest.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"

/* 10^k for FIRST <= k <= LAST, as 128 bits with the highest one set, rounded up. Made at first use,
 * from whole numbers, so that there is no table to be trusted. */
enum { FIRST = -292, LAST = 324, WORDS = 40 };

static u128 powers[LAST - FIRST + 1];
static pthread_once_t powers_made = PTHREAD_ONCE_INIT;

/* The highest 128 bits of a number of little-endian words, rounded up where `is_inexact` or lower
 * bits are set. */
static u128 top_bits(const uint64_t *w, bool is_inexact)
{
    int high = WORDS - 1;
    while (w[high] == 0) {
        high--;
    }
    int shift = __builtin_clzll(w[high]);
    uint64_t next[3] = {w[high], high > 0 ? w[high - 1] : 0, high > 1 ? w[high - 2] : 0};
    u128 top = (u128)next[0] << 64 | next[1];
    uint64_t rest = next[2];
    if (shift) {
        top = top << shift | rest >> (64 - shift);
        rest <<= shift;
    }
    for (int i = 0; i < high - 2; i++) {
        rest |= w[i];
    }
    return top + (rest || is_inexact);
}

/* Upwards by multiplying 1; downwards by dividing 2^n, where cutting after each division by ten
 * gives the same as cutting once at the end. */
static void make_powers(void)
{
    uint64_t up[WORDS] = {1}, down[WORDS] = {[WORDS - 1] = 1};
    for (int k = 0; k <= LAST; k++) {
        powers[k - FIRST] = top_bits(up, false);
        u128 carry = 0;
        for (int i = 0; i < WORDS; i++) {
            carry += (u128)up[i] * 10;
            up[i] = (uint64_t)carry;
            carry >>= 64;
        }
    }
    for (int k = -1; k >= FIRST; k--) {
        u128 rest = 0;
        for (int i = WORDS - 1; i >= 0; i--) {
            rest = rest << 64 | down[i];
            down[i] = (uint64_t)(rest / 10);
            rest %= 10;
        }
        powers[k - FIRST] = top_bits(down, true);
    }
}

/* floor(power * c / 2^128), with the lowest bit set where that cut something off. */
static uint64_t multiply_to_odd(u128 power, uint64_t c)
{
    u128 low = (u128)(uint64_t)power * c;
    u128 high = (u128)(uint64_t)(power >> 64) * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* Of c * 2^q. The names are the paper's: 4v and its neighbours' middles, scaled by 10^-k. */
static struct shortest shortest_of(uint64_t c, int q, bool is_lower_closer)
{
    int k = (q * 1262611 - (is_lower_closer ? 524031 : 0)) >> 22; /* floor(log10(2^q)) */
    int h = q + ((-k * 1741647) >> 19) + 1;                       /* log2 of 10^-k */
    pthread_once(&powers_made, make_powers);
    u128 power = powers[-k - FIRST];
    uint64_t lower = multiply_to_odd(power, (4 * c - 2 + is_lower_closer) << h) + 1;
    uint64_t middle = multiply_to_odd(power, (4 * c) << h);
    uint64_t upper = multiply_to_odd(power, (4 * c + 2) << h) - 1;
    uint64_t s = middle / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool is_below_in = lower <= 40 * tens, is_above_in = 40 * tens + 40 <= upper;
        if (is_below_in != is_above_in) {
            return (struct shortest){tens + is_above_in, k + 1};
        }
    }
    bool is_below_in = lower <= 4 * s, is_above_in = 4 * s + 4 <= upper;
    if (is_below_in != is_above_in) {
        return (struct shortest){s + is_above_in, k};
    }
    bool rounds_up = middle > 4 * s + 2 || (middle == 4 * s + 2 && s % 2);
    return (struct shortest){s + rounds_up, k};
}

struct shortest shortest_f64(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff);
    return exponent ? shortest_of(fraction | UINT64_C(1) << 52, exponent - 1075,
                                  fraction == 0 && exponent > 1)
                    : shortest_of(fraction, -1074, false);
}

struct shortest shortest_f32(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint32_t fraction = bits & ((1u << 23) - 1);
    int exponent = (int)(bits >> 23 & 0xff);
    return exponent
               ? shortest_of(fraction | 1u << 23, exponent - 150, fraction == 0 && exponent > 1)
               : shortest_of(fraction, -149, false);
}
