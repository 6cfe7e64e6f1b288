/* The shortest decimal that reads back as a given float: Schubfach (Giulietti, "The Schubfach way
 * to render doubles", 2020). As in PostgreSQL, a decimal that lies exactly between two floats is
 * not taken for either, because readers differ in how they round it. */
#ifndef WIRE_SHORTEST_H
#define WIRE_SHORTEST_H

#include <stdint.h>

struct shortest {
    uint64_t digits; /* at most 17; may end in zeros */
    int exponent;    /* the value is digits * 10^exponent */
};

/* Of a finite number above zero. */
struct shortest shortest_f64(double v);
struct shortest shortest_f32(float v);

#endif
