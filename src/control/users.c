/* Users of the organization: invited, given a role, suspended, resumed, removed. What a change
 * takes away is gone with the next statement or request: credentials are read anew each time. */
#include "control/call.h"
#include "control/page.h"
#include "control/rank.h"
#include "control/resources.h"
#include "store/user.h"

static void write_user(struct json *j, const void *row)
{
    const struct store_user *u = row;
    json_open(j, '{');
    json_kv_str(j, "id", u->id);
    json_kv_str(j, "email", u->email);
    json_kv_str(j, "role", u->role);
    json_kv_str(j, "status", u->active ? STR("active") : STR("suspended"));
    json_key(j, "attributes");
    json_open(j, '{');
    for (size_t i = 0; i < u->attributes.n; i++) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", STR_ARG(u->attributes.at[i].name));
        json_kv_str(j, name, u->attributes.at[i].value);
    }
    json_close(j, '}');
    call_time(j, "created_at", u->created_us);
    json_close(j, '}');
}

static enum status list(struct call *c, struct error *e)
{
    struct store_user *rows;
    size_t n = 0;
    if (store_users(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_user, id, write_user);
    return OK;
}

static enum status find(struct call *c, struct store_user *out, struct error *e)
{
    return store_user_find(c->config->store, c->who->org_id, c->params[1], c->arena, out, e);
}

/* The user as he is now. */
static enum status show(struct call *c, struct error *e)
{
    struct store_user user;
    if (find(c, &user, e) != OK) {
        return FAIL;
    }
    write_user(&c->json, &user);
    return OK;
}

static enum status invite(struct call *c, struct error *e)
{
    struct str role = given_text(c->body, "role");
    struct store_user user;
    struct store_pairs attributes;
    if (rank_may_give(c, role, e) != OK || call_pairs(c, "attributes", &attributes, e) != OK ||
        store_user_create(c->config->store, c->actor, c->who->org_id, given_text(c->body, "email"),
                          role, attributes, c->arena, &user, e) != OK) {
        return FAIL;
    }
    write_user(&c->json, &user);
    return OK;
}

static enum status set_role(struct call *c, struct error *e)
{
    struct str role = given_text(c->body, "role");
    struct store_user user;
    if (find(c, &user, e) != OK || rank_may_change(c, &user, e) != OK ||
        rank_may_give(c, role, e) != OK ||
        store_user_set_role(c->config->store, c->actor, c->who->org_id, user.id, role, e) != OK) {
        return FAIL;
    }
    return show(c, e);
}

static enum status set_active(struct call *c, bool active, struct error *e)
{
    struct store_user user;
    if (find(c, &user, e) != OK || rank_may_change(c, &user, e) != OK ||
        store_user_set_active(c->config->store, c->actor, c->who->org_id, user.id, active, e) !=
            OK) {
        return FAIL;
    }
    return show(c, e);
}

static enum status suspend(struct call *c, struct error *e)
{
    return set_active(c, false, e);
}

static enum status resume(struct call *c, struct error *e)
{
    return set_active(c, true, e);
}

static enum status set_attributes(struct call *c, struct error *e)
{
    struct store_user user;
    struct store_pairs attributes;
    if (find(c, &user, e) != OK || rank_may_change(c, &user, e) != OK ||
        call_pairs(c, "attributes", &attributes, e) != OK ||
        store_user_set_attributes(c->config->store, c->actor, c->who->org_id, user.id, attributes,
                                  e) != OK) {
        return FAIL;
    }
    return show(c, e);
}

static enum status remove_user(struct call *c, struct error *e)
{
    struct store_user user;
    if (find(c, &user, e) != OK || rank_may_change(c, &user, e) != OK ||
        store_user_remove(c->config->store, c->actor, c->who->org_id, user.id, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "id", user.id);
    json_kv_str(&c->json, "status", STR("removed"));
    json_close(&c->json, '}');
    return OK;
}

#define ROLES           "owner|admin|analyst|auditor|developer|service_account"
#define ATTRIBUTES_HELP "text by name, for row filters and attribute rules"

static const struct field invite_body[] = {
    {"email", OF_TEXT, true, 3, 254, .help = "local@domain", .pattern = FIELD_EMAIL},
    {"role", OF_TEXT, true, 1, 32, ROLES},
    {"attributes", OF_PAIRS, .help = ATTRIBUTES_HELP},
    {0}};
static const struct field role_body[] = {{"role", OF_TEXT, true, 1, 32, ROLES}, {0}};
static const struct field attributes_body[] = {
    {"attributes", OF_PAIRS, true, .help = ATTRIBUTES_HELP}, {0}};

static const struct field answer[] = {{"id", OF_TEXT, true},
                                      {"email", OF_TEXT, true},
                                      {"role", OF_TEXT, true, .words = ROLES},
                                      {"status", OF_TEXT, true, .words = "active|suspended"},
                                      {"attributes", OF_PAIRS, true},
                                      {"created_at", OF_TIME, true},
                                      {0}};
static const struct field removed[] = {
    {"id", OF_TEXT, true}, {"status", OF_TEXT, true, .words = "removed"}, {0}};

#define USERS "/v1/organizations/{org}/users"
const struct route user_routes[] = {
    {"GET", USERS, PERMIT_MANAGE, 200, list, "list_users", "Users of the organization",
     .answer = answer, .list = true},
    {"POST", USERS, PERMIT_MANAGE, 201, invite, "invite_user", "Adds a user", .body = invite_body,
     .answer = answer},
    {"GET", USERS "/{user}", PERMIT_MANAGE, 200, show, "get_user", "A user, by id or e-mail",
     .answer = answer},
    {"PUT", USERS "/{user}/role", PERMIT_MANAGE, 200, set_role, "set_user_role",
     "Gives another role", .body = role_body, .answer = answer},
    {"PUT", USERS "/{user}/attributes", PERMIT_MANAGE, 200, set_attributes, "set_user_attributes",
     "Replaces the attributes", .body = attributes_body, .answer = answer},
    {"POST", USERS "/{user}/suspend", PERMIT_MANAGE, 200, suspend, "suspend_user",
     "Stops all of the user's credentials until he is resumed", .answer = answer},
    {"POST", USERS "/{user}/resume", PERMIT_MANAGE, 200, resume, "resume_user",
     "Lets a suspended user in again", .answer = answer},
    {"DELETE", USERS "/{user}", PERMIT_MANAGE, 200, remove_user, "remove_user",
     "Removes the user with his keys", .answer = removed},
    {0}};
