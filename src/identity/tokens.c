#include "identity/tokens.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/jwt.h"
#include "crypto/sealed.h"
#include "crypto/signkey.h"
#include "store/signkeys.h"

enum { KEYS_MAX = 16 };
static const int64_t second_us = 1000000;
static const char place[] = "signing key";

struct key {
    char id[ID_UUID_SIZE];
    struct signkey *signkey;
    int64_t from_us, until_us;
};

/* All keys that the store had at one moment; never changed, but replaced whole. */
struct keys {
    struct arena *arena;
    struct key at[KEYS_MAX];
    size_t n;
    struct str set; /* as JSON */
    struct jwk_set *verifying;
};

struct tokens {
    struct store *store;
    bool signs;
    uint8_t secret_key[AEAD_KEY_SIZE];
    char *issuer;
    pthread_rwlock_t lock; /* over `keys` */
    struct keys *keys;
};

static void free_keys(struct keys *k)
{
    if (k) {
        for (size_t i = 0; i < k->n; i++) {
            signkey_free(k->at[i].signkey);
        }
        jwk_set_free(k->verifying);
        arena_free(k->arena);
        free(k);
    }
}

struct tokens *tokens_new(struct store *s, const uint8_t secret_key[AEAD_KEY_SIZE],
                          const char *issuer)
{
    struct tokens *t = mem_alloc(sizeof *t);

    t->store = s;
    t->signs = secret_key != NULL;
    if (secret_key) {
        memcpy(t->secret_key, secret_key, sizeof t->secret_key);
    }
    t->issuer = mem_strdup(issuer);
    pthread_rwlock_init(&t->lock, NULL);
    return t;
}

void tokens_free(struct tokens *t)
{
    if (t) {
        free_keys(t->keys);
        pthread_rwlock_destroy(&t->lock);
        mem_wipe(t->secret_key, sizeof t->secret_key);
        free(t->issuer);
        free(t);
    }
}

/* ---- keys ---- */

static enum status open_key(struct tokens *t, const struct store_signing_key *row, struct key *out,
                            struct error *e)
{
    struct arena *a;
    struct str der = STR_NULL;
    enum status status;

    *out = (struct key){.from_us = row->from_us, .until_us = row->until_us};
    snprintf(out->id, sizeof out->id, "%.*s", STR_ARG(row->id));
    if (!t->signs) {
        return OK;
    }
    a = arena_new(0);
    status = sealed_read(t->secret_key, place, row->id, row->sealed, a, &der, e);
    if (status == OK) {
        status = signkey_import(der, &out->signkey, e);
        mem_wipe((char *)der.p, der.n);
    }
    arena_free(a);
    return status;
}

/* Public keys are told as the store has them; whether they fit their private halves shows at the
 * first token that is verified. */
static struct str set_of(const struct store_signing_key *rows, size_t n, struct arena *a)
{
    struct buf b = BUF_INIT(0);
    struct str set;

    buf_puts(&b, "{\"keys\":[");
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? "," : "");
        buf_put_str(&b, rows[i].public_key);
    }
    buf_puts(&b, "]}");
    set = arena_str(a, buf_str(&b));
    buf_free(&b);
    return set;
}

static enum status read_keys(struct tokens *t, struct keys *k, struct error *e)
{
    struct store_signing_key *rows;
    enum status status;
    size_t n;

    status = store_signing_keys(t->store, k->arena, &rows, &n, e);
    if (status == OK && n > KEYS_MAX) {
        status =
            error_set(e, ERR_CORRUPT, "the control store has more than %d signing keys", KEYS_MAX);
    }
    for (size_t i = 0; i < n && status == OK; i++) {
        status = open_key(t, &rows[i], &k->at[i], e);
        k->n += status == OK;
    }
    if (status == OK) {
        k->set = set_of(rows, n, k->arena);
        status = jwk_set_read(k->set, &k->verifying, e);
    }
    return status;
}

static bool are_those(struct tokens *t, const struct store_signing_key *rows, size_t n)
{
    bool same = t->keys && t->keys->n == n;

    for (size_t i = 0; same && i < n; i++) {
        const struct key *k = &t->keys->at[i];

        same = str_is(rows[i].id, k->id) && rows[i].from_us == k->from_us &&
               rows[i].until_us == k->until_us;
    }
    return same;
}

