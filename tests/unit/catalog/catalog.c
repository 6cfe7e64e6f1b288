/* What the snapshot shows to whom: organizations apart, registrations needed, tags where they
 * belong. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "catalog/catalog.h"

/* The default environment of an organization. */
#define ORG(id)                                                                                    \
    (struct space)                                                                                 \
    {                                                                                              \
        .org_id = STR(id)                                                                          \
    }

static struct column columns[] = {{.name = {"id", 2}}, {.name = {"Tenant", 6}}};

static struct table_source source(const char *schema, const char *name)
{
    columns[0].type = type_simple(TYPE_INT4);
    columns[1].type = type_simple(TYPE_TEXT);
    return (struct table_source){.engine_schema = str_of(schema),
                                 .name = str_of(name),
                                 .columns = columns,
                                 .column_count = 2};
}

static struct catalog *sample(const struct tag_assignment *tags, size_t tag_count)
{
    struct table_source tables[] = {
        source("org_a", "Mine"),    source("org_b", "theirs"), source("org_a", "orders"),
        source("shared", "orders"), source("shared", "rates"), source("shared", "hidden"),
        source("shared", "broken"), source("shared", "twice"), source("main", "stray"),
        source("org_", "nobody"),   source("org_A", "bad"),    source("shared", "report"),
        source("org_b", "Mine"),
    };
    tables[11].is_view = true;
    struct table_registration shared[] = {
        {STR("ORDERS"), SCOPE_TENANT, STR("tenant")}, {STR("rates"), SCOPE_COMMON, STR_NULL},
        {STR("broken"), SCOPE_TENANT, STR("nope")},   {STR("twice"), SCOPE_COMMON, STR_NULL},
        {STR("twice"), SCOPE_TENANT, STR("tenant")},  {STR("report"), SCOPE_TENANT, STR("tenant")},
        {STR("absent"), SCOPE_COMMON, STR_NULL},
    };
    return catalog_build(tables, 13, shared, 7, tags, tag_count, 42);
}

static const struct table *find(struct catalog *c, const char *org, const char *schema,
                                const char *name)
{
    return catalog_find(c, (struct space){.org_id = str_of(org)}, str_of(schema), str_of(name));
}

static void organizations_apart(void **state)
{
    struct catalog *c = sample(NULL, 0);
    assert_int_equal(catalog_version(c), 42);
    assert_non_null(find(c, "a", "", "mine"));
    assert_non_null(find(c, "a", "PUBLIC", "MINE"));
    assert_null(find(c, "a", "", "theirs"));
    assert_null(find(c, "a", "org_b", "theirs"));
    assert_null(find(c, "a", "org_a", "mine"));
    assert_non_null(find(c, "b", "public", "theirs"));
    assert_ptr_not_equal(find(c, "a", "", "mine"), find(c, "b", "", "mine"));
    assert_null(find(c, "", "", "mine"));
    assert_null(find(c, "", "", "nobody"));
    assert_null(find(c, "A", "", "bad")); /* no organization's schema is spelled so */
    assert_null(find(c, "a", "main", "stray"));
    assert_null(find(c, "a", "", "stray"));
    catalog_unref(c);
}

static void shared_tables(void **state)
{
    struct catalog *c = sample(NULL, 0);
    const struct table *t = find(c, "a", "shared", "orders");
    assert_int_equal(t->scope, SCOPE_TENANT);
    assert_int_equal(t->tenant_column, 1);
    assert_true(str_is(t->qualified, "shared.orders"));
    assert_int_equal(find(c, "a", "", "orders")->scope, SCOPE_PRIVATE); /* public before shared */
    assert_int_equal(find(c, "b", "", "orders")->scope, SCOPE_TENANT);
    assert_int_equal(find(c, "a", "", "rates")->scope, SCOPE_COMMON);
    assert_null(find(c, "a", "", "hidden"));
    assert_null(find(c, "a", "", "broken"));
    assert_null(find(c, "a", "", "twice"));
    assert_null(find(c, "a", "", "report"));
    assert_null(find(c, "a", "public", "rates"));
    catalog_unref(c);
}

