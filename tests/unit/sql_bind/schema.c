#include "schema.h"

#include <stdlib.h>

/* One text a column: "name TYPE". */
struct described {
    const char *schema, *name, *definition; /* definition: of a view */
    const char *columns;
};

static const struct described tables[] = {
    {"org_acme", "people", NULL,
     "id INTEGER,name VARCHAR,ssn VARCHAR,age INTEGER,salary DECIMAL(10:2),born DATE,seen "
     "TIMESTAMP,dept INTEGER,tags VARCHAR[],extra STRUCT,doc JSON,active BOOLEAN,score DOUBLE"},
    {"org_acme", "depts", NULL, "id INTEGER,name VARCHAR,budget BIGINT,boss INTEGER"},
    {"org_acme", "adults", "SELECT id, name, ssn FROM people WHERE age >= 18",
     "id INTEGER,name VARCHAR,ssn VARCHAR"},
    {"org_acme", "adult_names", "SELECT a.name AS who, a.ssn AS number FROM adults AS a",
     "who VARCHAR,number VARCHAR"},
    {"org_acme", "loop_a", "SELECT * FROM loop_b", "id INTEGER"},
    {"org_acme", "loop_b", "SELECT * FROM loop_a", "id INTEGER"},
    {"org_acme", "stale", "SELECT gone FROM people", "gone INTEGER"},
    {"org_acme", "wages", NULL, "gross INTEGER,tax INTEGER,net INTEGER,half INTEGER"},
    {"org_other", "secrets", NULL, "id INTEGER,code VARCHAR"},
    {"shared", "orders", NULL,
     "tenant VARCHAR,id BIGINT,person INTEGER,amount DECIMAL(15:2),placed TIMESTAMPTZ"},
    {"shared", "rates", NULL, "currency VARCHAR,rate DOUBLE"},
    {"shared", "unregistered", NULL, "id INTEGER"},
    {"org_acme", "lineitem", NULL,
     "l_orderkey BIGINT,l_partkey BIGINT,l_suppkey BIGINT,l_linenumber BIGINT,"
     "l_quantity DECIMAL(15:2),l_extendedprice DECIMAL(15:2),l_discount DECIMAL(15:2),"
     "l_tax DECIMAL(15:2),l_returnflag VARCHAR,l_linestatus VARCHAR,l_shipdate DATE,"
     "l_commitdate DATE,l_receiptdate DATE,l_shipinstruct VARCHAR,l_shipmode VARCHAR,"
     "l_comment VARCHAR"},
    {"org_acme", "tpch_orders", NULL,
     "o_orderkey BIGINT,o_custkey BIGINT,o_orderstatus VARCHAR,o_totalprice DECIMAL(15:2),"
     "o_orderdate DATE,o_orderpriority VARCHAR,o_clerk VARCHAR,o_shippriority INTEGER,"
     "o_comment VARCHAR"},
    {"org_acme", "customer", NULL,
     "c_custkey BIGINT,c_name VARCHAR,c_address VARCHAR,c_nationkey INTEGER,c_phone VARCHAR,"
     "c_acctbal DECIMAL(15:2),c_mktsegment VARCHAR,c_comment VARCHAR"},
    {"org_acme", "part", NULL,
     "p_partkey BIGINT,p_name VARCHAR,p_mfgr VARCHAR,p_brand VARCHAR,p_type VARCHAR,"
     "p_size INTEGER,p_container VARCHAR,p_retailprice DECIMAL(15:2),p_comment VARCHAR"},
    {"org_acme", "partsupp", NULL,
     "ps_partkey BIGINT,ps_suppkey BIGINT,ps_availqty BIGINT,ps_supplycost DECIMAL(15:2),"
     "ps_comment VARCHAR"},
    {"org_acme", "supplier", NULL,
     "s_suppkey BIGINT,s_name VARCHAR,s_address VARCHAR,s_nationkey INTEGER,s_phone VARCHAR,"
     "s_acctbal DECIMAL(15:2),s_comment VARCHAR"},
    {"org_acme", "nation", NULL,
     "n_nationkey INTEGER,n_name VARCHAR,n_regionkey INTEGER,n_comment VARCHAR"},
    {"org_acme", "region", NULL, "r_regionkey INTEGER,r_name VARCHAR,r_comment VARCHAR"},
};

