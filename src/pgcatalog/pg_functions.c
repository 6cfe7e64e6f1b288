/* Functions: those that a client may call, those of the types, and macros. */
#include "pgcatalog/definition.h"
#include "sql/function.h"
#include "wire/oid.h"

enum {
    OID_OF_INTERNAL = 12, /* languages */
    OID_OF_SQL = 14,
    OID_OF_ANY = 2276,
    OID_OF_ANY_ELEMENT = 2283,
    OID_OF_CSTRING = 2275,
    OID_OF_INTERNAL_TYPE = 2281,
    OID_OF_LISTED = OID_OF_FUNCTIONS + 1000 /* of the list of functions */
};

static void begin_function(struct relation *r, uint32_t oid, struct str name, uint32_t space,
                           const char *kind)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_text(r, "proname", name);
    relation_put_number(r, "pronamespace", space);
    relation_put_number(r, "proowner", OID_OF_OWNER);
    relation_put_number(r, "prolang", OID_OF_INTERNAL);
    relation_put_number(r, "procost", 1);
    relation_put_word(r, "prokind", kind);
    relation_put_word(r, "provolatile", "i");
    relation_put_word(r, "proparallel", "s");
    relation_put_word(r, "prosrc", "");
}

static void put_arguments(struct relation *r, const uint32_t *types, size_t n)
{
    relation_put_number(r, "pronargs", (int64_t)n);
    relation_at(r, "proargtypes");
    relation_begin_list(r);
    for (size_t i = 0; i < n; i++) {
        relation_number(r, types[i]);
    }
    relation_end_list(r);
}

static void add_io(struct relation *r, uint32_t oid, struct str name, uint32_t type,
                   enum pg_io which)
{
    static const uint32_t internal = OID_OF_INTERNAL_TYPE, text = OID_OF_CSTRING;
    begin_function(r, oid, name, OID_OF_PG_CATALOG, "f");
    relation_put_bool(r, "proisstrict", true);
    relation_put_number(r, "prorettype",
                        which == PG_OUT    ? (uint32_t)OID_OF_CSTRING
                        : which == PG_SEND ? (uint32_t)OID_BYTEA
                                           : type);
    put_arguments(r, which == PG_IN ? &text : which == PG_RECV ? &internal : &type, 1);
}

static uint32_t type_of(enum type_kind kind)
{
    return kind == TYPE_UNKNOWN ? (uint32_t)OID_OF_ANY_ELEMENT : oid_of(type_simple(kind));
}

/* One that takes fewer arguments as well is told with all it takes, the others having defaults; one
 * that takes any number, with one that stands for them. */
static void add_listed(struct relation *r, size_t i)
{
    const struct function *f = function_at(i);
    static const char *const kinds[] = {"f", "a", "w", "f"};
    bool is_variadic = f->max_args < 0, is_list = f->rule == RESULT_LIST;
    size_t n = (size_t)(is_variadic ? f->min_args + 1 : f->max_args);
    uint32_t *types = ARENA_ARRAY(r->ctx->arena, uint32_t, n);
    for (size_t k = 0; k < n; k++) {
        types[k] = is_variadic && k + 1 == n ? (uint32_t)OID_OF_ANY : type_of(function_arg(f, k));
    }
    uint32_t result =
        f->rule == RESULT_FIXED || is_list ? type_of(f->result) : (uint32_t)OID_OF_ANY_ELEMENT;
    begin_function(r, OID_OF_LISTED + (uint32_t)i, str_of(f->name), OID_OF_PG_CATALOG,
                   kinds[f->kind]);
    relation_put_number(r, "provariadic", is_variadic ? OID_OF_ANY : 0);
    relation_put_bool(r, "proretset", f->kind == FUNCTION_TABLE);
    relation_put_word(r, "provolatile",
                      f->flags & FUNCTION_VOLATILE  ? "v"
                      : f->flags & FUNCTION_SESSION ? "s"
                                                    : "i");
    relation_put_number(r, "pronargdefaults", is_variadic ? 0 : f->max_args - f->min_args);
    relation_put_number(r, "prorettype", is_list ? oid_array_of(result) : result);
    put_arguments(r, types, n);
}

/* The parameters of a macro have names and no types. */
static size_t parameters_of(struct arena *a, const struct table *macro, struct str **names,
                            size_t *defaults)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list statements = {0};
    struct error ignored = ERROR_INIT;
    if (sql_parse(a, macro->definition, DIALECT_POSTGRES, &limits, &statements, &ignored) != OK ||
        statements.n != 1 || statements.at[0]->kind != NODE_CREATE_FUNCTION) {
        return 0;
    }
    const struct node_list *bodies = &node_create_function_const(statements.at[0])->bodies;
    const struct node_list *params = &node_function_body_const(bodies->at[0])->params;
    *names = ARENA_ARRAY(a, struct str, params->n);
    for (uint32_t i = 0; i < params->n; i++) {
        const struct node_function_param *p = node_function_param_const(params->at[i]);
        (*names)[i] = p->name ? node_ident_const(p->name)->text : STR("");
        *defaults += p->default_value != NULL;
    }
    return params->n;
}

static void add_macro(struct relation *r, const struct table *macro)
{
    struct str *names = NULL;
    size_t defaults = 0, n = parameters_of(r->ctx->arena, macro, &names, &defaults);
    uint32_t *types = ARENA_ARRAY(r->ctx->arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        types[i] = OID_OF_ANY_ELEMENT;
    }
    begin_function(r, macro->oid, macro->name, pg_namespace_oid(r, macro->schema), "f");
    relation_put_number(r, "prolang", OID_OF_SQL);
    relation_put_word(r, "provolatile", "v");
    relation_put_number(r, "pronargdefaults", (int64_t)defaults);
    relation_put_number(r, "prorettype", OID_OF_ANY_ELEMENT);
    put_arguments(r, types, n);
    relation_at(r, "proargnames");
    relation_begin_list(r);
    for (size_t i = 0; i < n; i++) {
        relation_text(r, names[i]);
    }
    relation_end_list(r);
}

static void pg_proc(struct relation *r)
{
    const struct table **macros;
    size_t n = sql_list_macros(r->ctx, &macros);
    pg_each_io(r, add_io);
    for (size_t i = 0; i < function_count(); i++) {
        if (relation_wants_text(r, "proname", str_of(function_at(i)->name))) {
            add_listed(r, i);
        }
    }
    for (size_t i = 0; i < n; i++) {
        add_macro(r, macros[i]);
    }
}

static void pg_aggregate(struct relation *r)
{
    for (size_t i = 0; i < function_count(); i++) {
        if (function_at(i)->kind == FUNCTION_AGGREGATE) {
            relation_row(r);
            relation_put_number(r, "aggfnoid", OID_OF_LISTED + (int64_t)i);
            relation_put_word(r, "aggkind", "n");
            relation_put_word(r, "aggfinalmodify", "r");
            relation_put_word(r, "aggmfinalmodify", "r");
        }
    }
}

static void add_language(struct relation *r, uint32_t oid, const char *name)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_word(r, "lanname", name);
    relation_put_number(r, "lanowner", OID_OF_OWNER);
}

static void pg_language(struct relation *r)
{
    add_language(r, OID_OF_INTERNAL, "internal");
    add_language(r, OID_OF_SQL, "sql");
}

const struct relation_definition pg_function_relations[] = {
    {"pg_proc",
     "oid oid, proname name, pronamespace oid, proowner oid, prolang oid, procost float4, "
     "prorows float4, provariadic oid, prosupport regproc, prokind char, prosecdef bool, "
     "proleakproof bool, proisstrict bool, proretset bool, provolatile char, proparallel char, "
     "pronargs int2, pronargdefaults int2, prorettype oid, proargtypes oidvector, "
     "proallargtypes _oid, proargmodes _char, proargnames _text, proargdefaults pg_node_tree, "
     "protrftypes _oid, prosrc text, probin text, prosqlbody pg_node_tree, proconfig _text, "
     "proacl _aclitem",
     pg_proc, 1255},
    {"pg_aggregate",
     "aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, "
     "aggfinalfn regproc, aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, "
     "aggmtransfn regproc, aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool, "
     "aggmfinalextra bool, aggfinalmodify char, aggmfinalmodify char, aggsortop oid, "
     "aggtranstype oid, aggtransspace int4, aggmtranstype oid, aggmtransspace int4, "
     "agginitval text, aggminitval text",
     pg_aggregate, 2600},
    {"pg_language",
     "oid oid, lanname name, lanowner oid, lanispl bool, lanpltrusted bool, lanplcallfoid oid, "
     "laninline oid, lanvalidator oid, lanacl _aclitem",
     pg_language, 2612},
    {NULL, NULL, NULL, 0},
};
