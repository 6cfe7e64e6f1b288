/* Just-in-time grants: for a time, a user acts with another role. Asking is everybody's own;
 * deciding is an owner's or admin's, and never about himself. */
#include "store/jit.h"
#include "base/clock.h"
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "policy/policy.h"

static void write_grant(struct json *j, const void *row)
{
    const struct store_jit *g = row;
    bool over =
        str_is(g->status, "approved") && (g->expires_us <= clock_wall_us() || g->left_us == 0);
    json_open(j, '{');
    json_kv_str(j, "id", g->id);
    json_kv_str(j, "status", over ? STR("expired") : g->status);
    json_kv_str(j, "user_id", g->user_id);
    json_kv_str(j, "email", g->user_email.n ? g->user_email : STR_NULL);
    json_kv_str(j, "own_role", g->base_role);
    json_kv_str(j, "requested_role", g->role);
    json_kv_str(j, "reason", g->reason);
    json_kv_i64(j, "duration_minutes", g->minutes);
    json_kv_str(j, "decided_by", g->decided_by.n ? g->decided_by : STR_NULL);
    call_time(j, "requested_at", g->requested_us);
    call_time(j, "decided_at", g->decided_us);
    call_time(j, "expires_at", g->expires_us);
    call_time(j, "ended_at", g->ended_us);
    json_close(j, '}');
}

static enum status answer_grant(struct call *c, struct str id, struct error *e)
{
    struct store_jit g;
    if (store_jit_find(c->config->store, c->who->org_id, id, c->arena, &g, e) != OK) {
        return FAIL;
    }
    write_grant(&c->json, &g);
    return OK;
}

/* Who manages users sees all; others see their own. */
static bool may_see(const struct call *c, const struct store_jit *g)
{
    return permission_holds(PERMIT_MANAGE, c->who) ||
           (!c->who->agent_id.n && str_eq(g->user_id, c->who->user_id));
}

static enum status show(struct call *c, struct error *e)
{
    struct store_jit g;
    struct str id = c->params[1];
    if (store_jit_find(c->config->store, c->who->org_id, id, c->arena, &g, e) != OK) {
        return FAIL;
    }
    if (!may_see(c, &g)) {
        return error_set(e, ERR_NOT_FOUND, "there is no request \"%.*s\"", STR_ARG(id));
    }
    write_grant(&c->json, &g);
    return OK;
}

