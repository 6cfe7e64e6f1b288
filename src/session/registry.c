#include "session/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "session/session.h"
#include "sql/bind.h"

struct entry {
    struct cancel_key key;
    struct session *session;
    char *org_id, *user, *environment, *address; /* NULL: not signed in yet */
    void (*end)(void *ctx, int32_t pid);
    void *ctx;
};

static void entry_free(void *p)
{
    struct entry *entry = p;
    if (entry) {
        free(entry->org_id);
        free(entry->user);
        free(entry->environment);
        free(entry->address);
        free(entry);
    }
}

struct registry {
    pthread_mutex_t lock;
    struct map *entries;
    int32_t last;
};

static struct str key_of(const int32_t *pid)
{
    return (struct str){(const char *)pid, sizeof *pid};
}

struct registry *registry_new(void)
{
    struct registry *r = mem_alloc(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    r->entries = map_new();
    return r;
}

void registry_free(struct registry *r)
{
    if (r) {
        map_free(r->entries, entry_free);
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

int32_t registry_reserve(struct registry *r, size_t key_size, struct cancel_key *key)
{
    struct entry *entry = mem_alloc(sizeof *entry);
    entry->key.n = key_size;
    id_random(entry->key.bytes, key_size);
    *key = entry->key;
    pthread_mutex_lock(&r->lock);
    do {
        r->last = r->last == INT32_MAX ? 1 : r->last + 1;
    } while (map_get(r->entries, key_of(&r->last)));
    int32_t pid = r->last;
    map_put(r->entries, key_of(&pid), entry);
    pthread_mutex_unlock(&r->lock);
    return pid;
}

void registry_set(struct registry *r, int32_t pid, struct session *s)
{
    pthread_mutex_lock(&r->lock);
    struct entry *entry = map_get(r->entries, key_of(&pid));
    if (entry) {
        entry->session = s;
    }
    pthread_mutex_unlock(&r->lock);
}

void registry_name(struct registry *r, int32_t pid, const struct registry_owner *owner)
{
    pthread_mutex_lock(&r->lock);
    struct entry *entry = map_get(r->entries, key_of(&pid));
    if (entry && !entry->org_id) {
        entry->org_id = mem_strndup(owner->org_id.p, owner->org_id.n);
        entry->user = mem_strndup(owner->user.p, owner->user.n);
        entry->environment = mem_strndup(owner->environment.p, owner->environment.n);
        entry->address = mem_strndup(owner->address.p, owner->address.n);
        entry->end = owner->end;
        entry->ctx = owner->ctx;
    }
    pthread_mutex_unlock(&r->lock);
}

static bool is_owned(const struct entry *entry, const struct registry_owner *owner)
{
    return entry->org_id && str_is(owner->org_id, entry->org_id) &&
           str_is(owner->user, entry->user) && str_is(owner->environment, entry->environment);
}

size_t registry_list(struct registry *r, const struct registry_owner *owner, struct arena *a,
                     struct other_session **out)
{
    VEC_OF(struct other_session) found = {0};
    struct str key;
    void *value;
    pthread_mutex_lock(&r->lock);
    for (size_t at = 0; map_next(r->entries, &at, &key, &value);) {
        const struct entry *entry = value;
        if (is_owned(entry, owner)) {
            struct other_session one = {.is_busy = entry->session != NULL,
                                        .address = arena_str(a, str_of(entry->address))};
            memcpy(&one.pid, key.p, sizeof one.pid);
            VEC_PUSH(a, found, one);
        }
    }
    pthread_mutex_unlock(&r->lock);
    *out = found.at;
    return found.n;
}

enum registry_answer registry_signal(struct registry *r, int32_t pid,
                                     const struct registry_asker *who, bool ends)
{
    enum registry_answer answer = REGISTRY_DONE;
    pthread_mutex_lock(&r->lock);
    struct entry *entry = map_get(r->entries, key_of(&pid));
    if (!entry || !entry->org_id || !str_is(who->org_id, entry->org_id)) {
        answer = REGISTRY_UNKNOWN;
    } else if (!who->of_all && !str_is(who->user, entry->user)) {
        answer = REGISTRY_DENIED;
    } else if (ends) {
        entry->end(entry->ctx, pid);
    } else if (entry->session) {
        session_cancel(entry->session);
    }
    pthread_mutex_unlock(&r->lock);
    return answer;
}

void registry_release(struct registry *r, int32_t pid)
{
    pthread_mutex_lock(&r->lock);
    entry_free(map_remove(r->entries, key_of(&pid)));
    pthread_mutex_unlock(&r->lock);
}

static bool is_same(const struct cancel_key *a, const struct cancel_key *b)
{
    size_t differ = a->n ^ b->n;
    for (size_t i = 0; i < sizeof a->bytes; i++) {
        differ |= (size_t)(a->bytes[i] ^ b->bytes[i]);
    }
    return differ == 0;
}

bool registry_cancel(struct registry *r, int32_t pid, const struct cancel_key *key)
{
    pthread_mutex_lock(&r->lock);
    struct entry *entry = map_get(r->entries, key_of(&pid));
    bool good = entry && is_same(&entry->key, key) && entry->session;
    if (good) {
        session_cancel(entry->session);
    }
    pthread_mutex_unlock(&r->lock);
    return good;
}
