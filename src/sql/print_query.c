/* Queries. */
#include "sql/print_priv.h"

static void print_direction(struct printer *pr, bool descending, int32_t nulls)
{
    print_puts(pr, descending ? " DESC" : "");
    if (nulls == NULLS_ORDER_DEFAULT && for_engine(pr)) { /* which the engine doesn't assume */
        nulls = descending ? NULLS_FIRST : NULLS_LAST;
    }
    if (pr->shows && nulls == NULLS_LAST) { /* it does assume this */
        nulls = NULLS_ORDER_DEFAULT;
    }
    print_puts(pr, nulls == NULLS_FIRST  ? " NULLS FIRST"
                   : nulls == NULLS_LAST ? " NULLS LAST"
                                         : "");
}

void print_order_item(struct printer *pr, const struct node *n)
{
    const struct node_order_item *item = node_order_item_const(n);
    print_expr(pr, item->expr);
    print_direction(pr, item->descending, item->nulls);
}

void print_target(struct printer *pr, const struct node *n)
{
    const struct node_target *target = node_target_const(n);
    print_expr(pr, target->expr);
    if (target->alias) {
        print_puts(pr, " AS ");
        print_ident(pr, target->alias);
    }
}

/* A set of (a, b) that stands alone means a, b. */
static void print_group_item(struct printer *pr, const struct node *n)
{
    bool is_set = n->kind == NODE_GROUPING && node_grouping_const(n)->form == GROUPING_SET;
    if (for_engine(pr) && is_set && node_grouping_const(n)->items.n > 0) {
        print_list(pr, &node_grouping_const(n)->items, print_expr);
    } else {
        print_expr(pr, n);
    }
}

static void print_window_def(struct printer *pr, const struct node *n)
{
    print_ident(pr, node_window_def_const(n)->name);
    print_puts(pr, " AS ");
    print_window(pr, node_window_def_const(n)->window);
}

static void print_clause(struct printer *pr, const char *words, const struct node *expr)
{
    if (expr) {
        print_puts(pr, words);
        print_expr(pr, expr);
    }
}

static void print_select_list(struct printer *pr, const struct node_select *select)
{
    print_puts(pr, "SELECT ");
    if (select->distinct_on.n) {
        print_puts(pr, "DISTINCT ON (");
        print_list(pr, &select->distinct_on, print_expr);
        print_puts(pr, ") ");
    } else if (select->distinct) {
        print_puts(pr, "DISTINCT ");
    }
    print_list(pr, &select->targets, print_target);
}

static void print_connect(struct printer *pr, const struct node_select *select)
{
    if (!select->connect_by && !select->start_with) {
        return;
    }
    if (for_engine(pr)) {
        print_fail(pr, &select->base, "CONNECT BY is");
    }
    print_clause(pr, " START WITH ", select->start_with);
    print_clause(pr, select->nocycle ? " CONNECT BY NOCYCLE " : " CONNECT BY ", select->connect_by);
}

static void print_select(struct printer *pr, const struct node *n)
{
    const struct node_select *select = node_select_const(n);
    print_select_list(pr, select);
    if (select->from) {
        print_puts(pr, " FROM ");
        print_from(pr, select->from);
    }
    print_clause(pr, " WHERE ", select->where);
    print_connect(pr, select);
    if (select->group_all || select->group.n) {
        print_puts(pr, select->group_all ? " GROUP BY ALL" : " GROUP BY ");
        print_puts(pr, select->group_distinct ? "DISTINCT " : "");
        print_list(pr, &select->group, print_group_item);
    }
    print_clause(pr, " HAVING ", select->having);
    if (select->windows.n) {
        print_puts(pr, " WINDOW ");
        print_list(pr, &select->windows, print_window_def);
    }
    print_clause(pr, " QUALIFY ", select->qualify);
}

static void print_row(struct printer *pr, const struct node *n)
{
    print_puts(pr, "(");
    print_list(pr, &node_row_const(n)->items, print_expr);
    print_puts(pr, ")");
}

