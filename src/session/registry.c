#include "session/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "session/session.h"

struct entry {
    uint32_t secret;
    struct session *session;
};

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
        map_free(r->entries, free);
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

int32_t registry_reserve(struct registry *r, uint32_t *secret)
{
    struct entry *entry = mem_alloc(sizeof *entry);
    id_random(&entry->secret, sizeof entry->secret);
    *secret = entry->secret;
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

void registry_release(struct registry *r, int32_t pid)
{
    pthread_mutex_lock(&r->lock);
    free(map_remove(r->entries, key_of(&pid)));
    pthread_mutex_unlock(&r->lock);
}

bool registry_cancel(struct registry *r, int32_t pid, uint32_t secret)
{
    pthread_mutex_lock(&r->lock);
    struct entry *entry = map_get(r->entries, key_of(&pid));
    /* Equality of one register-sized number takes no time that depends on its bits. */
    bool good = entry && (entry->secret ^ secret) == 0 && entry->session;
    if (good) {
        session_cancel(entry->session);
    }
    pthread_mutex_unlock(&r->lock);
    return good;
}
