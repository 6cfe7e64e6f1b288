/* Intervals in the four styles of IntervalStyle: what EncodeInterval() of PostgreSQL's
 * src/backend/utils/adt/datetime.c writes. */
#include "wire/datetime.h"
#include "wire/digits.h"

/* Years and months have one sign, days another, hours to microseconds a third. */
struct parts {
    int64_t years, months, days, hours, minutes, seconds, micros;
};

static struct parts parts_of(struct interval v)
{
    int64_t seconds = v.micros / 1000000;
    return (struct parts){v.months / 12,     v.months % 12,     v.days,
                          seconds / 3600,    seconds / 60 % 60, seconds % 60,
                          v.micros % 1000000};
}

static char *put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* Without a sign; two digits before the point where `fills`. */
static char *put_seconds(char *out, const struct parts *p, bool fills)
{
    uint64_t micros = magnitude(p->micros);
    out = fills ? digits_fixed(out, (uint32_t)magnitude(p->seconds), 2)
                : digits_u64(out, magnitude(p->seconds));
    if (micros == 0) {
        return out;
    }
    *out++ = '.';
    out = digits_fixed(out, (uint32_t)micros, 6);
    while (out[-1] == '0') {
        out--;
    }
    return out;
}

static bool is_time_negative(const struct parts *p)
{
    return p->hours < 0 || p->minutes < 0 || p->seconds < 0 || p->micros < 0;
}

static bool has_time(const struct parts *p)
{
    return p->hours || p->minutes || p->seconds || p->micros;
}

/* Hours without a sign, of this many digits at least. */
static char *put_clock(char *out, const struct parts *p, int width)
{
    uint64_t hours = magnitude(p->hours);
    out = hours < 10 && width == 2 ? digits_fixed(out, (uint32_t)hours, 2) : digits_u64(out, hours);
    *out++ = ':';
    out = digits_fixed(out, (uint32_t)magnitude(p->minutes), 2);
    *out++ = ':';
    return put_seconds(out, p, true);
}

/* ---- postgres: "1 year -2 mons +3 days -04:05:06" ---- */

/* A positive part after a negative one gets a plus sign. */
struct postgres_text {
    char *start, *out;
    bool after_minus;
};

static void put_postgres_part(struct postgres_text *t, int64_t v, const char *unit)
{
    if (v == 0) {
        return;
    }
    t->out = put(t->out, t->out > t->start ? " " : "");
    t->out = put(t->out, v > 0 && t->after_minus ? "+" : "");
    t->out = digits_i64(t->out, v);
    t->out = put(put(put(t->out, " "), unit), v != 1 ? "s" : "");
    t->after_minus = v < 0;
}

static char *put_postgres(char *out, const struct parts *p)
{
    struct postgres_text t = {.start = out, .out = out};
    put_postgres_part(&t, p->years, "year");
    put_postgres_part(&t, p->months, "mon");
    put_postgres_part(&t, p->days, "day");
    if (!has_time(p) && t.out > t.start) {
        return t.out;
    }
    t.out = put(t.out, t.out > t.start ? " " : "");
    t.out = put(t.out, is_time_negative(p) ? "-" : t.after_minus ? "+" : "");
    return put_clock(t.out, p, 2);
}

/* ---- postgres_verbose: "@ 1 year 2 mons -3 days ago" ---- */

struct verbose_text {
    char *out;
    bool is_empty, is_before;
};

/* The first part's sign becomes the "ago" at the end, and the others are told as seen from there.
 */
static void put_verbose_part(struct verbose_text *t, int64_t v, const char *unit)
{
    if (v == 0) {
        return;
    }
    if (t->is_empty) {
        t->is_before = v < 0;
        v = v < 0 ? -v : v;
    } else if (t->is_before) {
        v = -v;
    }
    t->out = digits_i64(put(t->out, " "), v);
    t->out = put(put(put(t->out, " "), unit), v == 1 ? "" : "s");
    t->is_empty = false;
}

