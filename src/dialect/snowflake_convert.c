/* Snowflake: TO_ and TRY_TO_. */
#include <string.h>

#include "dialect/date_part.h"
#include "dialect/format_model.h"
#include "dialect/rules.h"

static bool is_try(const struct node_func *f)
{
    return str_starts(rule_name(f), "try_") || str_starts(rule_name(f), "TRY_");
}

/* What may be a variant: the scalar in it. */
static struct node *scalar(struct rewriting *r, struct node *x)
{
    enum type_kind kind = rule_type(x);
    bool may_be_variant = kind == TYPE_UNKNOWN || kind == TYPE_JSON;
    return may_be_variant ? CALL(r, x, "variant_scalar", x) : x;
}

static struct node *cast_to(struct rewriting *r, struct node *x, const char *type, bool is_try)
{
    return is_try ? rule_try_cast(r, x, type) : rule_cast(r, x, type);
}

/* ---- dates and times ---- */

enum moment { MOMENT_DATE, MOMENT_TIME, MOMENT_NTZ, MOMENT_TZ };
static const char *const moment_types[] = {"date", "time", "timestamp", "timestamptz"};
static const char *const moment_calls[] = {"moment_as_date", "moment_as_time",
                                           "moment_as_timestamp", "moment_as_timestamptz"};

/* With a format: what strptime reads, as what is wanted. */
static struct node *read_moment(struct rewriting *r, struct node_func *f, enum moment m)
{
    struct format_model model;
    if (!format_model_read(r, f->args.at[1], FORMAT_READS, &model)) {
        return &f->base;
    }
    struct node *format = rule_text(r, f->args.at[1], model.text);
    struct node *read =
        CALL(r, &f->base, is_try(f) ? "try_strptime" : "strptime", f->args.at[0], format);
    return m == MOMENT_NTZ && !model.has_zone ? read : rule_cast(r, read, moment_types[m]);
}

/* What is counted since 1970, as a timestamp. */
static struct node *counted(struct rewriting *r, const struct node *at, struct node *x,
                            int64_t scale)
{
    return scale == 0   ? CALL(r, at, "moment_as_timestamp", x)
           : scale == 3 ? EXPAND(r, at, "make_timestamp_ms(CAST($1 AS bigint))", x)
           : scale == 6 ? EXPAND(r, at, "make_timestamp(CAST($1 AS bigint))", x)
                        : EXPAND(r, at, "make_timestamp_ns(CAST($1 AS bigint))", x);
}

static struct node *in_zone(struct rewriting *r, const struct node *at, struct node *stamp,
                            int64_t scale)
{
    return EXPAND(r, at, "$1 AT TIME ZONE 'UTC'",
                  scale == 9 ? rule_cast(r, stamp, "timestamp") : stamp);
}

struct node *snowflake_counted(struct rewriting *r, const struct node *at, struct node *digits,
                               int64_t scale, bool has_zone)
{
    struct node *out = counted(r, at, rule_cast(r, digits, "bigint"), scale);
    return has_zone ? in_zone(r, at, out, scale) : out;
}

/* Seconds since 1970, or with a scale of 3, 6 or 9 thousandths of one ... */
static struct node *count_of(struct rewriting *r, struct node_func *f, enum moment m, int64_t scale)
{
    struct node *x = f->args.at[0];
    if (rule_type(x) == TYPE_TEXT) {
        x = rule_cast(r, x, "bigint");
    }
    if (scale != 0 && scale != 3 && scale != 6 && scale != 9) {
        rule_fail(r, f->args.at[1], ERR_UNSUPPORTED,
                  "a scale other than 0, 3, 6 and 9 is not supported");
        return &f->base;
    }
    struct node *out = counted(r, &f->base, x, scale);
    return m == MOMENT_TZ    ? in_zone(r, &f->base, out, scale)
           : m == MOMENT_NTZ ? out
                             : rule_cast(r, out, moment_types[m]);
}

static struct node *to_moment(struct rewriting *r, struct node_func *f, enum moment m)
{
    bool asks_type = f->args.n == 1 && !is_try(f) && (m == MOMENT_NTZ || m == MOMENT_TZ);
    struct node *x = asks_type ? f->args.at[0] : scalar(r, f->args.at[0]);
    f->args.at[0] = x;
    int64_t scale;
    if (f->args.n > 1 && rule_int(f->args.at[1], &scale)) {
        return count_of(r, f, m, scale);
    }
    if (f->args.n > 1 && !str_iis(rule_word(f->args.at[1]), "auto")) {
        return read_moment(r, f, m);
    }
    if (rule_is_string(x)) {
        if (date_is_count(rule_word(x), &scale)) {
            return count_of(r, f, m, scale);
        }
        if (m == MOMENT_NTZ) {
            node_literal(x)->text = date_without_zone(rule_word(x));
        }
        if (m == MOMENT_TZ) {
            node_literal(x)->text = date_zone_joined(r->a, rule_word(x));
        }
        return cast_to(r, x, moment_types[m], is_try(f));
    }
    return is_try(f) || rule_type(x) == TYPE_TEXT ? cast_to(r, x, moment_types[m], is_try(f))
                                                  : CALL(r, &f->base, moment_calls[m], x);
}

