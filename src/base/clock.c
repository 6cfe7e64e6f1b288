#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id, int64_t per_second, int64_t ns_per_unit)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * per_second + t.tv_nsec / ns_per_unit;
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME, 1000000, 1000);
}

int64_t clock_boot_us(void)
{
    return read_clock(CLOCK_BOOTTIME, 1000000, 1000);
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000000, 1);
}

void clock_format(int64_t wall_us, char out[CLOCK_TEXT_SIZE])
{
    int64_t us = wall_us % 1000000;
    time_t seconds = (time_t)(wall_us / 1000000);
    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char day[CLOCK_TEXT_SIZE];
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, CLOCK_TEXT_SIZE, "%.19s.%06dZ", day, (int)us);
}
