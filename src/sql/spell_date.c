/* Dates and times: what is added, counted or cut keeps the type that a moment has. */
#include <string.h>

#include "sql/spell_priv.h"

/* Of the parts that a date has. */
static bool is_part_of_date(struct str part)
{
    static const char *const parts[] = {"year", "quarter", "month",   "week",
                                        "day",  "decade",  "century", "millennium"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (str_iis(part, parts[i])) {
            return true;
        }
    }
    return false;
}

enum type_kind spell_moment_type(const struct node_func *f)
{
    const struct node *moment = f->args.at[f->args.n - 1];
    enum type_kind kind = infer_type(moment);
    if (kind == TYPE_TEXT || kind == TYPE_NULL || kind == TYPE_JSON) {
        return TYPE_TIMESTAMP;
    }
    return kind;
}

enum type_kind spell_moved_type(const struct node_func *f)
{
    struct str part = spell_word(f->args.at[0]);
    enum type_kind kind = spell_moment_type(f);
    if (kind == TYPE_DATE && !is_part_of_date(part)) {
        kind = TYPE_TIMESTAMP;
    }
    bool is_stamp = kind == TYPE_TIMESTAMP || kind == TYPE_DATE;
    return str_is(part, "nanosecond") && is_stamp ? TYPE_TIMESTAMP_NS : kind;
}

/* Text in the place of a moment is one. */
static struct node *moment(struct spelling_state *s, struct node *n)
{
    enum type_kind kind = infer_type(n);
    bool is_text = kind == TYPE_TEXT || kind == TYPE_JSON || kind == TYPE_NULL;
    return is_text ? SPELL(s, n, "CAST($1 AS timestamp)", n) : n;
}

static bool is_whole(const struct node *n)
{
    enum type_kind kind = infer_type(n);
    return kind == TYPE_UNKNOWN || kind == TYPE_NULL || (kind >= TYPE_INT1 && kind <= TYPE_UINT16);
}

/* The unit is printed as a word of the engine's grammar, so it must be one that is known to be. */
static bool is_unit(struct str part)
{
    static const char *const units[] = {"hour", "minute", "second", "millisecond", "microsecond"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (str_is(part, units[i])) {
            return true;
        }
    }
    return is_part_of_date(part);
}

/* INTERVAL (n) part; a fraction is rounded, half away from zero. */
static struct node *interval(struct spelling_state *s, struct node *amount, struct str part)
{
    if (!is_unit(part)) {
        spell_fail(s, amount, "this part of a date or time is not supported");
    }
    struct node *n = node_new(s->a, NODE_INTERVAL, amount->offset);
    n->length = amount->length;
    node_interval(n)->amount =
        is_whole(amount) ? amount : SPELL(s, amount, "CAST(round($1) AS bigint)", amount);
    node_interval(n)->unit = part;
    return n;
}

static struct node *add_nanoseconds(struct spelling_state *s, struct node_func *f)
{
    struct node *x = f->args.at[2], *n = f->args.at[1];
    enum type_kind kind = infer_type(x);
    if (kind == TYPE_TIME || kind == TYPE_TIMESTAMPTZ || kind == TYPE_TIMETZ) {
        return SPELL(s, &f->base, "$1 + to_microseconds(CAST($2 // 1000 AS bigint))", x, n);
    }
    return SPELL(s, &f->base,
                 "make_timestamp_ns(epoch_ns(CAST($1 AS timestamp_ns)) + CAST($2 AS bigint))", x,
                 n);
}

/* date_add_part(part, amount, moment) */
static struct node *add(struct spelling_state *s, struct node_func *f)
{
    struct str part = spell_word(f->args.at[0]);
    struct node *x = f->args.at[2];
    if (str_is(part, "nanosecond")) {
        return add_nanoseconds(s, f);
    }
    bool stays_date = infer_type(x) == TYPE_DATE && is_part_of_date(part);
    struct node *sum =
        SPELL(s, &f->base, "$1 + $2", moment(s, x), interval(s, f->args.at[1], part));
    return stays_date ? SPELL(s, &f->base, "CAST($1 AS date)", sum) : sum;
}

/* date_diff_part(part, from, to): how often the part's boundary is crossed. Weeks begin on Monday;
 * the engine counts them as sevens of days. */
static struct node *difference(struct spelling_state *s, struct node_func *f)
{
    struct node *part = f->args.at[0], *from = f->args.at[1], *to = f->args.at[2];
    if (str_is(spell_word(part), "nanosecond")) {
        return SPELL(s, &f->base,
                     "epoch_ns(CAST($2 AS timestamp_ns)) - epoch_ns(CAST($1 AS timestamp_ns))",
                     from, to);
    }
    from = moment(s, from);
    to = moment(s, to);
    return str_is(spell_word(part), "week")
               ? SPELL(s, &f->base, "date_diff($1, date_trunc('week', $2), date_trunc('week', $3))",
                       part, from, to)
               : SPELL(s, &f->base, "date_diff($1, $2, $3)", part, from, to);
}

