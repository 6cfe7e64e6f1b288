/* What routes of users' keys and of agents' keys share. */
#ifndef CONTROL_KEY_H
#define CONTROL_KEY_H

#include "control/call.h"
#include "store/key.h"

/* The key of the path's parameter `i`, by id or prefix: an agent's or a user's, in the path's
 * environment where it has one. What isn't is ERR_NOT_FOUND. */
MUST_USE enum status key_of_path(struct call *c, size_t i, bool agents, struct store_key *out,
                                 struct error *e);

/* Fills in what bodies of both kinds have in common: scopes (`otherwise` where none are given),
 * ip_allowlist, expires_in_days. */
MUST_USE enum status key_read_body(struct call *c, const char *otherwise, struct store_key *key,
                                   struct error *e);

/* A secret for `key`, as key_of_path() etc. left it: its prefix and hash are set, in the arena, and
 * the secret itself is given, once. A key of the default environment is live, of another a test's.
 */
MUST_USE enum status key_new_secret(struct call *c, struct store_key *key, struct str *secret,
                                    struct error *e);

/* The key's fields within an open object: never the secret. */
void key_write_fields(struct json *j, const struct store_key *key);

/* The keys of the organization that are an agent's or a user's; `env` STR_NULL: of all
 * environments. */
MUST_USE enum status key_list(struct call *c, bool agents, struct str env, struct error *e);

/* Revokes it, and answers with it. */
MUST_USE enum status key_revoke(struct call *c, const struct store_key *key, struct error *e);

#define KEY_STATES      "active|expired|revoked"
#define KEY_SCOPES_HELP "query:read, query:write, schema:read, schema:write, agent:*, admin"
#define KEY_ANSWER                                                                                 \
    {"id", OF_TEXT, true}, {"prefix", OF_TEXT, true}, {"name", OF_TEXT, true},                     \
        {"environment", OF_TEXT, true}, {"status", OF_TEXT, true, .words = KEY_STATES},            \
        {"scopes", OF_TEXTS, true}, {"ip_allowlist", OF_TEXTS, true},                              \
        {"created_at", OF_TIME, true},                                                             \
    {                                                                                              \
        "expires_at", OF_TIME, .help = "null: never"                                               \
    }

#endif
