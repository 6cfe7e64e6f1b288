/* Text to numbers. A cursor over the text; each reader takes what it knows from the front and says
 * whether it did, and the outermost one asks that nothing is left. */
#include <stdlib.h>

#include "wire/datetime.h"

struct cursor {
    const char *p, *end;
};

static struct cursor cursor_of(struct str s)
{
    s = str_trim(s);
    return (struct cursor){s.p, s.p + s.n};
}

static bool at_end(const struct cursor *c)
{
    return c->p == c->end;
}

static bool is_digit(const struct cursor *c)
{
    return c->p < c->end && *c->p >= '0' && *c->p <= '9';
}

static bool take(struct cursor *c, char wanted)
{
    if (c->p < c->end && *c->p == wanted) {
        c->p++;
        return true;
    }
    return false;
}

static void skip_spaces(struct cursor *c)
{
    while (take(c, ' ')) {
    }
}

/* Between `least` and `most` digits. */
static bool take_digits(struct cursor *c, int least, int most, int64_t *out)
{
    int n = 0;
    int64_t v = 0;
    for (; n < most && is_digit(c); n++) {
        v = v * 10 + (*c->p++ - '0');
    }
    *out = v;
    return n >= least && !is_digit(c);
}

static bool take_word(struct cursor *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) >= n && str_iis((struct str){c->p, n}, word)) {
        c->p += n;
        return true;
    }
    return false;
}

/* The digits behind a point as microseconds, rounded; gives 1000000 for .9999999. */
static bool take_fraction(struct cursor *c, int64_t *us)
{
    int64_t v = 0, unit = 100000;
    if (!is_digit(c)) {
        *us = 0;
        return true;
    }
    for (; unit && is_digit(c); unit /= 10) {
        v += (*c->p++ - '0') * unit;
    }
    v += is_digit(c) && *c->p >= '5';
    while (is_digit(c)) {
        c->p++;
    }
    *us = v;
    return true;
}

struct ymd {
    int64_t year, month, day;
};

static bool take_ymd(struct cursor *c, struct ymd *d)
{
    return take_digits(c, 4, 7, &d->year) && take(c, '-') && take_digits(c, 1, 2, &d->month) &&
           take(c, '-') && take_digits(c, 1, 2, &d->day);
}

/* An optional " BC" or " AD", then the days. */
static bool finish_date(struct cursor *c, struct ymd d, int64_t *days)
{
    skip_spaces(c);
    bool is_bc = take_word(c, "BC");
    if (!is_bc) {
        take_word(c, "AD");
    }
    if (d.year == 0) {
        return false;
    }
    int64_t year = is_bc ? 1 - d.year : d.year;
    *days = datetime_days(year, (int)d.month, (int)d.day);
    return at_end(c) && datetime_is_date(year, (int)d.month, (int)d.day);
}

static bool take_clock(struct cursor *c, int64_t *us)
{
    int64_t hours, minutes, seconds = 0, fraction = 0;
    if (!take_digits(c, 1, 2, &hours) || !take(c, ':') || !take_digits(c, 2, 2, &minutes)) {
        return false;
    }
    if (take(c, ':') &&
        (!take_digits(c, 2, 2, &seconds) || (take(c, '.') && !take_fraction(c, &fraction)))) {
        return false;
    }
    *us = ((hours * 60 + minutes) * 60 + seconds) * 1000000 + fraction;
    return minutes < 60 && seconds <= 60 && *us <= DAY_US;
}

/* Z, UTC, +HH, +HHMM, +HH:MM, +HH:MM:SS; `east` in seconds. False only where one is broken. */
static bool take_zone(struct cursor *c, int64_t *east, bool *is_there)
{
    *east = 0;
    *is_there = take_word(c, "Z") || take_word(c, "UTC") || take_word(c, "GMT");
    if (*is_there) {
        return true;
    }
    bool is_west = take(c, '-');
    if (!is_west && !take(c, '+')) {
        return true;
    }
    *is_there = true;
    int64_t hours, minutes = 0, seconds = 0;
    if (!take_digits(c, 1, 4, &hours)) {
        return false;
    }
    if (hours > 99) {
        minutes = hours % 100;
        hours /= 100;
    } else if (take(c, ':') && (!take_digits(c, 2, 2, &minutes) ||
                                (take(c, ':') && !take_digits(c, 2, 2, &seconds)))) {
        return false;
    }
    *east = (hours * 3600 + minutes * 60 + seconds) * (is_west ? -1 : 1);
    return hours < 16 && minutes < 60 && seconds < 60;
}

/* "infinity", "-infinity": 1, -1; else 0. */
static int infinity_of(struct str s)
{
    s = str_trim(s);
    if (str_iis(s, "infinity") || str_iis(s, "+infinity")) {
        return 1;
    }
    return str_iis(s, "-infinity") ? -1 : 0;
}

