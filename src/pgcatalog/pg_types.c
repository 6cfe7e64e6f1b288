/* Types: those that columns, parameters and functions may have, with the numbers that the wire
 * sends (wire/oid.h), and those that somebody made. */
#include "pgcatalog/definition.h"
#include "wire/oid.h"

struct type_row {
    uint32_t oid;
    int16_t length; /* of those that the wire knows nothing of; else 0 */
    const char *name;
    const char *stem; /* of its functions: stem in, out, recv, send */
    const char *type, *category;
    bool is_preferred, by_value;
    const char *align, *storage;
    uint32_t collation;
    uint32_t class, family; /* of btree; 0: none */
    const char *family_name;
};

/* clang-format off */
static const struct type_row types[] = {
    {OID_BOOL, 0, "bool", "bool", "b", "B", true, true, "c", "p", 0, 10003, 424, "bool_ops"},
    {OID_BYTEA, 0, "bytea", "bytea", "b", "U", false, false, "i", "x", 0, 10006, 428, "bytea_ops"},
    {OID_CHAR, 0, "char", "char", "b", "Z", false, true, "c", "p", 0, 10007, 429, "char_ops"},
    {OID_NAME, 0, "name", "name", "b", "S", false, false, "c", "p", OID_OF_C_COLLATION, 10028, 1994, "text_ops"},
    {OID_INT8, 0, "int8", "int8", "b", "N", false, true, "d", "p", 0, 3124, 1976, "integer_ops"},
    {OID_INT2, 0, "int2", "int2", "b", "N", false, true, "s", "p", 0, 1979, 1976, "integer_ops"},
    {OID_INT2VECTOR, 0, "int2vector", "int2vector", "b", "A", false, false, "i", "p", 0, 0, 0, NULL},
    {OID_INT4, 0, "int4", "int4", "b", "N", false, true, "i", "p", 0, 1978, 1976, "integer_ops"},
    {OID_REGPROC, 0, "regproc", "regproc", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_TEXT, 0, "text", "text", "b", "S", true, false, "i", "x", OID_OF_DEFAULT_COLLATION, 3126, 1994, "text_ops"},
    {OID_OID, 0, "oid", "oid", "b", "N", true, true, "i", "p", 0, 1981, 1989, "oid_ops"},
    {OID_XID, 0, "xid", "xid", "b", "U", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_CID, 0, "cid", "cid", "b", "U", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_OIDVECTOR, 0, "oidvector", "oidvector", "b", "A", false, false, "i", "p", 0, 10032, 1991, "oidvector_ops"},
    {OID_JSON, 0, "json", "json_", "b", "U", false, false, "i", "x", 0, 0, 0, NULL},
    {OID_NODE_TREE, 0, "pg_node_tree", "pg_node_tree_", "b", "Z", false, false, "i", "x", OID_OF_DEFAULT_COLLATION, 0, 0, NULL},
    {OID_FLOAT4, 0, "float4", "float4", "b", "N", false, true, "i", "p", 0, 10012, 1970, "float_ops"},
    {OID_FLOAT8, 0, "float8", "float8", "b", "N", true, true, "d", "p", 0, 3123, 1970, "float_ops"},
    {OID_UNKNOWN, 0, "unknown", "unknown", "p", "X", false, false, "c", "p", 0, 0, 0, NULL},
    {OID_ACLITEM, 0, "aclitem", "aclitem", "b", "U", false, false, "i", "p", 0, 0, 0, NULL},
    {OID_BPCHAR, 0, "bpchar", "bpchar", "b", "S", false, false, "i", "x", OID_OF_DEFAULT_COLLATION, 10004, 426, "bpchar_ops"},
    {OID_VARCHAR, 0, "varchar", "varchar", "b", "S", false, false, "i", "x", OID_OF_DEFAULT_COLLATION, 0, 0, NULL},
    {OID_DATE, 0, "date", "date_", "b", "D", false, true, "i", "p", 0, 3122, 434, "datetime_ops"},
    {OID_TIME, 0, "time", "time_", "b", "D", false, true, "d", "p", 0, 10038, 1996, "time_ops"},
    {OID_TIMESTAMP, 0, "timestamp", "timestamp_", "b", "D", false, true, "d", "p", 0, 3128, 434, "datetime_ops"},
    {OID_TIMESTAMPTZ, 0, "timestamptz", "timestamptz_", "b", "D", true, true, "d", "p", 0, 3127, 434, "datetime_ops"},
    {OID_INTERVAL, 0, "interval", "interval_", "b", "T", true, false, "d", "p", 0, 10022, 1982, "interval_ops"},
    {OID_TIMETZ, 0, "timetz", "timetz_", "b", "D", false, false, "d", "p", 0, 10041, 2000, "timetz_ops"},
    {OID_NUMERIC, 0, "numeric", "numeric_", "b", "N", false, false, "i", "m", 0, 3125, 1988, "numeric_ops"},
    {OID_REGPROCEDURE, 0, "regprocedure", "regprocedure", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGOPER, 0, "regoper", "regoper", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGOPERATOR, 0, "regoperator", "regoperator", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGCLASS, 0, "regclass", "regclass", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGTYPE, 0, "regtype", "regtype", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_RECORD, 0, "record", "record_", "p", "P", false, false, "d", "x", 0, 10034, 2994, "record_ops"},
    {2275, -2, "cstring", "cstring_", "p", "P", false, false, "c", "p", 0, 0, 0, NULL},
    {2276, 4, "any", "any_", "p", "P", false, true, "i", "p", 0, 0, 0, NULL},
    {2277, -1, "anyarray", "anyarray_", "p", "P", false, false, "d", "x", 0, 10000, 397, "array_ops"},
    {2278, 4, "void", "void_", "p", "P", false, true, "i", "p", 0, 0, 0, NULL},
    {2279, 4, "trigger", "trigger_", "p", "P", false, true, "i", "p", 0, 0, 0, NULL},
    {2283, 4, "anyelement", "anyelement_", "p", "P", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_UUID, 0, "uuid", "uuid_", "b", "U", false, false, "c", "p", 0, 10065, 2968, "uuid_ops"},
    {OID_REGCONFIG, 0, "regconfig", "regconfig", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGDICTIONARY, 0, "regdictionary", "regdictionary", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_JSONB, 0, "jsonb", "jsonb_", "b", "U", false, false, "i", "x", 0, 10088, 4033, "jsonb_ops"},
    {OID_REGNAMESPACE, 0, "regnamespace", "regnamespace", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGROLE, 0, "regrole", "regrole", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
    {OID_REGCOLLATION, 0, "regcollation", "regcollation", "b", "N", false, true, "i", "p", 0, 0, 0, NULL},
};
/* clang-format on */

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct type_row *find(uint32_t oid)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (types[i].oid == oid) {
            return &types[i];
        }
    }
    return NULL;
}

