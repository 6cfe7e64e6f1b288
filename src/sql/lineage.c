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
    l->at[0] = (struct origin){.table = t, .column = column, .is_bare = true};
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

/* Does `x` already say all that `y` does? Then their union is `x` itself. */
static bool covers(const struct lineage *x, const struct lineage *y)
{
    size_t i = 0;
    for (size_t k = 0; k < y->n; k++, i++) {
        while (i < x->n && compare(&x->at[i], &y->at[k]) < 0) {
            i++;
        }
        if (i == x->n || compare(&x->at[i], &y->at[k]) != 0 ||
            (x->at[i].is_bare && !y->at[k].is_bare)) {
            return false;
        }
    }
    return true;
}

const struct lineage *lineage_union(struct arena *a, const struct lineage *x,
                                    const struct lineage *y)
{
    if (x->is_unknown || y->is_unknown) {
        return lineage_unknown();
    }
    if (x == y || covers(x, y)) {
        return x;
    }
    if (covers(y, x)) {
        return y;
    }
    struct lineage *l = ARENA_NEW(a, struct lineage);
    l->at = ARENA_ARRAY(a, struct origin, x->n + y->n);
    size_t i = 0, k = 0;
    while (i < x->n || k < y->n) {
        int d = i == x->n ? 1 : k == y->n ? -1 : compare(&x->at[i], &y->at[k]);
        struct origin o = d <= 0 ? x->at[i] : y->at[k];
        if (d == 0) {
            o.is_bare = o.is_bare && y->at[k].is_bare;
        }
        i += d <= 0;
        k += d >= 0;
        l->at[l->n++] = o;
    }
    return l;
}

const struct lineage *lineage_derived(struct arena *a, const struct lineage *x)
{
    bool any_bare = false;
    for (size_t i = 0; i < x->n; i++) {
        any_bare |= x->at[i].is_bare;
    }
    if (!any_bare) {
        return x;
    }
    struct lineage *l = ARENA_NEW(a, struct lineage);
    l->at = ARENA_ARRAY(a, struct origin, x->n);
    l->n = x->n;
    for (size_t i = 0; i < x->n; i++) {
        l->at[i] = x->at[i];
        l->at[i].is_bare = false;
    }
    return l;
}