void print_values(struct printer *pr, const struct node *n)
{
    print_puts(pr, "VALUES ");
    print_list(pr, &node_values_const(n)->rows, print_row);
}

static void print_body(struct printer *pr, const struct node *n);

static int setop_strength(const struct node *n)
{
    return n->kind != NODE_SETOP ? 3 : node_setop_const(n)->op == SETOP_INTERSECT ? 2 : 1;
}

static void print_arm(struct printer *pr, const struct node *n, int least)
{
    if (n->kind != NODE_QUERY && setop_strength(n) < least) {
        print_puts(pr, "(");
        print_body(pr, n);
        print_puts(pr, ")");
    } else {
        print_body(pr, n);
    }
}

static void print_setop(struct printer *pr, const struct node *n)
{
    static const char *const words[] = {" UNION", " INTERSECT", " EXCEPT"};
    const struct node_setop *setop = node_setop_const(n);
    int strength = setop_strength(n);
    print_arm(pr, setop->left, strength);
    print_puts(pr, words[setop->op]);
    print_puts(pr, setop->all ? " ALL" : "");
    print_puts(pr, setop->by_name ? " BY NAME " : " ");
    print_arm(pr, setop->right, strength + 1);
}

static void print_body(struct printer *pr, const struct node *n)
{
    switch (n->kind) {
    case NODE_SELECT:
        print_select(pr, n);
        return;
    case NODE_SETOP:
        print_setop(pr, n);
        return;
    case NODE_VALUES:
        print_values(pr, n);
        return;
    case NODE_QUERY:
        print_query_in_parens(pr, n);
        return;
    default:
        print_fail(pr, n, "this as a query is");
        return;
    }
}

static void print_cte(struct printer *pr, const struct node *n)
{
    static const char *const hints[] = {"", "MATERIALIZED ", "NOT MATERIALIZED "};
    const struct node_cte *cte = node_cte_const(n);
    print_ident(pr, cte->name);
    if (cte->columns.n) {
        print_puts(pr, " ");
        print_idents(pr, &cte->columns);
    }
    if (cte->key.n) {
        print_puts(pr, " USING KEY (");
        print_list(pr, &cte->key, print_expr);
        print_puts(pr, ")");
    }
    print_puts(pr, " AS ");
    print_puts(pr, hints[cte->materialized]);
    print_query_in_parens(pr, cte->query);
}

void print_with(struct printer *pr, struct print_scope *scope, const struct node_list *ctes,
                bool recursive)
{
    *scope = (struct print_scope){ctes, pr->scope};
    pr->scope = scope;
    if (ctes->n) {
        print_puts(pr, recursive ? "WITH RECURSIVE " : "WITH ");
        print_list(pr, ctes, print_cte);
        print_puts(pr, " ");
    }
}

void print_end_with(struct printer *pr)
{
    pr->scope = pr->scope->outer;
}

/* The engine knows PERCENT after a literal only. */
static void print_limit(struct printer *pr, const struct node_query *q)
{
    bool is_share = q->limit && q->limit_percent;
    bool in_parens = is_share && must_be_bound(pr);
    print_clause(pr, in_parens ? " LIMIT (" : " LIMIT ", q->limit);
    print_puts(pr, in_parens ? ") %" : is_share ? " PERCENT" : "");
}

void print_query(struct printer *pr, const struct node *n)
{
    const struct node_query *q = node_query_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &q->ctes, q->recursive);
    print_body(pr, q->body);
    if (q->order_all) {
        print_puts(pr, " ORDER BY ALL");
        print_direction(pr, (q->order_all - 1) % 2, (q->order_all - 1) / 2);
    } else if (q->order.n) {
        print_puts(pr, " ORDER BY ");
        print_list(pr, &q->order, print_order_item);
    }
    print_limit(pr, q);
    print_clause(pr, " OFFSET ", q->offset);
    print_end_with(pr);
}

void print_query_in_parens(struct printer *pr, const struct node *query)
{
    print_puts(pr, "(");
    print_query(pr, query);
    print_puts(pr, ")");
}