struct pg_type_traits pg_type_traits(uint32_t oid)
{
    const struct type_row *element = find(oid_element_of(oid));
    const struct type_row *t = find(oid);
    if (element) {
        return (struct pg_type_traits){false, element->align[0] == 'd' ? "d" : "i", "x",
                                       element->collation};
    }
    t = t ? t : find(OID_TEXT);
    return (struct pg_type_traits){t->by_value, t->align, t->storage, t->collation};
}

struct str pg_type_name(struct arena *a, uint32_t oid)
{
    const struct type_row *t = find(oid), *element = find(oid_element_of(oid));
    return element ? str_of(arena_printf(a, "_%s", element->name)) : str_of(t ? t->name : "text");
}

uint32_t pg_operator_class(uint32_t oid)
{
    const struct type_row *t = find(oid);
    return t ? t->class : 0;
}

/* ---- their functions ---- */

static const char *const io_endings[] = {"in", "out", "recv", "send"};

/* Those of arrays and of what somebody made have PostgreSQL's own numbers. */
static const struct {
    const char *stem;
    uint32_t oid[4];
} shared_io[] = {
    {"array_", {750, 751, 2400, 2401}},
    {"enum_", {3506, 3507, 3532, 3533}},
    {"domain_", {2597, 0, 2598, 0}},
};

static int64_t io_oid(size_t row, enum pg_io which)
{
    return OID_OF_FUNCTIONS + 4 * (int64_t)row + which;
}

void pg_each_io(struct relation *r, void (*fn)(struct relation *r, uint32_t oid, struct str name,
                                               uint32_t type, enum pg_io which))
{
    struct arena *a = r->ctx->arena;
    for (int which = PG_IN; which <= PG_SEND; which++) {
        const char *ending = io_endings[which];
        for (size_t i = 0; i < COUNT(types); i++) {
            fn(r, (uint32_t)io_oid(i, (enum pg_io)which),
               str_of(arena_printf(a, "%s%s", types[i].stem, ending)), types[i].oid,
               (enum pg_io)which);
        }
        for (size_t i = 0; i < COUNT(shared_io); i++) {
            if (shared_io[i].oid[which]) {
                fn(r, shared_io[i].oid[which],
                   str_of(arena_printf(a, "%s%s", shared_io[i].stem, ending)), 2276,
                   (enum pg_io)which);
            }
        }
    }
}