/* Reads the store's keys where they aren't those that are known. Only one thread ticks: it alone
 * writes, and may read without the lock. */
static enum status take_over(struct tokens *t, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_signing_key *rows;
    struct keys *fresh, *old = NULL;
    enum status status;
    size_t n;

    status = store_signing_keys(t->store, a, &rows, &n, e);
    if (status != OK || are_those(t, rows, n)) {
        arena_free(a);
        return status;
    }
    arena_free(a);
    fresh = mem_alloc(sizeof *fresh);
    fresh->arena = arena_new(0);
    status = read_keys(t, fresh, e);
    if (status == OK) {
        pthread_rwlock_wrlock(&t->lock);
        old = t->keys;
        t->keys = fresh;
        pthread_rwlock_unlock(&t->lock);
    }
    free_keys(status == OK ? old : fresh);
    return status;
}

static enum status add_key(struct tokens *t, int64_t from_us, struct error *e)
{
    struct arena *a = arena_new(0);
    struct signkey *k = NULL;
    char id[ID_UUID_SIZE];
    struct store_signing_key row = {.id = {id, sizeof id - 1},
                                    .from_us = from_us,
                                    .until_us = from_us + SIGNING_KEY_SECONDS * second_us};
    struct str der = STR_NULL;
    enum status status = signkey_make(&k, e);

    id_uuid(id);
    if (status == OK) {
        status = signkey_export(k, a, &der, e);
    }
    if (status == OK) {
        status = sealed_write(t->secret_key, place, row.id, der, a, &row.sealed, e);
    }
    if (status == OK) {
        status = signkey_public(k, row.id, a, &row.public_key, e);
    }
    if (status == OK) {
        status = store_signing_key_add(t->store, &row, e);
    }
    if (der.n) {
        mem_wipe((char *)der.p, der.n);
    }
    signkey_free(k);
    arena_free(a);
    return status;
}

/* When the last key ends; 0: there is none. */
static int64_t last_end(const struct keys *k)
{
    return k && k->n ? k->at[k->n - 1].until_us : 0;
}

static enum status make_next(struct tokens *t, int64_t now_us, struct error *e)
{
    int64_t end = last_end(t->keys);

    if (end > now_us + SIGNING_KEY_LEAD_SECONDS * second_us) {
        return OK;
    }
    if (add_key(t, end > now_us ? end : now_us, e) != OK) {
        return FAIL;
    }
    return take_over(t, e);
}

enum status tokens_tick(struct tokens *t, int64_t now_us, struct error *e)
{
    int64_t over_us = now_us - (TOKEN_SECONDS + 60) * second_us;

    if (!t->signs) {
        return take_over(t, e);
    }
    if (store_signing_keys_sweep(t->store, over_us, e) != OK || take_over(t, e) != OK) {
        return FAIL;
    }
    return make_next(t, now_us, e);
}

enum status tokens_rotate(struct tokens *t, struct str actor, int64_t now_us, struct error *e)
{
    int64_t at_us = now_us + SIGNING_KEY_ROTATE_SECONDS * second_us;

    if (take_over(t, e) != OK || store_signing_keys_end(t->store, actor, at_us, e) != OK ||
        take_over(t, e) != OK) {
        return FAIL;
    }
    return make_next(t, now_us, e);
}

/* ---- tokens ---- */

/* The claims as JSON in the arena; STR_NULL where one isn't UTF-8. */
static struct str payload(struct tokens *t, const struct token_claims *c, int64_t now_s,
                          struct arena *a)
{
    char id[ID_UUID_SIZE];
    struct str text = STR_NULL;
    json_t *claims;
    char *dump;

    id_uuid(id);
    claims = json_pack("{s:s, s:s, s:s%, s:s%, s:s%, s:s%, s:I, s:I, s:s, s:s%}", "iss", t->issuer,
                       "aud", TOKEN_AUDIENCE, "sub", c->user_id.p, c->user_id.n, "org_id",
                       c->org_id.p, c->org_id.n, "role", c->role.p, c->role.n, "env",
                       c->environment.p, c->environment.n, "iat", (json_int_t)now_s, "exp",
                       (json_int_t)c->expires_s, "jti", id, "sid", c->sign_in.p, c->sign_in.n);
    dump = json_dumps(claims, JSON_COMPACT);
    if (dump) {
        text = arena_str(a, str_of(dump));
    }
    free(dump);
    json_decref(claims);
    return text;
}

