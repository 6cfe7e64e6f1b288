#include "wire/oid.h"

#include <stddef.h>

/* element, its array, typlen, our kind and alias, names */
#define OIDS(X)                                                                                    \
    X(OID_BOOL, 1000, 1, TYPE_BOOL, ALIAS_NONE, "boolean")                                         \
    X(OID_BYTEA, 1001, -1, TYPE_BYTES, ALIAS_NONE, "bytea")                                        \
    X(OID_CHAR, 1002, 1, TYPE_TEXT, ALIAS_CHAR, "\"char\"")                                        \
    X(OID_NAME, 1003, 64, TYPE_TEXT, ALIAS_NAME, "name")                                           \
    X(OID_INT8, 1016, 8, TYPE_INT8, ALIAS_NONE, "bigint")                                          \
    X(OID_INT2, 1005, 2, TYPE_INT2, ALIAS_NONE, "smallint")                                        \
    X(OID_INT4, 1007, 4, TYPE_INT4, ALIAS_NONE, "integer")                                         \
    X(OID_TEXT, 1009, -1, TYPE_TEXT, ALIAS_NONE, "text")                                           \
    X(OID_OID, 1028, 4, TYPE_INT8, ALIAS_OID, "oid")                                               \
    X(OID_XID, 1011, 4, TYPE_INT8, ALIAS_XID, "xid")                                               \
    X(OID_CID, 1012, 4, TYPE_INT8, ALIAS_CID, "cid")                                               \
    X(OID_INT2VECTOR, 1006, -1, TYPE_LIST, ALIAS_INT2VECTOR, "int2vector")                         \
    X(OID_OIDVECTOR, 1013, -1, TYPE_LIST, ALIAS_OIDVECTOR, "oidvector")                            \
    X(OID_JSON, 199, -1, TYPE_JSON, ALIAS_NONE, "json")                                            \
    X(OID_NODE_TREE, OID_NONE, -1, TYPE_TEXT, ALIAS_NODE_TREE, "pg_node_tree")                     \
    X(OID_FLOAT4, 1021, 4, TYPE_FLOAT4, ALIAS_NONE, "real")                                        \
    X(OID_FLOAT8, 1022, 8, TYPE_FLOAT8, ALIAS_NONE, "double precision")                            \
    X(OID_UNKNOWN, OID_NONE, -2, TYPE_UNKNOWN, ALIAS_NONE, "unknown")                              \
    X(OID_ACLITEM, 1034, 12, TYPE_TEXT, ALIAS_ACLITEM, "aclitem")                                  \
    X(OID_BPCHAR, 1014, -1, TYPE_TEXT, ALIAS_NONE, "character")                                    \
    X(OID_VARCHAR, 1015, -1, TYPE_TEXT, ALIAS_NONE, "character varying")                           \
    X(OID_DATE, 1182, 4, TYPE_DATE, ALIAS_NONE, "date")                                            \
    X(OID_TIME, 1183, 8, TYPE_TIME, ALIAS_NONE, "time without time zone")                          \
    X(OID_TIMESTAMP, 1115, 8, TYPE_TIMESTAMP, ALIAS_NONE, "timestamp without time zone")           \
    X(OID_TIMESTAMPTZ, 1185, 8, TYPE_TIMESTAMPTZ, ALIAS_NONE, "timestamp with time zone")          \
    X(OID_INTERVAL, 1187, 16, TYPE_INTERVAL, ALIAS_NONE, "interval")                               \
    X(OID_TIMETZ, 1270, 12, TYPE_TIMETZ, ALIAS_NONE, "time with time zone")                        \
    X(OID_NUMERIC, 1231, -1, TYPE_DECIMAL, ALIAS_NONE, "numeric")                                  \
    X(OID_UUID, 2951, 16, TYPE_UUID, ALIAS_NONE, "uuid")                                           \
    X(OID_JSONB, 3807, -1, TYPE_JSON, ALIAS_NONE, "jsonb")                                         \
    X(OID_RECORD, 2287, -1, TYPE_STRUCT, ALIAS_NONE, "record")                                     \
    X(OID_REGPROC, 1008, 4, TYPE_INT8, ALIAS_REGPROC, "regproc")                                   \
    X(OID_REGPROCEDURE, 2207, 4, TYPE_INT8, ALIAS_REGPROCEDURE, "regprocedure")                    \
    X(OID_REGOPER, 2208, 4, TYPE_INT8, ALIAS_REGOPER, "regoper")                                   \
    X(OID_REGOPERATOR, 2209, 4, TYPE_INT8, ALIAS_REGOPERATOR, "regoperator")                       \
    X(OID_REGCLASS, 2210, 4, TYPE_INT8, ALIAS_REGCLASS, "regclass")                                \
    X(OID_REGTYPE, 2211, 4, TYPE_INT8, ALIAS_REGTYPE, "regtype")                                   \
    X(OID_REGROLE, 4097, 4, TYPE_INT8, ALIAS_REGROLE, "regrole")                                   \
    X(OID_REGNAMESPACE, 4090, 4, TYPE_INT8, ALIAS_REGNAMESPACE, "regnamespace")                    \
    X(OID_REGCONFIG, 3735, 4, TYPE_INT8, ALIAS_REGCONFIG, "regconfig")                             \
    X(OID_REGDICTIONARY, 3770, 4, TYPE_INT8, ALIAS_REGDICTIONARY, "regdictionary")                 \
    X(OID_REGCOLLATION, 4192, 4, TYPE_INT8, ALIAS_REGCOLLATION, "regcollation")

