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

static char *put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

static char *put_civil(char *out, struct civil c)
{
    int64_t year = c.year > 0 ? c.year : 1 - c.year;
    out = year < 10000 ? digits_fixed(out, (uint32_t)year, 4) : digits_i64(out, year);
    *out++ = '-';
    out = digits_fixed(out, (uint32_t)c.month, 2);
    *out++ = '-';
    return digits_fixed(out, (uint32_t)c.day, 2);
}

static char *put_era(char *out, struct civil c)
{
    return c.year > 0 ? out : put(out, " BC");
}

char *datetime_put_date(char *out, int32_t days)
{
    if (date_is_past(days) || date_is_future(days)) {
        return put(out, date_is_future(days) ? "infinity" : "-infinity");
    }
    struct civil c = civil_of(days);
    return put_era(put_civil(out, c), c);
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

char *datetime_put_stamp(char *out, int64_t us, bool with_zone)
{
    if (stamp_is_past(us) || stamp_is_future(us)) {
        return put(out, stamp_is_future(us) ? "infinity" : "-infinity");
    }
    int64_t days = us / DAY_US, rest = us % DAY_US;
    if (rest < 0) {
        rest += DAY_US;
        days--;
    }
    struct civil c = civil_of(days);
    out = put_civil(out, c);
    *out++ = ' ';
    out = put_clock(out, (uint64_t)rest);
    return put_era(with_zone ? put(out, "+00") : out, c);
}

/* What PostgreSQL's interval text must remember between its parts: a positive part after a negative
 * one gets a plus sign. */
struct interval_text {
    char *start, *out;
    bool after_minus;
};

static void put_part(struct interval_text *t, int64_t v, const char *unit)
{
    if (v == 0) {
        return;
    }
    if (t->out > t->start) {
        *t->out++ = ' ';
    }
    if (v > 0 && t->after_minus) {
        *t->out++ = '+';
    }
    t->out = digits_i64(t->out, v);
    *t->out++ = ' ';
    t->out = put(t->out, unit);
    if (v != 1) {
        *t->out++ = 's';
    }
    t->after_minus = v < 0;
}

char *datetime_put_interval(char *out, struct interval v)
{
    struct interval_text t = {.start = out, .out = out};
    put_part(&t, v.months / 12, "year");
    put_part(&t, v.months % 12, "mon");
    put_part(&t, v.days, "day");
    if (v.micros == 0 && t.out > t.start) {
        return t.out;
    }
    if (t.out > t.start) {
        *t.out++ = ' ';
    }
    if (v.micros < 0) {
        *t.out++ = '-';
    } else if (t.after_minus) {
        *t.out++ = '+';
    }
    return put_clock(t.out, v.micros < 0 ? 0 - (uint64_t)v.micros : (uint64_t)v.micros);
}
