/* Type names: PostgreSQL's, Snowflake's and DuckDB's, each to one of our types. A name that isn't
 * in the table is refused. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"

struct named_type {
    const char *name;
    enum type_kind kind;
    const char *other; /* OTHER: the engine's name */
    enum type_alias alias;
};

/* clang-format off */
static const struct named_type type_names[] = {
    {"bool", TYPE_BOOL}, {"boolean", TYPE_BOOL}, {"logical", TYPE_BOOL},
    {"tinyint", TYPE_INT1}, {"int1", TYPE_INT1},
    {"smallint", TYPE_INT2}, {"int2", TYPE_INT2}, {"short", TYPE_INT2},
    {"integer", TYPE_INT4}, {"int", TYPE_INT4}, {"int4", TYPE_INT4}, {"signed", TYPE_INT4},
    {"bigint", TYPE_INT8}, {"int8", TYPE_INT8}, {"long", TYPE_INT8},
    {"oid", TYPE_INT8, .alias = ALIAS_OID}, {"hugeint", TYPE_INT16}, {"int128", TYPE_INT16},
    {"utinyint", TYPE_UINT1}, {"uint8", TYPE_UINT1},
    {"usmallint", TYPE_UINT2}, {"uint16", TYPE_UINT2},
    {"uinteger", TYPE_UINT4}, {"uint32", TYPE_UINT4},
    {"ubigint", TYPE_UINT8}, {"uint64", TYPE_UINT8},
    {"uhugeint", TYPE_UINT16}, {"uint128", TYPE_UINT16},
    {"real", TYPE_FLOAT4}, {"float4", TYPE_FLOAT4},
    {"double", TYPE_FLOAT8}, {"double precision", TYPE_FLOAT8}, {"float8", TYPE_FLOAT8},
    {"float", TYPE_FLOAT8},
    {"decimal", TYPE_DECIMAL}, {"numeric", TYPE_DECIMAL}, {"number", TYPE_DECIMAL},
    {"dec", TYPE_DECIMAL},
    {"varchar", TYPE_TEXT}, {"character varying", TYPE_TEXT}, {"text", TYPE_TEXT},
    {"string", TYPE_TEXT}, {"char", TYPE_TEXT}, {"character", TYPE_TEXT}, {"bpchar", TYPE_TEXT},
    {"nchar", TYPE_TEXT}, {"nvarchar", TYPE_TEXT}, {"nvarchar2", TYPE_TEXT},
    {"name", TYPE_TEXT, .alias = ALIAS_NAME},
    {"char varying", TYPE_TEXT}, {"nchar varying", TYPE_TEXT},
    {"bytea", TYPE_BYTES}, {"blob", TYPE_BYTES}, {"binary", TYPE_BYTES},
    {"varbinary", TYPE_BYTES}, {"bytes", TYPE_BYTES},
    {"date", TYPE_DATE}, {"time", TYPE_TIME}, {"time without time zone", TYPE_TIME},
    {"timetz", TYPE_TIMETZ}, {"time with time zone", TYPE_TIMETZ},
    {"timestamp", TYPE_TIMESTAMP}, {"timestamp without time zone", TYPE_TIMESTAMP},
    {"timestamp_us", TYPE_TIMESTAMP}, {"datetime", TYPE_TIMESTAMP},
    {"timestamp_ntz", TYPE_TIMESTAMP}, {"timestampntz", TYPE_TIMESTAMP},
    {"timestamp_s", TYPE_TIMESTAMP_S}, {"timestamp_ms", TYPE_TIMESTAMP_MS},
    {"timestamp_ns", TYPE_TIMESTAMP_NS},
    {"timestamptz", TYPE_TIMESTAMPTZ}, {"timestamp with time zone", TYPE_TIMESTAMPTZ},
    {"timestamp_tz", TYPE_TIMESTAMPTZ}, {"timestamp_ltz", TYPE_TIMESTAMPTZ},
    {"timestampltz", TYPE_TIMESTAMPTZ}, {"timestamp with local time zone", TYPE_TIMESTAMPTZ},
    {"interval", TYPE_INTERVAL}, {"uuid", TYPE_UUID},
    {"json", TYPE_JSON}, {"jsonb", TYPE_JSON},
    {"variant", TYPE_JSON}, {"object", TYPE_JSON}, {"array", TYPE_JSON},
    {"bit", TYPE_BIT}, {"varbit", TYPE_BIT}, {"bitstring", TYPE_BIT},
    {"int64", TYPE_INT8}, {"int32", TYPE_INT4}, {"int16", TYPE_INT2}, {"guid", TYPE_UUID},
    {"regclass", TYPE_INT8, .alias = ALIAS_REGCLASS}, {"regtype", TYPE_INT8, .alias = ALIAS_REGTYPE},
    {"regproc", TYPE_INT8, .alias = ALIAS_REGPROC},
    {"regprocedure", TYPE_INT8, .alias = ALIAS_REGPROCEDURE},
    {"regoper", TYPE_INT8, .alias = ALIAS_REGOPER},
    {"regoperator", TYPE_INT8, .alias = ALIAS_REGOPERATOR},
    {"regnamespace", TYPE_INT8, .alias = ALIAS_REGNAMESPACE},
    {"regrole", TYPE_INT8, .alias = ALIAS_REGROLE},
    {"regcollation", TYPE_INT8, .alias = ALIAS_REGCOLLATION},
    {"xid", TYPE_INT8, .alias = ALIAS_XID}, {"cid", TYPE_INT8, .alias = ALIAS_CID},
    {"int2vector", TYPE_LIST, .alias = ALIAS_INT2VECTOR},
    {"oidvector", TYPE_LIST, .alias = ALIAS_OIDVECTOR},
    {"pg_node_tree", TYPE_TEXT, .alias = ALIAS_NODE_TREE},
    {"aclitem", TYPE_TEXT, .alias = ALIAS_ACLITEM},
    {"null", TYPE_NULL}, {"bignum", TYPE_OTHER, "BIGNUM"}, {"time_ns", TYPE_OTHER, "TIME_NS"},
    {"duckdb_variant", TYPE_OTHER, "VARIANT"},
};
/* clang-format on */

