#include "store/key.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"
#include "store/credentialrow.h"
#include "store/environment.h"

#define KEY_COLUMNS                                                                                \
    "k.id, k.org_id, k.environment, k.user_id, k.agent_id, k.agent_framework, k.role, k.name,"     \
    " k.prefix, k.hash, k.scopes, k.allowed_schemas, k.allowed_tables, k.ip_allowlist,"            \
    " k.attributes, k.created_us, k.expires_us, k.revoked_us, k.description, k.replaces"
enum { KEY_COLUMN_COUNT = 20 };

/* Everything but the hash. */
#define KEY_IMAGE                                                                                  \
    "sssssssssibjjjjjs",                                                                           \
        "SELECT id, prefix, name, description, environment, user_id, agent_id, agent_framework, "  \
        "role,"                                                                                    \
        " expires_us, revoked_us <> 0 AS revoked, scopes, allowed_schemas, allowed_tables,"        \
        " ip_allowlist, attributes, nullif(replaces, '') AS replaces FROM api_keys WHERE id = ?1"

static void read_key(struct query *q, struct arena *a, struct store_key *out)
{
    out->id = query_text(q, a, 0);
    out->org_id = query_text(q, a, 1);
    out->environment = query_text(q, a, 2);
    out->user_id = query_text(q, a, 3);
    out->agent_id = query_text(q, a, 4);
    out->agent_framework = query_text(q, a, 5);
    out->role = query_text(q, a, 6);
    out->name = query_text(q, a, 7);
    out->prefix = query_text(q, a, 8);
    out->hash = query_text(q, a, 9);
    out->scopes = query_list(q, a, 10);
    out->allowed_schemas = query_list(q, a, 11);
    out->allowed_tables = query_list(q, a, 12);
    out->ip_allowlist = query_list(q, a, 13);
    out->attributes = query_pairs(q, a, 14);
    out->created_us = query_int(q, 15);
    out->expires_us = query_int(q, 16);
    out->revoked_us = query_int(q, 17);
    out->description = query_text(q, a, 18);
    out->replaces = query_text(q, a, 19);
}

static enum status check_key(const struct store_key *k, struct error *e)
{
    if ((k->user_id.n == 0) == (k->agent_id.n == 0)) {
        return error_set(e, ERR_VALIDATION, "a key is either a user's or an agent's");
    }
    if (k->prefix.n != STORE_KEY_PREFIX_LENGTH || k->hash.n == 0) {
        return error_set(e, ERR_VALIDATION, "a key needs its prefix and its hash");
    }
    if (check_name("the key's name", k->name, e) != OK ||
        check_list("scopes", k->scopes, e) != OK ||
        check_list("allowed schemas", k->allowed_schemas, e) != OK ||
        check_list("allowed tables", k->allowed_tables, e) != OK ||
        check_list("IP allow-list", k->ip_allowlist, e) != OK ||
        check_pairs(k->attributes, e) != OK) {
        return FAIL;
    }
    if (k->user_id.n) {
        return OK;
    }
    if (check_name("the agent's name", k->agent_id, e) != OK ||
        (k->agent_framework.n && check_name("the framework", k->agent_framework, e) != OK)) {
        return FAIL;
    }
    if (str_is(k->role, "owner") || str_is(k->role, "admin")) {
        return error_set(e, ERR_VALIDATION, "an agent can't be owner or admin");
    }
    return check_role(k->role, e);
}

/* The user and the environment must be the organization's own: the foreign keys see to the
 * environment, this to the user. */
static void check_user(struct change *c, const struct store_key *k)
{
    struct query q;
    bool found;

    if (c->status != OK || !k->user_id.n) {
        return;
    }
    query_begin(&q, c->db, c->e, "SELECT 1 FROM users WHERE id = ?1 AND org_id = ?2", "ss",
                k->user_id, k->org_id);
    found = query_next(&q);
    if (change_check(c, query_end(&q)) && !found) {
        c->status = error_set(c->e, ERR_NOT_FOUND, "the organization has no such user");
    }
}

