#include "identity/keyset.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

enum { SETS_MAX = 1024, MS = 1000000 };

/* A fetched set, held by its entry and by those who verify with it at the moment. */
struct held {
    struct jwk_set *keys;
    int holders;
};

struct entry {
    struct held *held;  /* NULL: none yet */
    int64_t fetched_ns; /* when `held` came */
    int64_t tried_ns;   /* when it was last asked for, with or without success */
    bool tried, fetching;
};

struct keysets {
    struct keysets_config config;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t came;  /* a fetch is over */
    struct map *entries;  /* issuer and jwks_uri to struct entry */
    uint64_t fetches;
};

struct keysets *keysets_new(const struct keysets_config *c)
{
    struct keysets *k = mem_alloc(sizeof *k);

    k->config = *c;
    k->entries = map_new();
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->came, NULL);
    return k;
}

/* Under the lock. */
static void let_go(struct held *h)
{
    if (h && --h->holders == 0) {
        jwk_set_free(h->keys);
        free(h);
    }
}

static void free_entry(void *value)
{
    struct entry *en = value;

    let_go(en->held);
    free(en);
}

void keysets_free(struct keysets *k)
{
    if (k) {
        map_free(k->entries, free_entry);
        pthread_cond_destroy(&k->came);
        pthread_mutex_destroy(&k->lock);
        free(k);
    }
}

uint64_t keysets_fetches(struct keysets *k)
{
    uint64_t n;

    pthread_mutex_lock(&k->lock);
    n = k->fetches;
    pthread_mutex_unlock(&k->lock);
    return n;
}

/* ---- fetching ---- */

/* The discovery document must be the issuer's own, or one provider could lend keys to another. */
static enum status read_discovery(struct str json, struct str issuer, struct arena *a, char **url,
                                  struct error *e)
{
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    const char *named = json_string_value(json_object_get(root, "issuer"));
    const char *keys = json_string_value(json_object_get(root, "jwks_uri"));
    bool good = named && keys && str_is(issuer, named);

    *url = good ? arena_strdup(a, str_of(keys)) : NULL;
    json_decref(root);
    return good ? OK
                : error_set(e, ERR_IO,
                            "the discovery document isn't this issuer's, with a jwks_uri");
}

static enum status discover(struct keysets *k, struct str issuer, struct arena *a, char **url,
                            struct error *e)
{
    struct buf body = BUF_INIT(JWK_SET_TEXT_MAX);
    struct str base = issuer;
    enum status status;

    base.n -= base.n && base.p[base.n - 1] == '/' ? 1 : 0;
    *url = arena_printf(a, "%.*s/.well-known/openid-configuration", STR_ARG(base));
    status = k->config.fetch(k->config.ctx, *url, &body, e);
    if (status == OK) {
        status = read_discovery(buf_str(&body), issuer, a, url, e);
    }
    buf_free(&body);
    return status;
}

static enum status fetch(struct keysets *k, struct str issuer, struct str jwks_uri,
                         struct jwk_set **out, struct error *e)
{
    struct arena *a = arena_new(0);
    struct buf body = BUF_INIT(JWK_SET_TEXT_MAX);
    char *url = arena_strdup(a, jwks_uri);
    enum status status = jwks_uri.n ? OK : discover(k, issuer, a, &url, e);

    if (status == OK) {
        status = k->config.fetch(k->config.ctx, url, &body, e);
    }
    if (status == OK) {
        status = jwk_set_read(buf_str(&body), out, e);
    }
    buf_free(&body);
    arena_free(a);
    return status;
}

/* Under the lock, which is let go while the request runs. The new set takes the old one's place
 * only when it is whole. */
