#include "control/key.h"

#include "base/clock.h"
#include "base/mem.h"
#include "control/page.h"
#include "control/rank.h"
#include "identity/identity.h"
#include "identity/key_rules.h"
#include "store/org.h"

static struct str path_environment(const struct call *c)
{
    return str_is(route_param_name(c->route, 0), "env") ? c->params[0] : STR_NULL;
}

enum status key_of_path(struct call *c, size_t i, bool agents, struct store_key *out,
                        struct error *e)
{
    struct str env = path_environment(c);
    if (store_key_find(c->config->store, c->who->org_id, c->params[i], c->arena, out, e) != OK) {
        return FAIL;
    }
    return (out->agent_id.n != 0) == agents && (!env.p || str_eq(env, out->environment))
               ? OK
               : error_set(e, ERR_NOT_FOUND, "there is no such key here");
}

enum status key_read_body(struct call *c, const char *otherwise, struct store_key *key,
                          struct error *e)
{
    key->org_id = c->who->org_id;
    key->scopes = given(c->body, "scopes") ? given_texts(c->body, "scopes", c->arena)
                                           : list_of_words(c->arena, str_of(otherwise));
    key->ip_allowlist = given_texts(c->body, "ip_allowlist", c->arena);
    key->allowed_schemas = given_texts(c->body, "allowed_schemas", c->arena);
    key->allowed_tables = given_texts(c->body, "allowed_tables", c->arena);
    key->expires_us = key_expiry(clock_wall_us(), given_int(c->body, "expires_in_days", 0));
    return call_pairs(c, "attributes", &key->attributes, e) == OK ? key_check(key, e) : FAIL;
}

static enum status issue(struct call *c, bool live, struct store_key *key, struct str *secret,
                         struct error *e)
{
    char text[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
    if (identity_issue_key(c->config->identity, live, text, hash, e) != OK) {
        return FAIL;
    }
    *secret = arena_str(c->arena, str_of(text));
    key->prefix = (struct str){secret->p, STORE_KEY_PREFIX_LENGTH};
    key->hash = arena_str(c->arena, str_of(hash));
    mem_wipe(text, sizeof text);
    return OK;
}

enum status key_new_secret(struct call *c, struct store_key *key, struct str *secret,
                           struct error *e)
{
    bool is_default = str_is(key->environment, STORE_DEFAULT_ENVIRONMENT);
    return issue(c, given_bool(c->body, "live", is_default), key, secret, e);
}

static struct str state_of(const struct store_key *k)
{
    bool ended = k->expires_us && k->expires_us <= clock_wall_us();
    return k->revoked_us ? STR("revoked") : ended ? STR("expired") : STR("active");
}

static void write_texts(struct json *j, const char *name, struct store_list list)
{
    json_key(j, name);
    json_open(j, '[');
    for (size_t i = 0; i < list.n; i++) {
        json_str(j, list.at[i]);
    }
    json_close(j, ']');
}

void key_write_fields(struct json *j, const struct store_key *k)
{
    json_kv_str(j, "id", k->id);
    json_kv_str(j, "prefix", k->prefix);
    json_kv_str(j, "name", k->name);
    json_kv_str(j, "environment", k->environment);
    json_kv_str(j, "status", state_of(k));
    write_texts(j, "scopes", k->scopes);
    write_texts(j, "ip_allowlist", k->ip_allowlist);
    write_texts(j, "allowed_schemas", k->allowed_schemas);
    write_texts(j, "allowed_tables", k->allowed_tables);
    call_time(j, "created_at", k->created_us);
    call_time(j, "expires_at", k->expires_us);
    json_kv_str(j, "replaces", k->replaces.n ? k->replaces : STR_NULL);
    if (k->agent_id.n) {
        json_kv_str(j, "description", k->description);
        json_kv_str(j, "agent_name", k->agent_id);
        json_kv_str(j, "framework", k->agent_framework);
        json_kv_str(j, "role", k->role);
    } else {
        json_kv_str(j, "user_id", k->user_id);
    }
}

static void write_key(struct json *j, const void *row)
{
    json_open(j, '{');
    key_write_fields(j, row);
    json_close(j, '}');
}

const struct field key_query[] = {{"prefix", OF_TEXT, false, 1, STORE_KEY_PREFIX_LENGTH,
                                   .help = "what the key's prefix begins with"},
                                  {0}};

static struct str text_or_none(const json_t *query, const char *name)
{
    return given(query, name) ? given_text(query, name) : STR("");
}

enum status key_list(struct call *c, enum key_holders of, struct str env, struct error *e)
{
    size_t limit = (size_t)given_int(c->query, "limit", PAGE_STANDARD), n = 0;
    struct store_key_search which = {.users = of & KEYS_OF_USERS,
                                     .agents = of & KEYS_OF_AGENTS,
                                     .environment = env.p ? env : STR(""),
                                     .prefix = text_or_none(c->query, "prefix"),
                                     .after = text_or_none(c->query, "cursor"),
                                     .limit = (int64_t)limit + 1};
    struct store_key *rows;
    int64_t total;
    if (store_keys(c->config->store, c->who->org_id, &which, c->arena, &rows, &n, &total, e) !=
        OK) {
        return FAIL;
    }
    size_t shown = n < limit ? n : limit;
    page_open(c);
    for (size_t i = 0; i < shown; i++) {
        write_key(&c->json, &rows[i]);
    }
    page_close(c, n > limit ? rows[shown - 1].id : STR_NULL, total);
    return OK;
}

enum status key_may_change_holder(struct call *c, const struct store_key *key, struct error *e)
{
    struct store_user user;
    if (key->agent_id.n || str_eq(key->user_id, c->who->user_id)) {
        return OK;
    }
    return store_user_find(c->config->store, c->who->org_id, key->user_id, c->arena, &user, e) == OK
               ? rank_may_change(c, &user, e)
               : FAIL;
}

static bool has_word(const struct store_list *list, struct str word)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_ieq(list->at[i], word)) {
            return true;
        }
    }
    return false;
}

