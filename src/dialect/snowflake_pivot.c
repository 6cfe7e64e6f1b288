/* What PIVOT and UNPIVOT call their columns: Snowflake's name of a text value has its quotes, and a
 * column's name, as a value, is in upper case unless it was quoted. */
#include "dialect/rules.h"

static struct node *quoted_values(struct rewriting *r, struct node *n)
{
    struct node *out = n;
    for (uint32_t i = 0; i < node_pivot_column(n)->items.n; i++) {
        struct node_target *t = node_target(node_pivot_column(n)->items.at[i]);
        if (!t->alias && t->expr->kind == NODE_LITERAL &&
            node_literal(t->expr)->lit == LIT_STRING) {
            struct str text = node_literal(t->expr)->text;
            t->alias = make_ident(r->a, str_of(arena_printf(r->a, "'%.*s'", STR_ARG(text))));
            out = node_new(r->a, NODE_PIVOT_COLUMN, n->offset);
            *node_pivot_column(out) = *node_pivot_column(n);
        }
    }
    return out;
}

static struct str upper(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        bool is_lower = p[i] >= 'a' && p[i] <= 'z';
        p[i] = (char)(is_lower ? p[i] - 'a' + 'A' : p[i]);
    }
    return (struct str){p, s.n};
}

static struct node *upper_names(struct rewriting *r, struct node *n)
{
    struct node *out = n;
    for (uint32_t i = 0; i < node_unpivot(n)->items.n; i++) {
        struct node_target *t = node_target(node_unpivot(n)->items.at[i]);
        const struct node_list *parts =
            t->expr->kind == NODE_COLUMN_REF ? &node_column_ref(t->expr)->parts : NULL;
        if (!t->alias && parts && !node_ident(parts->at[parts->n - 1])->quoted) {
            t->alias = make_ident(r->a, upper(r->a, node_ident(parts->at[parts->n - 1])->text));
            out = node_new(r->a, NODE_UNPIVOT, n->offset);
            *node_unpivot(out) = *node_unpivot(n);
        }
    }
    return out;
}

const struct node_rule snowflake_pivot_nodes[] = {
    {NODE_PIVOT_COLUMN, "values of PIVOT", "'Q1' names the column \"'Q1'\"", quoted_values},
    {NODE_UNPIVOT, "names of UNPIVOT", "a column's name is a value in upper case", upper_names},
    {NODE_UNPIVOT, NULL, NULL, NULL},
};
