#include "identity/federation.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "identity/aws.h"
#include "identity/gate.h"
#include "identity/keyset.h"
#include "identity/provider.h"
#include "net/http_client.h"
#include "store/org.h"

enum { LEEWAY_S = 60, CALLERS_MAX = 4096, STS_AT_ONCE = 2, STS_WAITING = 16 };

/* Who signed an AWS token that was asked for lately: a token is asked for once. */
struct caller {
    json_t *claims;
    int64_t signed_at_s;
};

struct federation {
    struct federation_config config;
    struct keysets *keysets;
    struct gate gate; /* over requests to STS */
    uint8_t digest_key[DIGEST_SIZE];
    pthread_mutex_t lock; /* over what follows */
    struct map *callers;  /* keyed digest of the token to struct caller */
};

static enum status fetch(void *ctx, const char *url, struct buf *out, struct error *e)
{
    struct http_request r = {.url = url};

    return http_client_fetch(ctx, &r, out, e);
}

struct federation *federation_new(const struct federation_config *c)
{
    struct federation *f = mem_alloc(sizeof *f);
    struct keysets_config k = {
        .interval_ms = c->key_interval_ms,
        .fresh_ms = c->key_fresh_ms,
        .stale_ms = c->key_stale_ms,
        .mono_ns = clock_mono_ns,
        .fetch = fetch,
        .ctx = c->http,
    };

    f->config = *c;
    f->keysets = keysets_new(&k);
    f->callers = map_new();
    id_random(f->digest_key, sizeof f->digest_key);
    gate_init(&f->gate, STS_AT_ONCE, STS_WAITING);
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

static void free_caller(void *value)
{
    struct caller *c = value;

    json_decref(c->claims);
    free(c);
}

void federation_free(struct federation *f)
{
    if (f) {
        keysets_free(f->keysets);
        map_free(f->callers, free_caller);
        gate_fini(&f->gate);
        pthread_mutex_destroy(&f->lock);
        free(f);
    }
}

bool federation_is_token(struct str secret)
{
    return str_starts(secret, AWS_TOKEN_PREFIX) || str_starts(secret, "eyJ");
}

static int64_t now_s(const struct federation *f)
{
    return f->config.wall_us() / 1000000;
}

/* ---- which provider ---- */

static enum status find_provider(struct federation *f, struct str issuer, struct str audience,
                                 struct arena *a, struct federated *out, struct provider *p,
                                 struct error *e)
{
    struct error why = ERROR_INIT;

    if (store_provider_find(f->config.store, issuer, audience, a, &out->provider, &why) != OK) {
        return why.code == ERR_NOT_FOUND
                   ? error_set(e, ERR_AUTH, "no provider has tokens of that issuer and audience")
                   : error_set(e, ERR_NOT_READY, "%s", why.message);
    }
    return provider_read(out->provider.json, a, p, e);
}

/* Of several audiences the first that is some provider's; whether it may be, jwt_check says. */
static enum status find_by_audiences(struct federation *f, const struct jwt *c, struct arena *a,
                                     struct federated *out, struct provider *p, struct error *e)
{
    enum status status = error_set(e, ERR_AUTH, "the token is for no audience");

    for (size_t i = 0; i < c->aud_count && status != OK; i++) {
        *e = (struct error)ERROR_INIT;
        status = find_provider(f, c->iss, c->aud[i], a, out, p, e);
        if (status != OK && e->code != ERR_AUTH) {
            return FAIL;
        }
    }
    return status;
}

/* ---- OpenID Connect ---- */

static enum status check_jwt(struct federation *f, const struct jws *t, const struct jwt *c,
                             struct arena *a, struct federated *out, struct provider *p,
                             struct error *e)
{
    struct jwt_expected x = {.leeway_s = LEEWAY_S};

    if (find_by_audiences(f, c, a, out, p, e) != OK) {
        return FAIL;
    }
    if (p->aws) {
        return error_set(e, ERR_AUTH, "the token's issuer is none");
    }
    x.issuer = p->issuer;
    x.audiences = p->audiences.at;
    x.audience_count = p->audiences.n;
    out->expires_us = (c->exp + LEEWAY_S) * 1000000;
    /* The claims first: a token that is refused by them costs no request. */
    if (jwt_check(c, &x, now_s(f), e) != OK) {
        return FAIL;
    }
    return keysets_verify(f->keysets, p->issuer, p->jwks_uri, t, e);
}

static enum status verify_jwt(struct federation *f, struct str secret, struct arena *a,
                              struct federated *out, struct provider *p, json_t **claims,
                              struct error *e)
{
    struct jws t;
    struct jwt c;
    enum status status;

    if (jws_read(secret, a, &t, e) != OK || jwt_read(&t, &c, e) != OK) {
        return FAIL;
    }
    status = check_jwt(f, &t, &c, a, out, p, e);
    if (status == OK) {
        *claims = json_incref(c.claims);
    }
    jwt_fini(&c);
    return status;
}

/* ---- AWS ---- */

static json_t *remembered(struct federation *f, struct str digest)
{
    struct caller *c;
    json_t *claims;

    pthread_mutex_lock(&f->lock);
    c = map_get(f->callers, digest);
    claims = c && c->signed_at_s + AWS_AGE_S > now_s(f) ? json_deep_copy(c->claims) : NULL;
    pthread_mutex_unlock(&f->lock);
    return claims;
}

static void remember(struct federation *f, struct str digest, const json_t *claims, int64_t at_s)
{
    struct caller *c = mem_alloc(sizeof *c), *old;

    *c = (struct caller){json_deep_copy(claims), at_s};
    pthread_mutex_lock(&f->lock);
    if (map_count(f->callers) >= CALLERS_MAX) { /* all at once: it costs a request each */
        map_free(f->callers, free_caller);
        f->callers = map_new();
    }
    old = map_put(f->callers, digest, c);
    pthread_mutex_unlock(&f->lock);
    if (old) {
        free_caller(old);
    }
}

static enum status ask_sts(struct federation *f, const struct aws_request *r, json_t **claims,
                           struct error *e)
{
    struct http_request request = {
        .url = r->url,
        .headers = r->headers,
        .header_count = r->header_count,
        .body = AWS_BODY,
        .connect = f->config.sts_connect && *f->config.sts_connect ? f->config.sts_connect : NULL};
    struct buf body = BUF_INIT(AWS_REPLY_MAX);
    enum status status;

