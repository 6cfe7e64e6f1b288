/* Snowflake: moments moved, counted, cut and taken apart. */
#include "dialect/date_part.h"
#include "dialect/rules.h"

#define DATE_PARTS " year quarter month week day "
#define STEPS      DATE_PARTS "hour minute second millisecond microsecond nanosecond "

/* DATEADD(part, amount, moment) */
static struct node *add(struct rewriting *r, struct node_func *f)
{
    struct node *part = date_part_literal(r, f->args.at[0], STEPS);
    return part ? CALL(r, &f->base, "date_add_part", part, f->args.at[1], f->args.at[2]) : &f->base;
}

static struct node *difference(struct rewriting *r, struct node_func *f)
{
    struct node *part = date_part_literal(r, f->args.at[0], STEPS);
    if (!part) {
        return &f->base;
    }
    struct node *from = f->args.at[1], *to = f->args.at[2];
    if (!str_is(rule_word(part), "nanosecond")) { /* which keeps the nine digits of a text */
        from = date_of_literal(r, from);
        to = date_of_literal(r, to);
    }
    return CALL(r, &f->base, "date_diff_part", part, from, to);
}

static struct node *truncated(struct rewriting *r, struct node *at, struct node *part,
                              struct node *x)
{
    part = date_part_literal(r, part, STEPS);
    return part ? CALL(r, at, "date_trunc_part", part, x) : at;
}

/* DATE_TRUNC(part, moment), or the other way about. */
static struct node *truncate(struct rewriting *r, struct node_func *f)
{
    struct node *first = f->args.at[0], *second = f->args.at[1];
    bool is_turned = !date_part_name(rule_word(first)) && rule_is_string(second) &&
                     date_part_name(rule_word(second));
    return is_turned ? truncated(r, &f->base, second, first)
                     : truncated(r, &f->base, first, second);
}

/* TRUNC(moment, 'part'), and of numbers. */
static struct node *cut(struct rewriting *r, struct node_func *f)
{
    if (f->args.n == 2 && rule_is_string(f->args.at[1])) {
        return truncated(r, &f->base, f->args.at[1], f->args.at[0]);
    }
    struct node *x = f->args.at[0];
    int64_t ignored;
    if (f->args.n == 1 || rule_int(f->args.at[1], &ignored)) {
        return rule_call(r, &f->base, "trunc", f->args.n, f->args.at);
    }
    return CALL(r, &f->base, "trunc", x, rule_cast(r, f->args.at[1], "integer"));
}

/* What a part is in our own SQL: $1 the moment. */
static const struct taken {
    const char *part, *text;
} taken[] = {
    {"weekiso", "date_part('week', $1)"},
    {"dayofweek", "date_part('dow', $1)"},
    {"dayofweekiso", "date_part('isodow', $1)"},
    {"dayofyear", "date_part('doy', $1)"},
    {"yearofweek", "date_part('isoyear', $1)"},
    {"yearofweekiso", "date_part('isoyear', $1)"},
    {"nanosecond", "part_nanosecond($1)"},
    {"epoch_second", "CAST(floor(epoch($1)) AS bigint)"},
    {"epoch_millisecond", "epoch_ms($1)"},
    {"epoch_microsecond", "epoch_us($1)"},
    {"epoch_nanosecond", "epoch_ns($1)"},
};

/* DATE_PART(part, moment), EXTRACT(part FROM moment) */
static struct node *part_of(struct rewriting *r, struct node_func *f)
{
    struct node *part = date_part_literal(r, f->args.at[0], NULL), *x = f->args.at[1];
    if (!part) {
        return &f->base;
    }
    struct str name = rule_word(part);
    x = rule_is_string(x) ? rule_cast(r, x, "timestamp") : x;
    if (str_is(name, "millisecond") || str_is(name, "microsecond")) {
        rule_fail(r, f->args.at[0], ERR_UNSUPPORTED, "the part %.*s of a moment is not supported",
                  STR_ARG(name));
        rule_hint(r, "Divide the part NANOSECOND.");
        return &f->base;
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (str_is(name, taken[i].part)) {
            return EXPAND(r, &f->base, taken[i].text, x);
        }
    }
    bool is_same = str_eq(name, rule_word(f->args.at[0])) && x == f->args.at[1] &&
                   f->args.at[0]->kind == NODE_LITERAL;
    return is_same ? &f->base : CALL(r, &f->base, "date_part", part, x);
}

