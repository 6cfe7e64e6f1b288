/* Accounting periods: months of UTC. */
#ifndef METER_PERIOD_H
#define METER_PERIOD_H

#include <stdint.h>

enum { PERIOD_NAME_SIZE = 8 };

struct period {
    uint32_t number;             /* year * 12 + month - 1 */
    int64_t start_us, end_us;    /* wall time; the end is the next one's start */
    char name[PERIOD_NAME_SIZE]; /* "2026-11" */
};

/* The period that holds the time; years 1970 to 5000. */
struct period period_at(int64_t wall_us);

/* By its number. */
struct period period_numbered(uint32_t number);

#endif
