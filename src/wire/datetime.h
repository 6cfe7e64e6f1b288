/* Dates, times and intervals: numbers to PostgreSQL's text and back. The calendar is the proleptic
 * Gregorian one; year 0 is 1 BC. Days and microseconds count from 1970-01-01.
 *
 * Readers take ISO 8601 forms and PostgreSQL's own output, of the whole input; nothing that depends
 * on the clock ("now") or on a setting ("03/04/05"). They say false for all else, and the caller
 * makes the error. Writers need the stated room and give the end, without NUL. */
#ifndef WIRE_DATETIME_H
#define WIRE_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/zone.h"

enum { DATETIME_ROOM = 64, INTERVAL_ROOM = 128 };

#define DAY_US INT64_C(86400000000)
/* 2000-01-01, from which PostgreSQL's binary formats count. */
#define PG_EPOCH_DAYS 10957
#define PG_EPOCH_US   (PG_EPOCH_DAYS * DAY_US)

/* The infinities; the engine's own minus infinity is one above the smallest number. */
static inline bool date_is_past(int32_t days)
{
    return days <= -INT32_MAX;
}
static inline bool date_is_future(int32_t days)
{
    return days == INT32_MAX;
}
static inline bool stamp_is_past(int64_t us)
{
    return us <= -INT64_MAX;
}
static inline bool stamp_is_future(int64_t us)
{
    return us == INT64_MAX;
}

struct interval {
    int32_t months, days;
    int64_t micros;
};

/* DateStyle, IntervalStyle and TimeZone. All zero is ISO, postgres and UTC. DATE_XSD is no setting:
 * what JSON gets, "2024-02-29T12:34:56+00:00". */
enum date_style { DATE_ISO, DATE_SQL, DATE_POSTGRES, DATE_GERMAN, DATE_XSD };
enum interval_style {
    INTERVAL_POSTGRES,
    INTERVAL_POSTGRES_VERBOSE,
    INTERVAL_SQL_STANDARD,
    INTERVAL_ISO_8601
};
struct datetime_style {
    enum date_style date;
    bool day_first; /* DMY */
    enum interval_style interval;
    const struct zone *zone; /* NULL: UTC */
};

/* DATETIME_ROOM each. */
char *datetime_put_date(char *out, int32_t days, const struct datetime_style *style);
char *datetime_put_time(char *out, int64_t us);
char *datetime_put_stamp(char *out, int64_t us, const struct datetime_style *style);
/* A timestamp with time zone: as the style's zone shows it, with the offset or its abbreviation. */
char *datetime_put_zoned(char *out, int64_t us, const struct datetime_style *style);
/* INTERVAL_ROOM */
char *datetime_put_interval(char *out, struct interval v, const struct datetime_style *style);

bool datetime_read_date(struct str s, int32_t *days);
bool datetime_read_time(struct str s, int64_t *us);
/* `zone`: seconds west of UTC, as PostgreSQL's binary timetz has it. */
bool datetime_read_timetz(struct str s, int64_t *us, int32_t *zone);
/* A zone in the text is checked and ignored, as PostgreSQL does. */
bool datetime_read_stamp(struct str s, int64_t *us);
/* A text without a zone is of this one; NULL: UTC. */
bool datetime_read_zoned(struct str s, const struct zone *zone, int64_t *us);
bool datetime_read_interval(struct str s, struct interval *out);

/* Days from 1970-01-01 of a date; `month` 1 to 12. And the year of a day. */
int64_t datetime_days(int64_t year, int month, int day);
int64_t datetime_year(int64_t days);
int datetime_weekday(int64_t days); /* 0 is Sunday */
bool datetime_is_date(int64_t year, int month, int day);

#endif
