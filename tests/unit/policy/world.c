#include "world.h"

#include <stdio.h>
#include <stdlib.h>

struct column_line {
    const char *name;
    enum type_kind type;
};

static const struct column_line customer[] = {{"c_custkey", TYPE_INT8}, {"c_name", TYPE_TEXT},
                                              {"c_phone", TYPE_TEXT},   {"c_acctbal", TYPE_INT8},
                                              {"tenant", TYPE_TEXT},    {"c_region", TYPE_INT4},
                                              {NULL, TYPE_UNKNOWN}};
static const struct column_line orders[] = {{"o_orderkey", TYPE_INT8},
                                            {"o_custkey", TYPE_INT8},
                                            {"o_comment", TYPE_TEXT},
                                            {"tenant", TYPE_TEXT},
                                            {NULL, TYPE_UNKNOWN}};
static const struct column_line nation[] = {
    {"n_nationkey", TYPE_INT4}, {"n_name", TYPE_TEXT}, {NULL, TYPE_UNKNOWN}};
static const struct column_line staff[] = {
    {"id", TYPE_INT8},     {"name", TYPE_TEXT},  {"department", TYPE_TEXT}, {"ssn", TYPE_TEXT},
    {"salary", TYPE_INT4}, {"hired", TYPE_DATE}, {NULL, TYPE_UNKNOWN}};
static const struct column_line notes[] = {
    {"id", TYPE_INT8}, {"note", TYPE_TEXT}, {"ssn", TYPE_TEXT}, {NULL, TYPE_UNKNOWN}};
static const struct column_line secrets[] = {{"id", TYPE_INT8}, {NULL, TYPE_UNKNOWN}};

static struct table_source source(struct arena *a, struct str schema, const char *name,
                                  const struct column_line *lines)
{
    struct table_source s = {.engine_schema = schema, .name = str_of(name), .row_estimate = 10};
    s.columns = ARENA_ARRAY(a, struct column, 16);
    for (; lines->name; lines++) {
        s.columns[s.column_count].name = str_of(lines->name);
        s.columns[s.column_count++].type = type_simple(lines->type);
    }
    return s;
}

void world_init(struct world *w)
{
    *w = (struct world){.arena = arena_new(0)};
    struct arena *a = w->arena;
    struct str acme = STR("org_acme");
    struct str rival = STR("org_rival");
    struct str shared = STR(CATALOG_SHARED_SCHEMA);
    struct table_source tables[] = {
        source(a, shared, "customer", customer), source(a, shared, "orders", orders),
        source(a, shared, "nation", nation),     source(a, acme, "staff", staff),
        source(a, acme, "notes", notes),         source(a, rival, "secrets", secrets)};
    struct table_registration registrations[] = {{STR("customer"), SCOPE_TENANT, STR("tenant")},
                                                 {STR("orders"), SCOPE_TENANT, STR("tenant")},
                                                 {STR("nation"), SCOPE_COMMON, STR_NULL}};
    struct tag_assignment tags[] = {{STR("public.staff"), STR("ssn"), STR("pii"), STR("acme")},
                                    {STR("public.staff"), STR("name"), STR("pii"), STR("acme")},
                                    {STR("public.notes"), STR("ssn"), STR("pii"), STR("acme")},
                                    {STR("public.staff"), STR_NULL, STR("hr"), STR("acme")}};
    w->catalog = catalog_build(tables, 6, registrations, 3, tags, 4, 1);
}

void world_forget(struct world *w)
{
    w->documents.n = 0;
    policy_unref(w->snapshot);
    w->snapshot = NULL;
}

void world_fini(struct world *w)
{
    world_forget(w);
    catalog_unref(w->catalog);
    arena_free(w->arena);
}

const struct table *world_table(const struct world *w, const char *org, struct str name)
{
    struct str rest = name, schema = str_cut(&rest, '.');
    return catalog_find(w->catalog, (struct space){.org_id = str_of(org)}, schema, rest);
}

