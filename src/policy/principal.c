#include "policy/principal.h"

static const char *const roles[] = {"none",    "owner",     "admin",          "analyst",
                                    "auditor", "developer", "service_account"};
enum { ROLE_COUNT = sizeof roles / sizeof *roles };

static const struct {
    enum scope scope;
    const char *name;
} scopes[] = {
    {SCOPE_QUERY_READ, "query:read"},   {SCOPE_QUERY_WRITE, "query:write"},
    {SCOPE_SCHEMA_READ, "schema:read"}, {SCOPE_SCHEMA_WRITE, "schema:write"},
    {SCOPE_AGENT, "agent:*"},           {SCOPE_ADMIN, "admin"},
};
enum { SCOPE_COUNT = sizeof scopes / sizeof *scopes };

const char *role_name(enum role r)
{
    return (unsigned)r < ROLE_COUNT ? roles[r] : roles[ROLE_NONE];
}

/* "none" is what a principal without a role has: nobody can be given it. */
bool role_parse(struct str s, enum role *out)
{
    for (int r = ROLE_OWNER; r < ROLE_COUNT; r++) {
        if (str_is(s, roles[r])) {
            *out = r;
            return true;
        }
    }
    return false;
}

const char *scope_name(enum scope s)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scopes[i].scope == s) {
            return scopes[i].name;
        }
    }
    return NULL;
}

bool scope_parse(struct str s, enum scope *out)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (str_is(s, scopes[i].name)) {
            *out = scopes[i].scope;
            return true;
        }
    }
    return false;
}

static const struct str *copy_list(struct arena *a, const struct str *list, size_t n)
{
    struct str *copy = ARENA_ARRAY(a, struct str, n);

    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_str(a, list[i]);
    }
    return copy;
}

struct space principal_space(const struct principal *p)
{
    return (struct space){p->org_id, p->environment};
}

struct principal *principal_copy(struct arena *a, const struct principal *p)
{
    struct principal *c = ARENA_NEW(a, struct principal);
    struct attribute *attributes = ARENA_ARRAY(a, struct attribute, p->attribute_count);

    *c = *p;
    c->org_id = arena_str(a, p->org_id);
    c->org_name = arena_str(a, p->org_name);
    c->rate_tier = arena_str(a, p->rate_tier);
    c->user_id = arena_str(a, p->user_id);
    c->user_email = arena_str(a, p->user_email);
    c->environment = arena_str(a, p->environment);
    c->grant_id = arena_str(a, p->grant_id);
    c->key_id = arena_str(a, p->key_id);
    c->key_prefix = arena_str(a, p->key_prefix);
    c->provider_id = arena_str(a, p->provider_id);
    c->agent_id = arena_str(a, p->agent_id);
    c->agent_framework = arena_str(a, p->agent_framework);
    c->source_ip = arena_str(a, p->source_ip);
    c->allowed_schemas = copy_list(a, p->allowed_schemas, p->allowed_schema_count);
    c->allowed_tables = copy_list(a, p->allowed_tables, p->allowed_table_count);
    for (size_t i = 0; i < p->attribute_count; i++) {
        attributes[i].name = arena_str(a, p->attributes[i].name);
        attributes[i].value = arena_str(a, p->attributes[i].value);
    }
    c->attributes = attributes;
    return c;
}

static bool same_list(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
    bool same = a_count == b_count;

    for (size_t i = 0; same && i < a_count; i++) {
        same = str_eq(a[i], b[i]);
    }
    return same;
}

static bool same_attributes(const struct principal *a, const struct principal *b)
{
    bool same = a->attribute_count == b->attribute_count;

    for (size_t i = 0; same && i < a->attribute_count; i++) {
        same = str_eq(a->attributes[i].name, b->attributes[i].name) &&
               str_eq(a->attributes[i].value, b->attributes[i].value);
    }
    return same;
}

bool principal_same(const struct principal *a, const struct principal *b)
{
    return a->proof == b->proof && str_eq(a->key_id, b->key_id) && a->base_role == b->base_role &&
           a->scopes == b->scopes && str_eq(a->org_id, b->org_id) &&
           str_eq(a->org_name, b->org_name) && str_eq(a->user_id, b->user_id) &&
           str_eq(a->user_email, b->user_email) && str_eq(a->environment, b->environment) &&
           str_eq(a->key_prefix, b->key_prefix) && str_eq(a->agent_id, b->agent_id) &&
           str_eq(a->agent_framework, b->agent_framework) &&
           same_list(a->allowed_schemas, a->allowed_schema_count, b->allowed_schemas,
                     b->allowed_schema_count) &&
           same_list(a->allowed_tables, a->allowed_table_count, b->allowed_tables,
                     b->allowed_table_count) &&
           same_attributes(a, b);
}
