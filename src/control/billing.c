/* Credits: what was used of them, and how many there may be. An owner's alone. */
#include "base/clock.h"
#include "control/call.h"
#include "control/resources.h"
#include "meter/meter.h"
#include "meter/period.h"
#include "store/quota.h"

enum { MILLI = 1000, STATEMENT_MS_MAX = 24 * 3600 * 1000 };

/* Without a data plane nothing is leased here: a ledger of its own only reads. */
static enum status read_use(struct call *c, struct quota_use *out, struct error *e)
{
    struct ledger *own = NULL, *l = c->config->ledger;
    if (!l && ledger_open(c->config->store, &own, e) != OK) {
        return FAIL;
    }
    if (l) {
        ledger_refresh(l); /* another process may have changed the quota */
    }
    enum status status = ledger_use(l ? l : own, c->who->org_id, out, e);
    ledger_close(own);
    return status;
}

static enum status usage(struct call *c, struct error *e)
{
    struct period period = period_at(clock_wall_us());
    struct json *j = &c->json;
    struct quota_use u;
    if (read_use(c, &u, e) != OK) {
        return FAIL;
    }
    int64_t left = u.quota.monthly_millicredits - u.used_millicredits;
    json_open(j, '{');
    json_kv_str(j, "period", str_of(u.period));
    call_time(j, "period_start", period.start_us);
    call_time(j, "period_end", period.end_us);
    json_kv_f64(j, "credits_used", (double)u.used_millicredits / MILLI);
    json_kv_f64(j, "credits_limit", (double)u.quota.monthly_millicredits / MILLI);
    json_kv_f64(j, "credits_remaining", (double)(left > 0 ? left : 0) / MILLI);
    json_kv_i64(j, "statements_running", u.running);
    json_close(j, '}');
    return OK;
}

static void write_limit(struct json *j, struct str role, int64_t statement_ms, int64_t max_rows)
{
    json_open(j, '{');
    json_kv_str(j, "role", role);
    json_kv_i64(j, "statement_ms", statement_ms);
    json_kv_i64(j, "max_rows", max_rows);
    json_close(j, '}');
}

static void write_limits(struct json *j, const struct quota *q)
{
    json_key(j, "limits_by_role");
    json_open(j, '[');
    for (int role = 0; role < LIMITS_ROLES; role++) {
        const struct limits *l = &q->of_roles[role];
        if (l->statement_ms || l->max_rows) {
            write_limit(j, role == ROLE_NONE ? STR(STORE_EVERY_ROLE) : str_of(role_name(role)),
                        l->statement_ms, l->max_rows);
        }
    }
    json_close(j, ']');
}

static enum status quotas(struct call *c, struct error *e)
{
    struct json *j = &c->json;
    struct quota_use u;
    if (read_use(c, &u, e) != OK) {
        return FAIL;
    }
    json_open(j, '{');
    json_kv_f64(j, "monthly_credits", (double)u.quota.monthly_millicredits / MILLI);
    json_kv_i64(j, "max_concurrent", u.quota.max_concurrent);
    json_kv_i64(j, "max_rows", u.quota.max_rows);
    write_limits(j, &u.quota);
    json_close(j, '}');
    return OK;
}

/* Limits by role stay as they are. */
static enum status set_quotas(struct call *c, struct error *e)
{
    const struct store_quota q = {given_int(c->body, "monthly_credits", 0) * MILLI,
                                  given_int(c->body, "max_concurrent", 0),
                                  given_int(c->body, "max_rows", 0)};
    return store_quota_set(c->config->store, c->actor, c->who->org_id, &q, e) == OK ? quotas(c, e)
                                                                                    : FAIL;
}

/* What one statement of a role may take. What isn't given stays as it is. */
static enum status set_limit(struct call *c, struct error *e)
{
    struct store_limit l = {.role = c->params[1]}, *rows = NULL;
    size_t n = 0;
    if (store_limits(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        l = str_eq(rows[i].role, l.role) ? rows[i] : l;
    }
    l.statement_ms = given_int(c->body, "statement_ms", l.statement_ms);
    l.max_rows = given_int(c->body, "max_rows", l.max_rows);
    if (store_limit_set(c->config->store, c->actor, c->who->org_id, &l, e) != OK) {
        return FAIL;
    }
    write_limit(&c->json, l.role, l.statement_ms, l.max_rows);
    return OK;
}

static const struct field usage_answer[] = {
    {"period", OF_TEXT, true, .help = "a month of UTC: \"2026-11\""},
    {"period_start", OF_TIME, true},
    {"period_end", OF_TIME, true},
    {"credits_used", OF_NUMBER, true, .help = "settled and reserved"},
    {"credits_limit", OF_NUMBER, true},
    {"credits_remaining", OF_NUMBER, true},
    {"statements_running", OF_INT, true, .help = "of this server"},
    {0}};
static const struct field limit_answer[] = {
    {"role", OF_TEXT, true, .help = "\"*\": everybody"},
    {"statement_ms", OF_INT, true, .help = "0: none of its own"},
    {"max_rows", OF_INT, true, .help = "likewise"},
    {0}};
static const struct field quotas_answer[] = {{"monthly_credits", OF_NUMBER, true},
                                             {"max_concurrent", OF_INT, true},
                                             {"max_rows", OF_INT, true, .help = "of a statement"},
                                             {"limits_by_role", OF_ARRAY, true, .of = limit_answer},
                                             {0}};
static const struct field quotas_body[] = {
    {"monthly_credits", OF_INT, true, 1, STORE_CREDITS_MAX},
    {"max_concurrent", OF_INT, true, 1, STORE_CONCURRENT_MAX, .help = "statements at once"},
    {"max_rows", OF_INT, true, 1, STORE_ROWS_MAX, .help = "of a statement"},
    {0}};

static const struct field limit_body[] = {
    {"statement_ms", OF_INT, false, 0, STATEMENT_MS_MAX, .help = "0: none of its own"},
    {"max_rows", OF_INT, false, 0, STORE_ROWS_MAX, .help = "0: none but the organization's"},
    {0}};

#define BILLING "/v1/organizations/{org}/billing"
const struct route billing_routes[] = {
    {"GET", BILLING "/usage", PERMIT_BILLING, 200, usage, "get_usage", "Credits of this month",
     .answer = usage_answer},
    {"GET", BILLING "/quotas", PERMIT_BILLING, 200, quotas, "get_quotas",
     "What the organization may use", .answer = quotas_answer},
    {"PUT", BILLING "/quotas", PERMIT_BILLING, 200, set_quotas, "set_quotas",
     "Changes what it may use", .body = quotas_body, .answer = quotas_answer},
    {"PUT", BILLING "/quotas/roles/{role}", PERMIT_BILLING, 200, set_limit, "set_role_limit",
     "Changes what one statement of a role may take; * is every role", .body = limit_body,
     .answer = limit_answer},
    {0}};
