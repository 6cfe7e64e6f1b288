/* Time. Wall time for records, monotonic time for durations and deadlines. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_us(void); /* microseconds since 1970-01-01 UTC */
int64_t clock_boot_us(void); /* microseconds since the machine began, its sleep among them */
int64_t clock_mono_ns(void); /* nanoseconds since some start; never goes back */

enum { CLOCK_TEXT_SIZE = 28 };

/* "2026-01-31T23:59:59.123456Z" (RFC 3339), with NUL. */
void clock_format(int64_t wall_us, char out[CLOCK_TEXT_SIZE]);

#endif