static void listing(void **state)
{
    struct arena *a = arena_new(0);
    struct catalog *c = sample(NULL, 0);
    const struct table **all = NULL;
    size_t n = catalog_list(c, ORG("a"), a, &all);
    assert_int_equal(n, 5);
    assert_true(str_is(all[0]->qualified, "public.Mine"));
    assert_true(str_is(all[1]->qualified, "public.orders"));
    assert_true(str_is(all[2]->qualified, "shared.orders"));
    assert_true(str_is(all[3]->qualified, "shared.rates"));
    assert_true(str_is(all[4]->qualified, "hatidata.audit_log"));
    assert_ptr_equal(all[4], find(c, "a", "HATIDATA", "Audit_Log"));
    assert_int_equal(all[4]->tenant_column, table_column(all[4], STR("org_id")));
    assert_int_equal(catalog_list(c, ORG(""), a, &all), 2);
    assert_null(find(c, "", "hatidata", "audit_log"));
    assert_int_equal(catalog_list(c, ORG("nobody"), a, &all), 3);
    catalog_unref(c);
    arena_free(a);
}

static void tags_of_one_organization(void **state)
{
    struct tag_assignment tags[] = {
        {STR("shared.orders"), STR("ID"), STR("PII"), STR("a")},
        {STR("shared.orders"), STR(""), STR("audited"), STR("")},
        {STR("public.mine"), STR("id"), STR("phi"), STR("a")},
        {STR("public.mine"), STR("gone"), STR("phi"), STR("a")},
    };
    struct arena *a = arena_new(0);
    struct catalog *c = sample(tags, 4);
    const struct table **all = NULL;
    const struct table *ours = find(c, "a", "shared", "orders");
    const struct table *other = find(c, "b", "shared", "orders");
    assert_true(column_has_tag(&ours->columns[0], STR("pii")));
    assert_false(column_has_tag(&other->columns[0], STR("pii")));
    assert_int_equal(ours->tag_count, 1);
    assert_int_equal(other->tag_count, 1);
    assert_true(column_has_tag(&find(c, "a", "", "mine")->columns[0], STR("phi")));
    assert_false(column_has_tag(&find(c, "b", "", "mine")->columns[0], STR("phi")));
    assert_int_equal(catalog_list(c, ORG("a"), a, &all), 5);
    assert_ptr_equal(all[2], ours);
    catalog_unref(c);
    arena_free(a);
}

