/* Numbers to text. The calendar arithmetic counts in eras of 400 years from 0000-03-01, so that the
 * leap day ends a year; see Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
#include "wire/datetime.h"

#include "wire/digits.h"

struct civil {
    int64_t year;
    int month, day;
};

int64_t datetime_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil civil_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    uint32_t of_era = (uint32_t)(days - era * 146097);
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * of_year + 2) / 153;
    struct civil c = {.year = year + era * 400 + (month >= 10),
                      .month = (int)(month < 10 ? month + 3 : month - 9),
                      .day = (int)(of_year - (153 * month + 2) / 5 + 1)};
    return c;
}

bool datetime_is_date(int64_t year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && is_leap);
}

int64_t datetime_year(int64_t days)
{
    return civil_of(days).year;
}

int datetime_weekday(int64_t days) /* 1970-01-01 was a Thursday */
{
    int64_t d = (days + 4) % 7;
    return (int)(d < 0 ? d + 7 : d);
}

static char *put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

static char *put_year(char *out, struct civil c)
{
    int64_t year = c.year > 0 ? c.year : 1 - c.year;
    return year < 10000 ? digits_fixed(out, (uint32_t)year, 4) : digits_i64(out, year);
}

/* Day and month in the style's order, with this between. */
static char *put_day_month(char *out, struct civil c, const struct datetime_style *style, char mark)
{
    bool day_first = style->day_first || style->date == DATE_GERMAN;
    out = digits_fixed(out, (uint32_t)(day_first ? c.day : c.month), 2);
    *out++ = mark;
    return digits_fixed(out, (uint32_t)(day_first ? c.month : c.day), 2);
}

static char *put_civil(char *out, struct civil c, const struct datetime_style *style)
{
    static const char marks[] = {
        [DATE_ISO] = '-',    [DATE_SQL] = '/', [DATE_POSTGRES] = '-',
        [DATE_GERMAN] = '.', [DATE_XSD] = '-',
    };
    char mark = marks[style->date];
    if (style->date != DATE_ISO && style->date != DATE_XSD) {
        out = put_day_month(out, c, style, mark);
        *out++ = mark;
        return put_year(out, c);
    }
    out = put_year(out, c);
    *out++ = mark;
    out = digits_fixed(out, (uint32_t)c.month, 2);
    *out++ = mark;
    return digits_fixed(out, (uint32_t)c.day, 2);
}

static char *put_era(char *out, struct civil c)
{
    return c.year > 0 ? out : put(out, " BC");
}

char *datetime_put_date(char *out, int32_t days, const struct datetime_style *style)
{
    if (date_is_past(days) || date_is_future(days)) {
        return put(out, date_is_future(days) ? "infinity" : "-infinity");
    }
    struct civil c = civil_of(days);
    return put_era(put_civil(out, c, style), c);
}

static char *put_fraction(char *out, uint32_t us)
{
    if (us == 0) {
        return out;
    }
    *out++ = '.';
    out = digits_fixed(out, us, 6);
    while (out[-1] == '0') {
        out--;
    }
    return out;
}

static char *put_clock(char *out, uint64_t us)
{
    uint64_t seconds = us / 1000000, hours = seconds / 3600;
    out = hours < 100 ? digits_fixed(out, (uint32_t)hours, 2) : digits_u64(out, hours);
    *out++ = ':';
    out = digits_fixed(out, (uint32_t)(seconds / 60 % 60), 2);
    *out++ = ':';
    out = digits_fixed(out, (uint32_t)(seconds % 60), 2);
    return put_fraction(out, (uint32_t)(us % 1000000));
}

char *datetime_put_time(char *out, int64_t us)
{
    return put_clock(out, (uint64_t)us);
}

/* "+02", "+05:30", "-04:56:02"; with minutes always: "+02:00" */
static char *put_offset(char *out, int32_t east, bool has_minutes)
{
    uint32_t seconds = (uint32_t)(east < 0 ? -east : east);
    *out++ = east < 0 ? '-' : '+';
    out = digits_fixed(out, seconds / 3600, 2);
    if (has_minutes || seconds % 3600) {
        *out++ = ':';
        out = digits_fixed(out, seconds / 60 % 60, 2);
    }
    if (seconds % 60) {
        *out++ = ':';
        out = digits_fixed(out, seconds % 60, 2);
    }
    return out;
}

/* A moment's zone as a style shows it; `name` NULL: without one. */
struct shown_zone {
    bool is_shown;
    int32_t east;
    const char *name;
};

static char *put_zone(char *out, const struct shown_zone *z, const struct datetime_style *style)
{
    if (!z->is_shown) {
        return out;
    }
    if (style->date == DATE_ISO || style->date == DATE_XSD) {
        return put_offset(out, z->east, style->date == DATE_XSD);
    }
    *out++ = ' ';
    return put(out, z->name);
}

/* "Sat Feb 17 07:37:16 1997 PST" */
static char *put_postgres_stamp(char *out, int64_t days, struct civil c, uint64_t clock,
                                const struct datetime_style *style)
{
    static const char weekdays[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *month = months + 3 * (c.month - 1);
    memcpy(out, weekdays + 3 * datetime_weekday(days), 3);
    out += 3;
    *out++ = ' ';
    if (style->day_first) {
        out = digits_fixed(out, (uint32_t)c.day, 2);
        *out++ = ' ';
    }
    memcpy(out, month, 3);
    out += 3;
    *out++ = ' ';
    if (!style->day_first) {
        out = digits_fixed(out, (uint32_t)c.day, 2);
        *out++ = ' ';
    }
    out = put_clock(out, clock);
    *out++ = ' ';
    return put_year(out, c);
}

static char *put_stamp(char *out, int64_t us, const struct shown_zone *z,
                       const struct datetime_style *style)
{
    int64_t days = us / DAY_US, rest = us % DAY_US;
    if (rest < 0) {
        rest += DAY_US;
        days--;
    }
    struct civil c = civil_of(days);
    if (style->date == DATE_POSTGRES) {
        out = put_postgres_stamp(out, days, c, (uint64_t)rest, style);
    } else {
        out = put_civil(out, c, style);
        *out++ = style->date == DATE_XSD ? 'T' : ' ';
        out = put_clock(out, (uint64_t)rest);
    }
    return put_era(put_zone(out, z, style), c);
}

char *datetime_put_stamp(char *out, int64_t us, const struct datetime_style *style)
{
    if (stamp_is_past(us) || stamp_is_future(us)) {
        return put(out, stamp_is_future(us) ? "infinity" : "-infinity");
    }
    return put_stamp(out, us, &(struct shown_zone){0}, style);
}

char *datetime_put_zoned(char *out, int64_t us, const struct datetime_style *style)
{
    if (stamp_is_past(us) || stamp_is_future(us)) {
        return put(out, stamp_is_future(us) ? "infinity" : "-infinity");
    }
    struct shown_zone z = {.is_shown = true, .name = "UTC"};
    int64_t local;
    if (style->zone) {
        z.east = zone_offset(style->zone, us / 1000000 - (us % 1000000 < 0), &z.name);
    }
    if (__builtin_add_overflow(us, (int64_t)z.east * 1000000, &local)) {
        local = us; /* at the very end of the range */
        z = (struct shown_zone){.is_shown = true, .name = "UTC"};
    }
    return put_stamp(out, local, &z, style);
}