static enum status list(struct call *c, struct error *e)
{
    struct store_jit *rows;
    size_t n = 0, kept = 0;
    if (store_jits(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (may_see(c, &rows[i])) {
            rows[kept++] = rows[i];
        }
    }
    PAGE_ANSWER(c, rows, kept, struct store_jit, id, write_grant);
    return OK;
}

static enum status request_role(struct call *c, const char *role_field, int64_t minutes,
                                struct error *e)
{
    struct store_jit g = {.org_id = c->who->org_id,
                          .user_id = c->who->user_id,
                          .role = given_text(c->body, role_field),
                          .reason = given_text(c->body, "reason"),
                          .minutes = minutes};
    if (c->who->agent_id.n) {
        (void)!error_set(e, ERR_DENIED, "an agent has no role but its key's");
        return call_refused(c, e);
    }
    if (store_jit_request(c->config->store, c->actor, &g, c->config->jit_minutes_max,
                          clock_wall_us(), c->arena, e) != OK) {
        return FAIL;
    }
    return answer_grant(c, g.id, e);
}

static enum status request_hours(struct call *c, struct error *e)
{
    return request_role(c, "target_role", given_int(c->body, "duration_hours", 1) * 60, e);
}

static enum status request_minutes(struct call *c, struct error *e)
{
    return request_role(c, "requested_role", given_int(c->body, "duration_minutes", 60), e);
}

static enum status approve(struct call *c, struct error *e)
{
    return store_jit_approve(c->config->store, c->actor, c->who->org_id, c->params[1],
                             c->who->user_id, c->config->jit_minutes_max, clock_wall_us(), e) == OK
               ? answer_grant(c, c->params[1], e)
               : FAIL;
}

static enum status deny(struct call *c, struct error *e)
{
    return store_jit_deny(c->config->store, c->actor, c->who->org_id, c->params[1], c->who->user_id,
                          clock_wall_us(), e) == OK
               ? answer_grant(c, c->params[1], e)
               : FAIL;
}

/* The user himself, or who manages users; the store sees to it. An agent is nobody. */
static enum status revoke(struct call *c, struct error *e)
{
    if (c->who->agent_id.n) {
        (void)!error_set(e, ERR_DENIED, "an agent has no grants");
        return call_refused(c, e);
    }
    return store_jit_revoke(c->config->store, c->actor, c->who->org_id, c->params[1],
                            c->who->user_id, clock_wall_us(), e) == OK
               ? answer_grant(c, c->params[1], e)
               : FAIL;
}

#define ROLES "admin|analyst|auditor|developer"
static const struct field hours_body[] = {
    {"target_role", OF_TEXT, true, 1, 32, ROLES},
    {"reason", OF_TEXT, true, 1, 1000},
    {"duration_hours", OF_INT, false, 1, STORE_JIT_MINUTES_MAX / 60, .help = "1 without it"},
    {0}};
static const struct field minutes_body[] = {
    {"requested_role", OF_TEXT, true, 1, 32, ROLES},
    {"reason", OF_TEXT, true, 1, 1000},
    {"duration_minutes", OF_INT, false, 1, STORE_JIT_MINUTES_MAX, .help = "60 without it"},
    {0}};
static const struct field answer[] = {
    {"id", OF_TEXT, true},
    {"status", OF_TEXT, true, .words = "requested|approved|denied|revoked|expired"},
    {"user_id", OF_TEXT, true},
    {"email", OF_TEXT, .help = "of the user; null: he was removed"},
    {"own_role", OF_TEXT, true, .help = "the user's, by himself"},
    {"requested_role", OF_TEXT, true},
    {"reason", OF_TEXT, true},
    {"duration_minutes", OF_INT, true},
    {"decided_by", OF_TEXT, .help = "null: nobody yet"},
    {"requested_at", OF_TIME, true},
    {"decided_at", OF_TIME},
    {"expires_at", OF_TIME},
    {"ended_at", OF_TIME},
    {0}};

#define OF_ORG "/v1/organizations/{org}/jit"
#define OF_ENV "/v1/environments/{env}/jit-access"
const struct route jit_routes[] = {
    {"GET", OF_ORG, PERMIT_SELF, 200, list, "list_jit", "Requests and grants", .answer = answer,
     .list = true},
    {"POST", OF_ORG "/request", PERMIT_SELF, 201, request_hours, "request_jit",
     "Asks for a role, for hours", .body = hours_body, .answer = answer},
    {"GET", OF_ENV, PERMIT_SELF, 200, list, "list_jit_access", "Requests and grants",
     .answer = answer, .list = true},
    {"POST", OF_ENV, PERMIT_SELF, 201, request_minutes, "request_jit_access",
     "Asks for a role, for minutes", .body = minutes_body, .answer = answer},
    {"GET", OF_ENV "/{grant}", PERMIT_SELF, 200, show, "get_jit_access", "A request or grant",
     .answer = answer},
    {"POST", OF_ENV "/{grant}/approve", PERMIT_MANAGE, 200, approve, "approve_jit_access",
     "Gives the role; never to oneself", .answer = answer},
    {"POST", OF_ENV "/{grant}/deny", PERMIT_MANAGE, 200, deny, "deny_jit_access",
     "Refuses the role", .answer = answer},
    {"POST", OF_ENV "/{grant}/revoke", PERMIT_SELF, 200, revoke, "revoke_jit_access",
     "Ends a grant, or withdraws a request", .answer = answer},
    {0}};
