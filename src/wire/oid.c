#include "wire/oid.h"

#include <stddef.h>

/* element, its array, typlen, our kind, names */
#define OIDS(X)                                                                                    \
    X(OID_BOOL, 1000, 1, TYPE_BOOL, "boolean")                                                     \
    X(OID_BYTEA, 1001, -1, TYPE_BYTES, "bytea")                                                    \
    X(OID_CHAR, 1002, 1, TYPE_TEXT, "\"char\"")                                                    \
    X(OID_NAME, 1003, 64, TYPE_TEXT, "name")                                                       \
    X(OID_INT8, 1016, 8, TYPE_INT8, "bigint")                                                      \
    X(OID_INT2, 1005, 2, TYPE_INT2, "smallint")                                                    \
    X(OID_INT4, 1007, 4, TYPE_INT4, "integer")                                                     \
    X(OID_TEXT, 1009, -1, TYPE_TEXT, "text")                                                       \
    X(OID_OID, 1028, 4, TYPE_UINT4, "oid")                                                         \
    X(OID_JSON, 199, -1, TYPE_JSON, "json")                                                        \
    X(OID_FLOAT4, 1021, 4, TYPE_FLOAT4, "real")                                                    \
    X(OID_FLOAT8, 1022, 8, TYPE_FLOAT8, "double precision")                                        \
    X(OID_UNKNOWN, OID_NONE, -2, TYPE_UNKNOWN, "unknown")                                          \
    X(OID_BPCHAR, 1014, -1, TYPE_TEXT, "character")                                                \
    X(OID_VARCHAR, 1015, -1, TYPE_TEXT, "character varying")                                       \
    X(OID_DATE, 1182, 4, TYPE_DATE, "date")                                                        \
    X(OID_TIME, 1183, 8, TYPE_TIME, "time without time zone")                                      \
    X(OID_TIMESTAMP, 1115, 8, TYPE_TIMESTAMP, "timestamp without time zone")                       \
    X(OID_TIMESTAMPTZ, 1185, 8, TYPE_TIMESTAMPTZ, "timestamp with time zone")                      \
    X(OID_INTERVAL, 1187, 16, TYPE_INTERVAL, "interval")                                           \
    X(OID_TIMETZ, 1270, 12, TYPE_TIMETZ, "time with time zone")                                    \
    X(OID_NUMERIC, 1231, -1, TYPE_DECIMAL, "numeric")                                              \
    X(OID_UUID, 2951, 16, TYPE_UUID, "uuid")                                                       \
    X(OID_JSONB, 3807, -1, TYPE_JSON, "jsonb")

struct oid_row {
    uint32_t oid, array;
    int16_t typlen;
    enum type_kind kind;
    const char *name, *array_name;
    struct type list;
};

static const struct type elements[] = {
#define X(number, array, typlen, type_kind, name)                                                  \
    {.kind = type_kind,                                                                            \
     .width = type_kind == TYPE_DECIMAL ? 18 : 0,                                                  \
     .scale = type_kind == TYPE_DECIMAL ? 3 : 0},
    OIDS(X)
#undef X
};

enum {
#define X(number, array, typlen, kind, name) ROW_##number,
    OIDS(X)
#undef X
        ROW_COUNT
};

static const struct oid_row rows[ROW_COUNT] = {
#define X(number, array, typlen, type_kind, name)                                                  \
    {number,                                                                                       \
     array,                                                                                        \
     typlen,                                                                                       \
     type_kind,                                                                                    \
     name,                                                                                         \
     name "[]",                                                                                    \
     {.kind = TYPE_LIST, .child = &elements[ROW_##number]}},
    OIDS(X)
#undef X
};

static const struct oid_row *find(uint32_t oid)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        if (rows[i].oid == oid) {
            return &rows[i];
        }
    }
    return NULL;
}

static const struct oid_row *find_array(uint32_t oid)
{
    for (int i = 0; i < ROW_COUNT && oid != OID_NONE; i++) {
        if (rows[i].array == oid) {
            return &rows[i];
        }
    }
    return NULL;
}

static uint32_t plain_oid(enum type_kind kind)
{
    switch (kind) {
    case TYPE_BOOL:
        return OID_BOOL;
    case TYPE_INT1:
    case TYPE_UINT1:
    case TYPE_INT2:
        return OID_INT2;
    case TYPE_UINT2:
    case TYPE_INT4:
        return OID_INT4;
    case TYPE_UINT4:
    case TYPE_INT8:
        return OID_INT8;
    case TYPE_UINT8:
    case TYPE_INT16:
    case TYPE_UINT16:
    case TYPE_DECIMAL:
        return OID_NUMERIC;
    case TYPE_FLOAT4:
        return OID_FLOAT4;
    case TYPE_FLOAT8:
        return OID_FLOAT8;
    case TYPE_TEXT:
        return OID_TEXT;
    case TYPE_BYTES:
        return OID_BYTEA;
    case TYPE_DATE:
        return OID_DATE;
    case TYPE_TIME:
        return OID_TIME;
    case TYPE_TIMETZ:
        return OID_TIMETZ;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
        return OID_TIMESTAMP;
    case TYPE_TIMESTAMPTZ:
        return OID_TIMESTAMPTZ;
    case TYPE_INTERVAL:
        return OID_INTERVAL;
    case TYPE_UUID:
        return OID_UUID;
    case TYPE_JSON:
        return OID_JSON;
    default:
        return OID_TEXT;
    }
}

static bool is_nested(enum type_kind kind)
{
    return kind == TYPE_LIST || kind == TYPE_ARRAY || kind == TYPE_STRUCT || kind == TYPE_MAP;
}

uint32_t oid_of(const struct type *t)
{
    if (t->kind == TYPE_LIST || t->kind == TYPE_ARRAY) {
        return is_nested(t->child->kind) ? OID_TEXT : oid_array_of(plain_oid(t->child->kind));
    }
    return plain_oid(t->kind);
}

int16_t oid_typlen(uint32_t oid)
{
    const struct oid_row *row = find(oid);
    return row ? row->typlen : -1;
}

int32_t oid_typmod(const struct type *t)
{
    const struct type *plain = t->kind == TYPE_LIST || t->kind == TYPE_ARRAY ? t->child : t;
    return plain->kind == TYPE_DECIMAL ? ((int32_t)plain->width << 16 | plain->scale) + 4 : -1;
}

uint32_t oid_array_of(uint32_t element)
{
    const struct oid_row *row = find(element);
    return row ? row->array : OID_NONE;
}

uint32_t oid_element_of(uint32_t array)
{
    const struct oid_row *row = find_array(array);
    return row ? row->oid : OID_NONE;
}

const struct type *oid_type(uint32_t oid)
{
    const struct oid_row *row = find(oid == OID_NONE ? OID_UNKNOWN : oid);
    if (row) {
        return type_simple(row->kind);
    }
    row = find_array(oid);
    return row ? &row->list : NULL;
}

const char *oid_name(uint32_t oid)
{
    const struct oid_row *row = find(oid);
    if (row) {
        return row->name;
    }
    row = find_array(oid);
    return row ? row->array_name : "text";
}