/* With an id and a time of its own. */
static void insert_key(struct change *c, struct store_key *key, struct arena *a)
{
    char id[ID_UUID_SIZE];

    id_uuid(id);
    key->id = arena_str(a, str_of(id));
    key->created_us = clock_wall_us();
    change_run(c,
               "INSERT INTO api_keys (id, org_id, environment, user_id, agent_id, agent_framework,"
               " role, name, prefix, hash, scopes, allowed_schemas, allowed_tables, ip_allowlist,"
               " attributes, created_us, expires_us, revoked_us, description, replaces) VALUES (?1,"
               " ?2, ?3, nullif(?4, ''), nullif(?5, ''), ?6, nullif(?7, ''), ?8, ?9, ?10, ?11, ?12,"
               " ?13, ?14, ?15, ?16, ?17, 0, ?18, ?19)",
               "sssssssssssssssiiss", key->id, key->org_id, key->environment, key->user_id,
               key->agent_id, key->agent_framework, key->user_id.n ? STR("") : key->role, key->name,
               key->prefix, key->hash, list_json(c->a, key->scopes),
               list_json(c->a, key->allowed_schemas), list_json(c->a, key->allowed_tables),
               list_json(c->a, key->ip_allowlist), pairs_json(c->a, key->attributes),
               key->created_us, key->expires_us, key->description, key->replaces);
}

enum status store_key_create(struct store *s, struct str actor, struct store_key *key,
                             struct arena *a, struct error *e)
{
    struct change c;