/* LAST_DAY(moment, part) */
static struct node *last_day(struct rewriting *r, struct node_func *f)
{
    struct node *x = date_of_literal(r, f->args.at[0]);
    struct node *part =
        f->args.n > 1 ? date_part_literal(r, f->args.at[1], " year quarter month week ") : NULL;
    if (r->failed) {
        return &f->base;
    }
    struct str name = part ? rule_word(part) : STR("month");
    return str_is(name, "month") ? CALL(r, &f->base, "last_day", x)
           : str_is(name, "year")
               ? EXPAND(r, &f->base, "make_date(date_part('year', $1), 12, 31)", x)
           : str_is(name, "quarter")
               ? EXPAND(
                     r, &f->base,
                     "last_day(make_date(date_part('year', $1), date_part('quarter', $1) * 3, 1))",
                     x)
               : EXPAND(r, &f->base, "CAST(date_trunc('week', $1) + INTERVAL '6' day AS date)", x);
}

/* Monday is 1. A day may be written in full or by its first letters. */
static struct node *day_number(struct rewriting *r, struct node *n)
{
    static const char *const days[] = {"mo", "tu", "we", "th", "fr", "sa", "su"};
    struct str s = rule_is_string(n) ? rule_word(n) : STR_NULL;
    for (int i = 0; i < 7 && s.n >= 2; i++) {
        if (str_iis((struct str){s.p, 2}, days[i])) {
            return rule_integer(r, n, i + 1);
        }
    }
    if (s.n) {
        rule_fail(r, n, ERR_BAD_SQL, "\"%.*s\" is no day of the week", STR_ARG(s));
        return n;
    }
    return EXPAND(
        r, n,
        "CASE WHEN starts_with(upper($1), 'MO') THEN 1 WHEN starts_with(upper($1), 'TU') THEN 2 "
        "WHEN starts_with(upper($1), 'WE') THEN 3 WHEN starts_with(upper($1), 'TH') THEN 4 "
        "WHEN starts_with(upper($1), 'FR') THEN 5 WHEN starts_with(upper($1), 'SA') THEN 6 "
        "WHEN starts_with(upper($1), 'SU') THEN 7 END",
        n);
}

static struct node *next_day(struct rewriting *r, struct node_func *f)
{
    struct node *x = date_of_literal(r, f->args.at[0]), *day = day_number(r, f->args.at[1]);
    bool next = str_iis(rule_name(f), "next_day");
    return next ? EXPAND(r, &f->base,
                         "CAST($1 + INTERVAL ((((($2 - isodow($1)) + 6) % 7) + 1)) day AS date)", x,
                         day)
                : EXPAND(r, &f->base,
                         "CAST($1 - INTERVAL (((((isodow($1) - $2) + 6) % 7) + 1)) day AS date)", x,
                         day);
}

static struct node *slice(struct rewriting *r, struct node_func *f)
{
    struct node *part = date_part_literal(r, f->args.at[2], STEPS);
    struct node *side = f->args.n > 3 ? f->args.at[3] : rule_text(r, &f->base, "START");
    if (part && !str_iis(rule_word(side), "start") && !str_iis(rule_word(side), "end")) {
        rule_fail(r, side, ERR_BAD_SQL, "a slice has a START and an END");
    }
    return part ? CALL(r, &f->base, "slice_of", part, f->args.at[1], side, f->args.at[0])
                : &f->base;
}

/* ---- made of parts ---- */

/* The engine's makers refuse what runs over; Snowflake carries it. */
static bool in_range(const struct node *n, int64_t low, int64_t high)
{
    int64_t value;
    return rule_int(n, &value) && value >= low && value <= high;
}

static struct node *date_from(struct rewriting *r, struct node *at, struct node *const *p)
{
    bool fits = in_range(p[0], 1, 9999) && in_range(p[1], 1, 12) && in_range(p[2], 1, 28);
    return fits ? rule_call(r, at, "make_date", 3, p)
                : rule_expand(r, at,
                              "CAST(make_date($1, 1, 1) + INTERVAL ($2 - 1) month + "
                              "INTERVAL ($3 - 1) day AS date)",
                              3, p);
}

