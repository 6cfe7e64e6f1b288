#include "sql/rewrite_collation.h"

#include "sql/bind.h"
#include "sql/walk.h"

/* A text of a table some column of which has a collation: it may be this one. Where the lineage is
 * unknown the value was computed, and a computed value has none. */
static bool may_collate(const struct bound_column *c)
{
    const struct lineage *origins = c ? c->origins : NULL;
    bool may = false;
    for (size_t i = 0; origins && i < origins->n && !may; i++) {
        may = origins->at[i].table->collates;
    }
    return may;
}

static unsigned flag_of(struct str name)
{
    return str_iis(name, "nocase")     ? COLLATION_NOCASE
           : str_iis(name, "noaccent") ? COLLATION_NOACCENT
           : str_iis(name, "nfc")      ? COLLATION_NFC
                                       : COLLATION_BYTES;
}

static enum walk look(struct node **n, void *ctx)
{
    unsigned *seen = ctx;
    if ((*n)->kind == NODE_COLUMN_REF && may_collate(node_column_ref_const(*n)->bound)) {
        *seen |= COLLATION_COLUMN;
    } else if ((*n)->kind == NODE_COLLATE) { /* COLLATE nocase.noaccent is both */
        const struct node_list *parts = &node_name_const(node_collate_const(*n)->collation)->parts;
        for (uint32_t i = 0; i < parts->n; i++) {
            *seen |= flag_of(node_ident_const(parts->at[i])->text);
        }
    }
    return WALK_ON;
}

unsigned rewrite_collation(struct node *left, struct node *right)
{
    unsigned seen = COLLATION_BYTES;
    (void)node_walk(&left, look, &seen);
    (void)node_walk(&right, look, &seen);
    return seen;
}
