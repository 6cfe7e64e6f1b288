#include "identity/grant.h"

#include "identity/cidr.h"

static struct str role_of(const struct store_credential *c)
{
    return c->key.user_id.n ? c->user.role : c->key.role;
}

const char *grant_refusal(const struct store_credential *c, int64_t now_us, struct str source_ip)
{
    enum role role;

    if (c->key.revoked_us) {
        return "the key is revoked";
    }
    if (c->key.expires_us && now_us >= c->key.expires_us) {
        return "the key has expired";
    }
    if (c->key.user_id.n && (c->user.id.n == 0 || !c->user.active)) {
        return "the user is suspended";
    }
    if (!role_parse(role_of(c), &role)) {
        return "the role is not known";
    }
    if (!cidr_any_holds(c->key.ip_allowlist, source_ip)) {
        return "the address is not in the key's list";
    }
    return NULL;
}

bool grant_names(const struct store_credential *c, struct str user)
{
    if (user.n == 0) {
        return false;
    }
    if (str_eq(user, c->key.prefix)) {
        return true;
    }
    return c->key.user_id.n ? str_eq(user, c->user.id) || str_ieq(user, c->user.email)
                            : str_eq(user, c->key.agent_id);
}

static unsigned scope_set(struct store_list names)
{
    unsigned set = 0;
    enum scope scope;

    for (size_t i = 0; i < names.n; i++) {
        set |= scope_parse(names.at[i], &scope) ? scope : 0;
    }
    return set;
}

static bool has(struct store_pairs pairs, struct str name)
{
    for (size_t i = 0; i < pairs.n; i++) {
        if (str_eq(pairs.at[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void set_attributes(struct principal *p, struct store_pairs key, struct store_pairs user,
                           struct arena *a)
{
    struct attribute *all = ARENA_ARRAY(a, struct attribute, key.n + user.n);
    size_t n = 0;

    for (size_t i = 0; i < key.n; i++) {
        all[n++] = (struct attribute){key.at[i].name, key.at[i].value};
    }
    for (size_t i = 0; i < user.n; i++) {
        if (!has(key, user.at[i].name)) {
            all[n++] = (struct attribute){user.at[i].name, user.at[i].value};
        }
    }
    p->attributes = all;
    p->attribute_count = n;
}

struct principal *grant_principal(const struct store_credential *c, struct str source_ip,
                                  struct arena *a)
{
    const struct store_key *key = &c->key;
    struct principal p = {
        .org_id = key->org_id,
        .org_name = c->org_name,
        .rate_tier = c->rate_tier,
        .user_id = key->user_id,
        .user_email = key->user_id.n ? c->user.email : STR(""),
        .environment = key->environment,
        .scopes = scope_set(key->scopes),
        .key_id = key->id,
        .key_prefix = key->prefix,
        .agent_id = key->agent_id,
        .agent_framework = key->agent_framework,
        .allowed_schemas = key->allowed_schemas.at,
        .allowed_schema_count = key->allowed_schemas.n,
        .allowed_tables = key->allowed_tables.at,
        .allowed_table_count = key->allowed_tables.n,
        .source_ip = source_ip,
    };

    if (!role_parse(role_of(c), &p.base_role)) {
        p.base_role = ROLE_NONE;
    }
    p.role = p.base_role;
    if (!key->user_id.n) {
        p.user_id = str_of(arena_printf(a, "agent:%.*s", STR_ARG(key->agent_id)));
    }
    set_attributes(&p, key->attributes, c->user.attributes, a);
    return principal_copy(a, &p);
}
