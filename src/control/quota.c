/* The organization's quota: credits a month, statements at once, rows of a statement, and what one
 * statement of a role may take. What a change doesn't name stays as it is. */
#include "store/quota.h"

#include "base/clock.h"
#include "control/call.h"
#include "control/resources.h"
#include "meter/meter.h"
#include "meter/period.h"

enum { CONCURRENT_MAX = 100000, MILLI = 1000, STATEMENT_MS_MAX = 24 * 3600 * 1000 };
#define CREDITS_MAX 1000000000000
#define ROWS_MAX    1000000000000

/* The organization's own, or the default. */
static enum status current(struct call *c, struct store_quota *out, struct error *e)
{
    const struct quota standard = QUOTA_DEFAULT;
    bool is_set;
    *out = (struct store_quota){standard.monthly_millicredits, standard.max_concurrent,
                                standard.max_rows};
    return store_quota_get(c->config->store, c->who->org_id, out, &is_set, e);
}

static void write_limit(struct json *j, const struct store_limit *l)
{
    json_open(j, '{');
    json_kv_str(j, "role", l->role);
    json_kv_i64(j, "statement_ms", l->statement_ms);
    json_kv_i64(j, "max_rows", l->max_rows);
    json_close(j, '}');
}

static enum status show(struct call *c, struct error *e)
{
    struct period period = period_at(clock_wall_us());
    struct store_limit *limits = NULL;
    struct json *j = &c->json;
    struct store_quota q;
    int64_t leased = 0;
    size_t n = 0;
    if (current(c, &q, e) != OK ||
        store_usage_get(c->config->store, c->who->org_id, str_of(period.name), &leased, e) != OK ||
        store_limits(c->config->store, c->who->org_id, c->arena, &limits, &n, e) != OK) {
        return FAIL;
    }
    json_open(j, '{');
    json_kv_str(j, "period", str_of(period.name));
    json_kv_i64(j, "monthly_millicredits", q.monthly_millicredits);
    json_kv_i64(j, "used_millicredits", leased);
    json_kv_i64(j, "max_concurrent", q.max_concurrent);
    json_kv_i64(j, "max_rows", q.max_rows);
    json_key(j, "limits");
    json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        write_limit(j, &limits[i]);
    }
    json_close(j, ']');
    json_close(j, '}');
    return OK;
}

static enum status set(struct call *c, struct error *e)
{
    struct store_quota q;
    if (current(c, &q, e) != OK) {
        return FAIL;
    }
    if (given(c->body, "monthly_credits")) {
        q.monthly_millicredits = given_int(c->body, "monthly_credits", 0) * MILLI;
    }
    q.max_concurrent = given_int(c->body, "max_concurrent", q.max_concurrent);
    q.max_rows = given_int(c->body, "max_rows", q.max_rows);
    return store_quota_set(c->config->store, c->actor, c->who->org_id, &q, e) == OK ? show(c, e)
                                                                                    : FAIL;
}

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
    write_limit(&c->json, &l);
    return OK;
}

static const struct field set_body[] = {{"monthly_credits", OF_INT, false, 1, CREDITS_MAX},
                                        {"max_concurrent", OF_INT, false, 1, CONCURRENT_MAX},
                                        {"max_rows", OF_INT, false, 1, ROWS_MAX},
                                        {0}};
static const struct field limit_body[] = {
    {"statement_ms", OF_INT, false, 0, STATEMENT_MS_MAX, .help = "0: no limit"},
    {"max_rows", OF_INT, false, 0, ROWS_MAX, .help = "0: no limit but the organization's"},
    {0}};

static const struct field limit_answer[] = {{"role", OF_TEXT, true, .help = "*: every role"},
                                            {"statement_ms", OF_INT, true, .help = "0: no limit"},
                                            {"max_rows", OF_INT, true, .help = "0: no limit"},
                                            {0}};
static const struct field answer[] = {
    {"period", OF_TEXT, true, .help = "the month, UTC: 2026-11"},
    {"monthly_millicredits", OF_INT, true},
    {"used_millicredits", OF_INT, true, .help = "with what running servers hold"},
    {"max_concurrent", OF_INT, true},
    {"max_rows", OF_INT, true, .help = "of a statement"},
    {"limits", OF_ARRAY, true, .help = "of roles", .of = limit_answer},
    {0}};

#define QUOTA "/v1/organizations/{org}/quota"
const struct route quota_routes[] = {
    {"GET", QUOTA, PERMIT_BILLING, 200, show, "get_quota", "The quota and what is used of it",
     .answer = answer},
    {"PUT", QUOTA, PERMIT_BILLING, 200, set, "set_quota", "Changes the quota", .body = set_body,
     .answer = answer},
    {"PUT", QUOTA "/roles/{role}", PERMIT_BILLING, 200, set_limit, "set_role_limit",
     "Changes what one statement of a role may take; * is every role", .body = limit_body,
     .answer = limit_answer},
    {0}};