static struct node *to_date(struct rewriting *r, struct node_func *f)
{
    return to_moment(r, f, MOMENT_DATE);
}

static struct node *to_time(struct rewriting *r, struct node_func *f)
{
    return to_moment(r, f, MOMENT_TIME);
}

static struct node *to_timestamp(struct rewriting *r, struct node_func *f)
{
    return to_moment(r, f, MOMENT_NTZ);
}

static struct node *to_timestamptz(struct rewriting *r, struct node_func *f)
{
    return to_moment(r, f, MOMENT_TZ);
}

/* ---- text ---- */

static struct node *bytes_as_text(struct rewriting *r, struct node_func *f)
{
    struct str format = rule_word(f->args.at[1]);
    struct node *x = f->args.at[0];
    return str_iis(format, "hex")      ? CALL(r, &f->base, "hex", x)
           : str_iis(format, "base64") ? CALL(r, &f->base, "to_base64", x)
                                       : CALL(r, &f->base, "decode", x);
}

static bool is_bytes_format(struct str s)
{
    return str_iis(s, "hex") || str_iis(s, "base64") || str_iis(s, "utf-8") || str_iis(s, "utf8");
}

/* TO_VARCHAR(x [, format]) */
static struct node *to_text(struct rewriting *r, struct node_func *f)
{
    struct node *x = scalar(r, f->args.at[0]);
    struct format_model model;
    if (f->args.n == 1) {
        return cast_to(r, x, "varchar", false);
    }
    struct node *format = f->args.at[1];
    if (is_bytes_format(rule_word(format)) && rule_is_string(format)) {
        return bytes_as_text(r, f);
    }
    if (rule_is_string(format) && format_model_is_number(rule_word(format))) {
        rule_fail(r, format, ERR_UNSUPPORTED, "a format of numbers is not supported");
        rule_hint(r, "ROUND the number and cast it to VARCHAR.");
        return &f->base;
    }
    if (!format_model_read(r, format, FORMAT_WRITES, &model)) {
        return &f->base;
    }
    x = rule_is_string(x) ? rule_cast(r, x, "timestamp") : x;
    return CALL(r, &f->base, "strftime", x, rule_text(r, format, model.text));
}

static struct node *to_bytes(struct rewriting *r, struct node_func *f)
{
    struct str format = f->args.n > 1 ? rule_word(f->args.at[1]) : STR("HEX");
    struct node *x = f->args.at[0];
    if (!is_bytes_format(format)) {
        rule_fail(r, &f->base, ERR_UNSUPPORTED,
                  "a binary format other than HEX, BASE64 and UTF-8 is not supported");
        return &f->base;
    }
    return str_iis(format, "hex")      ? CALL(r, &f->base, "unhex", x)
           : str_iis(format, "base64") ? CALL(r, &f->base, "from_base64", x)
                                       : CALL(r, &f->base, "encode", x);
}

static struct node *try_to_bytes(struct rewriting *r, struct node_func *f)
{
    struct node *out = to_bytes(r, f);
    return r->failed ? out : CALL(r, &f->base, "try", out);
}

/* ---- numbers ---- */

static bool digits(struct rewriting *r, const struct node *n, int64_t low, int64_t high,
                   int64_t *out)
{
    if (rule_int(n, out) && *out >= low && *out <= high) {
        return true;
    }
    rule_fail(r, n, ERR_BAD_SQL, "a literal number from %lld to %lld is meant here", (long long)low,
              (long long)high);
    return false;
}

/* The text without what a format lets stand between the digits. */
static struct node *plain_digits(struct rewriting *r, struct node *x, struct node *format)
{
    struct str s = rule_word(format);
    if (!format_model_is_number(s) || memchr(s.p, 'X', s.n) || memchr(s.p, 'x', s.n)) {
        rule_fail(r, format, ERR_UNSUPPORTED, "this format of numbers is not supported");
        return x;
    }
    bool groups = memchr(s.p, ',', s.n) || memchr(s.p, 'G', s.n) || memchr(s.p, 'g', s.n);
    bool money = memchr(s.p, '$', s.n) || memchr(s.p, 'L', s.n) || memchr(s.p, 'l', s.n);
    x = groups ? EXPAND(r, x, "replace($1, ',', '')", x) : x;
    return money ? EXPAND(r, x, "replace($1, '$', '')", x) : x;
}