/* Schemas beside public: whose they are is read from the engine's name, and from nothing else. */
static void schemas_of_an_organization(void **state)
{
    struct arena *a = arena_new(0);
    struct table_source sources[] = {
        {.engine_schema = STR("org_a_s_sales"), .is_schema = true},
        {.engine_schema = STR("org_a_s_sales"), .name = STR("orders")},
        {.engine_schema = STR("org_a_s_empty"), .is_schema = true},
        {.engine_schema = STR("org_a"), .name = STR("orders")},
        {.engine_schema = STR("org_a__s__x"), .is_schema = true}, /* public of "a_s_x" */
        {.engine_schema = STR("org_a__s__x"), .name = STR("theirs")},
        {.engine_schema = STR("org_ab_s_sales"), .is_schema = true},
        {.engine_schema = STR("org_ab_s_sales"), .name = STR("theirs")},
        {.engine_schema = STR("org_a_s_Sales"), .name = STR("odd")}, /* not as we write it */
        {.engine_schema = STR("org_a_s_x_s_y"), .name = STR("odd")},
        {.engine_schema = STR("org_a_s_"), .is_schema = true},
        {.engine_schema = STR("org_a_s_public"), .name = STR("odd")},
        {.engine_schema = STR("org_a_m"), .is_schema = true},
        {.engine_schema = STR("org_a_m"), .name = STR("twice"), .is_view = true},
        {.engine_schema = STR("org_a_s_sales_m"), .name = STR("thrice"), .is_view = true},
        {.engine_schema = STR("org_a__m"), .name = STR("theirs")}, /* public of "a_m" */
    };
    struct catalog *c =
        catalog_build(sources, sizeof sources / sizeof *sources, NULL, 0, NULL, 0, 1);
    struct str *names = NULL;
    const struct table **all = NULL;
    assert_int_equal(catalog_schemas(c, ORG("a"), a, &names), 4);
    assert_true(str_is(names[0], "public") && str_is(names[1], "empty"));
    assert_true(str_is(names[2], "sales") && str_is(names[3], "shared"));
    assert_int_equal(catalog_list(c, ORG("a"), a, &all), 3);
    assert_true(str_is(all[1]->qualified, "sales.orders"));
    assert_true(str_is(find(c, "a", "SALES", "Orders")->qualified, "sales.orders"));
    assert_true(str_is(find(c, "a", "", "orders")->qualified, "public.orders"));
    assert_null(find(c, "a", "sales", "theirs"));
    assert_null(find(c, "a", "empty", "orders"));
    assert_null(find(c, "a", "", "odd"));
    assert_non_null(find(c, "a_s_x", "", "theirs"));
    assert_non_null(find(c, "a_m", "", "theirs"));
    assert_null(find(c, "a", "", "twice"));
    assert_true(catalog_find_macro(c, ORG("a"), STR("public"), STR("Twice"))->is_macro);
    assert_null(catalog_find_macro(c, ORG("a"), STR("public"), STR("thrice")));
    assert_non_null(catalog_find_macro(c, ORG("a"), STR("sales"), STR("thrice")));
    assert_null(catalog_find_macro(c, ORG("a"), STR("public"), STR("orders")));
    assert_null(catalog_find_macro(c, ORG("b"), STR("public"), STR("twice")));
    assert_int_equal(catalog_list_macros(c, ORG("a"), a, &all), 2);
    assert_true(catalog_has_schema(c, ORG("a"), STR("Empty")));
    assert_false(catalog_has_schema(c, ORG("a"), STR("x")));
    assert_false(catalog_has_schema(c, ORG("b"), STR("sales")));
    assert_true(catalog_has_schema(c, ORG("b"), STR("public")));
    catalog_unref(c);
    arena_free(a);
}

/* No two organizations may share a schema, whatever their ids, also where case is folded. */
static void schemas_are_unique(void **state)
{
    struct arena *a = arena_new(0);
    const char *ids[] = {"a",     "A",  "a_b",      "a-b", "a__b", "_61",
                         "a_2db", "ab", "\xc3\xa9", "_",   "__"};
    size_t n = sizeof ids / sizeof ids[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            struct str x = catalog_engine_schema(a, (struct space){.org_id = str_of(ids[i])});
            struct str y = catalog_engine_schema(a, (struct space){.org_id = str_of(ids[k])});
            assert_false(str_ieq(x, y));
        }
        struct str schema = catalog_engine_schema(a, (struct space){.org_id = str_of(ids[i])});
        struct table_source t = source("", "t");
        t.engine_schema = schema;
        struct catalog *c = catalog_build(&t, 1, NULL, 0, NULL, 0, 1);
        const struct table *found = find(c, ids[i], "", "t");
        assert_non_null(found);
        assert_true(str_is(found->space.org_id, ids[i]));
        catalog_unref(c);
    }
    arena_free(a);
}

static void *take_and_give(void *arg)
{
    struct catalog *c = arg;
    for (int i = 0; i < 10000; i++) {
        catalog_unref(catalog_ref(c));
    }
    return NULL;
}

static void counting(void **state)
{
    struct catalog *c = sample(NULL, 0);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, take_and_give, c);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_non_null(find(c, "a", "", "mine"));
    catalog_unref(c);
    catalog_unref(NULL);
}

