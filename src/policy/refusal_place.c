/* Where in the statement a refusal points: at a place that names the column, or what a view makes
 * of it. Only names that the client wrote have a place. */
#include "policy/rules.h"

static bool comes_of(const struct lineage *l, const struct origin *o)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->at[i].table == o->table && l->at[i].column == o->column) {
            return true;
        }
    }
    return false;
}

/* How well the place explains a refusal of what is done with `o`. */
static int fit(const struct reference *r, const struct origin *o)
{
    return !comes_of(r->origins, o) ? 0 : r->is_summed ? 1 : r->place & o->how ? 3 : 2;
}

enum status refusal_point_at(const struct binding *b, const struct origin *o, struct error *e)
{
    int best = 0;
    for (size_t i = 0; e && i < b->reference_count; i++) {
        const struct reference *r = &b->references[i];
        int fits = fit(r, o);
        if (fits > best || (fits && fits == best && (int64_t)r->offset < e->position)) {
            best = fits;
            e->position = (int64_t)r->offset;
        }
    }
    return FAIL;
}