/* Of keys whose times overlap (they don't, but for clocks) the newest signs. Under the lock. */
static const struct key *signing_now(const struct tokens *t, int64_t now_us)
{
    for (size_t i = t->keys ? t->keys->n : 0; i > 0; i--) {
        const struct key *k = &t->keys->at[i - 1];

        if (k->signkey && k->from_us <= now_us && now_us < k->until_us) {
            return k;
        }
    }
    return NULL;
}

enum status tokens_issue(struct tokens *t, const struct token_claims *c, int64_t now_us,
                         struct arena *a, struct str *out, struct error *e)
{
    struct str text = payload(t, c, now_us / second_us, a);
    const struct key *k;
    enum status status;

    if (!text.p) {
        return error_set(e, ERR_INTERNAL, "a token's claims can't be written as JSON");
    }
    pthread_rwlock_rdlock(&t->lock);
    k = signing_now(t, now_us);
    status = k ? signkey_sign(k->signkey, str_of(k->id), text, a, out, e)
               : error_set(e, ERR_NOT_READY, "no key signs tokens now");
    pthread_rwlock_unlock(&t->lock);
    return status;
}

bool tokens_is_ours(struct tokens *t, struct str token, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct jws j;
    struct jwt c;
    bool ours;

    if (jws_read(token, a, &j, &e) != OK || jwt_read(&j, &c, &e) != OK) {
        return false;
    }
    ours = str_is(c.iss, t->issuer);
    jwt_fini(&c);
    return ours;
}

static enum status verify_signature(struct tokens *t, const struct jws *j, struct error *e)
{
    enum status status;

    if (!j->kid.n) {
        return error_set(e, ERR_AUTH, "the token doesn't name its key");
    }
    pthread_rwlock_rdlock(&t->lock);
    status = t->keys ? jws_verify(j, t->keys->verifying, e)
                     : error_set(e, ERR_NOT_READY, "no key verifies tokens now");
    pthread_rwlock_unlock(&t->lock);
    return status;
}

static struct str claim(const struct jwt *c, const char *name, struct arena *a)
{
    const json_t *value = json_object_get(c->claims, name);

    return json_is_string(value)
               ? arena_str(a, (struct str){json_string_value(value), json_string_length(value)})
               : STR("");
}

static enum status read_claims(struct tokens *t, const struct jwt *c, int64_t now_us,
                               struct arena *a, struct token_claims *out, struct error *e)
{
    static const struct str audience = {TOKEN_AUDIENCE, sizeof TOKEN_AUDIENCE - 1};
    const struct jwt_expected x = {
        .issuer = str_of(t->issuer), .audiences = &audience, .audience_count = 1};

    if (jwt_check(c, &x, now_us / second_us, e) != OK) {
        return FAIL;
    }
    *out = (struct token_claims){.sign_in = claim(c, "sid", a),
                                 .user_id = arena_str(a, c->sub),
                                 .org_id = claim(c, "org_id", a),
                                 .role = claim(c, "role", a),
                                 .environment = claim(c, "env", a),
                                 .expires_s = c->exp};
    return out->sign_in.n && out->user_id.n
               ? OK
               : error_set(e, ERR_AUTH, "the token doesn't name its sign-in");
}

enum status tokens_verify(struct tokens *t, struct str token, int64_t now_us, struct arena *a,
                          struct token_claims *out, struct error *e)
{
    enum status status;
    struct jws j;
    struct jwt c;

    if (jws_read(token, a, &j, e) != OK || verify_signature(t, &j, e) != OK ||
        jwt_read(&j, &c, e) != OK) {
        return FAIL;
    }
    status = read_claims(t, &c, now_us, a, out, e);
    jwt_fini(&c);
    return status;
}

struct str tokens_key_set(struct tokens *t, struct arena *a)
{
    struct str set;

    pthread_rwlock_rdlock(&t->lock);
    set = t->keys ? arena_str(a, t->keys->set) : STR("{\"keys\":[]}");
    pthread_rwlock_unlock(&t->lock);
    return set;
}