static const struct named_type *find(struct str name)
{
    for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        if (str_iis(name, type_names[i].name)) {
            return &type_names[i];
        }
    }
    return NULL;
}

enum type_kind bind_type_kind(struct str name)
{
    const struct named_type *named = find(name);
    return named ? named->kind : TYPE_UNKNOWN;
}

static enum status unknown_type(struct binder *b, const struct node_type_name *t)
{
    return bind_fail(b, &t->base, ERR_UNKNOWN_TYPE, "type \"%.*s\" does not exist",
                     STR_ARG(t->text));
}

/* A number in parentheses, such as a width. */
static enum status argument(struct binder *b, const struct node_type_name *t, uint32_t i,
                            int64_t low, int64_t high, int64_t *out)
{
    const struct node *n = t->args.at[i];
    bool is_number = n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
                     str_to_i64(node_literal_const(n)->text, out);
    if (!is_number || *out < low || *out > high) {
        return bind_fail(b, n, ERR_BAD_SQL, "a modifier of type %.*s must be from %lld to %lld",
                         STR_ARG(t->text), (long long)low, (long long)high);
    }
    return OK;
}

static enum status decimal(struct binder *b, const struct node_type_name *t,
                           const struct type **out)
{
    /* Without modifiers: Snowflake's NUMBER is (38,0), everyone's DECIMAL here
     * the engine's (18,3). */
    bool is_number = str_iis(t->text, "number");
    int64_t width = is_number ? 38 : 18, scale = is_number ? 0 : 3;
    if (t->args.n > 0) {
        scale = 0;
        if (argument(b, t, 0, 1, 38, &width) != OK) {
            return FAIL;
        }
    }
    if (t->args.n > 1 && argument(b, t, 1, 0, width, &scale) != OK) {
        return FAIL;
    }
    *out = type_decimal(b->a, (int)width, (int)scale);
    return OK;
}

/* ENUM('a', 'b') */
static enum status enumeration(struct binder *b, const struct node_type_name *t,
                               const struct type **out)
{
    return bind_enum_labels(b, &t->base, &t->args, out);
}

/* What an organization named itself. Its name is written in full, for views that keep it. */
static enum status made(struct binder *b, struct node_type_name *t, const struct type **out)
{
    const struct made_type *m = bind_find_type(b, t->schema, t->text);
    if (!m || t->args.n || t->fields.n) {
        return unknown_type(b, t);
    }
    t->schema = m->schema;
    *out = m->type;
    bind_note_type(b, *out);
    return OK;
}

