/* Whether a credential that let somebody in still holds, and which role it gives now. Asked at each
 * statement, so what the store said is remembered until its version moves. */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "identity/federation.h"
#include "identity/identity_priv.h"
#include "store/signin.h"

/* A credential as the store had it at one version. */
struct known {
    uint64_t version;
    struct arena *arena;
    struct store_credential credential;
    struct principal *principal;
};

void standing_forget(void *value)
{
    struct known *k = value;

    arena_free(k->arena);
    free(k);
}

void standing_of(struct identity *i, const struct store_credential *c, enum role own,
                 struct standing *out)
{
    *out = (struct standing){.role = own};
    if (c->grant.id.n && role_parse(c->grant.role, &out->role) && jit_left(i->jit, &c->grant) > 0) {
        snprintf(out->grant_id, sizeof out->grant_id, "%.*s", STR_ARG(c->grant.id));
    } else {
        out->role = own;
    }
}

/* What a principal's credential is remembered by: a password is one in each environment. */
static struct str known_by(const struct principal *p, char out[128])
{
    int n = snprintf(out, 128, "%d %.*s %.*s", (int)p->proof, STR_ARG(p->key_id),
                     STR_ARG(p->environment));

    return (struct str){out, n < 128 ? (size_t)n : 127};
}

enum status standing_credential(struct identity *i, const struct principal *p, struct arena *a,
                                struct store_credential *out, struct error *e)
{
    switch (p->proof) {
    case PROOF_KEY:
        return store_credential_find(i->store, p->key_prefix, a, out, e);
    case PROOF_SIGN_IN:
        return store_sign_in_credential(i->store, p->key_id, a, out, e);
    case PROOF_PASSWORD:
        return store_password_credential(i->store, p->key_id, p->environment, a, out, e);
    case PROOF_FEDERATED:
        return federation_credential(i->store, p->provider_id, p->user_id, p->base_role,
                                     arena_str(a, p->environment), p->scopes, a, out, e);
    }
    return error_set(e, ERR_NOT_FOUND, "there is no such credential");
}

/* Reads the credential anew. What is remembered is bounded: past it, all is forgotten at once,
 * which costs a read each. */
static enum status learn(struct identity *i, const struct principal *p, uint64_t version,
                         struct known **out, struct error *e)
{
    enum { KNOWN_MAX = 16384 };
    char name[128];
    struct known *k = map_remove(i->known, known_by(p, name));

    if (k) {
        standing_forget(k);
    }
    if (map_count(i->known) >= KNOWN_MAX) {
        map_free(i->known, standing_forget);
        i->known = map_new();
    }
    k = mem_alloc(sizeof *k);
    k->arena = arena_new(0);
    k->version = version;
    if (standing_credential(i, p, k->arena, &k->credential, e) != OK) {
        standing_forget(k);
        return FAIL;
    }
    k->principal = grant_principal(&k->credential, STR_NULL, k->arena);
    k->principal->proof = p->proof;
    map_put(i->known, known_by(p, name), k);
    *out = k;
    return OK;
}

static const char *const gone[] = {
    [PROOF_KEY] = "the key was removed",
    [PROOF_SIGN_IN] = "the sign-in is over",
    [PROOF_PASSWORD] = "the password is another by now",
    [PROOF_FEDERATED] = "the user or the identity provider was removed",
};

static enum status revoked(struct error *e, const char *why)
{
    return error_set(e, ERR_REVOKED, "this session's credentials no longer hold: %s", why);
}

static enum status check_locked(struct identity *i, const struct principal *p, uint64_t version,
                                struct standing *now, struct error *e)
{
    struct error missing = ERROR_INIT;
    char name[128];
    struct known *k = map_get(i->known, known_by(p, name));
    const char *why;

    if ((!k || k->version != version) && learn(i, p, version, &k, &missing) != OK) {
        if (missing.code == ERR_NOT_FOUND) {
            return revoked(e, gone[p->proof]);
        }
        return error_set(e, missing.code, "%s", missing.message);
    }
    why = grant_refusal(&k->credential, i->wall_us(), p->source_ip);
    if (!why && p->expires_us && i->wall_us() >= p->expires_us) {
        why = "the token has expired";
    }
    if (!why && p->proof == PROOF_PASSWORD && k->credential.factor_required && !p->second_factor) {
        why = "the organization wants a second factor";
    }
    if (!why && !principal_same(k->principal, p)) {
        why = "what they allow was changed; connect again";
    }
    standing_of(i, &k->credential, k->principal->base_role, now);
    return why ? revoked(e, why) : OK;
}

enum status identity_still_valid(struct identity *i, const struct principal *p,
                                 struct standing *now, struct error *e)
{
    enum status status;
    uint64_t version;

    if (identity_current(i, e) != OK) {
        return FAIL;
    }
    /* The version is read first: a row that changes between the two reads is read again next time.
     */
    if (store_rights_version(i->store, &version, e) != OK) {
        return FAIL;
    }
    pthread_mutex_lock(&i->lock);
    status = check_locked(i, p, version, now, e);
    pthread_mutex_unlock(&i->lock);
    return status;
}

bool standing_holds(const struct standing *now, const struct principal *p)
{
    return now->role == p->role && str_is(p->grant_id, now->grant_id);
}

/* ---- each second ---- */

/* Tells the store what is left, now and then: what a crash and a clock set back could add to a
 * grant is that little. */
static enum status keep_left(struct identity *i, const struct store_grant *grants, size_t n,
                             struct error *e)
{
    enum { TELL_EVERY_US = 10 * 1000000 };
    enum status status = OK;

    for (size_t k = 0; k < n && status == OK; k++) {
        int64_t left;

        pthread_mutex_lock(&i->lock);
        left = jit_left(i->jit, &grants[k]);
        pthread_mutex_unlock(&i->lock);
        if (left == 0 || grants[k].left_us - left >= TELL_EVERY_US) {
            status = store_grant_left(i->store, grants[k].id, left, e);
        }
    }
    return status;
}

static enum status tick_sign_ins(struct identity *i, struct error *e)
{
    if (refusals_write(i->refusals, i->store, e) != OK ||
        store_sign_in_sweep(i->store, i->wall_us(), e) != OK) {
        return FAIL;
    }
    return tokens_tick(i->tokens, i->wall_us(), e);
}

static enum status write_down(struct identity *i, const struct store_grant *grants, size_t n,
                              struct error *e)
{
    if (keep_left(i, grants, n, e) != OK) {
        return FAIL;
    }
    return i->tokens ? tick_sign_ins(i, e) : OK;
}

enum status identity_tick(struct identity *i, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_grant *grants;
    enum status status;
    size_t n;

    status = store_grants(i->store, a, &grants, &n, e);
    if (status == OK) {
        status = i->config.remote ? tokens_tick(i->tokens, i->wall_us(), e)
                                  : write_down(i, grants, n, e);
    }
    if (status == OK) {
        pthread_mutex_lock(&i->lock);
        jit_keep(i->jit, grants, n);
        pthread_mutex_unlock(&i->lock);
    }
    if (status == OK && !i->config.remote) {
        status = store_jit_sweep(i->store, STR("hatidata"), i->wall_us(), e);
    }
    arena_free(a);
    return status;
}
