/* Who may do what at all: the matrix of roles, narrowed by the scopes of the key. Both must permit;
 * a role or scope that isn't in the tables permits nothing. */
#include "policy/policy.h"

#define BIT(action) (1u << (action))

enum {
    RUN = BIT(ACTION_QUERY) | BIT(ACTION_READ_SCHEMA),
    CHANGE = BIT(ACTION_WRITE) | BIT(ACTION_DELETE)
};

static const unsigned role_may[] = {
    [ROLE_NONE] = 0,
    [ROLE_OWNER] = RUN | CHANGE | BIT(ACTION_DDL) | BIT(ACTION_MANAGE) | BIT(ACTION_READ_AUDIT) |
                   BIT(ACTION_BILLING),
    [ROLE_ADMIN] = RUN | CHANGE | BIT(ACTION_DDL) | BIT(ACTION_MANAGE) | BIT(ACTION_READ_AUDIT),
    [ROLE_ANALYST] = RUN,
    [ROLE_AUDITOR] = BIT(ACTION_READ_AUDIT),
    [ROLE_DEVELOPER] = RUN | CHANGE | BIT(ACTION_DDL),
    [ROLE_SERVICE_ACCOUNT] = RUN | CHANGE,
};

/* Any one of these scopes is enough. Reading the audit log is the auditor's whole role, so his key
 * needs none for it. */
static const unsigned action_scopes[ACTION_COUNT] = {
    [ACTION_QUERY] = SCOPE_QUERY_READ | SCOPE_AGENT | SCOPE_ADMIN,
    [ACTION_WRITE] = SCOPE_QUERY_WRITE | SCOPE_ADMIN,
    [ACTION_DELETE] = SCOPE_QUERY_WRITE | SCOPE_ADMIN,
    [ACTION_DDL] = SCOPE_SCHEMA_WRITE | SCOPE_ADMIN,
    [ACTION_READ_SCHEMA] = SCOPE_SCHEMA_READ | SCOPE_SCHEMA_WRITE | SCOPE_AGENT | SCOPE_ADMIN,
    [ACTION_READ_AUDIT] = SCOPE_ADMIN,
    [ACTION_MANAGE] = SCOPE_ADMIN,
    [ACTION_BILLING] = SCOPE_ADMIN,
};

static const char *const action_names[ACTION_COUNT] = {
    [ACTION_QUERY] = "query",
    [ACTION_WRITE] = "write",
    [ACTION_DELETE] = "delete",
    [ACTION_DDL] = "ddl",
    [ACTION_READ_SCHEMA] = "read_schema",
    [ACTION_READ_AUDIT] = "read_audit",
    [ACTION_MANAGE] = "manage",
    [ACTION_BILLING] = "billing",
};

const char *action_name(enum action a)
{
    return (unsigned)a < ACTION_COUNT ? action_names[a] : "unknown";
}

bool policy_role_may(const struct principal *p, enum action action)
{
    if ((unsigned)action >= ACTION_COUNT ||
        (unsigned)p->role >= sizeof role_may / sizeof *role_may ||
        !(role_may[p->role] & BIT(action))) {
        return false;
    }
    if (action == ACTION_READ_AUDIT && p->role == ROLE_AUDITOR) {
        return true;
    }
    return (p->scopes & action_scopes[action]) != 0;
}

static bool names_table(struct str allowed, const struct table *t)
{
    return str_ieq(allowed, t->qualified) || str_ieq(allowed, t->name);
}

/* Whose role or key leaves nothing but the audit log knows of no table. */
static bool may_use_tables(const struct principal *p)
{
    return policy_role_may(p, ACTION_QUERY) || policy_role_may(p, ACTION_READ_SCHEMA) ||
           policy_role_may(p, ACTION_WRITE) || policy_role_may(p, ACTION_DELETE) ||
           policy_role_may(p, ACTION_DDL);
}

bool policy_may_touch(const struct principal *p, const struct table *t)
{
    bool may_know = t->scope == SCOPE_AUDIT || may_use_tables(p);
    bool schema = p->allowed_schema_count == 0;
    for (size_t i = 0; !schema && i < p->allowed_schema_count; i++) {
        schema = str_ieq(p->allowed_schemas[i], t->schema);
    }
    bool table = p->allowed_table_count == 0;
    for (size_t i = 0; !table && i < p->allowed_table_count; i++) {
        table = names_table(p->allowed_tables[i], t);
    }
    return may_know && schema && table;
}
