/* The plans that a session has finished with, for when the same text comes again: drivers that
 * prepare nothing, and those that prepare the same statement for every run, would else have each
 * parsed, bound and prepared anew.
 *
 * A plan is in the cache or in use, never both. It is keyed by all that it was made from; what it
 * was made under (catalog, policies) is compared when it is taken, as with every run of a prepared
 * statement, and every run takes a decision of its own. */
#include "pipeline/plan_cache.h"

#include "metrics/metrics.h"

enum { PLANS_MAX = 32, TEXT_MAX_BYTES = 32768 };

static bool same_hints(const struct plan *p, const struct type *const *hints, size_t count)
{
    bool same = p->hint_count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = type_same(p->hints[i], hints[i] ? hints[i] : type_simple(TYPE_UNKNOWN));
    }
    return same;
}

static struct plan *unlink_plan(struct governor *g, struct plan **at)
{
    struct plan *p = *at;
    *at = p->next_kept;
    p->next_kept = NULL;
    g->kept_count--;
    metrics_add(METRIC_PLAN_CACHE_ENTRIES, -1);
    return p;
}

struct plan *plan_cache_take(struct governor *g, const struct node *stmt, struct str text,
                             const struct type *const *hints, size_t hint_count)
{
    for (struct plan **at = &g->kept; *at; at = &(*at)->next_kept) {
        struct plan *p = *at;
        /* Positions in errors are offsets, so those count, too. */
        if (p->dialect != g->dialect || p->stored_names != g->stored_names ||
            p->source->offset != stmt->offset || p->source->length != stmt->length ||
            !str_eq(p->text, text) || !same_hints(p, hints, hint_count)) {
            continue;
        }
        unlink_plan(g, at);
        if (plan_is_current(p)) {
            metrics_add(METRIC_PLAN_CACHE_HITS, 1);
            return p;
        }
        plan_destroy(p);
        break;
    }
    metrics_add(METRIC_PLAN_CACHE_MISSES, 1);
    return NULL;
}

static bool is_worth_it(const struct plan *p)
{
    if (!p->now.is_engine_prepared || p->text.n > TEXT_MAX_BYTES) {
        return false;
    }
    switch (p->now.binding->kind) {
    case STATEMENT_QUERY:
    case STATEMENT_INSERT:
    case STATEMENT_UPDATE:
    case STATEMENT_DELETE:
    case STATEMENT_MERGE:
        return true;
    case STATEMENT_DDL:
    case STATEMENT_EXPLAIN:
    case STATEMENT_COPY_IN:
    case STATEMENT_COPY_OUT:
        return false;
    }
    return false;
}

/* The one that was used longest ago is the last of the list. */
static void drop_oldest(struct governor *g)
{
    struct plan **at = &g->kept;
    while ((*at)->next_kept) {
        at = &(*at)->next_kept;
    }
    plan_destroy(unlink_plan(g, at));
}

void plan_cache_give(struct plan *p)
{
    struct governor *g = p->governor;
    if (!is_worth_it(p)) {
        plan_destroy(p);
        return;
    }
    p->next_kept = g->kept;
    g->kept = p;
    g->kept_count++;
    metrics_add(METRIC_PLAN_CACHE_ENTRIES, 1);
    if (g->kept_count > PLANS_MAX) {
        drop_oldest(g);
    }
}

void plan_cache_clear(struct governor *g)
{
    while (g->kept) {
        plan_destroy(unlink_plan(g, &g->kept));
    }
}