static enum status plain(struct binder *b, struct node_type_name *t, const struct type **out)
{
    const struct named_type *named = t->schema.n ? NULL : find(t->text);
    if (!named) {
        return made(b, t, out);
    }
    if (t->args.n > (named->kind == TYPE_DECIMAL ? 2u : 1u)) {
        return bind_fail(b, &t->base, ERR_BAD_SQL, "too many modifiers of type %.*s",
                         STR_ARG(t->text));
    }
    if (named->kind == TYPE_DECIMAL) {
        return decimal(b, t, out);
    }
    int64_t ignored = 0; /* lengths and precisions are checked and, as on the engine, not kept */
    if (t->args.n && argument(b, t, 0, 0, 134217728, &ignored) != OK) {
        return FAIL;
    }
    enum type_kind kind = named->kind;
    if (kind == TYPE_FLOAT8 && str_iis(t->text, "float") && t->args.n && ignored < 25) {
        kind = TYPE_FLOAT4;
    }
    *out = named->other   ? type_other(b->a, str_of(named->other))
           : named->alias ? type_aliased(named->alias)
                          : type_simple(kind);
    bind_note_type(b, *out);
    return OK;
}

static enum status fields(struct binder *b, struct node_type_name *t, enum type_kind kind,
                          const struct type **out)
{
    struct type *type = ARENA_NEW(b->a, struct type);
    struct type_field *f = ARENA_ARRAY(b->a, struct type_field, t->fields.n);
    for (uint32_t i = 0; i < t->fields.n; i++) {
        struct node_column_def *def = node_column_def(t->fields.at[i]);
        f[i].name = ident_text(def->name);
        if (!def->type || bind_type_name(b, def->type, &f[i].type) != OK) {
            return def->type ? FAIL : unknown_type(b, t);
        }
    }
    *type = (struct type){.kind = kind, .fields = f, .field_count = t->fields.n};
    *out = type;
    return OK;
}

/* UNION(a INTEGER, b VARCHAR) */
static enum status union_of(struct binder *b, struct node_type_name *t, const struct type **out)
{
    if (t->fields.n == 0 || fields(b, t, TYPE_UNION, out) != OK) {
        return t->fields.n ? FAIL : unknown_type(b, t);
    }
    return bind_is_guarded(*out)
               ? bind_fail(b, &t->base, ERR_UNSUPPORTED, "a UNION with BIGNUM or VARIANT")
               : OK;
}

/* INTEGER[3]: one field without a name is the element, one argument the size. */
static enum status array(struct binder *b, struct node_type_name *t, const struct type **out)
{
    struct type *type = ARENA_NEW(b->a, struct type);
    int64_t size = 0;
    if (t->fields.n != 1 || t->args.n != 1) {
        return unknown_type(b, t);
    }
    struct node *element = node_column_def(t->fields.at[0])->type;
    type->kind = TYPE_ARRAY;
    if (!element || argument(b, t, 0, 1, 100000, &size) != OK ||
        bind_type_name(b, element, &type->child) != OK) {
        return element ? FAIL : unknown_type(b, t);
    }
    type->size = (uint32_t)size;
    *out = type;
    return OK;
}

enum status bind_type_name(struct binder *b, struct node *n, const struct type **out)
{
    struct node_type_name *t = node_type_name(n);
    enum status status = OK;
    if (t->resolved) { /* a node that we made: its type needs no name */
        *out = t->resolved;
        return OK;
    }
    if (bind_enter(b, n) != OK) {
        return FAIL;
    }
    if (t->schema.n) {
        status = plain(b, t, out);
    } else if (str_iis(t->text, "enum") && t->args.n) {
        status = enumeration(b, t, out);
    } else if (str_iis(t->text, "struct") || str_iis(t->text, "row")) {
        status = t->fields.n ? fields(b, t, TYPE_STRUCT, out) : unknown_type(b, t);
    } else if (str_iis(t->text, "map")) {
        status = t->fields.n == 2 ? fields(b, t, TYPE_MAP, out) : unknown_type(b, t);
    } else if (str_iis(t->text, "union")) {
        status = union_of(b, t, out);
    } else if (str_iis(t->text, "array") && t->fields.n) {
        status = array(b, t, out);
    } else {
        status = plain(b, t, out);
    }
    for (int i = 0; i < t->dims && status == OK; i++) {
        *out = type_list(b->a, *out);
    }
    bind_leave(b);
    t->resolved = status == OK ? *out : NULL;
    return status;
}