/* The default environment has the names that were there before there were environments. */
static void environments_apart(void **state)
{
    static const char *const names[] = {"staging", "Staging", "STAGING", "s_t", "s__t", "_v_",
                                        "a.b",     "a-b",     "m",       "_m",  "v",    "org"};
    enum { NAMES = sizeof names / sizeof *names };
    struct arena *a = arena_new(0);
    struct table_source tables[NAMES + 2];
    struct space old = {STR("a"), STR("hatidata")};
    assert_true(str_is(catalog_engine_schema(a, old), "org_a"));
    assert_true(str_is(catalog_engine_schema(a, ORG("a")), "org_a"));
    assert_true(str_is(catalog_schema_on_engine(a, old, STR("Sales")), "org_a_s_sales"));
    assert_true(str_is(catalog_macros_on_engine(a, old, STR("public")), "org_a_m"));
    for (size_t i = 0; i < NAMES; i++) {
        struct space space = {STR("a"), str_of(names[i])}, found;
        struct str schema = catalog_engine_schema(a, space);
        assert_true(catalog_space_of(a, schema, &found) && space_same(found, space));
        assert_false(space_same(found, old));
        tables[i] = source(arena_strdup(a, schema), "t");
    }
    tables[NAMES] = source("org_a_v_hatidata", "t"); /* none that we would write */
    tables[NAMES + 1] = source("org_a", "mine");
    struct catalog *c = catalog_build(tables, NAMES + 2, NULL, 0, NULL, 0, 1);
    assert_non_null(catalog_find(c, old, STR(""), STR("mine")));
    assert_null(catalog_find(c, old, STR(""), STR("t")));
    for (size_t i = 0; i < NAMES; i++) {
        struct space space = {STR("a"), str_of(names[i])};
        const struct table **all = NULL;
        const struct table *t = catalog_find(c, space, STR(""), STR("T"));
        assert_non_null(t);
        assert_true(space_same(t->space, space) && str_is(t->qualified, "public.t"));
        assert_null(catalog_find(c, space, STR(""), STR("mine")));
        assert_int_equal(catalog_list(c, space, a, &all), 2); /* and the audit log */
        assert_ptr_equal(all[0], t);
    }
    catalog_unref(c);
    arena_free(a);
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

/* A hundred thousand objects: some of so many hashes of 30 bits are the same, and no number is. */
static void numbers_are_unique_and_hold(void **state)
{
    enum { MANY = 100000 };
    struct arena *a = arena_new(0);
    struct table_source *all = ARENA_ARRAY(a, struct table_source, MANY);
    uint32_t *numbers = ARENA_ARRAY(a, uint32_t, MANY);
    struct space org = ORG("a");
    for (int i = 0; i < MANY; i++) {
        all[i] = source("org_a", arena_printf(a, "t%d", i));
    }
    struct catalog *many = catalog_build(all, MANY, NULL, 0, NULL, 0, 1);
    struct catalog *few = catalog_build(all + 5, 2, NULL, 0, NULL, 0, 2);
    struct table_source temporary = source(CATALOG_ENGINE_TEMP, "t5");
    struct catalog *own = catalog_build_temporary(&temporary, 1, org, 1);
    for (int i = 0; i < MANY; i++) {
        numbers[i] = catalog_find(many, org, STR("public"), all[i].name)->oid;
    }
    assert_int_equal(catalog_find(few, org, STR("public"), STR("T5"))->oid, numbers[5]);
    assert_int_equal(catalog_find_temporary(own, STR("t5"))->oid % 2, 1);
    assert_int_equal(numbers[5] % 2, 0);
    qsort(numbers, MANY, sizeof *numbers, by_number);
    assert_true(numbers[0] >= CATALOG_FIRST_OID && numbers[MANY - 1] <= INT32_MAX);
    for (int i = 1; i < MANY; i++) {
        assert_int_not_equal(numbers[i], numbers[i - 1]);
    }
    catalog_unref(many);
    catalog_unref(few);
    catalog_unref(own);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organizations_apart),
        cmocka_unit_test(shared_tables),
        cmocka_unit_test(listing),
        cmocka_unit_test(tags_of_one_organization),
        cmocka_unit_test(schemas_of_an_organization),
        cmocka_unit_test(schemas_are_unique),
        cmocka_unit_test(environments_apart),
        cmocka_unit_test(counting),
        cmocka_unit_test(numbers_are_unique_and_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
