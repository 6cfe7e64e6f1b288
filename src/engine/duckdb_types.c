/* The engine's types as ours and back. */
#include "engine/duckdb_internal.h"

static const struct {
    duckdb_type id;
    enum type_kind kind;
} simple[] = {
    {DUCKDB_TYPE_BOOLEAN, TYPE_BOOL},
    {DUCKDB_TYPE_TINYINT, TYPE_INT1},
    {DUCKDB_TYPE_SMALLINT, TYPE_INT2},
    {DUCKDB_TYPE_INTEGER, TYPE_INT4},
    {DUCKDB_TYPE_BIGINT, TYPE_INT8},
    {DUCKDB_TYPE_HUGEINT, TYPE_INT16},
    {DUCKDB_TYPE_UTINYINT, TYPE_UINT1},
    {DUCKDB_TYPE_USMALLINT, TYPE_UINT2},
    {DUCKDB_TYPE_UINTEGER, TYPE_UINT4},
    {DUCKDB_TYPE_UBIGINT, TYPE_UINT8},
    {DUCKDB_TYPE_UHUGEINT, TYPE_UINT16},
    {DUCKDB_TYPE_FLOAT, TYPE_FLOAT4},
    {DUCKDB_TYPE_DOUBLE, TYPE_FLOAT8},
    {DUCKDB_TYPE_VARCHAR, TYPE_TEXT},
    {DUCKDB_TYPE_BLOB, TYPE_BYTES},
    {DUCKDB_TYPE_DATE, TYPE_DATE},
    {DUCKDB_TYPE_TIME, TYPE_TIME},
    {DUCKDB_TYPE_TIME_TZ, TYPE_TIMETZ},
    {DUCKDB_TYPE_TIMESTAMP, TYPE_TIMESTAMP},
    {DUCKDB_TYPE_TIMESTAMP_S, TYPE_TIMESTAMP_S},
    {DUCKDB_TYPE_TIMESTAMP_MS, TYPE_TIMESTAMP_MS},
    {DUCKDB_TYPE_TIMESTAMP_NS, TYPE_TIMESTAMP_NS},
    {DUCKDB_TYPE_TIMESTAMP_TZ, TYPE_TIMESTAMPTZ},
    {DUCKDB_TYPE_INTERVAL, TYPE_INTERVAL},
    {DUCKDB_TYPE_UUID, TYPE_UUID},
    {DUCKDB_TYPE_BIT, TYPE_BIT},
    {DUCKDB_TYPE_SQLNULL, TYPE_NULL},
    {DUCKDB_TYPE_INVALID, TYPE_UNKNOWN},
    {DUCKDB_TYPE_ANY, TYPE_UNKNOWN},
    {DUCKDB_TYPE_STRING_LITERAL, TYPE_TEXT},
    {DUCKDB_TYPE_INTEGER_LITERAL, TYPE_INT4},
};

enum { SIMPLE_COUNT = sizeof simple / sizeof *simple };

static struct str take_name(struct arena *a, char *engine_owned)
{
    struct str s = arena_str(a, str_of(engine_owned ? engine_owned : ""));
    duckdb_free(engine_owned);
    return s;
}

static bool is_json(duckdb_logical_type t)
{
    char *alias = duckdb_logical_type_get_alias(t);
    bool yes = alias && strcmp(alias, "JSON") == 0;
    duckdb_free(alias);
    return yes;
}

static void set_child(struct reader *r, uint32_t i, struct arena *a, duckdb_logical_type t)
{
    reader_init(&r->children[i], a, t);
    r->is_readable = r->is_readable && r->children[i].is_readable;
    duckdb_destroy_logical_type(&t);
}

static void make_children(struct reader *r, struct arena *a, uint32_t n)
{
    r->children = ARENA_ARRAY(a, struct reader, n);
    r->child_count = n;
}

static void init_enum(struct reader *r, struct arena *a, duckdb_logical_type t)
{
    r->physical = duckdb_enum_internal_type(t);
    r->label_count = duckdb_enum_dictionary_size(t);
    r->labels = ARENA_ARRAY(a, struct str, r->label_count);
    for (uint32_t i = 0; i < r->label_count; i++) {
        r->labels[i] = take_name(a, duckdb_enum_dictionary_value(t, i));
    }
    r->type = type_enum(a, r->labels, r->label_count);
}

static void init_list(struct reader *r, struct arena *a, duckdb_logical_type t)
{
    bool is_array = r->id == DUCKDB_TYPE_ARRAY;
    struct type *type = ARENA_NEW(a, struct type);
    make_children(r, a, 1);
    set_child(r, 0, a, is_array ? duckdb_array_type_child_type(t) : duckdb_list_type_child_type(t));
    *type = (struct type){.kind = is_array ? TYPE_ARRAY : TYPE_LIST,
                          .size = is_array ? (uint32_t)duckdb_array_type_array_size(t) : 0,
                          .child = r->children[0].type};
    r->type = type;
}

static void set_fields(struct reader *r, struct arena *a, enum type_kind kind, struct str *names)
{
    struct type *type = ARENA_NEW(a, struct type);
    struct type_field *fields = ARENA_ARRAY(a, struct type_field, r->child_count);
    for (uint32_t i = 0; i < r->child_count; i++) {
        fields[i] = (struct type_field){names[i], r->children[i].type};
    }
    *type = (struct type){.kind = kind, .fields = fields, .field_count = r->child_count};
    r->type = type;
}

static void init_map(struct reader *r, struct arena *a, duckdb_logical_type t)
{
    struct str names[2] = {STR("key"), STR("value")};
    make_children(r, a, 2);
    set_child(r, 0, a, duckdb_map_type_key_type(t));
    set_child(r, 1, a, duckdb_map_type_value_type(t));
    set_fields(r, a, TYPE_MAP, names);
}