/* date_trunc_part(part, moment) */
static struct node *truncate(struct spelling_state *s, struct node_func *f)
{
    struct node *part = f->args.at[0], *x = f->args.at[1];
    switch ((int)infer_type(x)) {
    case TYPE_DATE:
        return SPELL(s, &f->base, "CAST(date_trunc($1, $2) AS date)", part, x);
    case TYPE_TIME:
        return SPELL(s, &f->base, "CAST(date_trunc($1, CAST('1970-01-01' AS date) + $2) AS time)",
                     part, x);
    default:
        return SPELL(s, &f->base, "date_trunc($1, $2)", part, moment(s, x));
    }
}

/* slice_of(part, count, end, moment): slices are counted from 1970, weeks from its first Monday. */
static struct node *slice(struct spelling_state *s, struct node_func *f)
{
    struct str part = spell_word(f->args.at[0]);
    struct node *x = f->args.at[3], *width = interval(s, f->args.at[1], part);
    const char *text = str_is(part, "week") ? "time_bucket($1, CAST($2 AS timestamp), "
                                              "CAST('1969-12-29 00:00:00' AS timestamp))"
                                            : "time_bucket($1, CAST($2 AS timestamp), "
                                              "CAST('1970-01-01 00:00:00' AS timestamp))";
    struct node *out = SPELL(s, &f->base, text, width, x);
    if (str_iis(spell_word(f->args.at[2]), "end")) {
        out = SPELL(s, &f->base, "$1 + $2", out, node_copy(s->a, width));
    }
    return infer_type(x) == TYPE_DATE ? SPELL(s, &f->base, "CAST($1 AS date)", out) : out;
}

/* add_months_keeping_end(months, moment): of the last day of a month, the last day of another. */
static struct node *add_months(struct spelling_state *s, struct node_func *f)
{
    struct node *months = f->args.at[0], *x = f->args.at[1];
    enum type_kind kind = infer_type(x);
    struct node *step = is_whole(months)
                            ? interval(s, months, STR("month"))
                            : SPELL(s, months, "to_months(CAST(round($1) AS integer))", months);
    const char *sum = "CASE WHEN last_day($1) = $1 THEN last_day($1 + $2) ELSE $1 + $2 END";
    if (kind == TYPE_TIMESTAMP || kind == TYPE_TEXT) {
        sum = "CASE WHEN last_day($1) = CAST($1 AS date) "
              "THEN last_day($1 + $2) + CAST($1 AS time) ELSE $1 + $2 END";
    } else if (kind == TYPE_TIMESTAMPTZ) {
        sum = "CASE WHEN last_day(CAST($1 AS timestamp)) = CAST(CAST($1 AS timestamp) AS date) "
              "THEN CAST(last_day(CAST($1 AS timestamp) + $2) + CAST(CAST($1 AS timestamp) AS "
              "time) AS timestamptz) "
              "ELSE $1 + $2 END";
    }
    struct node *out = SPELL(s, &f->base, sum, moment(s, x), step);
    return kind == TYPE_DATE ? SPELL(s, &f->base, "CAST($1 AS date)", out) : out;
}

/* CAST(number AS TIMESTAMP) counts seconds since 1970; in a variant, where it is a number. The
 * engine has no such cast. */
bool spell_moment_cast(struct spelling_state *s, struct node **n)
{
    const struct node_cast *cast = node_cast(*n);
    enum type_kind to = infer_type(*n), from = infer_type(cast->operand);
    struct node *x = cast->operand;
    if (cast->is_try || (to != TYPE_TIMESTAMP && to != TYPE_TIMESTAMPTZ)) {
        return false;
    }
    bool is_number = from >= TYPE_INT1 && from <= TYPE_DECIMAL;
    struct node *inner =
        x->kind == NODE_FUNC && node_func(x)->args.n == 1 &&
                str_is(node_ident(node_name(node_func(x)->name)->parts.at[0])->text,
                       "variant_scalar")
            ? node_func(x)->args.at[0]
            : NULL;
    if (!is_number && !(inner && infer_type(inner) == TYPE_JSON)) {
        return false;
    }
    x = is_number ? SPELL(s, *n, "CAST($1 * 1000000.0 AS bigint)", x)
                  : SPELL(s, *n,
                          "CASE WHEN json_type($1) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN "
                          "CAST(CAST($1 ->> '$' AS double) * 1000000 AS bigint) END",
                          inner);
    struct node *stamp =
        is_number ? SPELL(s, *n, "make_timestamp($1)", x)
                  : SPELL(s, *n,
                          "coalesce(make_timestamp($1), CAST(CASE WHEN json_type($2) NOT IN "
                          "('BIGINT', 'UBIGINT', 'DOUBLE') THEN $2 ->> '$' END AS timestamp))",
                          x, node_copy(s->a, inner));
    const struct type *type = (*n)->type;
    *n = to == TYPE_TIMESTAMPTZ ? SPELL(s, *n, "$1 AT TIME ZONE 'UTC'", stamp) : stamp;
    (*n)->type = type ? type : type_simple(to);
    return true;
}