static unsigned parse_scopes(struct str text)
{
    static const struct {
        const char *name;
        unsigned scope;
    } known[] = {{"query:read", SCOPE_QUERY_READ},
                 {"query:write", SCOPE_QUERY_WRITE},
                 {"schema:read", SCOPE_SCHEMA_READ},
                 {"schema:write", SCOPE_SCHEMA_WRITE},
                 {"agent:*", SCOPE_AGENT},
                 {"admin", SCOPE_ADMIN},
                 {"all", 63},
                 {"none", 0}};
    unsigned scopes = 0;
    while (text.n) {
        struct str one = str_cut(&text, ',');
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            scopes |= str_is(one, known[i].name) ? known[i].scope : 0;
        }
    }
    return scopes;
}

static size_t parse_list(struct arena *a, struct str text, const struct str **out)
{
    VEC_OF(struct str) list = {0};
    while (text.n) {
        VEC_PUSH(a, list, str_cut(&text, ','));
    }
    *out = list.at;
    return list.n;
}

static void set_field(struct world *w, struct principal *p, struct str key, struct str value)
{
    struct attribute *attributes = (struct attribute *)(uintptr_t)p->attributes;
    if (str_is(key, "role")) {
        if (!role_parse(value, &p->role) && !str_is(value, "none")) {
            fprintf(stderr, "no role %.*s\n", STR_ARG(value));
            abort();
        }
    } else if (str_is(key, "org")) {
        p->org_id = value;
    } else if (str_is(key, "user")) {
        p->user_id = value;
    } else if (str_is(key, "email")) {
        p->user_email = value;
    } else if (str_is(key, "env")) {
        p->environment = value;
    } else if (str_is(key, "agent")) {
        p->agent_id = value;
    } else if (str_is(key, "framework")) {
        p->agent_framework = value;
    } else if (str_is(key, "ip")) {
        p->source_ip = value;
    } else if (str_is(key, "scopes")) {
        p->scopes = parse_scopes(value);
    } else if (str_is(key, "tables")) {
        p->allowed_table_count = parse_list(w->arena, value, &p->allowed_tables);
    } else if (str_is(key, "schemas")) {
        p->allowed_schema_count = parse_list(w->arena, value, &p->allowed_schemas);
    } else if (str_starts(key, "attr.")) {
        attributes[p->attribute_count++] = (struct attribute){{key.p + 5, key.n - 5}, value};
    } else {
        fprintf(stderr, "no field %.*s\n", STR_ARG(key));
        abort();
    }
}

struct principal *world_principal(struct world *w, struct str text)
{
    struct principal *p = ARENA_NEW(w->arena, struct principal);
    *p = (struct principal){.org_id = STR("acme"),
                            .user_id = STR("u1"),
                            .user_email = STR("ann@acme.test"),
                            .environment = STR("hatidata"),
                            .scopes = 63,
                            .source_ip = STR("10.1.2.3"),
                            .attributes = ARENA_ARRAY(w->arena, struct attribute, 16)};
    struct str rest = arena_str(w->arena, text);
    while (rest.n) {
        struct str value = str_cut(&rest, ' ');
        struct str key = str_cut(&value, '=');
        if (key.n) {
            set_field(w, p, key, value.p ? value : STR(""));
        }
    }
    return p;
}

void world_policy(struct world *w, struct str options, struct str json)
{
    struct policy_document d = {.org_id = STR("acme"), .enabled = true};
    struct str rest = arena_str(w->arena, options);
    while (rest.n) {
        struct str one = str_cut(&rest, ' ');
        if (str_is(one, "off")) {
            d.enabled = false;
        } else if (str_starts(one, "org=")) {
            d.org_id = (struct str){one.p + 4, one.n - 4};
        } else {
            d.id = d.name = one;
        }
    }
    d.json = arena_str(w->arena, json);
    VEC_PUSH(w->arena, w->documents, d);
    policy_unref(w->snapshot);
    w->snapshot = NULL;
}

const struct policy_snapshot *world_snapshot(struct world *w)
{
    if (!w->snapshot) {
        w->snapshot = policy_compile(w->documents.at, w->documents.n, 7);
    }
    return w->snapshot;
}
