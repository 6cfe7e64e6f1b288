/* How a user of the organization signs in, for who manages users: his password, an invitation to
 * set one himself, and a second factor that he has lost. */
#include "control/call.h"
#include "control/rank.h"
#include "control/resources.h"
#include "identity/signin.h"
#include "store/factor.h"
#include "store/user.h"

/* The user of the path, whom the caller may change. */
static enum status find(struct call *c, struct store_user *out, struct error *e)
{
    return store_user_find(c->config->store, c->who->org_id, c->params[1], c->arena, out, e) == OK
               ? rank_may_change(c, out, e)
               : FAIL;
}

static enum status done(struct call *c, struct str id, const char *status)
{
    json_open(&c->json, '{');
    json_kv_str(&c->json, "id", id);
    json_kv_str(&c->json, "status", str_of(status));
    json_close(&c->json, '}');
    return OK;
}

static enum status set_password(struct call *c, struct error *e)
{
    struct store_user user;
    if (find(c, &user, e) != OK ||
        signin_set_password(c->config->identity, c->actor, c->who->org_id, user.id,
                            given_text(c->body, "new_password"), e) != OK) {
        return FAIL;
    }
    return done(c, user.id, "changed");
}

static enum status invite(struct call *c, struct error *e)
{
    struct store_user user;
    struct str token;
    if (find(c, &user, e) != OK || signin_invite(c->config->identity, c->actor, c->who->org_id,
                                                 user.id, c->arena, &token, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "id", user.id);
    json_kv_str(&c->json, "invitation", token);
    json_close(&c->json, '}');
    return OK;
}

static enum status reset_factor(struct call *c, struct error *e)
{
    struct store_user user;
    if (find(c, &user, e) != OK ||
        store_factor_remove(c->config->store, c->actor, c->who->org_id, user.id, e) != OK) {
        return FAIL;
    }
    return done(c, user.id, "removed");
}

static const struct field password_body[] = {
    {"new_password", OF_TEXT, true, 1, SIGNIN_PASSWORD_MAX, .help = "12 characters or more"}, {0}};
static const struct field done_answer[] = {
    {"id", OF_TEXT, true}, {"status", OF_TEXT, true, .words = "changed|removed"}, {0}};
static const struct field invited[] = {
    {"id", OF_TEXT, true},
    {"invitation", OF_TEXT, true, .help = "by which he sets a password, once; shown once"},
    {0}};

#define USER "/v1/organizations/{org}/users/{user}"
const struct route user_access_routes[] = {
    {"PUT", USER "/password", PERMIT_MANAGE, 200, set_password, "set_user_password",
     "Sets a password; sign-ins end", .body = password_body, .answer = done_answer},
    {"POST", USER "/invitation", PERMIT_MANAGE, 201, invite, "invite_user_to_sign_in",
     "A token by which the user sets a password", .answer = invited},
    {"DELETE", USER "/second-factor", PERMIT_MANAGE, 200, reset_factor, "reset_user_factor",
     "Takes a second factor away that was lost; sign-ins end", .answer = done_answer},
    {0}};