/* 4714-11-24 BC to 5874897-12-31, as PostgreSQL; timestamps end in 294247, where 64 bits do. */
enum { FIRST_DAY = -2440588, LAST_DAY = 2145042905 };
#define LAST_STAMP_DAY INT64_C(106751990)

bool datetime_read_date(struct str s, int32_t *days)
{
    int infinite = infinity_of(s);
    if (infinite) {
        *days = infinite > 0 ? INT32_MAX : INT32_MIN;
        return true;
    }
    struct cursor c = cursor_of(s);
    struct ymd d;
    int64_t v;
    if (!take_ymd(&c, &d)) {
        return false;
    }
    struct cursor date_end = c;
    int64_t us, east;
    bool is_there = take(&c, 'T') || (take(&c, ' ') && is_digit(&c));
    if (is_there && !take_clock(&c, &us)) { /* a time of day is dropped, */
        return false;
    }
    bool has_zone; /* and a zone: pgjdbc sends "2024-02-29 +00" */
    if (!take_zone(&c, &east, &has_zone)) {
        return false;
    }
    if (!is_there && !has_zone) {
        c = date_end;
    }
    if (!finish_date(&c, d, &v) || v < FIRST_DAY || v > LAST_DAY) {
        return false;
    }
    *days = (int32_t)v;
    return true;
}

bool datetime_read_time(struct str s, int64_t *us)
{
    struct cursor c = cursor_of(s);
    return take_clock(&c, us) && at_end(&c);
}

bool datetime_read_timetz(struct str s, int64_t *us, int32_t *zone)
{
    struct cursor c = cursor_of(s);
    int64_t east;
    bool is_there;
    if (!take_clock(&c, us) || !take_zone(&c, &east, &is_there) || !at_end(&c)) {
        return false;
    }
    *zone = (int32_t)-east;
    return true;
}

/* By the clock that the text shows; `*east` of UTC where it says so. */
static bool read_stamp(struct str s, int64_t *us, int64_t *east, bool *has_zone)
{
    int infinite = infinity_of(s);
    if (infinite) {
        *us = infinite > 0 ? INT64_MAX : INT64_MIN;
        *has_zone = false;
        return true;
    }
    struct cursor c = cursor_of(s);
    struct ymd d;
    int64_t days, clock = 0;
    if (!take_ymd(&c, &d)) {
        return false;
    }
    bool has_clock = take(&c, 'T');
    skip_spaces(&c);
    if ((has_clock || is_digit(&c)) && !take_clock(&c, &clock)) {
        return false;
    }
    skip_spaces(&c);
    if (!take_zone(&c, east, has_zone) || !finish_date(&c, d, &days) || days < FIRST_DAY ||
        days > LAST_STAMP_DAY) {
        return false;
    }
    *us = days * DAY_US + clock;
    return true;
}

bool datetime_read_stamp(struct str s, int64_t *us)
{
    int64_t ignored;
    bool has_zone;
    return read_stamp(s, us, &ignored, &has_zone);
}

bool datetime_read_zoned(struct str s, const struct zone *zone, int64_t *us)
{
    int64_t east = 0;
    bool has_zone;
    if (!read_stamp(s, us, &east, &has_zone)) {
        return false;
    }
    if (stamp_is_past(*us) || stamp_is_future(*us)) {
        return true;
    }
    if (!has_zone && zone) {
        int64_t seconds = *us / 1000000 - (*us % 1000000 < 0);
        east = zone_offset_of_local(zone, seconds);
    }
    *us -= east * 1000000;
    return true;
}

/* Intervals: each unit is so many months, days or microseconds. */
struct unit {
    const char *names; /* each between spaces */
    int64_t months, days, micros;
};

static const struct unit units[] = {
    {" us usec usecs microsecond microseconds ", 0, 0, 1},
    {" ms msec msecs millisecond milliseconds ", 0, 0, 1000},
    {" s sec secs second seconds ", 0, 0, 1000000},
    {" m min mins minute minutes ", 0, 0, 60000000},
    {" h hr hrs hour hours ", 0, 0, 3600000000},
    {" d day days ", 0, 1, 0},
    {" w week weeks ", 0, 7, 0},
    {" mon mons month months ", 1, 0, 0},
    {" y yr yrs year years ", 12, 0, 0},
    {" dec decs decade decades ", 120, 0, 0},
    {" c cent century centuries ", 1200, 0, 0},
    {" mil mils millennium millennia ", 12000, 0, 0},
};

/* A signed decimal: its whole part and the millionths behind the point, both signed. */
struct amount {
    int64_t whole, millionths;
};

static bool take_amount(struct cursor *c, struct amount *out)
{
    bool is_minus = take(c, '-');
    if (!is_minus) {
        take(c, '+');
    }
    bool has_digits = is_digit(c);
    if (has_digits && !take_digits(c, 1, 18, &out->whole)) {
        return false;
    }
    out->whole = has_digits ? out->whole : 0;
    out->millionths = 0;
    if (take(c, '.')) {
        has_digits |= is_digit(c);
        take_fraction(c, &out->millionths);
    }
    if (is_minus) {
        out->whole = -out->whole;
        out->millionths = -out->millionths;
    }
    return has_digits;
}

