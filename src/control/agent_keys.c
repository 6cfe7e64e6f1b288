/* Keys of agents: who they are, in which framework, and which schemas and tables are there for
 * them. */
#include <string.h>

#include "base/clock.h"
#include "control/audit.h"
#include "control/key.h"
#include "control/resources.h"
#include "identity/key_rules.h"
#include "meter/period.h"
#include "store/org.h"

enum { GRACE_HOURS = 24 };

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
        key_new_secret(c, &key, &secret, e) != OK ||
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
    if (key_of_path(c, 1, true, &key, e) != OK) {
        return FAIL;
    }
    change_text(c, "agent_name", &key.agent_id);
    change_text(c, "description", &key.description);
    change_list(c, "allowed_schemas", &key.allowed_schemas);
    change_list(c, "allowed_tables", &key.allowed_tables);
    change_list(c, "ip_allowlist", &key.ip_allowlist);
    if (key_check(&key, e) != OK || store_key_update(c->config->store, c->actor, &key, e) != OK) {
        return FAIL;
    }
    answer_key(c, NULL, STR_NULL, &key);
    return OK;
}

static enum status rotate(struct call *c, struct error *e)
{
    int64_t hours = given_int(c->body, "grace_period_hours", GRACE_HOURS);
    int64_t ends_us = clock_wall_us() + hours * 3600 * 1000000;
    struct store_key old, key;
    struct str secret;
    if (key_of_path(c, 1, true, &old, e) != OK) {
        return FAIL;
    }
    key = old;
    if (key_new_secret(c, &key, &secret, e) != OK ||
        store_key_rotate(c->config->store, c->actor, c->who->org_id, old.id, ends_us, &key,
                         c->arena, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "old_key_id", old.id);
    json_kv_i64(&c->json, "grace_period_hours", hours);
    json_key(&c->json, "new_key");
    answer_key(c, "raw_key", secret, &key);
    json_close(&c->json, '}');
    return OK;
}

static enum status revoke(struct call *c, struct error *e)
{
    struct store_key key;
    return key_of_path(c, 1, true, &key, e) == OK ? key_revoke(c, &key, e) : FAIL;
}

/* ---- usage ---- */

enum { USAGE_READ_MAX = 256 << 20 };

struct usage {
    struct str key_id;
    int64_t queries, failed, rows;
    double credits;
    char last[CLOCK_TEXT_SIZE]; /* "": never */
};

static void add_use(void *ctx, const struct line *line, struct str text, const json_t *entry)
{
    struct usage *u = ctx;
    (void)text;
    if (!str_eq(given_text(entry, "key_id"), u->key_id)) {
        return;
    }
    u->queries++;
    u->failed += given(entry, "error_code");
    u->rows += given_int(entry, "rows_returned", 0);
    u->credits += json_number_value(json_object_get(entry, "credits_consumed"));
    if (memcmp(u->last, line->timestamp.p, LINE_TIME_TEXT) < 0) {
        memcpy(u->last, line->timestamp.p, LINE_TIME_TEXT);
    }
}

static bool never_enough(void *ctx)
{
    (void)ctx;
    return false;
}

static void write_usage(struct call *c, const struct store_key *key, const struct usage *u,
                        const struct audit_search *s, bool complete)
{
    struct json *j = &c->json;
    json_open(j, '{');
    json_kv_str(j, "key_id", key->id);
    json_kv_str(j, "agent_name", key->agent_id);
    call_time(j, "from", s->from_us);
    call_time(j, "to", s->to_us);
    json_kv_bool(j, "complete", complete);
    json_kv_i64(j, "total_queries", u->queries);
    json_kv_i64(j, "failed_queries", u->failed);
    json_kv_i64(j, "rows_returned", u->rows);
    json_kv_f64(j, "total_credits", u->credits);
    json_kv_str(j, "last_used_at", u->last[0] ? str_of(u->last) : STR_NULL);
    json_close(j, '}');
}

/* Counted from the audit log; this month's without a range. */
static enum status usage(struct call *c, struct error *e)
{
    struct store_key key;
    struct usage u = {0};
    struct audit_search s = {.org_id = c->who->org_id,
                             .kind = AUDIT_OUTCOME,
                             .from_us = period_at(clock_wall_us()).start_us,
                             .engine = c->config->engine,
                             .bytes_max = USAGE_READ_MAX,
                             .take = add_use,
                             .enough = never_enough,
                             .ctx = &u};
    uint64_t left_off = 0;
    if (key_of_path(c, 1, true, &key, e) != OK || audit_enter(c, e) != OK) {
        return FAIL;
    }
    u.key_id = key.id;
    audit_read_range(c, &s);
    audit_same(&s, "key_id", key.id);
    enum status status = audit_search(c->config->audit_dir, &s, &left_off, e);
    audit_leave(c);
    if (status == OK) {
        write_usage(c, &key, &u, &s, !left_off);
    }
    return status;
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
static const struct field rotate_body[] = {
    {"grace_period_hours", OF_INT, false, 0, 24 * 30, .help = "how long the old key still works"},
    {0}};

static const struct field answer[] = {KEY_ANSWER, KEY_AGENT_ANSWER(true), {0}};
static const struct field created[] = {
    {"raw_key", OF_TEXT, true, .help = "the key itself, shown this once"},
    KEY_ANSWER,
    KEY_AGENT_ANSWER(true),
    {0}};
static const struct field rotated[] = {{"old_key_id", OF_TEXT, true},
                                       {"grace_period_hours", OF_INT, true},
                                       {"new_key", OF_OBJECT, true, .of = created},
                                       {0}};

static const struct field usage_query[] = {AUDIT_RANGE, {0}};
static const struct field usage_answer[] = {
    {"key_id", OF_TEXT, true},
    {"agent_name", OF_TEXT, true},
    {"from", OF_TIME, true},
    {"to", OF_TIME, .help = "null: now"},
    {"complete", OF_BOOL, true, .help = "false: the log is too long to be counted at once"},
    {"total_queries", OF_INT, true, .help = "that ended, well or not"},
    {"failed_queries", OF_INT, true},
    {"rows_returned", OF_INT, true},
    {"total_credits", OF_NUMBER, true},
    {"last_used_at", OF_TIME, .help = "null: not within the range"},
    {0}};

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
     "A new secret; the old one works for a while", .body = rotate_body, .answer = rotated},
    {"GET", KEYS "/{key}/usage", PERMIT_MANAGE, 200, usage, "get_agent_key_usage",
     "What was done with a key, this month without a range", .query = usage_query,
     .answer = usage_answer, .faults = {501}},
    {"DELETE", KEYS "/{key}", PERMIT_MANAGE, 200, revoke, "revoke_agent_key",
     "Ends a key and all that was opened with it", .answer = answer},
    {0}};
