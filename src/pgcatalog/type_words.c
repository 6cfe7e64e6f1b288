#include "pgcatalog/type_words.h"

enum { SNOWFLAKE_TEXT = 16777216, SNOWFLAKE_BYTES = 8388608, SNOWFLAKE_WHOLE = 38 };

static struct type_words named(const char *name)
{
    return (struct type_words){str_of(name), str_of(name), -1, -1, -1, -1, -1};
}

static struct type_words number(struct arena *a, int width, int scale)
{
    struct type_words w = named("NUMBER");
    w.whole = str_of(arena_printf(a, "NUMBER(%d,%d)", width, scale));
    w.precision = width;
    w.radix = 10;
    w.scale = scale;
    return w;
}

static struct type_words timed(struct arena *a, const char *name, int digits)
{
    struct type_words w = named(name);
    w.whole = str_of(arena_printf(a, "%s(%d)", name, digits));
    w.fraction = digits;
    return w;
}

static struct type_words snowflake(struct arena *a, const struct type *t)
{
    struct type_words w;
    if (type_is_integer(t)) {
        return number(a, SNOWFLAKE_WHOLE, 0);
    }
    switch (t->kind) {
    case TYPE_DECIMAL:
        return number(a, t->width, t->scale);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return named("FLOAT");
    case TYPE_TEXT:
    case TYPE_ENUM:
    case TYPE_UUID:
        w = named("TEXT");
        w.whole = str_of(arena_printf(a, "VARCHAR(%d)", SNOWFLAKE_TEXT));
        w.characters = SNOWFLAKE_TEXT;
        return w;
    case TYPE_BYTES:
        w = named("BINARY");
        w.whole = str_of(arena_printf(a, "BINARY(%d)", SNOWFLAKE_BYTES));
        return w;
    case TYPE_TIME:
        return timed(a, "TIME", 9);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
        return timed(a, "TIMESTAMP_NTZ", 9);
    case TYPE_TIMESTAMPTZ:
        return timed(a, "TIMESTAMP_TZ", 9);
    case TYPE_JSON:
        return named("VARIANT");
    case TYPE_LIST:
    case TYPE_ARRAY:
        return named("ARRAY");
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
        return named("OBJECT");
    default:
        return named(arena_strdup(a, type_name(a, t)));
    }
}

static struct type_words binary(const char *name, int bits, int scale)
{
    struct type_words w = named(name);
    w.precision = bits;
    w.radix = 2;
    w.scale = scale;
    return w;
}

static struct type_words postgres(struct arena *a, const struct type *t)
{
    struct type_words w;
    switch (t->kind) {
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_UINT1:
        return binary("smallint", 16, 0);
    case TYPE_INT4:
    case TYPE_UINT2:
        return binary("integer", 32, 0);
    case TYPE_INT8:
    case TYPE_UINT4:
        return binary("bigint", 64, 0);
    case TYPE_FLOAT4:
        return binary("real", 24, -1);
    case TYPE_FLOAT8:
        return binary("double precision", 53, -1);
    case TYPE_DECIMAL:
        w = number(a, t->width, t->scale);
        w.name = STR("numeric");
        w.whole = str_of(arena_printf(a, "numeric(%d,%d)", t->width, t->scale));
        return w;
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
        return named("numeric");
    case TYPE_BOOL:
        return named("boolean");
    case TYPE_TEXT:
        return named("text");
    case TYPE_BYTES:
        return named("bytea");
    case TYPE_DATE:
        return named("date");
    case TYPE_TIME:
        return named("time without time zone");
    case TYPE_TIMETZ:
        return named("time with time zone");
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
        return named("timestamp without time zone");
    case TYPE_TIMESTAMPTZ:
        return named("timestamp with time zone");
    case TYPE_INTERVAL:
        return named("interval");
    case TYPE_UUID:
        return named("uuid");
    case TYPE_JSON:
        return named("json");
    case TYPE_LIST:
    case TYPE_ARRAY:
        return named(type_is_list(t->child) ? "json" : "ARRAY");
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
        return named(type_is_row(t) ? "record" : "json");
    default:
        return named("USER-DEFINED");
    }
}

/* In bits, and every number has a scale. */
static struct type_words duckdb(struct arena *a, const struct type *t)
{
    struct type_words w = postgres(a, t);
    int bits = t->kind == TYPE_INT1 || t->kind == TYPE_UINT1     ? 8
               : t->kind == TYPE_UINT2                           ? 16
               : t->kind == TYPE_UINT4                           ? 32
               : t->kind == TYPE_UINT8                           ? 64
               : t->kind == TYPE_INT16 || t->kind == TYPE_UINT16 ? 128
                                                                 : w.precision;
    if (bits >= 0 && t->kind != TYPE_DECIMAL) {
        w = binary("", bits, 0);
    }
    w.name = w.whole = type_name(a, t);
    return w;
}

struct type_words type_words(struct arena *a, const struct type *t, enum dialect d)
{
    switch (d) {
    case DIALECT_SNOWFLAKE:
        return snowflake(a, t);
    case DIALECT_POSTGRES:
        return postgres(a, t);
    case DIALECT_DUCKDB:
        break;
    }
    return duckdb(a, t);
}
