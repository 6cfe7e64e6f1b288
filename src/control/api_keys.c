/* API keys of users, an environment's. A key is shown once, when it is made. */
#include "control/key.h"
#include "control/rank.h"
#include "control/resources.h"
#include "identity/key_rules.h"

static enum status list(struct call *c, struct error *e)
{
    return key_list(c, KEYS_OF_USERS, c->params[0], e);
}

static enum status show(struct call *c, struct error *e)
{
    struct store_key key;
    if (key_of_path(c, 1, false, &key, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    key_write_fields(&c->json, &key);
    json_close(&c->json, '}');
    return OK;
}

/* Whose key it will be: the caller's own, or of somebody whom he may change. A key of one's own
 * gives nothing that the one in hand hasn't: it would be a way to widen it. */
static enum status find_holder(struct call *c, struct store_user *out, struct error *e)
{
    struct str user = given(c->body, "user") ? given_text(c->body, "user") : c->who->user_id;
    if (c->who->agent_id.n && !given(c->body, "user")) {
        return call_wrong(c, e, "user", "given: an agent has no user");
    }
    if (store_user_find(c->config->store, c->who->org_id, user, c->arena, out, e) != OK) {
        return FAIL;
    }
    return str_eq(out->id, c->who->user_id) ? OK : rank_may_change(c, out, e);
}

static enum status create(struct call *c, struct error *e)
{
    struct store_key key = {.name = given_text(c->body, "name"), .environment = c->params[0]};
    struct store_user user;
    struct str secret;
    if (find_holder(c, &user, e) != OK) {
        return FAIL;
    }
    key.user_id = user.id;
    key.role = user.role;
    if (key_read_body(c, key_default_scopes(false, user.role), &key, e) != OK ||
        key_check_bounds(c, &key, e) != OK || key_new_secret(c, &key, &secret, e) != OK ||
        store_key_create(c->config->store, c->actor, &key, c->arena, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "key", secret);
    key_write_fields(&c->json, &key);
    json_close(&c->json, '}');
    return OK;
}

static enum status rotate(struct call *c, struct error *e)
{
    struct store_key key;
    return key_of_path(c, 1, false, &key, e) == OK ? key_rotate(c, &key, "key", e) : FAIL;
}

static enum status usage(struct call *c, struct error *e)
{
    return key_usage(c, false, e);
}

static enum status revoke(struct call *c, struct error *e)
{
    struct store_key key;
    return key_of_path(c, 1, false, &key, e) == OK && key_may_change_holder(c, &key, e) == OK
               ? key_revoke(c, &key, e)
               : FAIL;
}

static const struct field create_body[] = {
    {"name", OF_TEXT, true, 1, STORE_NAME_MAX},
    {"user", OF_TEXT, false, 1, 254, .help = "id or e-mail; without it, the caller's own"},
    {"scopes", OF_TEXTS, false, 1, 6,
     .help = KEY_SCOPES_HELP "; without it, what the role can use"},
    KEY_LIMITS,
    {"expires_in_days", OF_INT, false, 1, KEY_DAYS_MAX},
    KEY_BODY,
    {0}};

static const struct field answer[] = {KEY_ANSWER, {"user_id", OF_TEXT, true}, {0}};
static const struct field created[] = {
    {"key", OF_TEXT, true, .help = "the key itself, shown this once"},
    KEY_ANSWER,
    {"user_id", OF_TEXT, true},
    {0}};
static const struct field rotated[] = {KEY_ROTATED(created), {0}};

#define KEYS "/v1/environments/{env}/api-keys"
const struct route api_key_routes[] = {
    {"GET", KEYS, PERMIT_MANAGE, 200, list, "list_api_keys", "Users' keys of the environment",
     .answer = answer, .list = true, .query = key_query},
    {"POST", KEYS, PERMIT_MANAGE, 201, create, "create_api_key", "Makes a key of a user",
     .body = create_body, .answer = created},
    {"GET", KEYS "/{key}", PERMIT_MANAGE, 200, show, "get_api_key", "A key, by id or prefix",
     .answer = answer},
    {"POST", KEYS "/{key}/rotate", PERMIT_MANAGE, 200, rotate, "rotate_api_key",
     "A new secret; the old one works for a while", .body = key_rotate_body, .answer = rotated},
    {"GET", KEYS "/{key}/usage", PERMIT_MANAGE, 200, usage, "get_api_key_usage",
     "What was done with a key, and when last; this month without a range",
     .query = key_usage_query, .answer = key_usage_answer, .faults = {501}},
    {"DELETE", KEYS "/{key}", PERMIT_MANAGE, 200, revoke, "revoke_api_key",
     "Ends a key and all that was opened with it", .answer = answer},
    {0}};