static struct node *date_from_parts(struct rewriting *r, struct node_func *f)
{
    return date_from(r, &f->base, f->args.at);
}

static bool is_time(struct node *const *p)
{
    return in_range(p[0], 0, 23) && in_range(p[1], 0, 59) && in_range(p[2], 0, 59);
}

static struct node *time_from_parts(struct rewriting *r, struct node_func *f)
{
    if (f->args.n == 4) {
        return rule_expand(r, &f->base,
                           "CAST('00:00:00' AS time) + INTERVAL (($1 * 3600) + ($2 * 60) + $3 + "
                           "($4 / 1000000000.0)) second",
                           4, f->args.at);
    }
    return is_time(f->args.at)
               ? rule_call(r, &f->base, "make_time", 3, f->args.at)
               : rule_expand(
                     r, &f->base,
                     "CAST('00:00:00' AS time) + INTERVAL (($1 * 3600) + ($2 * 60) + $3) second", 3,
                     f->args.at);
}

static struct node *stamp(struct rewriting *r, struct node_func *f)
{
    struct node *const *p = f->args.at;
    struct node *out;
    if (f->args.n == 2) {
        return EXPAND(r, &f->base, "CAST($1 AS date) + CAST($2 AS time)", p[0], p[1]);
    }
    if (f->args.n < 6) {
        rule_fail(r, &f->base, ERR_UNKNOWN_FUNCTION,
                  "a timestamp is made of 2 parts, or of 6 and more");
        return &f->base;
    }
    bool fits =
        in_range(p[0], 1, 9999) && in_range(p[1], 1, 12) && in_range(p[2], 1, 28) && is_time(p + 3);
    if (fits) {
        out = rule_call(r, &f->base, "make_timestamp", 6, p);
    } else {
        out = EXPAND(r, &f->base, "$1 + INTERVAL (($2 * 3600) + ($3 * 60) + $4) second",
                     date_from(r, &f->base, p), p[3], p[4], p[5]);
    }
    int64_t nano;
    bool is_whole = f->args.n == 6 || (rule_int(p[6], &nano) && nano == 0);
    return is_whole ? out
                    : EXPAND(r, &f->base, "$1 + INTERVAL ($2 / 1000000000.0) second", out, p[6]);
}

static struct node *zoned_stamp(struct rewriting *r, struct node_func *f)
{
    struct node *zone = f->args.n == 8 ? f->args.at[7] : NULL;
    struct node *out = stamp(r, f);
    if (r->failed) {
        return out;
    }
    return zone ? rule_binary(r, OP_AT_TIME_ZONE, out, zone) : rule_cast(r, out, "timestamptz");
}

static struct node *convert_timezone(struct rewriting *r, struct node_func *f)
{
    struct node *const *p = f->args.at;
    if (f->args.n == 3) {
        struct node *x = p[2];
        if (rule_is_string(x)) {
            node_literal(x)->text = date_without_zone(node_literal(x)->text);
        }
        return EXPAND(r, &f->base, "CAST($3 AS timestamp) AT TIME ZONE $1 AT TIME ZONE $2", p[0],
                      p[1], x);
    }
    return rule_type(p[1]) == TYPE_TIMESTAMPTZ
               ? rule_binary(r, OP_AT_TIME_ZONE, p[1], p[0])
               : EXPAND(r, &f->base, "CAST($2 AS timestamptz) AT TIME ZONE $1", p[0], p[1]);
}