/* The engine's side of the first tables; TPC-H is made from the table above. */
const char *const schema_ddl[] = {
    "CREATE SCHEMA org_acme",
    "CREATE SCHEMA shared",
    "CREATE TABLE org_acme.people (id INTEGER PRIMARY KEY, name VARCHAR, ssn VARCHAR, age INTEGER, "
    "salary DECIMAL(10,2), born DATE, seen TIMESTAMP, dept INTEGER, tags VARCHAR[], "
    "extra STRUCT(a INTEGER, b VARCHAR), doc JSON, active BOOLEAN, score DOUBLE)",
    "CREATE TABLE org_acme.depts (id INTEGER, name VARCHAR, budget BIGINT, boss INTEGER)",
    "CREATE TABLE org_acme.wages (gross INTEGER, tax INTEGER, "
    "net INTEGER GENERATED ALWAYS AS (gross - tax), half INTEGER GENERATED ALWAYS AS (net // 2))",
    "CREATE TABLE shared.orders (tenant VARCHAR, id BIGINT, person INTEGER, amount DECIMAL(15,2), "
    "placed TIMESTAMPTZ)",
    "CREATE TABLE shared.rates (currency VARCHAR, rate DOUBLE)",
    "CREATE TABLE org_acme.lineitem (l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, "
    "l_linenumber BIGINT, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), "
    "l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag VARCHAR, l_linestatus VARCHAR, "
    "l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR, "
    "l_shipmode VARCHAR, l_comment VARCHAR)",
    "CREATE TABLE org_acme.tpch_orders (o_orderkey BIGINT, o_custkey BIGINT, "
    "o_orderstatus VARCHAR, o_totalprice DECIMAL(15,2), o_orderdate DATE, "
    "o_orderpriority VARCHAR, o_clerk VARCHAR, o_shippriority INTEGER, o_comment VARCHAR)",
    "CREATE TABLE org_acme.customer (c_custkey BIGINT, c_name VARCHAR, c_address VARCHAR, "
    "c_nationkey INTEGER, c_phone VARCHAR, c_acctbal DECIMAL(15,2), c_mktsegment VARCHAR, "
    "c_comment VARCHAR)",
    "CREATE TABLE org_acme.part (p_partkey BIGINT, p_name VARCHAR, p_mfgr VARCHAR, "
    "p_brand VARCHAR, p_type VARCHAR, p_size INTEGER, p_container VARCHAR, "
    "p_retailprice DECIMAL(15,2), p_comment VARCHAR)",
    "CREATE TABLE org_acme.partsupp (ps_partkey BIGINT, ps_suppkey BIGINT, ps_availqty BIGINT, "
    "ps_supplycost DECIMAL(15,2), ps_comment VARCHAR)",
    "CREATE TABLE org_acme.supplier (s_suppkey BIGINT, s_name VARCHAR, s_address VARCHAR, "
    "s_nationkey INTEGER, s_phone VARCHAR, s_acctbal DECIMAL(15,2), s_comment VARCHAR)",
    "CREATE TABLE org_acme.nation (n_nationkey INTEGER, n_name VARCHAR, n_regionkey INTEGER, "
    "n_comment VARCHAR)",
    "CREATE TABLE org_acme.region (r_regionkey INTEGER, r_name VARCHAR, r_comment VARCHAR)",
    NULL};

static const struct type *extra_type(struct arena *a)
{
    struct type *t = ARENA_NEW(a, struct type);
    struct type_field *f = ARENA_ARRAY(a, struct type_field, 2);
    f[0] = (struct type_field){STR("a"), type_simple(TYPE_INT4)};
    f[1] = (struct type_field){STR("b"), type_simple(TYPE_TEXT)};
    *t = (struct type){.kind = TYPE_STRUCT, .fields = f, .field_count = 2};
    return t;
}

static const struct type *read_type(struct arena *a, struct str text)
{
    static const struct {
        const char *name;
        enum type_kind kind;
    } simple[] = {{"INTEGER", TYPE_INT4},        {"BIGINT", TYPE_INT8},
                  {"VARCHAR", TYPE_TEXT},        {"DATE", TYPE_DATE},
                  {"JSON", TYPE_JSON},           {"BOOLEAN", TYPE_BOOL},
                  {"TIMESTAMP", TYPE_TIMESTAMP}, {"TIMESTAMPTZ", TYPE_TIMESTAMPTZ},
                  {"DOUBLE", TYPE_FLOAT8}};
    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++) {
        if (str_is(text, simple[i].name)) {
            return type_simple(simple[i].kind);
        }
    }
    if (str_is(text, "VARCHAR[]")) {
        return type_list(a, type_simple(TYPE_TEXT));
    }
    return str_is(text, "DECIMAL(10:2)")   ? type_decimal(a, 10, 2)
           : str_is(text, "DECIMAL(15:2)") ? type_decimal(a, 15, 2)
           : str_is(text, "STRUCT")        ? extra_type(a)
                                           : NULL;
}

static size_t read_columns(struct arena *a, const char *text, struct column *out)
{
    size_t n = 0;
    struct str rest = str_of(text);
    while (rest.n) {
        struct str type = str_cut(&rest, ',');
        out[n].name = str_cut(&type, ' ');
        out[n].type = read_type(a, type);
        if (!out[n].type) {
            abort();
        }
        n++;
    }
    return n;
}

struct catalog *schema_build(void)
{
    enum { COUNT = sizeof tables / sizeof tables[0] };
    struct arena *a = arena_new(0);
    static const struct str moods[] = {{"sad", 3}, {"ok", 2}};
    struct table_source sources[COUNT + 2] = {{{0}}};
    for (size_t i = 0; i < COUNT; i++) {
        struct column *columns = ARENA_ARRAY(a, struct column, 20);
        sources[i] = (struct table_source){.engine_schema = str_of(tables[i].schema),
                                           .name = str_of(tables[i].name),
                                           .is_view = tables[i].definition != NULL,
                                           .definition = str_of(tables[i].definition),
                                           .row_estimate = 1000,
                                           .columns = columns};
        sources[i].column_count = read_columns(a, tables[i].columns, columns);
        if (str_is(sources[i].name, "wages")) {
            columns[2].generated = STR("CAST((gross - tax) AS INTEGER)");
            columns[3].generated = STR("CAST((net // 2) AS INTEGER)");
        }
    }
    sources[COUNT] = (struct table_source){
        .engine_schema = STR("org_acme"), .name = STR("mood"), .made_type = type_enum(a, moods, 2)};
    sources[COUNT + 1] = (struct table_source){.engine_schema = STR("org_other"),
                                               .name = STR("hidden"),
                                               .made_type = type_simple(TYPE_INT4)};
    struct table_registration shared[] = {
        {STR("orders"), SCOPE_TENANT, STR("tenant")},
        {STR("rates"), SCOPE_COMMON, STR_NULL},
    };
    struct catalog *c = catalog_build(sources, COUNT + 2, shared, 2, NULL, 0, 1);
    arena_free(a);
    return c;
}