/* TO_NUMBER(x [, format] [, precision [, scale]]) */
static struct node *to_number(struct rewriting *r, struct node_func *f)
{
    struct node *x = scalar(r, f->args.at[0]);
    uint32_t next = 1;
    int64_t width = 38, scale = 0;
    if (f->args.n > 1 && rule_is_string(f->args.at[1])) {
        x = plain_digits(r, x, f->args.at[next++]);
    }
    if ((f->args.n > next && !digits(r, f->args.at[next], 1, 38, &width)) ||
        (f->args.n > next + 1 && !digits(r, f->args.at[next + 1], 0, width, &scale)) || r->failed) {
        return &f->base;
    }
    const char *type = arena_printf(r->a, "CAST($1 AS decimal(%d, %d))", (int)width, (int)scale);
    struct node *out = EXPAND(r, &f->base, type, x);
    node_cast(out)->is_try = is_try(f);
    return out;
}

static struct node *to_double(struct rewriting *r, struct node_func *f)
{
    struct node *x = scalar(r, f->args.at[0]);
    x = f->args.n > 1 ? plain_digits(r, x, f->args.at[1]) : x;
    return cast_to(r, x, "double", is_try(f));
}

static struct node *to_boolean(struct rewriting *r, struct node_func *f)
{
    return is_try(f) ? EXPAND(r, &f->base,
                              "CASE WHEN upper(CAST($1 AS varchar)) = 'ON' THEN true "
                              "WHEN upper(CAST($1 AS varchar)) = 'OFF' THEN false "
                              "ELSE TRY_CAST($1 AS boolean) END",
                              scalar(r, f->args.at[0]))
                     : CALL(r, &f->base, "boolean_of", scalar(r, f->args.at[0]));
}

/* clang-format off */
const struct function_rule snowflake_convert_functions[] = {
    {"to_date", 1, 2, "CAST($1 AS date), with a format strptime()", to_date},
    {"date", 1, 2, "CAST($1 AS date), with a format strptime()", to_date},
    {"try_to_date", 1, 2, "TRY_CAST($1 AS date), with a format try_strptime()", to_date},
    {"to_time", 1, 2, "CAST($1 AS time), with a format strptime()", to_time},
    {"time", 1, 2, "CAST($1 AS time), with a format strptime()", to_time},
    {"try_to_time", 1, 2, "TRY_CAST($1 AS time), with a format try_strptime()", to_time},
    {"to_timestamp", 1, 2, "CAST($1 AS timestamp); of a number, seconds since 1970", to_timestamp},
    {"to_timestamp_ntz", 1, 2, "CAST($1 AS timestamp); of a number, seconds since 1970", to_timestamp},
    {"try_to_timestamp", 1, 2, "TRY_CAST($1 AS timestamp), with a format try_strptime()", to_timestamp},
    {"try_to_timestamp_ntz", 1, 2, "TRY_CAST($1 AS timestamp), with a format try_strptime()", to_timestamp},
    {"to_timestamp_tz", 1, 2, "CAST($1 AS timestamptz); of a number, seconds since 1970", to_timestamptz},
    {"to_timestamp_ltz", 1, 2, "CAST($1 AS timestamptz); of a number, seconds since 1970", to_timestamptz},
    {"try_to_timestamp_tz", 1, 2, "TRY_CAST($1 AS timestamptz), with a format try_strptime()", to_timestamptz},
    {"try_to_timestamp_ltz", 1, 2, "TRY_CAST($1 AS timestamptz), with a format try_strptime()", to_timestamptz},
    {"to_char", 1, 2, "CAST($1 AS varchar), with a format strftime()", to_text},
    {"to_varchar", 1, 2, "CAST($1 AS varchar), with a format strftime()", to_text},
    {"to_binary", 1, 2, "unhex($1), from_base64($1) or encode($1)", to_bytes},
    {"try_to_binary", 1, 2, "unhex($1), from_base64($1) or encode($1), NULL where it fails", try_to_bytes},
    {"to_number", 1, 4, "CAST($1 AS decimal(38, 0))", to_number},
    {"to_decimal", 1, 4, "CAST($1 AS decimal(38, 0))", to_number},
    {"to_numeric", 1, 4, "CAST($1 AS decimal(38, 0))", to_number},
    {"try_to_number", 1, 4, "TRY_CAST($1 AS decimal(38, 0))", to_number},
    {"try_to_decimal", 1, 4, "TRY_CAST($1 AS decimal(38, 0))", to_number},
    {"try_to_numeric", 1, 4, "TRY_CAST($1 AS decimal(38, 0))", to_number},
    {"to_double", 1, 2, "CAST($1 AS double)", to_double},
    {"try_to_double", 1, 2, "TRY_CAST($1 AS double)", to_double},
    {"to_decfloat", 1, 2, "CAST($1 AS double)", to_double},
    {"try_to_decfloat", 1, 2, "TRY_CAST($1 AS double)", to_double},
    {"to_boolean", 1, 1, "ON and OFF, else CAST($1 AS boolean)", to_boolean},
    {"try_to_boolean", 1, 1, "ON and OFF, else TRY_CAST($1 AS boolean)", to_boolean},
    {NULL, 0, 0, NULL, NULL},
};
