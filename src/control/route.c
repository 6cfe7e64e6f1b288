#include "control/route.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "control/absent.h"
#include "control/resources.h"
#include "policy/policy.h"

/* In each, a route without a method ends it. */
static const struct route *const tables[] = {
    auth_routes,        health_routes,      organization_routes, environment_routes, user_routes,
    user_access_routes, key_routes,         api_key_routes,      agent_key_routes,   policy_routes,
    policy_set_routes,  policy_test_routes, provider_routes,     jit_routes,         query_routes,
    audit_routes,       billing_routes,     document_routes,     pattern_routes};
enum { TABLES = sizeof tables / sizeof *tables };

/* Every name in braces of a path. */
static const struct field param_fields[] = {
#define PARAM(name, text)                                                                          \
    {                                                                                              \
        name, OF_TEXT, true, 1, ROUTE_PARAM_BYTES, .help = text                                    \
    }
    PARAM("org", "the credential's own organization, by id or name"),
    PARAM("env", "an environment of it, by name"),
    PARAM("user", "id or e-mail"),
    PARAM("key", "id or prefix"),
    PARAM("policy", "id or name"),
    PARAM("pattern", "name of a pattern"),
    PARAM("grant", "id of a request or grant"),
    PARAM("version", "of the policies' history, from 1"),
    PARAM("provider", "id or name"),
    PARAM("role", "one of the roles, or * for every one"),
    PARAM("session", "id of a session, as in the audit log"),
#undef PARAM
};

const struct field *route_param_field(struct str name)
{
    for (size_t i = 0; i < sizeof param_fields / sizeof *param_fields; i++) {
        if (str_is(name, param_fields[i].name)) {
            return &param_fields[i];
        }
    }
    return NULL;
}

const struct route *route_next(const struct route *r)
{
    size_t t = 0;
    if (r && r[1].method) {
        return r + 1;
    }
    for (; r && t < TABLES; t++) {
        const struct route *last = tables[t];
        while (last->method && last != r) {
            last++;
        }
        if (last == r) {
            t++;
            break;
        }
    }
    return t < TABLES ? tables[t] : NULL;
}

static const struct {
    const char *name;
    enum action action;
} permissions[PERMIT_COUNT] = {
    [PERMIT_UNSAID] = {"nobody", ACTION_COUNT},
    [PERMIT_ANYBODY] = {"anybody", ACTION_COUNT},
    [PERMIT_SELF] = {"self", ACTION_COUNT},
    [PERMIT_QUERY] = {"query", ACTION_QUERY},
    [PERMIT_MANAGE] = {"manage", ACTION_MANAGE},
    [PERMIT_READ_AUDIT] = {"read_audit", ACTION_READ_AUDIT},
    [PERMIT_BILLING] = {"billing", ACTION_BILLING},
    [PERMIT_OPERATOR] = {"operator", ACTION_COUNT},
};

bool permission_holds(enum permission p, const struct principal *who)
{
    if (p == PERMIT_ANYBODY) {
        return true;
    }
    return who && who->role != ROLE_NONE &&
           (p == PERMIT_SELF || p == PERMIT_QUERY ||
            (p < PERMIT_COUNT && policy_role_may(who, permissions[p].action)));
}

const char *permission_name(enum permission p)
{
    return p < PERMIT_COUNT ? permissions[p].name : "nobody";
}

static bool knows_params(const struct route *r)
{
    for (size_t i = 0; route_param_name(r, i).p; i++) {
        if (!route_param_field(route_param_name(r, i))) {
            return false;
        }
    }
    return true;
}

static bool is_whole(const struct route *r)
{
    return r->path && r->permission != PERMIT_UNSAID && r->permission < PERMIT_COUNT &&
           r->success && r->handle && r->name && r->help && r->answer && knows_params(r);
}

enum status routes_check(struct error *e)
{
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        if (!is_whole(r)) {
            return error_set(e, ERR_CONFIG, "the route %s isn't whole",
                             r->path ? r->path : "(without a path)");
        }
    }
    return OK;
}

/* One segment after another; `params` where the pattern has {name}. */
static bool matches(const char *pattern, const char *path, struct str params[ROUTE_PARAMS_MAX])
{
    struct str want = str_of(pattern), got = str_of(path);
    size_t n = 0;
    while (want.p && got.p) {
        struct str w = str_cut(&want, '/'), g = str_cut(&got, '/');
        bool param = w.n > 2 && w.p[0] == '{';
        if (param && g.n > 0 && n < ROUTE_PARAMS_MAX) {
            params[n++] = g;
        } else if (param || !str_eq(w, g)) {
            return false;
        }
    }
    return !want.p && !got.p;
}

struct str route_param_name(const struct route *r, size_t i)
{
    struct str rest = str_of(r->path);
    while (rest.p) {
        struct str part = str_cut(&rest, '/');
        if (part.n > 2 && part.p[0] == '{' && i-- == 0) {
            return (struct str){part.p + 1, part.n - 2};
        }
    }
    return STR_NULL;
}

static enum status decode_params(struct str params[ROUTE_PARAMS_MAX], struct arena *a,
                                 struct error *e)
{
    for (size_t i = 0; i < ROUTE_PARAMS_MAX && params[i].p; i++) {
        size_t n = 0;
        char *text = evhttp_uridecode(arena_strdup(a, params[i]), 0, &n);
        bool good = text && n > 0 && n <= ROUTE_PARAM_BYTES && str_is_utf8((struct str){text, n}) &&
                    !memchr(text, '\n', n);
        params[i] = good ? arena_str(a, (struct str){text, n}) : STR_NULL;
        free(text);
        if (!good) {
            return error_set(e, ERR_NOT_FOUND, "there is nothing at this path");
        }
    }
    return OK;
}

enum status route_find(const char *method, const char *path, struct arena *a,
                       const struct route **out, struct str params[ROUTE_PARAMS_MAX],
                       const char **allow, struct error *e)
{
    const char *methods = NULL;
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        memset(params, 0, sizeof *params * ROUTE_PARAMS_MAX);
        if (!matches(r->path, path, params)) {
            continue;
        }
        if (strcmp(r->method, method) == 0) {
            *out = r;
            return decode_params(params, a, e);
        }
        methods = methods ? arena_printf(a, "%s, %s", methods, r->method) : r->method;
    }
    *allow = methods;
    if (!methods && absent_feature(path)) {
        error_set(e, ERR_NOT_HERE, "this server has no %s", absent_feature(path));
        return error_hint(e, "docs/api.md lists which calls of the SDK work here.");
    }
    return methods ? error_set(e, ERR_METHOD, "this path has %s", methods)
                   : error_set(e, ERR_NOT_FOUND, "there is nothing at this path");
}