/* clang-format off */
const struct function_rule snowflake_date_functions[] = {
    {"dateadd", 3, 3, "moment + INTERVAL (amount) part, keeping the moment's type", add},
    {"timeadd", 3, 3, "moment + INTERVAL (amount) part, keeping the moment's type", add},
    {"timestampadd", 3, 3, "moment + INTERVAL (amount) part, keeping the moment's type", add},
    {"datediff", 3, 3, "date_diff(part, from, to): boundaries that are crossed", difference},
    {"timediff", 3, 3, "date_diff(part, from, to): boundaries that are crossed", difference},
    {"timestampdiff", 3, 3, "date_diff(part, from, to): boundaries that are crossed", difference},
    {"date_trunc", 2, 2, "date_trunc(part, moment), keeping the moment's type", truncate},
    {"trunc", 1, 2, "trunc($1, scale), of a moment date_trunc(part, $1)", cut},
    {"truncate", 1, 2, "trunc($1, scale)", cut},
    {"date_part", 2, 2, "date_part(part, moment)", part_of},
    {"dayofweekiso", 1, 1, "isodow($1)", NULL},
    {"dayofweek_iso", 1, 1, "isodow($1)", NULL},
    {"weekiso", 1, 1, "weekofyear($1)", NULL},
    {"yearofweek", 1, 1, "date_part('isoyear', $1)", NULL},
    {"yearofweekiso", 1, 1, "date_part('isoyear', $1)", NULL},
    {"dayname", 1, 1, "strftime($1, '%a')", NULL},
    {"monthname", 1, 1, "strftime($1, '%b')", NULL},
    {"last_day", 1, 2, "the last day of the month, or of another part", last_day},
    {"next_day", 2, 2, "the first such day of the week after the date", next_day},
    {"previous_day", 2, 2, "the last such day of the week before the date", next_day},
    {"add_months", 2, 2, "add_months_keeping_end($2, $1)", NULL},
    {"months_between", 2, 2,
     "CASE WHEN day($1) = day($2) OR (last_day($1) = CAST($1 AS date) AND last_day($2) = CAST($2 AS date)) "
     "THEN date_diff('month', $2, $1) ELSE round(date_diff('month', $2, $1) + (epoch(CAST($1 AS timestamp)) - "
     "epoch(date_trunc('month', CAST($1 AS timestamp))) - epoch(CAST($2 AS timestamp)) + "
     "epoch(date_trunc('month', CAST($2 AS timestamp)))) / 2678400.0, 6) END", NULL},
    {"time_slice", 3, 4, "time_bucket(INTERVAL (n) part, moment), from 1970 on", slice},
    {"date_from_parts", 3, 3, "make_date($1, $2, $3), what runs over carried", date_from_parts},
    {"datefromparts", 3, 3, "make_date($1, $2, $3), what runs over carried", date_from_parts},
    {"time_from_parts", 3, 4, "make_time($1, $2, $3), what runs over carried", time_from_parts},
    {"timefromparts", 3, 4, "make_time($1, $2, $3), what runs over carried", time_from_parts},
    {"timestamp_from_parts", 2, 7, "make_timestamp($1, ..., $6), what runs over carried", stamp},
    {"timestampfromparts", 2, 7, "make_timestamp($1, ..., $6), what runs over carried", stamp},
    {"timestamp_ntz_from_parts", 2, 7, "make_timestamp($1, ..., $6), what runs over carried", stamp},
    {"timestampntzfromparts", 2, 7, "make_timestamp($1, ..., $6), what runs over carried", stamp},
    {"timestamp_ltz_from_parts", 6, 7, "make_timestamp(...), in the session's time zone", zoned_stamp},
    {"timestampltzfromparts", 6, 7, "make_timestamp(...), in the session's time zone", zoned_stamp},
    {"timestamp_tz_from_parts", 6, 8, "make_timestamp(...) AT TIME ZONE $8", zoned_stamp},
    {"timestamptzfromparts", 6, 8, "make_timestamp(...) AT TIME ZONE $8", zoned_stamp},
    {"convert_timezone", 2, 3, "CAST($3 AS timestamp) AT TIME ZONE $1 AT TIME ZONE $2", convert_timezone},
    {"getdate", 0, 0, "current_timestamp()", NULL},
    {"systimestamp", 0, 0, "current_timestamp()", NULL},
    {"sysdate", 0, 0, "current_timestamp() AT TIME ZONE 'UTC'", NULL},
    {"current_timestamp", 1, 1, "current_timestamp()", NULL},
    {"localtimestamp", 0, 1, "current_timestamp()", NULL},
    {"current_time", 0, 1, "localtime()", NULL},
    {"localtime", 1, 1, "localtime()", NULL},
    {NULL, 0, 0, NULL, NULL},
};
