#include "dialect/date_part.h"

#include <stdio.h>
#include <string.h>

/* Our name, and the others that it goes by. */
static const struct part {
    const char *name, *others;
} parts[] = {
    {"year", " y yy yyy yyyy yr years yrs "},
    {"quarter", " q qtr qtrs quarters "},
    {"month", " mm mon mons months "},
    {"week", " w wk weekofyear woy wy weeks "},
    {"weekiso", " week_iso weekofyeariso weekofyear_iso "},
    {"day", " d dd days dayofmonth "},
    {"dayofweek", " weekday dow dw "},
    {"dayofweekiso", " weekday_iso dow_iso dw_iso dayofweek_iso "},
    {"dayofyear", " yearday doy dy "},
    {"yearofweek", " "},
    {"yearofweekiso", " "},
    {"hour", " h hh hr hours hrs "},
    {"minute", " m mi min minutes mins "},
    {"second", " s sec seconds secs "},
    {"millisecond", " ms msec milliseconds "},
    {"microsecond", " us usec microseconds "},
    {"nanosecond", " ns nsec nanosec nsecond nanoseconds nanosecs nseconds "},
    {"epoch_second", " epoch epoch_seconds "},
    {"epoch_millisecond", " epoch_milliseconds "},
    {"epoch_microsecond", " epoch_microseconds "},
    {"epoch_nanosecond", " epoch_nanoseconds "},
    {"timezone_hour", " tzh "},
    {"timezone_minute", " tzm "},
};

enum { LONGEST_PART = 24 };

const char *date_part_name(struct str word)
{
    char wanted[LONGEST_PART + 3];
    if (word.n == 0 || word.n > LONGEST_PART) {
        return NULL;
    }
    wanted[0] = ' ';
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        wanted[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    memcpy(wanted + word.n + 1, " ", 2);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (str_iis(word, parts[i].name) || strstr(parts[i].others, wanted)) {
            return parts[i].name;
        }
    }
    return NULL;
}

struct node *date_part_literal(struct rewriting *r, struct node *n, const char *takes)
{
    struct str word = rule_word(n);
    const char *name = date_part_name(word);
    char wanted[LONGEST_PART + 3];
    if (!word.n) {
        rule_fail(r, n, ERR_UNSUPPORTED, "a part of a date that is no literal is not supported");
        return NULL;
    }
    if (!name) {
        rule_fail(r, n, ERR_BAD_SQL, "\"%.*s\" is no part of a date or time", STR_ARG(word));
        return NULL;
    }
    snprintf(wanted, sizeof wanted, " %s ", name);
    if (takes && !strstr(takes, wanted)) {
        rule_fail(r, n, ERR_BAD_SQL, "\"%.*s\" is not a part that can be used here", STR_ARG(word));
        return NULL;
    }
    return rule_text(r, n, name);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What stands behind the time of day: Z, +07, +0700, +07:00. */
struct str date_without_zone(struct str s)
{
    size_t colon = 0;
    while (colon < s.n && s.p[colon] != ':') {
        colon++;
    }
    if (colon == s.n) {
        return s;
    }
    if (s.p[s.n - 1] == 'Z' || s.p[s.n - 1] == 'z') {
        return str_trim((struct str){s.p, s.n - 1});
    }
    for (size_t i = colon; i < s.n; i++) {
        if (s.p[i] == '+' || s.p[i] == '-') {
            return str_trim((struct str){s.p, i});
        }
    }
    return s;
}

bool date_is_count(struct str s, int64_t *scale)
{
    int64_t value;
    bool has_digits = s.n > 0 && (s.p[0] == '-' || is_digit(s.p[0]));
    if (!has_digits || !str_to_i64(s, &value) || value == INT64_MIN) {
        return false;
    }
    value = value < 0 ? -value : value;
    *scale = value < 31536000000         ? 0
             : value < 31536000000000    ? 3
             : value < 31536000000000000 ? 6
                                         : 9;
    return true;
}

struct str date_zone_joined(struct arena *a, struct str s)
{
    struct str time = date_without_zone(s), zone = {s.p + time.n, s.n - time.n};
    zone = str_trim(zone);
    return time.n == s.n ? s : str_of(arena_printf(a, "%.*s%.*s", STR_ARG(time), STR_ARG(zone)));
}

struct node *date_of_literal(struct rewriting *r, struct node *n)
{
    if (!rule_is_string(n)) {
        return n;
    }
    struct str s = rule_word(n);
    bool has_time = s.n > 10 && memchr(s.p, ':', s.n), is_date = s.n > 4 && is_digit(s.p[0]);
    if (!is_date || !memchr(s.p, '-', s.n)) {
        return has_time || !memchr(s.p, ':', s.n) ? rule_cast(r, n, "timestamp")
                                                  : rule_cast(r, n, "time");
    }
    bool has_zone = date_without_zone(s).n != s.n;
    if (has_zone) {
        n = rule_text(r, n, date_zone_joined(r->a, s).p);
    }
    return rule_cast(r, n, !has_time ? "date" : has_zone ? "timestamptz" : "timestamp");
}
