/* Stage 2. Credits before anything runs, from the engine's statistics that came
 * with the catalog. */
#include "pipeline/statement.h"

#include "sql/function.h"
#include "sql/walk.h"

/* The top query of the statement, or NULL. */
static const struct node_query *top_query(const struct node *n)
{
    switch (n->kind) {
    case NODE_QUERY:
        return node_query_const(n);
    case NODE_INSERT:
        return node_insert_const(n)->source ? top_query(node_insert_const(n)->source) : NULL;
    case NODE_CREATE_TABLE:
        return node_create_table_const(n)->query ? top_query(node_create_table_const(n)->query)
                                                 : NULL;
    case NODE_COPY:
        return node_copy_stmt_const(n)->query ? top_query(node_copy_stmt_const(n)->query) : NULL;
    default:
        return NULL;
    }
}

static enum walk find_aggregate(struct node **n, void *ctx)
{
    bool *found = ctx;
    if ((*n)->kind == NODE_QUERY) {
        return WALK_SKIP;
    }
    if ((*n)->kind == NODE_FUNC) {
        const struct node_func *f = node_func_const(*n);
        if (f->bound && f->bound->kind == FUNCTION_AGGREGATE && !f->over) {
            *found = true;
            return WALK_STOP;
        }
    }
    return WALK_ON;
}

/* One row comes of a SELECT that aggregates and doesn't group. */
static bool gives_one_row(const struct node_query *q)
{
    if (q->body->kind != NODE_SELECT) {
        return false;
    }
    struct node_select *select = node_select(q->body);
    bool aggregates = false;
    for (uint32_t i = 0; i < select->targets.n && !aggregates; i++) {
        node_walk(&select->targets.at[i], find_aggregate, &aggregates);
    }
    return aggregates && select->group.n == 0 && !select->group_all;
}

static int64_t literal_limit(const struct node_query *q)
{
    int64_t limit;
    bool is_number = q->limit && q->limit->kind == NODE_LITERAL &&
                     node_literal_const(q->limit)->lit == LIT_INTEGER &&
                     str_to_i64(node_literal_const(q->limit)->text, &limit);
    return is_number ? limit : INT64_MAX;
}

/* The tables of the statement, each once, and then those that its row filters read. */
struct tables {
    struct arena *arena;
    VEC_OF(const struct table *) list;
};

static void add_tables(struct tables *all, const struct binding *b)
{
    for (size_t i = 0; i < b->table_count; i++) {
        bool seen = false;
        for (size_t j = 0; j < all->list.n && !seen; j++) {
            seen = all->list.at[j] == b->tables[i]->table;
        }
        if (!seen) {
            VEC_PUSH(all->arena, all->list, b->tables[i]->table);
        }
    }
}

static struct tables tables_of(const struct statement *s)
{
    const struct prepared *now = &s->plan->now;
    struct tables all = {.arena = s->arena};
    add_tables(&all, now->binding);
    for (size_t i = 0; i < now->decision->read_count; i++) {
        add_tables(&all, now->decision->reads[i]->binding);
    }
    return all;
}

/* The largest table's rows, a tenth of them under a predicate, and no more than the
 * query can give. */
static int64_t estimate_rows(const struct statement *s, const struct tables *all)
{
    int64_t rows = 0;
    for (size_t i = 0; i < all->list.n; i++) {
        int64_t here = all->list.at[i]->row_estimate;
        rows = here > rows ? here : rows;
    }
    if (s->plan->now.binding->has_predicate) {
        rows /= 10;
    }
    const struct node_query *q = top_query(s->plan->now.stmt);
    if (q && gives_one_row(q)) {
        return 1;
    }
    int64_t limit = q ? literal_limit(q) : INT64_MAX;
    return rows < limit ? rows : limit;
}

enum status cost_estimate(struct statement *s, struct error *e)
{
    (void)e;
    const struct binding *b = s->plan->now.binding;
    struct tables all = tables_of(s);
    s->cost = (struct cost_input){
        .tables = all.list.n,
        .full_scan = b->table_count > 0 && !b->has_predicate && b->kind != STATEMENT_DDL &&
                     !s->plan->is_copy_in,
        .selects_star = b->selects_star,
        .rows = estimate_rows(s, &all),
    };
    s->estimated_millicredits = cost_millicredits(&s->cost);
    return OK;
}
