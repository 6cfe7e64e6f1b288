/* Sets are sorted arrays and never change: sub-expressions share them. The common unions (with
 * nothing, with the same set) allocate nothing. */
#include "sql/lineage.h"

#include <stdint.h>

const struct lineage *lineage_none(void)
{
    static const struct lineage none = {0};
    return &none;
}

const struct lineage *lineage_unknown(void)
{
    static const struct lineage unknown = {.is_unknown = true};
    return &unknown;
}

const struct lineage *lineage_column(struct arena *a, const struct table *t, int column)
{
    struct lineage *l = ARENA_NEW(a, struct lineage);
    l->at = ARENA_NEW(a, struct origin);
    l->at[0] = (struct origin){.table = t, .column = column, .how = ORIGIN_COPIED};
    l->n = 1;
    return l;
}

static int compare(const struct origin *x, const struct origin *y)
{
    if (x->table == y->table) {
        return x->column - y->column;
    }
    int d = str_cmp(x->table->qualified, y->table->qualified);
    if (d) {
        return d;
    }
    return (uintptr_t)x->table < (uintptr_t)y->table ? -1 : 1;
}

/* Stands for the ways that the origins themselves have. */
enum { OWN_WAYS = 0 };

static const unsigned value_ways = ORIGIN_COPIED | ORIGIN_DERIVED | ORIGIN_AGGREGATED;

static unsigned ways(const struct origin *o, unsigned how)
{
    bool is_place = how >= USE_EXPRESSION && how != ORIGIN_SUMMED;
    unsigned of_value = is_place && o->how & value_ways ? USE_OF_VALUE : 0;
    return how == OWN_WAYS ? o->how : how | of_value;
}

/* Does `x` already say all that `y`, in the ways `how`, does? Then their union is `x` itself. */
static bool covers(const struct lineage *x, const struct lineage *y, unsigned how)
{
    size_t i = 0;
    for (size_t k = 0; k < y->n; k++, i++) {
        while (i < x->n && compare(&x->at[i], &y->at[k]) < 0) {
            i++;
        }
        if (i == x->n || compare(&x->at[i], &y->at[k]) != 0 ||
            (ways(&y->at[k], how) & ~x->at[i].how)) {
            return false;
        }
    }
    return true;
}

static const struct lineage *merge(struct arena *a, const struct lineage *x,
                                   const struct lineage *y, unsigned how)
{
    struct lineage *l = ARENA_NEW(a, struct lineage);
    l->at = ARENA_ARRAY(a, struct origin, x->n + y->n);
    size_t i = 0, k = 0;
    while (i < x->n || k < y->n) {
        int d = i == x->n ? 1 : k == y->n ? -1 : compare(&x->at[i], &y->at[k]);
        struct origin o = d <= 0 ? x->at[i] : y->at[k];
        unsigned from_x = d <= 0 ? x->at[i].how : 0, from_y = d >= 0 ? ways(&y->at[k], how) : 0;
        o.how = from_x | from_y;
        i += d <= 0;
        k += d >= 0;
        l->at[l->n++] = o;
    }
    return l;
}

const struct lineage *lineage_union(struct arena *a, const struct lineage *x,
                                    const struct lineage *y)
{
    if (x->is_unknown || y->is_unknown) {
        return lineage_unknown();
    }
    if (x == y || covers(x, y, OWN_WAYS)) {
        return x;
    }
    return covers(y, x, OWN_WAYS) ? y : merge(a, x, y, OWN_WAYS);
}

const struct lineage *lineage_add(struct arena *a, const struct lineage *x, const struct lineage *y,
                                  unsigned how)
{
    if (x->is_unknown || y->is_unknown) {
        return lineage_unknown();
    }
    return covers(x, y, how) ? x : merge(a, x, y, how);
}

/* `x` with the ways `from` replaced by `to`. */
static const struct lineage *replace(struct arena *a, const struct lineage *x, unsigned from,
                                     unsigned to)
{
    bool changes = false;
    for (size_t i = 0; i < x->n; i++) {
        changes |= (x->at[i].how & from) != 0;
    }
    if (!changes) {
        return x;
    }
    struct lineage *l = ARENA_NEW(a, struct lineage);
    l->at = ARENA_ARRAY(a, struct origin, x->n);
    l->n = x->n;
    for (size_t i = 0; i < x->n; i++) {
        l->at[i] = x->at[i];
        if (x->at[i].how & from) {
            l->at[i].how = (x->at[i].how & ~from) | to;
        }
    }
    return l;
}

const struct lineage *lineage_derived(struct arena *a, const struct lineage *x)
{
    return replace(a, x, ORIGIN_COPIED, ORIGIN_DERIVED);
}

const struct lineage *lineage_aggregated(struct arena *a, const struct lineage *x)
{
    return replace(a, x, ORIGIN_COPIED | ORIGIN_DERIVED, ORIGIN_AGGREGATED);
}

const struct lineage *lineage_summed(struct arena *a, const struct lineage *x)
{
    return replace(a, x, ORIGIN_COPIED | ORIGIN_DERIVED, ORIGIN_SUMMED);
}

const struct lineage *lineage_counted(struct arena *a, const struct lineage *x)
{
    return replace(a, x, value_ways | ORIGIN_SUMMED, ORIGIN_COUNTED);
}
