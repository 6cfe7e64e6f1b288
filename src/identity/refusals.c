#include "identity/refusals.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "store/signin.h"

enum { ROWS_MAX = 256 };

struct refusals {
    pthread_mutex_t lock;
    struct arena *a;
    struct store_refusal rows[ROWS_MAX];
    size_t n;
};

struct refusals *refusals_new(void)
{
    struct refusals *r = mem_alloc(sizeof *r);

    pthread_mutex_init(&r->lock, NULL);
    r->a = arena_new(0);
    return r;
}

void refusals_free(struct refusals *r)
{
    if (r) {
        pthread_mutex_destroy(&r->lock);
        arena_free(r->a);
        free(r);
    }
}

void refusals_add(struct refusals *r, struct str org_id, struct str user_id, struct str source_ip,
                  const char *why)
{
    size_t i = 0;

    pthread_mutex_lock(&r->lock);
    while (i < r->n && (r->rows[i].why != why || !str_eq(r->rows[i].user_id, user_id) ||
                        !str_eq(r->rows[i].source_ip, source_ip))) {
        i++;
    }
    if (i == r->n && r->n < ROWS_MAX) {
        r->rows[r->n++] = (struct store_refusal){.org_id = arena_str(r->a, org_id),
                                                 .user_id = arena_str(r->a, user_id),
                                                 .source_ip = arena_str(r->a, source_ip),
                                                 .why = why};
    }
    if (i < r->n) {
        r->rows[i].count++;
    }
    pthread_mutex_unlock(&r->lock);
}

enum status refusals_write(struct refusals *r, struct store *s, struct error *e)
{
    enum status status = OK;

    pthread_mutex_lock(&r->lock);
    if (r->n) {
        status = store_refusals_note(s, r->rows, r->n, e);
    }
    if (status == OK && r->n) {
        r->n = 0;
        arena_reset(r->a);
    }
    pthread_mutex_unlock(&r->lock);
    return status;
}
