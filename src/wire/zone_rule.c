#include "wire/zone_rule.h"

#include <ctype.h>

#include "wire/datetime.h"

enum { DAY = 86400 };

/* ---- reading ---- */

static bool take(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c) {
        return false;
    }
    s->p++;
    s->n--;
    return true;
}

static bool take_number(struct str *s, int most, int *out)
{
    size_t n = 0;
    *out = 0;
    for (; n < s->n && n < 4 && isdigit((unsigned char)s->p[n]); n++) {
        *out = *out * 10 + (s->p[n] - '0');
    }
    s->p += n;
    s->n -= n;
    return n > 0 && *out <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct str *s, int32_t *seconds)
{
    int sign = take(s, '-') ? -1 : 1, hours, minutes = 0, rest = 0;
    if (sign > 0) {
        take(s, '+');
    }
    if (!take_number(s, 167, &hours) || (take(s, ':') && !take_number(s, 59, &minutes)) ||
        (take(s, ':') && !take_number(s, 59, &rest))) {
        return false;
    }
    *seconds = sign * ((hours * 60 + minutes) * 60 + rest);
    return true;
}

/* Letters, or anything in angle brackets. */
static bool take_name(struct str *s, char out[12])
{
    bool is_quoted = take(s, '<');
    size_t n = 0;
    while (n < s->n && (is_quoted ? s->p[n] != '>' : isalpha((unsigned char)s->p[n]))) {
        n++;
    }
    if (n == 0 || n > 11) {
        return false;
    }
    memcpy(out, s->p, n);
    out[n] = '\0';
    s->p += n;
    s->n -= n;
    return !is_quoted || take(s, '>');
}

static bool take_change(struct str *s, struct zone_change *c)
{
    c->seconds = 2 * 3600;
    c->kind = take(s, 'M') ? 'M' : take(s, 'J') ? 'J' : 'D';
    bool good = c->kind == 'M' ? take_number(s, 12, &c->month) && take(s, '.') &&
                                     take_number(s, 5, &c->week) && take(s, '.') &&
                                     take_number(s, 6, &c->day) && c->month > 0 && c->week > 0
                               : take_number(s, 365, &c->day) && (c->kind == 'D' || c->day > 0);
    return good && (!take(s, '/') || take_time(s, &c->seconds));
}

bool zone_rule_read(struct str s, struct zone_rule *out)
{
    *out = (struct zone_rule){0};
    int32_t west;
    if (!take_name(&s, out->name[0]) || !take_time(&s, &west)) {
        return false;
    }
    out->east[0] = -west;
    if (s.n == 0) {
        return true;
    }
    out->has_saving = true;
    out->east[1] = out->east[0] + 3600;
    if (!take_name(&s, out->name[1])) {
        return false;
    }
    if (s.n && s.p[0] != ',') {
        if (!take_time(&s, &west)) {
            return false;
        }
        out->east[1] = -west;
    }
    return take(&s, ',') && take_change(&s, &out->change[0]) && take(&s, ',') &&
           take_change(&s, &out->change[1]) && s.n == 0;
}

/* ---- offsets ---- */

/* The days from 1970-01-01 of the change in a year. */
static int64_t change_day(const struct zone_change *c, int64_t year)
{
    int64_t first = datetime_days(year, 1, 1);
    if (c->kind != 'M') {
        bool counts_leap_day = c->kind == 'J' && c->day >= 60 && datetime_is_date(year, 2, 29);
        return first + c->day - (c->kind == 'J') + counts_leap_day;
    }
    int64_t month = datetime_days(year, c->month, 1);
    int64_t day = month + (c->day - datetime_weekday(month) + 7) % 7 + (c->week - 1) * 7;
    int64_t next =
        c->month == 12 ? datetime_days(year + 1, 1, 1) : datetime_days(year, c->month + 1, 1);
    return day < next ? day : day - 7;
}

static int64_t floor_days(int64_t seconds)
{
    return seconds / DAY - (seconds % DAY < 0);
}

bool zone_rule_is_saving(const struct zone_rule *r, int64_t at)
{
    if (!r->has_saving) {
        return false;
    }
    int64_t year = datetime_year(floor_days(at + r->east[0]));
    int64_t begin = change_day(&r->change[0], year) * DAY + r->change[0].seconds - r->east[0];
    int64_t end = change_day(&r->change[1], year) * DAY + r->change[1].seconds - r->east[1];
    return begin < end ? at >= begin && at < end : at >= begin || at < end;
}

int32_t zone_rule_offset(const struct zone_rule *r, int64_t at, const char **abbreviation)
{
    bool saving = zone_rule_is_saving(r, at);
    if (abbreviation) {
        *abbreviation = r->name[saving];
    }
    return r->east[saving];
}
