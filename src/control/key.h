/* What routes of users' keys and of agents' keys share. */
#ifndef CONTROL_KEY_H
#define CONTROL_KEY_H

#include "control/call.h"
#include "store/key.h"

/* The key of the path's parameter `i`, by id or prefix: an agent's or a user's, in the path's
 * environment where it has one. What isn't is ERR_NOT_FOUND. */
MUST_USE enum status key_of_path(struct call *c, size_t i, bool agents, struct store_key *out,
                                 struct error *e);

/* Fills in what bodies of both kinds have in common (KEY_LIMITS, KEY_BODY): scopes (`otherwise`
 * where none are given), ip_allowlist, expires_in_days, attributes. */
MUST_USE enum status key_read_body(struct call *c, const char *otherwise, struct store_key *key,
                                   struct error *e);

/* A secret for `key`, as key_read_body() left it: its prefix and hash are set, in the arena, and
 * the secret itself is given, once. It is one of live data or of a test's as the body's "live"
 * says; without it, a key of the default environment is live, of another a test's. */
MUST_USE enum status key_new_secret(struct call *c, struct store_key *key, struct str *secret,
                                    struct error *e);

/* Puts another key in place of `old`, which works on for the hours that the body says, and answers
 * with both; the new secret is in the answer under `secret_name`. ERR_DENIED where the caller may
 * not change the holder's keys, or the key is his own and has a scope that the one in hand lacks:
 * he would have it in hand then. */
MUST_USE enum status key_rotate(struct call *c, const struct store_key *old,
                                const char *secret_name, struct error *e);
extern const struct field key_rotate_body[];
#define KEY_ROTATED(created)                                                                       \
    {"old_key_id", OF_TEXT, true}, {"old_key_ends_at", OF_TIME, true},                             \
        {"grace_period_hours", OF_INT, true},                                                      \
    {                                                                                              \
        "new_key", OF_OBJECT, true, .of = (created)                                                \
    }

/* A key that is made or changed must not be more than the one in the caller's hand: it has no
 * table, schema or address that this one is kept from, and if it's his own no scope that this one
 * hasn't. ERR_DENIED. */
MUST_USE enum status key_check_bounds(struct call *c, const struct store_key *key, struct error *e);

/* The key's fields within an open object: never the secret. */
void key_write_fields(struct json *j, const struct store_key *key);

/* A page of the organization's keys of such holders, filtered by the query's fields; `env`
 * STR_NULL: of all environments. */
extern const struct field key_query[];
enum key_holders { KEYS_OF_USERS = 1, KEYS_OF_AGENTS = 2, KEYS_ALL = 3 };
MUST_USE enum status key_list(struct call *c, enum key_holders of, struct str env, struct error *e);

/* What was done with the key of the path's parameter 1, which is an agent's or a user's: by the
 * query's range, this month's without one. */
MUST_USE enum status key_usage(struct call *c, bool agents, struct error *e);
extern const struct field key_usage_query[], key_usage_answer[];

/* May the caller change the keys of who holds this one? His own, an agent's, or those of a user
 * whom he may change: else ERR_DENIED. */
MUST_USE enum status key_may_change_holder(struct call *c, const struct store_key *key,
                                           struct error *e);

/* Revokes it, and those that it was rotated from, and answers with it. */
MUST_USE enum status key_revoke(struct call *c, const struct store_key *key, struct error *e);

#define KEY_STATES      "active|expired|revoked"
#define KEY_SCOPES_HELP "query:read, query:write, schema:read, schema:write, agent:*, admin"
#define KEY_TABLES_HELP "such as \"orders\" or \"shared.orders\"; none: all"
#define KEY_LIMITS                                                                                 \
    {"allowed_schemas", OF_TEXTS, false, 0, STORE_LIST_MAX, .help = "none: all"},                  \
        {"allowed_tables", OF_TEXTS, false, 0, STORE_LIST_MAX, .help = KEY_TABLES_HELP},           \
    {                                                                                              \
        "ip_allowlist", OF_TEXTS, false, 0, STORE_LIST_MAX,                                        \
            .help = "addresses or blocks; none: all"                                               \
    }
#define KEY_BODY                                                                                   \
    {"attributes", OF_PAIRS, .help = "text by name, for row filters and attribute rules"},         \
    {                                                                                              \
        "live", OF_BOOL,                                                                           \
            .help = "hd_live_ or hd_test_; without it, live in the default environment"            \
    }
#define KEY_ANSWER                                                                                 \
    {"id", OF_TEXT, true}, {"prefix", OF_TEXT, true}, {"name", OF_TEXT, true},                     \
        {"environment", OF_TEXT, true}, {"status", OF_TEXT, true, .words = KEY_STATES},            \
        {"scopes", OF_TEXTS, true}, {"ip_allowlist", OF_TEXTS, true},                              \
        {"allowed_schemas", OF_TEXTS, true}, {"allowed_tables", OF_TEXTS, true},                   \
        {"created_at", OF_TIME, true}, {"expires_at", OF_TIME, .help = "null: never"},             \
    {                                                                                              \
        "replaces", OF_TEXT, .help = "the id of the key that it was rotated from; null: none"      \
    }
#define KEY_AGENT_ANSWER(always)                                                                   \
    {"description", OF_TEXT, always}, {"agent_name", OF_TEXT, always},                             \
        {"framework", OF_TEXT, always},                                                            \
    {                                                                                              \
        "role", OF_TEXT, always                                                                    \
    }

#endif
