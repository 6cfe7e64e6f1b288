/* Verifying a key: the row by its prefix, the secret by Argon2id (or the cache of lately verified
 * ones), then everything else that the row says, read anew each time.
 *
 * The secret is judged first: who doesn't have it learns nothing of the key's state, neither by the
 * answer, which is always the same, nor by its time: a prefix that nobody has is verified against a
 * dummy hash of the same cost. */
#include "identity/identity.h"

#include <argon2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "identity/federation.h"
#include "identity/identity_priv.h"
#include "identity/signin_priv.h"
#include "store/org.h"
#include "store/signin.h"

enum {
    MAX_WAITING = 512,
    KEY_RANDOM = 32,
    KEY_HEAD = 8,
    SALT_SIZE = 16,
    HASH_SIZE = 32,
    LANES = 1
};

static enum status make_hash(const struct identity_config *c, struct str secret,
                             char hash[API_KEY_HASH_SIZE], struct error *e)
{
    uint8_t salt[SALT_SIZE];
    int result;

    id_random(salt, sizeof salt);
    result = argon2id_hash_encoded((uint32_t)c->argon2_passes, (uint32_t)c->argon2_memory_kib,
                                   LANES, secret.p, secret.n, salt, sizeof salt, HASH_SIZE, hash,
                                   API_KEY_HASH_SIZE);
    if (result != ARGON2_OK) {
        return error_set(e, result == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_MEMORY : ERR_CONFIG,
                         "Argon2: %s", argon2_error_message(result));
    }
    return OK;
}

static enum status make_key(const struct identity_config *c, const char *head,
                            char key[API_KEY_SIZE], char hash[API_KEY_HASH_SIZE], struct error *e)
{
    memcpy(key, head, KEY_HEAD);
    id_alnum(key + KEY_HEAD, KEY_RANDOM);
    if (make_hash(c, (struct str){key, KEY_HEAD + KEY_RANDOM}, hash, e) != OK) {
        mem_wipe(key, API_KEY_SIZE);
        return FAIL;
    }
    return OK;
}

static const char *head_of(bool live)
{
    return live ? "hd_live_" : "hd_test_";
}

bool identity_is_live(struct str key)
{
    return str_starts(key, head_of(true));
}

enum status identity_make_key(const struct identity_config *c, bool live, char key[API_KEY_SIZE],
                              char hash[API_KEY_HASH_SIZE], struct error *e)
{
    return make_key(c, head_of(live), key, hash, e);
}

/* What people's sign-ins need. */
static void open_sign_in(struct identity *i, const struct identity_config *c)
{
    static const struct throttle_config tries = THROTTLE_CONFIG_DEFAULT;
    static const struct throttle_config codes = {
        .free_tries = 10, .max_delay_s = 60, .max_at_once = 4, .pairs = 4096};

    i->tries = throttle_new(&tries);
    i->codes = throttle_new(&codes);
    i->refusals = refusals_new();
    if (c->secret_key) {
        memcpy(i->secret_key, c->secret_key, sizeof i->secret_key);
    }
    if (c->secret_key || c->remote) {
        i->tokens = tokens_new(i->store, c->secret_key, c->issuer ? c->issuer : "hatidata");
    }
    i->config.secret_key = NULL; /* the caller's */
    i->config.issuer = NULL;
}

enum status identity_open(struct store *s, const struct identity_config *c, struct identity **out,
                          struct error *e)
{
    struct identity *i;
    char key[API_KEY_SIZE];

    if (c->max_verifying < 1 || c->cache_entries < 0 || c->cache_seconds < 0) {
        return error_set(e, ERR_CONFIG,
                         "identity: at least one verification at once, and no "
                         "negative cache");
    }
    i = mem_alloc(sizeof *i);
    i->store = s;
    i->config = *c;
    i->cache = cache_new((size_t)c->cache_entries, c->cache_seconds);
    i->known = map_new();
    i->jit = jit_new();
    i->wall_us = clock_wall_us;
    gate_init(&i->gate, c->max_verifying, MAX_WAITING);
    pthread_mutex_init(&i->lock, NULL);
    open_sign_in(i, c);
    if (identity_make_key(c, true, key, i->dummy, e) != OK) {
        identity_close(i);
        return FAIL;
    }
    mem_wipe(key, sizeof key);
    if (i->tokens && tokens_tick(i->tokens, i->wall_us(), e) != OK) {
        identity_close(i);
        return FAIL;
    }
    *out = i;
    return OK;
}

