#include "meter/period.h"

#include <stdio.h>
#include <time.h>

static int64_t month_start_us(uint32_t number)
{
    struct tm tm = {
        .tm_year = (int)(number / 12) - 1900, .tm_mon = (int)(number % 12), .tm_mday = 1};

    return (int64_t)timegm(&tm) * 1000000;
}

struct period period_numbered(uint32_t number)
{
    struct period p = {.number = number};

    p.start_us = month_start_us(number);
    p.end_us = month_start_us(number + 1);
    snprintf(p.name, sizeof p.name, "%04u-%02u", number / 12 % 10000, number % 12 + 1);
    return p;
}

struct period period_at(int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    return period_numbered((uint32_t)(tm.tm_year + 1900) * 12 + (uint32_t)tm.tm_mon);
}