static char *put_verbose(char *out, const struct parts *p)
{
    struct verbose_text t = {.out = put(out, "@"), .is_empty = true};
    put_verbose_part(&t, p->years, "year");
    put_verbose_part(&t, p->months, "mon");
    put_verbose_part(&t, p->days, "day");
    put_verbose_part(&t, p->hours, "hour");
    put_verbose_part(&t, p->minutes, "min");
    if (p->seconds || p->micros) {
        bool is_negative = p->seconds < 0 || p->micros < 0;
        t.out = put(t.out, " ");
        if (is_negative && t.is_empty) {
            t.is_before = true;
        } else if (is_negative != t.is_before) {
            t.out = put(t.out, "-");
        }
        t.out = put_seconds(t.out, p, false);
        t.out = put(t.out, magnitude(p->seconds) != 1 || p->micros ? " secs" : " sec");
        t.is_empty = false;
    }
    t.out = put(t.out, t.is_empty ? " 0" : "");
    return put(t.out, t.is_before ? " ago" : "");
}

/* ---- sql_standard: "1-2", "3 4:05:06", "+1-2 -3 +4:05:06" ---- */

static char *put_mixed(char *out, const struct parts *p)
{
    *out++ = p->years < 0 || p->months < 0 ? '-' : '+';
    out = digits_u64(out, magnitude(p->years));
    *out++ = '-';
    out = digits_u64(out, magnitude(p->months));
    out = put(out, p->days < 0 ? " -" : " +");
    out = digits_u64(out, magnitude(p->days));
    out = put(out, is_time_negative(p) ? " -" : " +");
    return put_clock(out, p, 1);
}

static char *put_standard(char *out, const struct parts *p)
{
    bool has_months = p->years || p->months, has_days = p->days || has_time(p);
    bool is_negative = p->years < 0 || p->months < 0 || p->days < 0 || is_time_negative(p);
    bool is_positive =
        p->years > 0 || p->months > 0 || p->days > 0 || (has_time(p) && !is_time_negative(p));
    if (!is_negative && !is_positive) {
        return put(out, "0");
    }
    if ((is_negative && is_positive) || (has_months && has_days)) {
        return put_mixed(out, p);
    }
    out = put(out, is_negative ? "-" : "");
    if (has_months) {
        out = put(digits_u64(out, magnitude(p->years)), "-");
        return digits_u64(out, magnitude(p->months));
    }
    if (p->days) {
        out = put(digits_u64(out, magnitude(p->days)), " ");
    }
    return put_clock(out, p, 1);
}

/* ---- iso_8601: "P1Y2M3DT4H5M6S" ---- */

static char *put_iso_part(char *out, int64_t v, const char *unit)
{
    return v ? put(digits_i64(out, v), unit) : out;
}

static char *put_iso(char *out, const struct parts *p)
{
    if (!p->years && !p->months && !p->days && !has_time(p)) {
        return put(out, "PT0S");
    }
    out = put_iso_part(put(out, "P"), p->years, "Y");
    out = put_iso_part(out, p->months, "M");
    out = put_iso_part(out, p->days, "D");
    out = put(out, has_time(p) ? "T" : "");
    out = put_iso_part(out, p->hours, "H");
    out = put_iso_part(out, p->minutes, "M");
    if (p->seconds || p->micros) {
        out = put(out, p->seconds < 0 || p->micros < 0 ? "-" : "");
        out = put(put_seconds(out, p, false), "S");
    }
    return out;
}

char *datetime_put_interval(char *out, struct interval v, const struct datetime_style *style)
{
    struct parts p = parts_of(v);
    switch (style->interval) {
    case INTERVAL_POSTGRES_VERBOSE:
        return put_verbose(out, &p);
    case INTERVAL_SQL_STANDARD:
        return put_standard(out, &p);
    case INTERVAL_ISO_8601:
        return put_iso(out, &p);
    case INTERVAL_POSTGRES:
        break;
    }
    return put_postgres(out, &p);
}
