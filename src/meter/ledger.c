/* The quota ledger.
 *
 * An account an organization holds a block of credits that was leased from the store: durable there
 * as gone before one of them is spent here. `free` is what is left of the block, so a reservation
 * is a subtraction under the account's lock, and only an empty block costs a transaction.
 * Reservations need no table: their id carries their period, the rest is in the caller's structure.
 *
 * Locks: the map's (read to find an account, write to add one), then one account's. The store is
 * called under the account's lock: it delays that organization alone. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "meter/meter.h"
#include "meter/period.h"
#include "store/quota.h"

enum { BLOCKS_A_MONTH = 100, PERIOD_SHIFT = 48 };

struct account {
    pthread_mutex_t lock;
    struct str org_id; /* of this account's own memory */
    struct quota quota;
    uint64_t generation; /* of the quota: behind the ledger's, it is read again */
    struct period period;
    int64_t free; /* millicredits; negative: owed to the store, which could not be told */
    int64_t running;
};

struct ledger {
    struct store *store;
    int64_t (*wall_us)(void);
    pthread_rwlock_t lock;
    struct map *accounts;
    atomic_uint_fast64_t generation, serial;
};

enum status ledger_open(struct store *s, struct ledger **out, struct error *e)
{
    struct ledger *l = mem_alloc(sizeof *l);
    uint64_t version;

    if (store_version(s, &version, e) != OK) {
        free(l);
        return FAIL;
    }
    l->store = s;
    l->wall_us = clock_wall_us;
    l->accounts = map_new();
    pthread_rwlock_init(&l->lock, NULL);
    atomic_init(&l->generation, 1);
    atomic_init(&l->serial, 0);
    *out = l;
    return OK;
}

void ledger_set_clock(struct ledger *l, int64_t (*wall_us)(void))
{
    l->wall_us = wall_us;
}

void ledger_refresh(struct ledger *l)
{
    atomic_fetch_add(&l->generation, 1);
}

/* Gives the block's rest back, or writes what is owed. What can't be written stays in `free`. */
static void give_back(struct ledger *l, struct account *a)
{
    struct error e = ERROR_INIT;

    if (a->free == 0) {
        return;
    }
    if (store_usage_add(l->store, a->org_id, str_of(a->period.name), -a->free, &e) == OK) {
        a->free = 0;
    } else {
        log_error("ledger", "%" PRId64 " millicredits of %s could not be settled: %s", a->free,
                  a->period.name, e.message);
    }
}

static void free_account(void *value)
{
    struct account *a = value;

    pthread_mutex_destroy(&a->lock);
    free((char *)a->org_id.p);
    free(a);
}

void ledger_close(struct ledger *l)
{
    struct str key;
    size_t at = 0;
    void *value;

    if (!l) {
        return;
    }
    while (map_next(l->accounts, &at, &key, &value)) {
        give_back(l, value);
    }
    map_free(l->accounts, free_account);
    pthread_rwlock_destroy(&l->lock);
    free(l);
}

static struct account *find_account(struct ledger *l, struct str org_id)
{
    struct account *a;

    pthread_rwlock_rdlock(&l->lock);
    a = map_get(l->accounts, org_id);
    pthread_rwlock_unlock(&l->lock);
    if (a) {
        return a;
    }
    pthread_rwlock_wrlock(&l->lock);
    a = map_get(l->accounts, org_id);
    if (!a) {
        a = mem_alloc(sizeof *a);
        pthread_mutex_init(&a->lock, NULL);
        a->org_id = (struct str){mem_strndup(org_id.p, org_id.n), org_id.n};
        map_put(l->accounts, org_id, a);
    }
    pthread_rwlock_unlock(&l->lock);
    return a;
}

/* Brings quota and period up to date. A new month begins with an empty block; so does a changed
 * quota, since the block was leased under the old one. */
static enum status renew(struct ledger *l, struct account *a, struct error *e)
{
    uint64_t generation = atomic_load(&l->generation);
    int64_t now = l->wall_us();
    struct quota quota;

    if (now < a->period.start_us || now >= a->period.end_us) {
        give_back(l, a);
        a->period = period_at(now);
        a->free = 0;
    }
    if (a->generation == generation) {
        return OK;
    }
    if (quota_read(l->store, a->org_id, &quota, e) != OK) {
        return FAIL;
    }
    give_back(l, a);
    a->quota = quota;
    a->generation = generation;
    return OK;
}

static enum status refuse_credits(struct ledger *l, struct account *a, int64_t millicredits,
                                  struct error *e)
{
    int64_t leased;

    if (store_usage_get(l->store, a->org_id, str_of(a->period.name), &leased, e) != OK) {
        return FAIL;
    }
    error_set(e, ERR_QUOTA_EXCEEDED,
              "QUOTA_EXCEEDED: the statement needs %.3f credits; %.3f of %.3f are used in %s (UTC)",
              (double)millicredits / 1000, (double)(leased - a->free) / 1000,
              (double)a->quota.monthly_millicredits / 1000, a->period.name);
    struct period next = period_numbered(a->period.number + 1);

    return error_hint(e,
                      "The next period begins on %s-01 at 00:00 UTC; an owner can raise the quota.",
                      next.name);
}

/* Makes `free` cover the need, or fails. What a lease gave stays, enough or not. */
static enum status cover(struct ledger *l, struct account *a, int64_t millicredits, struct error *e)
{
    int64_t block = a->quota.monthly_millicredits / BLOCKS_A_MONTH;
    int64_t missing = millicredits - a->free, granted;

