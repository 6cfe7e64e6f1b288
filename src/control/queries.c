#include "control/queries.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "identity/identity.h"
#include "pipeline/pipeline.h"

struct queries {
    int64_t most; /* of one organization */
    pthread_mutex_t lock;
    struct running_query *first; /* no more than there are workers */
    bool stopping;
};

struct queries *queries_new(int workers)
{
    struct queries *q = mem_alloc(sizeof *q);
    *q = (struct queries){.most = workers > 1 ? workers / 2 : 1};
    pthread_mutex_init(&q->lock, NULL);
    return q;
}

void queries_free(struct queries *q)
{
    if (q) {
        pthread_mutex_destroy(&q->lock);
        free(q);
    }
}

static int64_t count(const struct queries *q, struct str org_id)
{
    int64_t n = 0;
    for (const struct running_query *r = q->first; r; r = r->next) {
        n += str_eq(r->who->org_id, org_id);
    }
    return n;
}

bool queries_enter(struct queries *q, struct running_query *r, int64_t limit)
{
    int64_t most = limit < q->most ? limit : q->most;
    pthread_mutex_lock(&q->lock);
    bool allowed = !q->stopping && count(q, r->who->org_id) < most;
    if (allowed) {
        r->next = q->first;
        q->first = r;
    }
    pthread_mutex_unlock(&q->lock);
    return allowed;
}

void queries_leave(struct queries *q, struct running_query *r)
{
    pthread_mutex_lock(&q->lock);
    struct running_query **at = &q->first;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
    pthread_mutex_unlock(&q->lock);
}

void queries_check(struct queries *q, struct identity *i)
{
    pthread_mutex_lock(&q->lock);
    for (struct running_query *r = q->first; r; r = r->next) {
        struct error e = ERROR_INIT;
        struct standing now;
        if (identity_still_valid(i, r->who, &now, &e) != OK || !standing_holds(&now, r->who)) {
            governor_cancel(r->governor);
        }
    }
    pthread_mutex_unlock(&q->lock);
}

void queries_stop(struct queries *q)
{
    pthread_mutex_lock(&q->lock);
    q->stopping = true;
    for (struct running_query *r = q->first; r; r = r->next) {
        governor_cancel(r->governor);
    }
    pthread_mutex_unlock(&q->lock);
}
