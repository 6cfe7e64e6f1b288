/* Keys of agents: who they are, in which framework, and which schemas and tables are there for
 * them. */
#include "control/key.h"
#include "control/resources.h"
#include "identity/key_rules.h"
#include "store/org.h"

static enum status list(struct call *c, struct error *e)
{
    return key_list(c, KEYS_OF_AGENTS, STR_NULL, e);
}

static void answer_key(struct call *c, const char *secret_name, struct str secret,
                       const struct store_key *key)
{
    json_open(&c->json, '{');
    if (secret.p) {
        json_kv_str(&c->json, secret_name, secret);
    }
    key_write_fields(&c->json, key);
    json_close(&c->json, '}');
}

static enum status show(struct call *c, struct error *e)
{
    struct store_key key;
    if (key_of_path(c, 1, true, &key, e) != OK) {
        return FAIL;
    }
    answer_key(c, NULL, STR_NULL, &key);
    return OK;
}

static enum status create(struct call *c, struct error *e)
{
    struct str agent = given_text(c->body, "agent_name"), secret;
    struct store_key key = {
        .name = given(c->body, "name") ? given_text(c->body, "name") : agent,
        .description = given(c->body, "description") ? given_text(c->body, "description") : STR(""),
        .agent_id = agent,
        .agent_framework = given(c->body, "framework") ? given_text(c->body, "framework") : STR(""),
        .role = given(c->body, "role") ? given_text(c->body, "role") : STR("service_account"),
        .environment = given(c->body, "environment") ? given_text(c->body, "environment")
                                                     : c->who->environment};
    if (key_read_body(c, key_default_scopes(true, key.role), &key, e) != OK ||
        key_check_bounds(c, &key, e) != OK || key_new_secret(c, &key, &secret, e) != OK ||
        store_key_create(c->config->store, c->actor, &key, c->arena, e) != OK) {
        return FAIL;
    }
    answer_key(c, "raw_key", secret, &key);
    return OK;
}

static void change_text(const struct call *c, const char *name, struct str *text)
{
    *text = given(c->body, name) ? given_text(c->body, name) : *text;
}

static void change_list(const struct call *c, const char *name, struct store_list *list)
{
    *list = given(c->body, name) ? given_texts(c->body, name, c->arena) : *list;
}

/* What isn't given stays as it is. Sessions that the key has opened end: they are of an agent that
 * is no more. */
static enum status update(struct call *c, struct error *e)
{
    struct store_key key;
    if (key_of_path(c, 1, true, &key, e) != OK || key_check_bounds(c, &key, e) != OK) {
        return FAIL;
    }
    change_text(c, "agent_name", &key.agent_id);
    change_text(c, "description", &key.description);
    change_list(c, "allowed_schemas", &key.allowed_schemas);
    change_list(c, "allowed_tables", &key.allowed_tables);
    change_list(c, "ip_allowlist", &key.ip_allowlist);
    if (key_check(&key, e) != OK || key_check_bounds(c, &key, e) != OK ||
        store_key_update(c->config->store, c->actor, &key, e) != OK) {
        return FAIL;
    }
    answer_key(c, NULL, STR_NULL, &key);
    return OK;
}

static enum status rotate(struct call *c, struct error *e)
{
    struct store_key key;
    return key_of_path(c, 1, true, &key, e) == OK ? key_rotate(c, &key, "raw_key", e) : FAIL;
}

static enum status usage(struct call *c, struct error *e)
{
    return key_usage(c, true, e);
}

static enum status revoke(struct call *c, struct error *e)
{
    struct store_key key;
    return key_of_path(c, 1, true, &key, e) == OK ? key_revoke(c, &key, e) : FAIL;
}

/* ---- routes ---- */

enum { DESCRIPTION_MAX = 1000 };
#define DESCRIPTION                                                                                \
    {                                                                                              \
        "description", OF_TEXT, false, 0, DESCRIPTION_MAX, .help = "for people"                    \
    }

static const struct field create_body[] = {
    {"agent_name", OF_TEXT, true, 1, STORE_NAME_MAX},
    {"name", OF_TEXT, false, 1, STORE_NAME_MAX, .help = "of the key; without it, the agent's"},
    DESCRIPTION,
    /* It would be a promise of limits that nothing here keeps. */
    {"plan", OF_REFUSED,
     .help = "agents have no plans; the organization's quota and its limits by role hold"},
    {"framework", OF_TEXT, false, 1, STORE_NAME_MAX, .help = "such as langchain"},
    {"role", OF_TEXT, false, 1, 32, "analyst|auditor|developer|service_account",
     .help = "service_account without it"},
    {"environment", OF_TEXT, false, 1, STORE_NAME_MAX, .help = "without it, the caller's"},
    {"scopes", OF_TEXTS, false, 1, 6, .help = KEY_SCOPES_HELP},
    {"expires_in_days", OF_INT, false, 1, KEY_DAYS_MAX},
    KEY_BODY,
    KEY_LIMITS,
    {0}};
static const struct field update_body[] = {
    {"agent_name", OF_TEXT, false, 1, STORE_NAME_MAX}, DESCRIPTION, KEY_LIMITS, {0}};

static const struct field answer[] = {KEY_ANSWER, KEY_AGENT_ANSWER(true), {0}};
static const struct field created[] = {
    {"raw_key", OF_TEXT, true, .help = "the key itself, shown this once"},
    KEY_ANSWER,
    KEY_AGENT_ANSWER(true),
    {0}};
static const struct field rotated[] = {KEY_ROTATED(created), {0}};

#define KEYS "/v1/organizations/{org}/agent-keys"
const struct route agent_key_routes[] = {
    {"GET", KEYS, PERMIT_MANAGE, 200, list, "list_agent_keys", "Keys of agents", .answer = answer,
     .list = true, .query = key_query},
    {"POST", KEYS, PERMIT_MANAGE, 201, create, "create_agent_key", "Makes a key of an agent",
     .body = create_body, .answer = created},
    {"GET", KEYS "/{key}", PERMIT_MANAGE, 200, show, "get_agent_key",
     "A key of an agent, by id or prefix", .answer = answer},
    {"PUT", KEYS "/{key}", PERMIT_MANAGE, 200, update, "update_agent_key",
     "Changes the agent's name, what is said of it, and what is there for it", .body = update_body,
     .answer = answer},
    {"POST", KEYS "/{key}/rotate", PERMIT_MANAGE, 200, rotate, "rotate_agent_key",
     "A new secret; the old one works for a while", .body = key_rotate_body, .answer = rotated},
    {"GET", KEYS "/{key}/usage", PERMIT_MANAGE, 200, usage, "get_agent_key_usage",
     "What was done with a key, this month without a range", .query = key_usage_query,
     .answer = key_usage_answer, .faults = {501}},
    {"DELETE", KEYS "/{key}", PERMIT_MANAGE, 200, revoke, "revoke_agent_key",
     "Ends a key and all that was opened with it", .answer = answer},
    {0}};