/* clang-format off */
const struct spelling date_spellings[] = {
    {"date_add_part", "***", NULL, add},
    {"date_diff_part", "***", NULL, difference},
    {"date_trunc_part", "**", NULL, truncate},
    {"slice_of", "****", NULL, slice},
    {"add_months_keeping_end", "**", NULL, add_months},
    {"year", "S", "year(CAST($1 AS timestamp))", NULL},
    {"quarter", "S", "quarter(CAST($1 AS timestamp))", NULL},
    {"month", "S", "month(CAST($1 AS timestamp))", NULL},
    {"week", "S", "week(CAST($1 AS timestamp))", NULL},
    {"day", "S", "day(CAST($1 AS timestamp))", NULL},
    {"hour", "S", "hour(CAST($1 AS timestamp))", NULL},
    {"minute", "S", "minute(CAST($1 AS timestamp))", NULL},
    {"second", "S", "second(CAST($1 AS timestamp))", NULL},
    {"dayofweek", "S", "dayofweek(CAST($1 AS timestamp))", NULL},
    {"dayofyear", "S", "dayofyear(CAST($1 AS timestamp))", NULL},
    {"dayofmonth", "S", "dayofmonth(CAST($1 AS timestamp))", NULL},
    {"weekofyear", "S", "weekofyear(CAST($1 AS timestamp))", NULL},
    {"isodow", "S", "isodow(CAST($1 AS timestamp))", NULL},
    {"last_day", "S", "last_day(CAST($1 AS timestamp))", NULL},
    {"monthname", "S", "monthname(CAST($1 AS timestamp))", NULL},
    {"dayname", "S", "dayname(CAST($1 AS timestamp))", NULL},
    {"epoch", "S", "epoch(CAST($1 AS timestamp))", NULL},
    {"epoch_ms", "S", "epoch_ms(CAST($1 AS timestamp))", NULL},
    {"epoch_us", "S", "epoch_us(CAST($1 AS timestamp))", NULL},
    {"epoch_ns", "S", "epoch_ns(CAST($1 AS timestamp))", NULL},
    {"strftime", "S*", "strftime(CAST($1 AS timestamp), $2)", NULL},
    {"strftime", "T*", "strftime(CAST('1970-01-01' AS date) + $1, $2)", NULL},
    {"date_part", "*S", "date_part($1, CAST($2 AS timestamp))", NULL},
    {"moment_as_date", "S", "CAST($1 AS date)", NULL},
    {"moment_as_date", "I", "CAST(make_timestamp(CAST($1 AS bigint) * 1000000) AS date)", NULL},
    {"moment_as_date", "N", "CAST(make_timestamp(CAST($1 * 1000000.0 AS bigint)) AS date)", NULL},
    {"moment_as_date", "*", "CAST($1 AS date)", NULL},
    {"moment_as_time", "I", "CAST(make_timestamp(CAST($1 AS bigint) * 1000000) AS time)", NULL},
    {"moment_as_time", "N", "CAST(make_timestamp(CAST($1 * 1000000.0 AS bigint)) AS time)", NULL},
    {"moment_as_time", "*", "CAST($1 AS time)", NULL},
    {"moment_as_timestamp", "I", "make_timestamp(CAST($1 AS bigint) * 1000000)", NULL},
    {"moment_as_timestamp", "N", "make_timestamp(CAST($1 * 1000000.0 AS bigint))", NULL},
    {"moment_as_timestamp", "J", "CAST(variant_scalar($1) AS timestamp)", NULL},
    {"moment_as_timestamp", "*", "CAST($1 AS timestamp)", NULL},
    {"moment_as_timestamptz", "N", "to_timestamp(CAST($1 AS double))", NULL},
    {"moment_as_timestamptz", "J", "CAST(variant_scalar($1) AS timestamptz)", NULL},
    {"moment_as_timestamptz", "*", "CAST($1 AS timestamptz)", NULL},
    {"part_nanosecond", "T", "date_part('microsecond', $1) % 1000000 * 1000", NULL},
    {"part_nanosecond", "Z", "date_part('microsecond', $1) % 1000000 * 1000", NULL},
    {"part_nanosecond", "*", "CAST(strftime(CAST($1 AS timestamp_ns), '%n') AS bigint)", NULL},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */
