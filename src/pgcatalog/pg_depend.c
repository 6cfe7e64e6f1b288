/* What depends on what: an index on its constraint, a default on its sequence, a view on what it
 * reads. What is the server's own, and macros, which no other server could make, are members of an
 * extension, as what a PostgreSQL's extensions bring: pg_dump leaves that out. */
#include "catalog/audit_log.h"
#include "pgcatalog/definition.h"
#include "sql/walk.h"

enum {
    OID_OF_HATIDATA = 13001, /* the extension: one that every server has, below CATALOG_FIRST_OID */
    OID_OF_PG_PROC = 1255,
    OID_OF_PG_REWRITE = 2618,
    OID_OF_PG_EXTENSION = 3079
};

static void add_dependence(struct relation *r, uint32_t class, int64_t oid, uint32_t on_class,
                           uint32_t on, const char *kind)
{
    relation_row(r);
    relation_put_number(r, "classid", class);
    relation_put_number(r, "objid", oid);
    relation_put_number(r, "refclassid", on_class);
    relation_put_number(r, "refobjid", on);
    relation_put_word(r, "deptype", kind);
}

static void add_sequence_of(struct relation *r, const struct table *const *all, size_t n,
                            const struct table *t, size_t column)
{
    struct str name = t->columns[column].sequence;
    for (size_t i = 0; i < n && name.n; i++) {
        if (all[i]->is_sequence && str_ieq(all[i]->name, name) &&
            str_eq(all[i]->engine_schema, t->engine_schema)) {
            add_dependence(r, OID_OF_PG_ATTRDEF, t->oid + (int64_t)column, OID_OF_PG_CLASS,
                           all[i]->oid, "n");
        }
    }
}

/* ---- views ---- */

struct view_reads {
    struct relation *relation;
    const struct table *const *all;
    size_t n;
    const struct table *view;
};

static bool is_named(const struct table *t, const struct node_list *parts)
{
    return str_ieq(node_ident_const(parts->at[parts->n - 1])->text, t->name) &&
           (parts->n < 2 ||
            str_ieq(node_ident_const(parts->at[parts->n - 2])->text, sql_bare_schema(t->schema)));
}

static enum walk find_read(struct node **n, void *ctx)
{
    struct view_reads *v = ctx;
    if ((*n)->kind != NODE_TABLE_REF) {
        return WALK_ON;
    }
    for (size_t i = 0; i < v->n; i++) {
        if (v->all[i] != v->view &&
            is_named(v->all[i], &node_name_const(node_table_ref_const(*n)->name)->parts)) {
            add_dependence(v->relation, OID_OF_PG_CLASS, v->view->oid, OID_OF_PG_CLASS,
                           v->all[i]->oid, "n");
        }
    }
    return WALK_ON;
}

/* A rule has the number of its view. What it reads is as secret as its text. In PostgreSQL it is
 * the rule that depends on what the view reads, and DROP ... CASCADE takes the view too; here the
 * view stays, and dbt, which follows rules, must not count it as dropped. */
static void add_view(struct view_reads *v)
{
    struct arena *a = v->relation->ctx->arena;
    struct str text = pg_view_definition(v->relation, v->view);
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list statements = {0};
    struct error ignored = ERROR_INIT;
    add_dependence(v->relation, OID_OF_PG_REWRITE, v->view->oid, OID_OF_PG_CLASS, v->view->oid,
                   "i");
    if (text.p && sql_parse(a, text, DIALECT_POSTGRES, &limits, &statements, &ignored) == OK &&
        statements.n == 1) {
        (void)node_walk(&statements.at[0], find_read, v);
    }
}

/* ---- the extension ---- */

static bool is_of_server(struct str schema)
{
    return str_iis(schema, CATALOG_SYSTEM_SCHEMA) || str_iis(schema, CATALOG_SHARED_SCHEMA);
}

static void add_members(struct relation *r, const struct table *const *all, size_t n)
{
    static const char *const schemas[] = {CATALOG_SYSTEM_SCHEMA, CATALOG_SHARED_SCHEMA};
    const struct table **macros = NULL;
    size_t count = sql_list_macros(r->ctx, &macros);
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        add_dependence(r, OID_OF_PG_NAMESPACE, pg_namespace_oid(r, str_of(schemas[i])),
                       OID_OF_PG_EXTENSION, OID_OF_HATIDATA, "e");
    }
    for (size_t i = 0; i < n; i++) {
        if (is_of_server(all[i]->schema)) {
            add_dependence(r, OID_OF_PG_CLASS, all[i]->oid, OID_OF_PG_EXTENSION, OID_OF_HATIDATA,
                           "e");
        }
    }
    for (size_t i = 0; i < count; i++) {
        add_dependence(r, OID_OF_PG_PROC, macros[i]->oid, OID_OF_PG_EXTENSION, OID_OF_HATIDATA,
                       "e");
    }
}

static void pg_extension(struct relation *r)
{
    relation_row(r);
    relation_put_number(r, "oid", OID_OF_HATIDATA);
    relation_put_word(r, "extname", "hatidata");
    relation_put_number(r, "extowner", OID_OF_OWNER);
    relation_put_number(r, "extnamespace", OID_OF_PG_CATALOG);
    relation_put_word(r, "extversion", HATIDATA_VERSION);
}

/* ---- the rows ---- */

static void pg_depend(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = all[i];
        for (size_t k = 0; k < t->constraint_count; k++) {
            const struct table_constraint *c = &t->constraints[k];
            if (c->index_oid) {
                add_dependence(r, OID_OF_PG_CLASS, c->index_oid, OID_OF_PG_CONSTRAINT, c->oid, "i");
            }
        }
        for (size_t k = 0; k < t->column_count; k++) {
            add_sequence_of(r, all, n, t, k);
        }
        if (t->is_view) {
            struct view_reads v = {r, all, n, t};
            add_view(&v);
        }
    }
    add_members(r, all, n);
}

const struct relation_definition pg_depend_relations[] = {
    {"pg_depend",
     "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, "
     "deptype char",
     pg_depend, 2608},
    {"pg_extension",
     "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, "
     "extversion text, extconfig _oid, extcondition _text",
     pg_extension, 3079},
    {NULL, NULL, NULL, 0},
};