struct total {
    int64_t months, days, micros;
    bool overflow;
};

static void add(int64_t *sum, int64_t a, int64_t b, struct total *t)
{
    int64_t product;
    t->overflow |=
        __builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(*sum, product, sum);
}

/* A fraction of a month counts in days of 30 to the month, a fraction of a day in microseconds. */
static void add_unit(struct total *t, struct amount v, const struct unit *u)
{
    add(&t->months, v.whole, u->months, t);
    add(&t->days, v.whole, u->days, t);
    add(&t->micros, v.whole, u->micros, t);
    int64_t months = v.millionths * u->months; /* in millionths, as the rest */
    add(&t->months, months / 1000000, 1, t);
    int64_t days = months % 1000000 * (u->months == 1 ? 30 : 0) + v.millionths * u->days;
    add(&t->days, days / 1000000, 1, t);
    int64_t micros = days % 1000000 * (DAY_US / 1000000);
    if (u->micros) {
        int64_t part = v.millionths * u->micros; /* below 3.6e15 */
        micros += (part + (part < 0 ? -500000 : 500000)) / 1000000;
    }
    add(&t->micros, micros, 1, t);
}

static const struct unit *take_unit(struct cursor *c)
{
    char name[16] = " ";
    size_t n = 1;
    while (c->p < c->end && ((*c->p | 32) >= 'a' && (*c->p | 32) <= 'z') && n < sizeof name - 2) {
        name[n++] = (char)(*c->p++ | 32);
    }
    name[n] = ' ';
    for (size_t i = 0; n > 1 && i < sizeof units / sizeof *units; i++) {
        if (strstr(units[i].names, name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* [-]H:MM[:SS[.ffffff]], where H may be large. */
static bool take_span(struct cursor *c, struct total *t)
{
    bool is_minus = take(c, '-');
    if (!is_minus) {
        take(c, '+');
    }
    int64_t hours, minutes, seconds = 0, fraction = 0;
    if (!take_digits(c, 1, 10, &hours) || !take(c, ':') || !take_digits(c, 2, 2, &minutes) ||
        (take(c, ':') &&
         (!take_digits(c, 2, 2, &seconds) || (take(c, '.') && !take_fraction(c, &fraction))))) {
        return false;
    }
    int64_t sign = is_minus ? -1 : 1;
    add(&t->micros, hours * sign, 3600000000, t);
    add(&t->micros, (minutes * 60 + seconds) * sign, 1000000, t);
    add(&t->micros, fraction, sign, t);
    return minutes < 60 && seconds <= 60;
}

static bool take_verbose(struct cursor *c, struct total *t)
{
    take(c, '@');
    skip_spaces(c);
    bool any = false, is_ago = false;
    while (!at_end(c) && !(is_ago = any && take_word(c, "ago"))) {
        struct cursor start = *c;
        if (!take_span(c, t)) {
            struct amount v;
            *c = start;
            if (!take_amount(c, &v)) {
                return false;
            }
            skip_spaces(c);
            const struct unit *u = at_end(c) ? &units[2] : take_unit(c); /* bare: seconds */
            if (!u) {
                return false;
            }
            add_unit(t, v, u);
        }
        any = true;
        skip_spaces(c);
    }
    if (is_ago) {
        int64_t months = t->months, days = t->days, micros = t->micros;
        t->months = t->days = t->micros = 0;
        add(&t->months, months, -1, t);
        add(&t->days, days, -1, t);
        add(&t->micros, micros, -1, t);
    }
    return any;
}

/* ISO 8601: P[nY][nM][nW][nD][T[nH][nM][nS]] */
static bool take_iso(struct cursor *c, struct total *t)
{
    static const char date_letters[] = "YMWD", time_letters[] = "HMS";
    static const int date_units[] = {8, 7, 6, 5}, time_units[] = {4, 3, 2};
    bool in_time = false, any = false;
    while (!at_end(c)) {
        if (!in_time && take(c, 'T')) {
            in_time = true;
            continue;
        }
        struct amount v;
        if (!take_amount(c, &v) || at_end(c)) {
            return false;
        }
        const char *letters = in_time ? time_letters : date_letters;
        const char *at = strchr(letters, *c->p++);
        if (!at || !*at) {
            return false;
        }
        add_unit(t, v, &units[(in_time ? time_units : date_units)[at - letters]]);
        any = true;
    }
    return any;
}

bool datetime_read_interval(struct str s, struct interval *out)
{
    struct cursor c = cursor_of(s);
    struct total t = {0};
    bool ok = take(&c, 'P') ? take_iso(&c, &t) : take_verbose(&c, &t);
    if (!ok || t.overflow || !at_end(&c) || t.months != (int32_t)t.months ||
        t.days != (int32_t)t.days) {
        return false;
    }
    *out = (struct interval){(int32_t)t.months, (int32_t)t.days, t.micros};
    return true;
}