    if (!gate_enter(&f->gate)) {
        return error_set(e, ERR_NOT_READY, "too many logins are being checked at STS");
    }
    status = http_client_fetch(f->config.http, &request, &body, e);
    gate_leave(&f->gate);
    if (status == OK) {
        status = aws_claims(buf_str(&body), claims, e);
    }
    buf_free(&body);
    return status;
}

static bool has_region(const struct provider *p, struct str region)
{
    for (size_t i = 0; i < p->regions.n; i++) {
        if (str_eq(p->regions.at[i], region)) {
            return true;
        }
    }
    return false;
}

static enum status verify_aws(struct federation *f, struct str secret, struct arena *a,
                              struct federated *out, struct provider *p, json_t **claims,
                              struct error *e)
{
    uint8_t bytes[DIGEST_SIZE];
    struct str digest = {(char *)bytes, sizeof bytes};
    struct aws_request r;

    if (aws_read(secret, now_s(f), a, &r, e) != OK ||
        find_provider(f, STR(PROVIDER_AWS_ISSUER), r.server_id, a, out, p, e) != OK) {
        return FAIL;
    }
    if (!has_region(p, r.region)) {
        return error_set(e, ERR_AUTH, "the AWS token is for a region that the provider hasn't");
    }
    out->expires_us = (now_s(f) + p->session_minutes * 60) * 1000000;
    digest_hmac(f->digest_key, secret, bytes);
    *claims = remembered(f, digest);
    if (!*claims) {
        if (ask_sts(f, &r, claims, e) != OK) {
            return FAIL;
        }
        remember(f, digest, *claims, r.signed_at_s);
    }
    return OK;
}

/* ---- who it is ---- */

static bool has_environment(const struct provider *p, struct str environment)
{
    for (size_t i = 0; i < p->environments.n; i++) {
        if (str_eq(p->environments.at[i], environment)) {
            return true;
        }
    }
    return false;
}

static enum status find_user(struct federation *f, const struct provider *p, const json_t *claims,
                             struct arena *a, struct federated *out, struct error *e)
{
    struct str actor = str_of(arena_printf(a, "federation:%.*s", STR_ARG(out->provider.name)));
    struct provider_match match;
    struct error why = ERROR_INIT;

    if (provider_match(p, claims, a, &match, e) != OK) {
        return FAIL;
    }
    out->role = match.role;
    out->scopes = p->scopes;
    if (store_federated_user(f->config.store, actor, out->provider.org_id, match.email,
                             str_of(role_name(match.role)), p->provision, a, &out->user,
                             &why) != OK) {
        bool refused =
            why.code == ERR_NOT_FOUND || why.code == ERR_VALIDATION || why.code == ERR_CONSTRAINT;

        return error_set(e, refused ? ERR_AUTH : ERR_NOT_READY, "%s", why.message);
    }
    return OK;
}

enum status federation_verify(struct federation *f, struct str secret, struct str environment,
                              struct arena *a, struct federated *out, struct error *e)
{
    bool aws = str_starts(secret, AWS_TOKEN_PREFIX);
    struct error why = ERROR_INIT;
    json_t *claims = NULL;
    struct provider p;
    enum status status;

    *out = (struct federated){0};
    status = (aws ? verify_aws : verify_jwt)(f, secret, a, out, &p, &claims, &why);
    if (status == OK && !has_environment(&p, environment)) {
        status = error_set(&why, ERR_AUTH, "the provider hasn't that environment");
    }
    if (status == OK) {
        status = find_user(f, &p, claims, a, out, &why);
    }
    json_decref(claims);
    if (status != OK) { /* STS refuses with a status, as a server that is down does */
        bool refused = why.code == ERR_AUTH || (aws && why.code == ERR_IO);

        return error_set(e, refused ? ERR_AUTH : ERR_NOT_READY, "%s", why.message);
    }
    return OK;
}

static struct store_list scope_names(unsigned scopes, struct arena *a)
{
    enum { BITS = 16 };
    struct str *names = ARENA_ARRAY(a, struct str, BITS);
    size_t n = 0;

    for (int i = 0; i < BITS; i++) {
        if (scopes & 1u << i) {
            names[n++] = str_of(scope_name((enum scope)(1u << i)));
        }
    }
    return (struct store_list){names, n};
}

enum status federation_credential(struct store *s, struct str provider_id, struct str user_id,
                                  enum role role, struct str environment, unsigned scopes,
                                  struct arena *a, struct store_credential *out, struct error *e)
{
    if (store_federated_find(s, provider_id, user_id, a, out, e) != OK ||
        store_environment_check(s, out->key.org_id, environment, e) != OK) {
        return FAIL;
    }
    out->key.id = str_of(arena_printf(a, "federation:%.*s:%s:%.*s", STR_ARG(provider_id),
                                      role_name(role), STR_ARG(user_id)));
    out->key.prefix = STR("");
    out->key.environment = environment;
    out->key.scopes = scope_names(scopes, a);
    if (!str_is(out->user.role, role_name(role))) {
        out->grant = (struct store_grant){0};
    }
    out->user.role = str_of(role_name(role));
    return OK;
}