static void put_io(struct relation *r, int64_t in, int64_t out, int64_t recv, int64_t send)
{
    relation_put_number(r, "typinput", in);
    relation_put_number(r, "typoutput", out);
    relation_put_number(r, "typreceive", recv);
    relation_put_number(r, "typsend", send);
}

static void put_shared_io(struct relation *r, size_t which)
{
    const uint32_t *oid = shared_io[which].oid;
    put_io(r, oid[PG_IN], oid[PG_OUT], oid[PG_RECV], oid[PG_SEND]);
}

/* ---- pg_type ---- */

static void begin_type(struct relation *r, uint32_t oid, struct str name, uint32_t space,
                       const char *type, const char *category)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_text(r, "typname", name);
    relation_put_number(r, "typnamespace", space);
    relation_put_number(r, "typowner", OID_OF_OWNER);
    relation_put_number(r, "typlen", -1);
    relation_put_word(r, "typtype", type);
    relation_put_word(r, "typcategory", category);
    relation_put_bool(r, "typisdefined", true);
    relation_put_word(r, "typdelim", ",");
    relation_put_word(r, "typalign", "i");
    relation_put_word(r, "typstorage", "x");
    relation_put_number(r, "typtypmod", -1);
}

static void add_array_type(struct relation *r, uint32_t oid, struct str element_name,
                           uint32_t space, uint32_t element, const struct type_row *t)
{
    bool is_pseudo = t && t->type[0] == 'p'; /* of records */
    begin_type(r, oid, str_of(arena_printf(r->ctx->arena, "_%.*s", STR_ARG(element_name))), space,
               is_pseudo ? "p" : "b", is_pseudo ? "P" : "A");
    relation_put_number(r, "typelem", element);
    relation_put_word(r, "typalign", t && t->align[0] == 'd' ? "d" : "i");
    relation_put_number(r, "typcollation", t ? t->collation : 0);
    put_shared_io(r, 0);
}

static uint32_t vector_element(uint32_t oid)
{
    return oid == OID_INT2VECTOR ? OID_INT2 : oid == OID_OIDVECTOR ? OID_OID : 0;
}

static void add_type(struct relation *r, size_t row)
{
    const struct type_row *t = &types[row];
    uint32_t array = oid_array_of(t->oid);
    begin_type(r, t->oid, str_of(t->name), OID_OF_PG_CATALOG, t->type, t->category);
    relation_put_number(r, "typlen", t->length ? t->length : oid_typlen(t->oid));
    relation_put_bool(r, "typbyval", t->by_value);
    relation_put_bool(r, "typispreferred", t->is_preferred);
    relation_put_number(r, "typelem", vector_element(t->oid));
    relation_put_number(r, "typarray", array);
    relation_put_word(r, "typalign", t->align);
    relation_put_word(r, "typstorage", t->storage);
    relation_put_number(r, "typcollation", t->collation);
    put_io(r, io_oid(row, PG_IN), io_oid(row, PG_OUT), io_oid(row, PG_RECV), io_oid(row, PG_SEND));
    if (array) {
        add_array_type(r, array, str_of(t->name), OID_OF_PG_CATALOG, t->oid, t);
    }
}

/* An enumeration, or another name of a type: PostgreSQL's domain. */
static void add_made_type(struct relation *r, const struct made_type *t)
{
    uint32_t space = pg_namespace_oid(r, t->schema), base = oid_of(t->type);
    bool is_enum = t->type->kind == TYPE_ENUM;
    const struct type_row *like = find(base);
    begin_type(r, t->oid, t->name, space, is_enum ? "e" : "d",
               is_enum ? "E"
               : like  ? like->category
                       : "U");
    relation_put_number(r, "typlen", is_enum ? 4 : oid_typlen(base));
    relation_put_bool(r, "typbyval", is_enum || (like && like->by_value));
    relation_put_word(r, "typstorage", is_enum ? "p" : like ? like->storage : "x");
    relation_put_number(r, "typarray", t->array_oid);
    relation_put_number(r, "typbasetype", is_enum ? 0 : base);
    put_shared_io(r, is_enum ? 1 : 2);
    add_array_type(r, t->array_oid, t->name, space, t->oid, NULL);
}

