/* Second factors as who manages the organization sees them: whether its people need one, and taking
 * away that of somebody who lost it. What a person does with his own is in auth.c. */
#include "control/call.h"
#include "control/rank.h"
#include "control/resources.h"
#include "store/factor.h"

static enum status show(struct call *c, struct error *e)
{
    bool required;
    if (store_factor_required(c->config->store, c->who->org_id, &required, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_bool(&c->json, "required", required);
    json_close(&c->json, '}');
    return OK;
}

static enum status require(struct call *c, struct error *e)
{
    return store_factor_require(c->config->store, call_actor(c), c->who->org_id,
                                given_bool(c->body, "required", true), e) == OK
               ? show(c, e)
               : FAIL;
}

static enum status reset(struct call *c, struct error *e)
{
    struct store_user user;
    if (store_user_find(c->config->store, c->who->org_id, c->params[1], c->arena, &user, e) != OK ||
        rank_may_change(c, &user, e) != OK ||
        store_factor_remove(c->config->store, call_actor(c), c->who->org_id, user.id, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "user_id", user.id);
    json_kv_str(&c->json, "status", STR("removed"));
    json_close(&c->json, '}');
    return OK;
}

static const struct field require_body[] = {{"required", OF_BOOL, true}, {0}};
static const struct field answer[] = {
    {"required", OF_BOOL, true, .help = "of people; keys have none"}, {0}};
static const struct field removed[] = {
    {"user_id", OF_TEXT, true}, {"status", OF_TEXT, true, .words = "removed"}, {0}};

#define ORG "/v1/organizations/{org}"
const struct route factor_routes[] = {
    {"GET", ORG "/mfa", PERMIT_MANAGE, 200, show, "get_mfa",
     "Do people of the organization need a second factor?", .answer = answer},
    {"PUT", ORG "/mfa", PERMIT_MANAGE, 200, require, "require_mfa",
     "From now on they need one, or don't; sign-ins without end", .body = require_body,
     .answer = answer},
    {"DELETE", ORG "/users/{user}/mfa", PERMIT_MANAGE, 200, reset, "reset_user_mfa",
     "Takes away a lost second factor; the user's sign-ins end", .answer = removed},
    {0}};