    if (missing <= 0) {
        return OK;
    }
    if (store_usage_lease(l->store, a->org_id, str_of(a->period.name),
                          a->quota.monthly_millicredits, missing > block ? missing : block,
                          &granted, e) != OK) {
        return FAIL;
    }
    a->free += granted;
    return a->free >= millicredits ? OK : refuse_credits(l, a, millicredits, e);
}

static enum status reserve(struct ledger *l, struct account *a, int64_t millicredits,
                           struct reservation *out, struct error *e)
{
    if (renew(l, a, e) != OK) {
        return FAIL;
    }
    if (a->running >= a->quota.max_concurrent) {
        return error_set(e, ERR_TOO_MANY_STATEMENTS,
                         "the organization runs %" PRId64 " statements at once, its limit",
                         a->quota.max_concurrent);
    }
    if (cover(l, a, millicredits, e) != OK) {
        return FAIL;
    }
    a->free -= millicredits;
    a->running++;
    out->id = (uint64_t)a->period.number << PERIOD_SHIFT |
              (atomic_fetch_add(&l->serial, 1) & (((uint64_t)1 << PERIOD_SHIFT) - 1));
    out->millicredits = millicredits;
    out->quota = a->quota;
    return OK;
}

enum status ledger_reserve(struct ledger *l, struct str org_id, int64_t millicredits,
                           struct reservation *out, struct error *e)
{
    struct account *a;
    enum status status;

    if (millicredits < 0) {
        return error_set(e, ERR_INTERNAL, "a statement can't cost less than nothing");
    }
    a = find_account(l, org_id);
    pthread_mutex_lock(&a->lock);
    status = reserve(l, a, millicredits, out, e);
    pthread_mutex_unlock(&a->lock);
    return status;
}

int64_t ledger_max_concurrent(struct ledger *l, struct str org_id)
{
    struct account *a = find_account(l, org_id);
    struct quota standard = QUOTA_DEFAULT;
    struct error ignored = ERROR_INIT;
    pthread_mutex_lock(&a->lock);
    int64_t n = renew(l, a, &ignored) == OK ? a->quota.max_concurrent : standard.max_concurrent;
    pthread_mutex_unlock(&a->lock);
    return n;
}

/* The month went by while the statement ran: its own month is corrected in the store. */
static void settle_past(struct ledger *l, struct str org_id, uint32_t number, int64_t more)
{
    struct period period = period_numbered(number);
    struct error e = ERROR_INIT;

    if (more && store_usage_add(l->store, org_id, str_of(period.name), more, &e) != OK) {
        log_error("ledger", "%" PRId64 " millicredits of %s could not be settled: %s", more,
                  period.name, e.message);
    }
}

void ledger_settle(struct ledger *l, struct str org_id, const struct reservation *r,
                   int64_t used_millicredits)
{
    struct account *a = find_account(l, org_id);
    int64_t used = used_millicredits > 0 ? used_millicredits : 0;
    uint32_t number = (uint32_t)(r->id >> PERIOD_SHIFT);

    pthread_mutex_lock(&a->lock);
    a->running -= a->running > 0;
    if (number == a->period.number) {
        a->free += r->millicredits - used;
        if (a->free < 0) {
            give_back(l, a);
        }
    } else {
        settle_past(l, org_id, number, used - r->millicredits);
    }
    pthread_mutex_unlock(&a->lock);
}

enum status ledger_use(struct ledger *l, struct str org_id, struct quota_use *out, struct error *e)
{
    struct account *a = find_account(l, org_id);
    int64_t leased = 0;
    enum status status;

    pthread_mutex_lock(&a->lock);
    status = renew(l, a, e);
    if (status == OK) {
        status = store_usage_get(l->store, org_id, str_of(a->period.name), &leased, e);
    }
    if (status == OK) {
        *out = (struct quota_use){
            .quota = a->quota, .used_millicredits = leased - a->free, .running = a->running};
        memcpy(out->period, a->period.name, sizeof out->period);
    }
    pthread_mutex_unlock(&a->lock);
    return status;
}

/* The organizations that have accounts: a list, so that no lock is held while the store is read. */
static struct str *list_orgs(struct ledger *l, struct arena *a, size_t *count)
{
    struct str key;
    size_t at = 0, n = 0;
    void *value;

    pthread_rwlock_rdlock(&l->lock);
    struct str *orgs = ARENA_ARRAY(a, struct str, map_count(l->accounts));
    while (map_next(l->accounts, &at, &key, &value)) {
        orgs[n++] = ((struct account *)value)->org_id; /* accounts stay until the ledger closes */
    }
    pthread_rwlock_unlock(&l->lock);
    *count = n;
    return orgs;
}

int64_t ledger_utilization(struct ledger *l)
{
    struct arena *a = arena_new(0);
    size_t count;
    const struct str *orgs = list_orgs(l, a, &count);
    int64_t highest = 0;

    for (size_t i = 0; i < count; i++) {
        struct error e = ERROR_INIT;
        struct quota_use use;
        if (ledger_use(l, orgs[i], &use, &e) == OK && use.quota.monthly_millicredits > 0) {
            double share =
                (double)use.used_millicredits / (double)use.quota.monthly_millicredits * 1000;
            highest = share > (double)highest ? (int64_t)share : highest;
        }
    }
    arena_free(a);
    return highest;
}