    if (check_key(key, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    check_user(&c, key);
    if (c.status == OK) {
        (void)change_check(&c, environment_find(c.db, key->org_id, key->environment, e));
    }
    insert_key(&c, key, a);
    change_note(&c, key->org_id, "key.create", "key", key->id, STR(""),
                change_image(&c, KEY_IMAGE, key->id));
    return change_close(&c);
}

static enum status no_such_key(struct str which, struct error *e)
{
    return error_set(e, ERR_NOT_FOUND, "the organization has no key \"%.*s\"", STR_ARG(which));
}

static enum status find_key(struct db *db, struct str org_id, struct str id_or_prefix,
                            struct arena *a, struct store_key *out, struct error *e)
{
    struct query q;

    *out = (struct store_key){0};
    query_begin(&q, db, e,
                "SELECT " KEY_COLUMNS " FROM api_keys k WHERE org_id = ?1 AND ?2 IN (id, prefix)",
                "ss", org_id, id_or_prefix);
    if (query_next(&q)) {
        read_key(&q, a, out);
    } else if (q.status == OK) {
        q.status = no_such_key(id_or_prefix, e);
    }
    return query_end(&q);
}

enum status store_key_find(struct store *s, struct str org_id, struct str id_or_prefix,
                           struct arena *a, struct store_key *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = find_key(db, org_id, id_or_prefix, a, out, e);

    db_return(db);
    return status;
}

enum status store_key_update(struct store *s, struct str actor, const struct store_key *key,
                             struct error *e)
{
    struct str before;
    struct change c;

    if (check_key(key, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    before = change_image(&c, KEY_IMAGE, key->id);
    if (change_run(&c,
                   "UPDATE api_keys SET agent_id = ?3, description = ?4, allowed_schemas = ?5,"
                   " allowed_tables = ?6, ip_allowlist = ?7"
                   " WHERE id = ?1 AND org_id = ?2 AND agent_id IS NOT NULL",
                   "sssssss", key->id, key->org_id, key->agent_id, key->description,
                   list_json(c.a, key->allowed_schemas), list_json(c.a, key->allowed_tables),
                   list_json(c.a, key->ip_allowlist)) == 0 &&
        c.status == OK) {
        c.status = no_such_key(key->id, e);
    }
    change_note(&c, key->org_id, "key.update", "key", key->id, before,
                change_image(&c, KEY_IMAGE, key->id));
    return change_close(&c);
}

enum status store_key_rotate(struct store *s, struct str actor, struct str org_id, struct str id,
                             int64_t *old_ends_us, struct store_key *key, struct arena *a,
                             struct error *e)
{
    struct str prefix = key->prefix, hash = key->hash, before;
    struct store_key old;
    struct change c;

    change_open(&c, s, actor, e);
    if (!change_check(&c, c.status == OK ? find_key(c.db, org_id, id, a, &old, e) : FAIL)) {
        return change_close(&c);
    }
    if (old.revoked_us || (old.expires_us && old.expires_us <= clock_wall_us())) {
        c.status = error_set(e, ERR_CONSTRAINT, "the key has ended already; make another");
    }
    if (old.expires_us && old.expires_us < *old_ends_us) {
        *old_ends_us = old.expires_us;
    }
    before = change_image(&c, KEY_IMAGE, old.id);
    change_run(&c, "UPDATE api_keys SET expires_us = ?2 WHERE id = ?1", "si", old.id, *old_ends_us);
    *key = old;
    key->prefix = prefix;
    key->hash = hash;
    key->replaces = old.id;
    insert_key(&c, key, a);
    change_note(&c, org_id, "key.rotate", "key", old.id, before,
                change_image(&c, KEY_IMAGE, old.id));
    change_note(&c, org_id, "key.create", "key", key->id, STR(""),
                change_image(&c, KEY_IMAGE, key->id));
    return change_close(&c);
}

void credential_read(struct query *q, struct arena *a, int at, struct store_credential *out)
{
    out->org_name = query_text(q, a, at);
    out->rate_tier = query_text(q, a, at + 1);
    out->grant.id = query_text(q, a, at + 2);
    out->grant.role = query_text(q, a, at + 3);
    out->grant.expires_us = query_int(q, at + 4);
    out->grant.left_us = query_int(q, at + 5);
    if (out->key.user_id.n) {
        user_read(q, a, at + CREDENTIAL_USER, &out->user);
    }
}

enum status store_credential_find(struct store *s, struct str prefix, struct arena *a,
                                  struct store_credential *out, struct error *e)
{
    struct query q;

    *out = (struct store_credential){0};
    read_begin(&q, s, e,
               "SELECT " KEY_COLUMNS "," CREDENTIAL_COLUMNS
               " FROM api_keys k JOIN organizations o ON o.id = k.org_id"
               " LEFT JOIN users u ON u.id = k.user_id" CREDENTIAL_GRANT " WHERE k.prefix = ?1",
               "s", prefix);
    if (query_next(&q)) {
        read_key(&q, a, &out->key);
        credential_read(&q, a, KEY_COLUMN_COUNT, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "there is no such key");
    }
    return read_end(&q);
}

#define KEY_SEARCH                                                                                 \
    " FROM api_keys k WHERE org_id = ?1 AND (?2 = '' OR environment = ?2)"                         \
    " AND ((?3 = 1 AND user_id IS NOT NULL) OR (?4 = 1 AND agent_id IS NOT NULL))"                 \
    " AND substr(prefix, 1, length(?5)) = ?5"

static enum status count_keys(struct db *db, struct str org_id,
                              const struct store_key_search *which, int64_t *total, struct error *e)
{
    struct query q;

    query_begin(&q, db, e, "SELECT count(*)" KEY_SEARCH, "ssiis", org_id, which->environment,
                (int64_t)which->users, (int64_t)which->agents, which->prefix);
    *total = query_next(&q) ? query_int(&q, 0) : 0;
    return query_end(&q);
}

enum status store_keys(struct store *s, struct str org_id, const struct store_key_search *which,
                       struct arena *a, struct store_key **rows, size_t *n, int64_t *total,
                       struct error *e)
{
    VEC_OF(struct store_key) list = {0};
    struct db *db = db_borrow(s, e);
    enum status status = count_keys(db, org_id, which, total, e);
    struct query q;

    if (status == OK) {
        query_begin(&q, db, e, "SELECT " KEY_COLUMNS KEY_SEARCH " AND id > ?6 ORDER BY id LIMIT ?7",
                    "ssiissi", org_id, which->environment, (int64_t)which->users,
                    (int64_t)which->agents, which->prefix, which->after, which->limit);
        while (query_next(&q)) {
            struct store_key row;

            read_key(&q, a, &row);
            VEC_PUSH(a, list, row);
        }
        status = query_end(&q);
    }
    db_return(db);
    *rows = list.at;
    *n = list.n;
    return status;
}

/* Gives how many keys it was: none where `id` isn't the organization's. What was revoked before
 * stays so since then. */
static int revoke(struct change *c, struct str org_id, struct str id)
{
    struct str before = change_image(c, KEY_IMAGE, id);
    int n = change_run(c,
                       "UPDATE api_keys SET revoked_us = CASE revoked_us WHEN 0 THEN ?3"
                       " ELSE revoked_us END"
                       " WHERE id = ?1 AND org_id = ?2",
                       "ssi", id, org_id, clock_wall_us());

    if (n) {
        change_note(c, org_id, "key.revoke", "key", id, before, change_image(c, KEY_IMAGE, id));
    }
    return n;
}

/* The key that `id` was made in place of and that isn't revoked: it may have its time yet. */
static struct str replaced_by(struct change *c, struct str id)
{
    return change_text(c,
                       "SELECT old.id FROM api_keys k JOIN api_keys old ON old.id = k.replaces"
                       " WHERE k.id = ?1 AND old.revoked_us = 0",
                       id);
}

enum status store_key_revoke(struct store *s, struct str actor, struct str org_id,
                             struct str id_or_prefix, struct error *e)
{
    struct change c;
    struct str id;

    change_open(&c, s, actor, e);
    id = change_text(&c, "SELECT id FROM api_keys WHERE ?1 IN (id, prefix)", id_or_prefix);
    if (revoke(&c, org_id, id) == 0 && c.status == OK) {
        c.status = no_such_key(id_or_prefix, e);
    }
    while (c.status == OK && (id = replaced_by(&c, id)).n) {
        (void)revoke(&c, org_id, id);
    }
    return change_close(&c);
}
