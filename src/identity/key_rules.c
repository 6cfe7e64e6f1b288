#include "identity/key_rules.h"

#include "identity/cidr.h"
#include "policy/principal.h"

static enum status check_scopes(struct store_list scopes, struct error *e)
{
    enum scope scope;

    for (size_t i = 0; i < scopes.n; i++) {
        if (!scope_parse(scopes.at[i], &scope)) {
            return error_set(e, ERR_VALIDATION,
                             "\"%.*s\" is not a scope; scopes are query:read, query:write, "
                             "schema:read, schema:write, agent:*, admin",
                             STR_ARG(scopes.at[i]));
        }
    }
    return scopes.n ? OK : error_set(e, ERR_VALIDATION, "a key needs a scope");
}

enum status key_check(const struct store_key *key, struct error *e)
{
    return check_scopes(key->scopes, e) == OK ? cidr_check(key->ip_allowlist, e) : FAIL;
}

const char *key_default_scopes(bool is_agent, struct str role)
{
    if (is_agent) {
        return "query:read,schema:read,agent:*";
    }
    if (str_is(role, "owner") || str_is(role, "admin")) {
        return "query:read,query:write,schema:read,schema:write,admin";
    }
    if (str_is(role, "auditor")) {
        return "schema:read";
    }
    if (str_is(role, "analyst")) {
        return "query:read,query:write,schema:read";
    }
    return "query:read,query:write,schema:read,schema:write";
}

int64_t key_expiry(int64_t now_us, int64_t days)
{
    static const int64_t day_us = (int64_t)86400 * 1000000;

    return days ? now_us + days * day_us : 0;
}
