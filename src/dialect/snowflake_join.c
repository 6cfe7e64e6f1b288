/* Snowflake: joins. */
#include "dialect/rules.h"

/* ASOF JOIN b MATCH_CONDITION (x >= y) ON c: what is matched is one condition more. A row of the
 * left that matches nothing stays, with NULL. */
static struct node *asof(struct rewriting *r, struct node *n)
{
    const struct node_join *j = node_join(n);
    if (!j->match) {
        return n;
    }
    if (j->using_columns.n) {
        rule_fail(r, j->match, ERR_UNSUPPORTED, "MATCH_CONDITION with USING is not supported");
        rule_hint(r, "Write the columns that are equal behind ON.");
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_join(out)->type = JOIN_LEFT;
    node_join(out)->on = make_and(r->a, j->on, j->match);
    node_join(out)->match = NULL;
    return out;
}

const struct node_rule snowflake_join_nodes[] = {
    {NODE_JOIN, "MATCH_CONDITION", "ASOF LEFT JOIN b ON c AND x >= y", asof},
    {NODE_JOIN, NULL, NULL, NULL},
};