struct oid_row {
    uint32_t oid, array;
    int16_t typlen;
    enum type_kind kind;
    enum type_alias alias;
    const char *name, *array_name;
    struct type list;
};

static const struct type elements[] = {
#define X(number, array, typlen, type_kind, type_alias, name)                                      \
    {.kind = type_kind,                                                                            \
     .alias = type_alias,                                                                          \
     .width = type_kind == TYPE_DECIMAL ? 18 : 0,                                                  \
     .scale = type_kind == TYPE_DECIMAL ? 3 : 0},
    OIDS(X)
#undef X
};

enum {
#define X(number, array, typlen, kind, alias, name) ROW_##number,
    OIDS(X)
#undef X
        ROW_COUNT
};

static const struct oid_row rows[ROW_COUNT] = {
#define X(number, array, typlen, type_kind, type_alias, name)                                      \
    {number,     array, typlen,    type_kind,                                                      \
     type_alias, name,  name "[]", {.kind = TYPE_LIST, .child = &elements[ROW_##number]}},
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
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
    case TYPE_LIST:
    case TYPE_ARRAY:
        return OID_JSON;
    default:
        return OID_TEXT;
    }
}

static uint32_t alias_oid(enum type_alias alias)
{
    int i = 0;
    while (rows[i].alias != alias) {
        i++;
    }
    return rows[i].oid;
}

static uint32_t element_oid(const struct type *t)
{
    return t->alias ? alias_oid(t->alias) : type_is_row(t) ? OID_RECORD : plain_oid(t->kind);
}

uint32_t oid_of(const struct type *t)
{
    bool is_array = type_is_list(t) && !t->alias && !type_is_list(t->child);
    return is_array ? oid_array_of(element_oid(t->child)) : element_oid(t);
}

int16_t oid_typlen(uint32_t oid)
{
    const struct oid_row *row = find(oid);
    return row ? row->typlen : -1;
}

int32_t oid_typmod(const struct type *t)
{
    const struct type *plain = type_is_list(t) ? t->child : t;
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

/* As a parameter: PostgreSQL takes no record either, whose fields nobody knows. */
static bool is_taken(const struct oid_row *row)
{
    return row->kind != TYPE_LIST && row->kind != TYPE_STRUCT;
}

const struct type *oid_type(uint32_t oid)
{
    const struct oid_row *row = find(oid == OID_NONE ? OID_UNKNOWN : oid);
    if (row) {
        return !is_taken(row) ? NULL
               : row->alias   ? type_aliased(row->alias)
                              : type_simple(row->kind);
    }
    row = find_array(oid);
    return row && is_taken(row) ? &row->list : NULL;
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