static void refresh(struct keysets *k, struct entry *en, struct str issuer, struct str jwks_uri)
{
    struct error why = ERROR_INIT;
    struct jwk_set *keys = NULL;
    enum status status;

    en->tried = en->fetching = true;
    en->tried_ns = k->config.mono_ns();
    k->fetches++;
    pthread_mutex_unlock(&k->lock);
    status = fetch(k, issuer, jwks_uri, &keys, &why);
    if (status != OK) {
        log_warn("federation", "the keys of %.*s can't be had: %s", STR_ARG(issuer), why.message);
    }
    pthread_mutex_lock(&k->lock);
    if (status == OK) {
        let_go(en->held);
        en->held = mem_alloc(sizeof *en->held);
        *en->held = (struct held){keys, 1};
        en->fetched_ns = k->config.mono_ns();
    }
    en->fetching = false;
    pthread_cond_broadcast(&k->came);
}

/* ---- using ---- */

static struct entry *entry_of(struct keysets *k, struct str name)
{
    struct entry *en = map_get(k->entries, name);

    if (!en && map_count(k->entries) < SETS_MAX) {
        en = mem_alloc(sizeof *en);
        map_put(k->entries, name, en);
    }
    return en;
}

static bool may_ask(const struct keysets *k, const struct entry *en)
{
    return !en->fetching &&
           (!en->tried || k->config.mono_ns() - en->tried_ns >= k->config.interval_ms * MS);
}

static bool is_younger(const struct keysets *k, const struct entry *en, int64_t ms)
{
    return en->held && k->config.mono_ns() - en->fetched_ns < ms * MS;
}

/* Asks where it is worth it and allowed; waits where another does and there is nothing else. With
 * `newer`, keys that are there aren't enough. */
static void freshen(struct keysets *k, struct entry *en, struct str issuer, struct str jwks_uri,
                    bool newer)
{
    if ((newer || !is_younger(k, en, k->config.fresh_ms)) && may_ask(k, en)) {
        refresh(k, en, issuer, jwks_uri);
    }
    while (en->fetching && (newer || !is_younger(k, en, k->config.stale_ms))) {
        pthread_cond_wait(&k->came, &k->lock);
    }
}

/* Under the lock; verifying is outside of it. */
static enum status verify_with(struct keysets *k, struct entry *en, const struct jws *t,
                               struct error *e)
{
    struct held *h = en->held;
    enum status status;

    if (!is_younger(k, en, k->config.stale_ms)) {
        return error_set(e, ERR_IO, "the provider's keys can't be had");
    }
    h->holders++;
    pthread_mutex_unlock(&k->lock);
    status = jws_verify(t, h->keys, e);
    pthread_mutex_lock(&k->lock);
    let_go(h);
    return status;
}

static enum status verify(struct keysets *k, struct str name, struct str issuer,
                          struct str jwks_uri, const struct jws *t, struct error *e)
{
    struct entry *en = entry_of(k, name);
    struct error why = ERROR_INIT;

    if (!en) {
        return error_set(e, ERR_IO, "too many providers");
    }
    freshen(k, en, issuer, jwks_uri, false);
    if (verify_with(k, en, t, &why) == OK) {
        return OK;
    }
    if (why.code == ERR_NOT_FOUND) {
        freshen(k, en, issuer, jwks_uri, true);
        why = (struct error)ERROR_INIT;
        if (verify_with(k, en, t, &why) == OK) {
            return OK;
        }
    }
    return error_set(e, why.code == ERR_IO ? ERR_IO : ERR_AUTH, "%s", why.message);
}

enum status keysets_verify(struct keysets *k, struct str issuer, struct str jwks_uri,
                           const struct jws *t, struct error *e)
{
    struct arena *a = arena_new(0);
    struct str name = str_of(arena_printf(a, "%.*s %.*s", STR_ARG(issuer), STR_ARG(jwks_uri)));
    enum status status;

    pthread_mutex_lock(&k->lock);
    status = verify(k, name, issuer, jwks_uri, t, e);
    pthread_mutex_unlock(&k->lock);
    arena_free(a);
    return status;
}
