#include "policy/attribute.h"

#include <math.h>

const struct str *attribute_find(const struct principal *p, struct str name)
{
    for (size_t i = 0; i < p->attribute_count; i++) {
        if (str_eq(p->attributes[i].name, name)) {
            return p->attributes[i].value.n ? &p->attributes[i].value : NULL;
        }
    }
    return NULL;
}

static bool integer_in(struct str text, int64_t least, int64_t most, struct value *out)
{
    return str_to_i64(text, &out->as.integer) && out->as.integer >= least &&
           out->as.integer <= most;
}

/* Digits with at most one point and a sign: what no engine reads in two ways. */
static bool is_plain_number(struct str text, bool point)
{
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c >= '0' && c <= '9') {
            digits++;
        } else if (c == '.') {
            points++;
        } else if (i != 0 || c != '-') {
            return false;
        }
    }
    return digits > 0 && text.n <= 80 && points <= (point ? 1 : 0);
}

static bool is_uuid(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) {
            return false;
        }
    }
    return text.n == 36;
}

/* "2026-01-31" as days since 1970 (civil calendar, Howard Hinnant's days_from_civil). */
static bool parse_date(struct str text, int32_t *days)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t y, m, d;
    for (size_t i = 0; i < text.n; i++) {
        if ((i == 4 || i == 7) != (text.p[i] == '-') ||
            (text.p[i] != '-' && (text.p[i] < '0' || text.p[i] > '9'))) {
            return false;
        }
    }
    if (text.n != 10 || !str_to_i64((struct str){text.p, 4}, &y) ||
        !str_to_i64((struct str){text.p + 5, 2}, &m) ||
        !str_to_i64((struct str){text.p + 8, 2}, &d) || y < 1 || m < 1 || m > 12 || d < 1 ||
        d > lengths[m - 1]) {
        return false;
    }
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (m == 2 && d == 29 && !leap) {
        return false;
    }
    y -= m <= 2;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    *days = (int32_t)(era * 146097 + day - 719468);
    return true;
}

/* "2026-01-31T08:00:00" (or a space for the T), with "Z" where the type has a zone. */
static bool parse_timestamp(struct str text, bool zone, int64_t *micros)
{
    static const char pattern[] = "00:00:00";
    const size_t n = sizeof "2026-01-31T08:00:00" - 1;
    int32_t days;
    int64_t h, m, sec;
    if (text.n != n + zone || (text.p[10] != 'T' && text.p[10] != ' ') ||
        (zone && text.p[n] != 'Z') || !parse_date((struct str){text.p, 10}, &days)) {
        return false;
    }
    const char *clock = text.p + 11;
    for (size_t i = 0; pattern[i]; i++) {
        bool digit = clock[i] >= '0' && clock[i] <= '9';
        if (pattern[i] == ':' ? clock[i] != ':' : !digit) {
            return false;
        }
    }
    if (!str_to_i64((struct str){clock, 2}, &h) || !str_to_i64((struct str){clock + 3, 2}, &m) ||
        !str_to_i64((struct str){clock + 6, 2}, &sec) || h > 23 || m > 59 || sec > 59) {
        return false;
    }
    *micros = ((int64_t)days * 86400 + h * 3600 + m * 60 + sec) * 1000000;
    return true;
}

static bool parse_bool(struct str text, bool *out)
{
    *out = str_iis(text, "true");
    return *out || str_iis(text, "false");
}

bool attribute_value(struct str text, const struct type *type, struct value *out)
{
    *out = (struct value){.type = type};
    switch (type ? type->kind : TYPE_UNKNOWN) {
    case TYPE_UNKNOWN:
    case TYPE_NULL:
    case TYPE_TEXT:
    case TYPE_ENUM:
        out->type = type_simple(TYPE_TEXT);
        out->as.text = text;
        return true;
    case TYPE_BOOL:
        return parse_bool(text, &out->as.boolean);
    case TYPE_INT1:
        return integer_in(text, INT8_MIN, INT8_MAX, out);
    case TYPE_INT2:
        return integer_in(text, INT16_MIN, INT16_MAX, out);
    case TYPE_INT4:
        return integer_in(text, INT32_MIN, INT32_MAX, out);
    case TYPE_INT8:
        return integer_in(text, INT64_MIN, INT64_MAX, out);
    case TYPE_UINT1:
        return integer_in(text, 0, UINT8_MAX, out);
    case TYPE_UINT2:
        return integer_in(text, 0, UINT16_MAX, out);
    case TYPE_UINT4:
        return integer_in(text, 0, UINT32_MAX, out);
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_DECIMAL:
        out->as.text = text;
        return is_plain_number(text, type->kind == TYPE_DECIMAL);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return str_to_f64(text, &out->as.real) && isfinite(out->as.real);
    case TYPE_UUID:
        out->as.text = text;
        return is_uuid(text);
    case TYPE_DATE:
        return parse_date(text, &out->as.days);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return parse_timestamp(text, type->kind == TYPE_TIMESTAMPTZ, &out->as.micros);
    default:
        return false;
    }
}
