/* The rule of a time zone for all years: POSIX's TZ string, as "CET-1CEST,M3.5.0,M10.5.0/3", with
 * the longer times of RFC 8536, 3.3.1. */
#ifndef WIRE_ZONE_RULE_H
#define WIRE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct zone_rule {
    char name[2][12]; /* standard time, daylight saving time */
    int32_t east[2];  /* seconds */
    bool has_saving;
    struct zone_change {
        char kind;            /* 'M', 'J', or 'D' for days counted from 0 with leap days */
        int month, week, day; /* of 'M'; else day alone */
        int32_t seconds;      /* of that day, by the clock before the change */
    } change[2];              /* to daylight saving time, and back */
};

/* False where it isn't such a text. */
bool zone_rule_read(struct str s, struct zone_rule *out);

/* As zone_offset(). */
int32_t zone_rule_offset(const struct zone_rule *r, int64_t at, const char **abbreviation);

/* Whether it is daylight saving time. */
bool zone_rule_is_saving(const struct zone_rule *r, int64_t at);

#endif