/* Of a structure or union, which the engine asks by functions of the same kind. */
static void init_fields(struct reader *r, struct arena *a, duckdb_logical_type t, bool is_union)
{
    uint32_t n = (uint32_t)(is_union ? duckdb_union_type_member_count(t)
                                     : duckdb_struct_type_child_count(t));
    char *(*name_of)(duckdb_logical_type, idx_t) =
        is_union ? duckdb_union_type_member_name : duckdb_struct_type_child_name;
    duckdb_logical_type (*type_of)(duckdb_logical_type, idx_t) =
        is_union ? duckdb_union_type_member_type : duckdb_struct_type_child_type;
    struct str *names = ARENA_ARRAY(a, struct str, n);
    make_children(r, a, n);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = take_name(a, name_of(t, i));
        set_child(r, i, a, type_of(t, i));
    }
    set_fields(r, a, is_union ? TYPE_UNION : TYPE_STRUCT, names);
}

enum { TYPE_ID_VARIANT = 41 }; /* newer than the header */

/* GEOMETRY and newer ones have no name here: a statement can't cast to them. */
static const struct type *other_type(duckdb_type id)
{
    static const struct type bignum = {.kind = TYPE_OTHER, .other_name = {"BIGNUM", 6}};
    static const struct type time_ns = {.kind = TYPE_OTHER, .other_name = {"TIME_NS", 7}};
    static const struct type variant = {.kind = TYPE_OTHER, .other_name = {"VARIANT", 7}};
    return id == DUCKDB_TYPE_BIGNUM     ? &bignum
           : id == DUCKDB_TYPE_TIME_NS  ? &time_ns
           : (int)id == TYPE_ID_VARIANT ? &variant
                                        : type_simple(TYPE_OTHER);
}

static void init_simple(struct reader *r, duckdb_logical_type t)
{
    for (size_t i = 0; i < SIMPLE_COUNT; i++) {
        if (simple[i].id == r->id) {
            r->type = type_simple(simple[i].kind);
            if (r->id == DUCKDB_TYPE_VARCHAR && is_json(t)) {
                r->type = type_simple(TYPE_JSON);
            }
            return;
        }
    }
    r->type = other_type(r->id);
    r->is_readable = false;
}

void reader_init(struct reader *r, struct arena *a, duckdb_logical_type t)
{
    *r = (struct reader){.id = duckdb_get_type_id(t), .is_readable = true};
    switch ((int)r->id) {
    case DUCKDB_TYPE_DECIMAL:
        r->type = type_decimal(a, duckdb_decimal_width(t), duckdb_decimal_scale(t));
        r->physical = duckdb_decimal_internal_type(t);
        break;
    case DUCKDB_TYPE_ENUM:
        init_enum(r, a, t);
        break;
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
        init_list(r, a, t);
        break;
    case DUCKDB_TYPE_MAP:
        init_map(r, a, t);
        break;
    case DUCKDB_TYPE_STRUCT:
        init_fields(r, a, t, false);
        break;
    case DUCKDB_TYPE_UNION:
        init_fields(r, a, t, true);
        break;
    default:
        init_simple(r, t);
    }
}

/* A STRUCT or a UNION. */
static duckdb_logical_type fields_to_engine(const struct type *t)
{
    struct arena *a = arena_new(0);
    duckdb_logical_type *types = ARENA_ARRAY(a, duckdb_logical_type, t->field_count);
    const char **names = ARENA_ARRAY(a, const char *, t->field_count);
    duckdb_logical_type out = NULL;
    uint32_t n = 0;
    while (n < t->field_count && (types[n] = type_to_engine(t->fields[n].type))) {
        names[n] = arena_strdup(a, t->fields[n].name);
        n++;
    }
    if (n == t->field_count) {
        out = t->kind == TYPE_UNION ? duckdb_create_union_type(types, names, n)
                                    : duckdb_create_struct_type(types, names, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    arena_free(a);
    return out;
}

static duckdb_logical_type nested_to_engine(const struct type *t)
{
    const struct type *first = t->kind == TYPE_MAP ? t->fields[0].type : t->child;
    duckdb_logical_type child = type_to_engine(first), value = NULL, out = NULL;
    if (child && t->kind == TYPE_LIST) {
        out = duckdb_create_list_type(child);
    } else if (child && t->kind == TYPE_ARRAY) {
        out = duckdb_create_array_type(child, t->size);
    } else if (child && (value = type_to_engine(t->fields[1].type))) {
        out = duckdb_create_map_type(child, value);
    }
    duckdb_destroy_logical_type(&child);
    duckdb_destroy_logical_type(&value);
    return out;
}

duckdb_logical_type type_to_engine(const struct type *t)
{
    switch (t->kind) {
    case TYPE_DECIMAL:
        return duckdb_create_decimal_type(t->width, t->scale);
    case TYPE_LIST:
    case TYPE_ARRAY:
    case TYPE_MAP:
        return nested_to_engine(t);
    case TYPE_STRUCT:
    case TYPE_UNION:
        return fields_to_engine(t);
    case TYPE_JSON: /* text that the engine casts where a column is JSON or an enumeration */
    case TYPE_ENUM:
    case TYPE_OTHER:
    case TYPE_UNKNOWN:
        return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    default:
        for (size_t i = 0; i < SIMPLE_COUNT; i++) {
            if (simple[i].kind == t->kind) {
                return duckdb_create_logical_type(simple[i].id);
            }
        }
        return NULL;
    }
}