void identity_close(struct identity *i)
{
    if (i) {
        map_free(i->known, standing_forget);
        jit_free(i->jit);
        cache_free(i->cache);
        tokens_free(i->tokens);
        throttle_free(i->tries);
        throttle_free(i->codes);
        refusals_free(i->refusals);
        mem_wipe(i->secret_key, sizeof i->secret_key);
        gate_fini(&i->gate);
        pthread_mutex_destroy(&i->lock);
        free(i);
    }
}

void identity_stats(struct identity *i, struct identity_stats *out)
{
    out->argon2_runs = atomic_load(&i->argon2_runs);
    out->cache_hits = atomic_load(&i->cache_hits);
    out->refused = atomic_load(&i->refused);
    out->turned_away = atomic_load(&i->turned_away);
}

bool identity_has_shape(struct str secret, const char *head)
{
    if (secret.n != KEY_HEAD + KEY_RANDOM || !str_starts(secret, head)) {
        return false;
    }
    for (size_t i = KEY_HEAD; i < secret.n; i++) {
        char c = secret.p[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return true;
}

/* A key's shape: anything else can't be a key, whoever asks. */
static bool is_key(struct str secret)
{
    return identity_has_shape(secret, head_of(true)) || identity_has_shape(secret, head_of(false));
}

enum status identity_refuse(struct identity *i, struct str who, struct str source_ip,
                            const char *why, struct error *e)
{
    atomic_fetch_add(&i->refused, 1);
    log_warn("identity", "login refused from %.*s, %.*s: %s", STR_ARG(source_ip), STR_ARG(who),
             why);
    return error_set(e, ERR_AUTH, "the user, the API key or the database is wrong");
}

enum status identity_refuse_key(struct identity *i, struct str prefix, struct str source_ip,
                                const char *why, struct error *e)
{
    char who[STORE_KEY_PREFIX_LENGTH + 16];

    snprintf(who, sizeof who, "key %.*s...", STR_ARG(prefix));
    return identity_refuse(i, str_of(who), source_ip, why, e);
}

static enum status enter(struct identity *i, struct error *e)
{
    if (!gate_enter(&i->gate)) {
        atomic_fetch_add(&i->turned_away, 1);
        return error_set(e, ERR_TOO_MANY_CONNECTIONS, "too many logins are being checked");
    }
    return OK;
}

enum status identity_argon2(struct identity *i, struct str secret, struct str hash, bool *right,
                            struct error *e)
{
    if (enter(i, e) != OK) {
        return FAIL;
    }
    atomic_fetch_add(&i->argon2_runs, 1);
    *right = argon2id_verify(hash.p, secret.p, secret.n) == ARGON2_OK;
    gate_leave(&i->gate);
    return OK;
}

enum status identity_hash(struct identity *i, struct str secret, char hash[API_KEY_HASH_SIZE],
                          struct error *e)
{
    enum status status;

    if (enter(i, e) != OK) {
        return FAIL;
    }
    status = make_hash(&i->config, secret, hash, e);
    gate_leave(&i->gate);
    return status;
}

enum status identity_issue(struct identity *i, const char *head, char key[API_KEY_SIZE],
                           char hash[API_KEY_HASH_SIZE], struct error *e)
{
    enum status status;

    if (enter(i, e) != OK) {
        return FAIL;
    }
    status = make_key(&i->config, head, key, hash, e);
    gate_leave(&i->gate);
    return status;
}

enum status identity_issue_key(struct identity *i, bool live, char key[API_KEY_SIZE],
                               char hash[API_KEY_HASH_SIZE], struct error *e)
{
    return identity_issue(i, head_of(live), key, hash, e);
}

/* Argon2, unless the same secret was verified while this thread waited for its turn: a hundred
 * connections that come at once with one key cost one run. */
enum status identity_check_secret(struct identity *i, struct str secret, struct str hash,
                                  bool *right, struct error *e)
{
    uint8_t digest[DIGEST_SIZE];

    cache_digest(i->cache, secret, hash, digest);
    *right = cache_has(i->cache, digest);
    if (*right) {
        atomic_fetch_add(&i->cache_hits, 1);
        return OK;
    }
    if (enter(i, e) != OK) {
        return FAIL;
    }
    *right = cache_has(i->cache, digest);
    if (*right) {
        atomic_fetch_add(&i->cache_hits, 1);
    } else {
        atomic_fetch_add(&i->argon2_runs, 1);
        *right = argon2id_verify(hash.p, secret.p, secret.n) == ARGON2_OK;
        if (*right) {
            cache_add(i->cache, digest);
        }
    }
    gate_leave(&i->gate);
    return OK;
}

static void forget(struct identity *i, struct str secret, struct str hash)
{
    uint8_t digest[DIGEST_SIZE];

    cache_digest(i->cache, secret, hash, digest);
    cache_drop(i->cache, digest);
}

/* The row of the key, or `*known` false; the hash to verify against is then the dummy. */
static enum status find(struct identity *i, struct str prefix, struct arena *a, bool *known,
                        struct store_credential *out, struct error *e)
{
    struct error why = ERROR_INIT;

    *known = store_credential_find(i->store, prefix, a, out, &why) == OK;
    if (!*known && why.code != ERR_NOT_FOUND) {
        log_error("identity", "no key can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    if (!*known) {
        out->key.hash = str_of(i->dummy);
    }
    return OK;
}

/* NULL: nothing speaks against it. */
static const char *judge(struct identity *i, const struct store_credential *c, struct str user,
                         struct str environment, struct str source_ip)
{
    const char *why = grant_refusal(c, i->wall_us(), source_ip);

    if (!why && user.p && !grant_names(c, user)) {
        why = "it is of another user";
    }
    if (!why && environment.p &&
        !str_eq(environment.n ? environment : STR(STORE_DEFAULT_ENVIRONMENT), c->key.environment)) {
        why = "it is of another environment";
    }
    return why;
}

enum status identity_admit(struct identity *i, const struct store_credential *c, struct str user,
                           struct str environment, struct str source_ip, struct arena *a,
                           struct principal **out, struct error *e)
{
    const char *why = judge(i, c, user, environment, source_ip);
    struct standing now;

    if (why) {
        return identity_refuse(i, c->key.prefix.n ? c->key.prefix : c->key.user_id, source_ip, why,
                               e);
    }
    *out = grant_principal(c, source_ip, a);
    pthread_mutex_lock(&i->lock);
    standing_of(i, c, (*out)->base_role, &now);
    pthread_mutex_unlock(&i->lock);
    (*out)->role = now.role;
    (*out)->grant_id = arena_str(a, str_of(now.grant_id));
    return OK;
}

static enum status verify_key(struct identity *i, struct str user, struct str secret,
                              struct str environment, struct str source_ip, struct arena *a,
                              struct principal **out, struct error *e)
{
    struct str prefix = {secret.p, STORE_KEY_PREFIX_LENGTH};
    struct store_credential c;
    bool known, right;

    if (find(i, prefix, a, &known, &c, e) != OK ||
        identity_check_secret(i, secret, c.key.hash, &right, e) != OK) {
        return FAIL;
    }
    if (!known || !right) {
        return identity_refuse_key(i, prefix, source_ip, known ? "the key is wrong" : "no such key",
                                   e);
    }
    if (c.key.revoked_us) {
        forget(i, secret, c.key.hash);
    }
    return identity_admit(i, &c, user, environment, source_ip, a, out, e);
}

/* A token of another provider: judged there, then as a key of the user's that ends with it. */
static enum status verify_federated(struct identity *i, struct str user, struct str secret,
                                    struct str environment, struct str source_ip, struct arena *a,
                                    struct principal **out, struct error *e)
{
    static const struct str shown = {"a token", 7};
    struct error why = ERROR_INIT;
    struct store_credential c;
    struct federated f;

    environment = environment.n ? environment : STR(STORE_DEFAULT_ENVIRONMENT);
    if (federation_verify(i->config.federation, secret, environment, a, &f, &why) != OK ||
        federation_credential(i->store, f.provider.id, f.user.id, f.role, environment, f.scopes, a,
                              &c, &why) != OK) {
        if (why.code == ERR_AUTH || why.code == ERR_NOT_FOUND) {
            return identity_refuse(i, shown, source_ip, why.message, e);
        }
        log_error("identity", "no token can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    c.key.expires_us = f.expires_us;
    if (identity_admit(i, &c, user, environment, source_ip, a, out, e) != OK) {
        return FAIL;
    }
    (*out)->proof = PROOF_FEDERATED;
    (*out)->provider_id = f.provider.id;
    (*out)->expires_us = f.expires_us;
    return OK;
}

static bool is_ours(struct identity *i, struct str token, struct arena *a)
{
    return i->tokens &&
           ((!i->config.federation && !i->config.remote) || tokens_is_ours(i->tokens, token, a));
}

/* A token's issuer says who is to judge it. `user` is STR_NULL for a bearer. */
static enum status verify_token(struct identity *i, struct str user, struct str secret,
                                struct str environment, struct str source_ip, struct arena *a,
                                struct principal **out, struct error *e)
{
    if (is_ours(i, secret, a)) {
        return signin_verify_token(i, user, secret, environment, source_ip, a, out, e);
    }
    if (i->config.remote) {
        return identity_verify_remote(i, user, secret, environment, source_ip, a, out, e);
    }
    return i->config.federation
               ? verify_federated(i, user, secret, environment, source_ip, a, out, e)
               : identity_refuse(i, STR("a token"), source_ip, "no token is good here", e);
}

enum status identity_verify(struct identity *i, struct str user, struct str secret,
                            struct str environment, struct str source_ip, struct arena *a,
                            struct principal **out, struct error *e)
{
    user = user.p ? user : STR("");
    environment = environment.p ? environment : STR("");
    if (identity_current(i, e) != OK) {
        return FAIL;
    }
    if (is_key(secret)) {
        return verify_key(i, user, secret, environment, source_ip, a, out, e);
    }
    if (federation_is_token(secret)) {
        return verify_token(i, user, secret, environment, source_ip, a, out, e);
    }
    if (!i->tokens || str_starts(secret, "hd_")) {
        return identity_refuse_key(i, STR("(none)"), source_ip, "the password is not an API key",
                                   e);
    }
    if (i->config.remote) {
        return identity_verify_remote(i, user, secret, environment, source_ip, a, out, e);
    }
    return signin_verify_password(i, user, secret, environment, source_ip, a, out, e);
}

enum status identity_verify_bearer(struct identity *i, struct str secret, struct str environment,
                                   struct str source_ip, struct arena *a, struct principal **out,
                                   struct error *e)
{
    if (is_key(secret)) {
        return verify_key(i, STR_NULL, secret, STR_NULL, source_ip, a, out, e);
    }
    environment = is_ours(i, secret, a) ? STR_NULL : environment;
    return verify_token(i, STR_NULL, secret, environment, source_ip, a, out, e);
}

struct str identity_key_set(struct identity *i, struct arena *a)
{
    return i->tokens ? tokens_key_set(i->tokens, a) : STR("{\"keys\":[]}");
}

enum status identity_rotate_keys(struct identity *i, struct str actor, struct error *e)
{
    return i->tokens ? tokens_rotate(i->tokens, actor, i->wall_us(), e)
                     : error_set(e, ERR_CONFIG, "nobody signs in here");
}

void identity_set_clock(struct identity *i, int64_t (*wall_us)(void), int64_t (*mono_ns)(void))
{
    jit_set_clock(i->jit, wall_us, mono_ns);
    throttle_set_clock(i->tries, mono_ns);
    throttle_set_clock(i->codes, mono_ns);
    i->wall_us = wall_us;
}