static void pg_type(struct relation *r)
{
    const struct made_type **made;
    size_t n = sql_list_types(r->ctx, &made);
    for (size_t i = 0; i < COUNT(types); i++) {
        add_type(r, i);
    }
    for (size_t i = 0; i < n; i++) {
        add_made_type(r, made[i]);
    }
}

/* A label's number is that of its type and its place. */
static void pg_enum(struct relation *r)
{
    const struct made_type **made;
    size_t n = sql_list_types(r->ctx, &made);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < made[i]->type->label_count; k++) {
            relation_row(r);
            relation_put_number(r, "oid", (int64_t)made[i]->oid + k);
            relation_put_number(r, "enumtypid", made[i]->oid);
            relation_put_number(r, "enumsortorder", (int64_t)k + 1);
            relation_put_text(r, "enumlabel", made[i]->type->labels[k]);
        }
    }
}

/* ---- what goes with types ---- */

static void add_collation(struct relation *r, uint32_t oid, const char *name, const char *provider,
                          int encoding, const char *locale)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_word(r, "collname", name);
    relation_put_number(r, "collnamespace", OID_OF_PG_CATALOG);
    relation_put_number(r, "collowner", OID_OF_OWNER);
    relation_put_word(r, "collprovider", provider);
    relation_put_bool(r, "collisdeterministic", true);
    relation_put_number(r, "collencoding", encoding);
    relation_put_word(r, "collcollate", locale);
    relation_put_word(r, "collctype", locale);
}

static void pg_collation(struct relation *r)
{
    add_collation(r, OID_OF_DEFAULT_COLLATION, "default", "d", -1, NULL);
    add_collation(r, OID_OF_C_COLLATION, "C", "c", -1, "C");
    add_collation(r, 951, "POSIX", "c", -1, "POSIX");
}

static void pg_opclass(struct relation *r)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        const struct type_row *t = &types[i];
        if (t->class) {
            relation_row(r);
            relation_put_number(r, "oid", t->class);
            relation_put_number(r, "opcmethod", OID_OF_BTREE);
            relation_put_text(r, "opcname", str_of(arena_printf(r->ctx->arena, "%s_ops", t->name)));
            relation_put_number(r, "opcnamespace", OID_OF_PG_CATALOG);
            relation_put_number(r, "opcowner", OID_OF_OWNER);
            relation_put_number(r, "opcfamily", t->family);
            relation_put_number(r, "opcintype", t->oid);
            relation_put_bool(r, "opcdefault", true);
        }
    }
}

static bool family_came_before(size_t row)
{
    size_t i = 0;
    while (i < row && types[i].family != types[row].family) {
        i++;
    }
    return i < row;
}

static void pg_opfamily(struct relation *r)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (types[i].family && !family_came_before(i)) {
            relation_row(r);
            relation_put_number(r, "oid", types[i].family);
            relation_put_number(r, "opfmethod", OID_OF_BTREE);
            relation_put_word(r, "opfname", types[i].family_name);
            relation_put_number(r, "opfnamespace", OID_OF_PG_CATALOG);
            relation_put_number(r, "opfowner", OID_OF_OWNER);
        }
    }
}

const struct relation_definition pg_type_relations[] = {
    {"pg_type",
     "oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval bool, "
     "typtype char, typcategory char, typispreferred bool, typisdefined bool, typdelim char, "
     "typrelid oid, typsubscript regproc, typelem oid, typarray oid, typinput regproc, "
     "typoutput regproc, typreceive regproc, typsend regproc, typmodin regproc, "
     "typmodout regproc, typanalyze regproc, typalign char, typstorage char, typnotnull bool, "
     "typbasetype oid, typtypmod int4, typndims int4, typcollation oid, "
     "typdefaultbin pg_node_tree, typdefault text, typacl _aclitem",
     pg_type, 1247},
    {"pg_enum", "oid oid, enumtypid oid, enumsortorder float4, enumlabel name", pg_enum, 3501},
    {"pg_collation",
     "oid oid, collname name, collnamespace oid, collowner oid, collprovider char, "
     "collisdeterministic bool, collencoding int4, collcollate text, collctype text, "
     "colliculocale text, collversion text",
     pg_collation, 3456},
    {"pg_opclass",
     "oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, "
     "opcintype oid, opcdefault bool, opckeytype oid",
     pg_opclass, 2616},
    {"pg_opfamily", "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid",
     pg_opfamily, 2753},
    {NULL, NULL, NULL, 0},
};