/* Nothing in a list is no limit. */
static bool is_within(const struct store_list *list, const struct store_list *own)
{
    bool within = own->n == 0 || list->n > 0;
    for (size_t i = 0; within && own->n && i < list->n; i++) {
        within = has_word(own, list->at[i]);
    }
    return within;
}

/* Whoever holds it: a limited key that could make a wider one would be no limit. */
static enum status check_limits(struct call *c, const struct store_key *key, struct error *e)
{
    struct store_key own;
    if (c->who->key_prefix.n == 0) {
        return OK; /* no key: a sign-in has no limits */
    }
    if (store_key_find(c->config->store, c->who->org_id, c->who->key_id, c->arena, &own, e) != OK) {
        return FAIL;
    }
    const char *wider = !is_within(&key->allowed_tables, &own.allowed_tables) ? "allowed_tables"
                        : !is_within(&key->allowed_schemas, &own.allowed_schemas)
                            ? "allowed_schemas"
                        : !is_within(&key->ip_allowlist, &own.ip_allowlist) ? "ip_allowlist"
                                                                            : NULL;
    if (!wider) {
        return OK;
    }
    (void)!error_set(e, ERR_DENIED,
                     "%s: the key in your hand is limited, and makes or changes only keys with no "
                     "more in this list than its own",
                     wider);
    return call_refused(c, e);
}

enum status key_check_bounds(struct call *c, const struct store_key *key, struct error *e)
{
    bool own = key->user_id.n && str_eq(key->user_id, c->who->user_id);
    for (size_t i = 0; own && i < key->scopes.n; i++) {
        enum scope scope;
        if (!scope_parse(key->scopes.at[i], &scope) || !(c->who->scopes & scope)) {
            (void)!error_set(e, ERR_DENIED,
                             "a key of your own can't have the scope \"%.*s\", which the key in "
                             "your hand hasn't",
                             STR_ARG(key->scopes.at[i]));
            return call_refused(c, e);
        }
    }
    return check_limits(c, key, e);
}

const struct field key_rotate_body[] = {
    {"grace_period_hours", OF_INT, false, 0, KEY_GRACE_HOURS_MAX,
     .help = "how long the old key still works, but no longer than its own time; 24 without it"},
    {0}};

static void write_rotated(struct call *c, const struct store_key *old, int64_t old_ends_us,
                          const char *secret_name, struct str secret, const struct store_key *key)
{
    struct json *j = &c->json;
    json_open(j, '{');
    json_kv_str(j, "old_key_id", old->id);
    call_time(j, "old_key_ends_at", old_ends_us);
    json_kv_i64(j, "grace_period_hours", given_int(c->body, "grace_period_hours", KEY_GRACE_HOURS));
    json_key(j, "new_key");
    json_open(j, '{');
    json_kv_str(j, secret_name, secret);
    key_write_fields(j, key);
    json_close(j, '}');
    json_close(j, '}');
}

enum status key_rotate(struct call *c, const struct store_key *old, const char *secret_name,
                       struct error *e)
{
    int64_t hours = given_int(c->body, "grace_period_hours", KEY_GRACE_HOURS);
    int64_t old_ends_us = clock_wall_us() + hours * 3600 * 1000000;
    struct store_key key = *old;
    struct str secret;
    if (key_may_change_holder(c, old, e) != OK || key_check_bounds(c, old, e) != OK ||
        issue(c, identity_is_live(old->prefix), &key, &secret, e) != OK ||
        store_key_rotate(c->config->store, c->actor, c->who->org_id, old->id, &old_ends_us, &key,
                         c->arena, e) != OK) {
        return FAIL;
    }
    write_rotated(c, old, old_ends_us, secret_name, secret, &key);
    return OK;
}

enum status key_revoke(struct call *c, const struct store_key *key, struct error *e)
{
    struct store_key now;
    if (store_key_revoke(c->config->store, c->actor, c->who->org_id, key->id, e) != OK ||
        store_key_find(c->config->store, c->who->org_id, key->id, c->arena, &now, e) != OK) {
        return FAIL;
    }
    write_key(&c->json, &now);
    return OK;
}
