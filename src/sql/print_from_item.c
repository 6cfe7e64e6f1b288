/* The rarer items of FROM. The engine's text has none of them but samples: whoever binds one says
 * it in other words first. */
#include "sql/lex.h"
#include "sql/print_priv.h"

static void print_parenthesized(struct printer *pr, const char *words, const struct node *n)
{
    if (n) {
        print_puts(pr, words);
        print_puts(pr, "(");
        print_expr(pr, n);
        print_puts(pr, ")");
    }
}

static void print_expr_lists(struct printer *pr, const char *words, const struct node_list *list)
{
    if (list->n) {
        print_puts(pr, words);
        print_list(pr, list, print_expr);
    }
}

static void print_pivot_values(struct printer *pr, const struct node_pivot_column *column)
{
    print_puts(pr, "(");
    if (column->query) {
        print_query(pr, column->query);
    } else if (column->any) {
        print_puts(pr, "ANY");
        if (column->order.n) {
            print_puts(pr, " ORDER BY ");
            print_list(pr, &column->order, print_order_item);
        }
    } else {
        print_list(pr, &column->items, print_target);
    }
    print_puts(pr, ")");
}

static void print_pivot_expr(struct printer *pr, const struct node *n)
{
    print_operand(pr, n, PREC_LIKE + 1);
}

static void print_pivot_column(struct printer *pr, const struct node *n)
{
    const struct node_pivot_column *column = node_pivot_column_const(n);
    bool several = column->exprs.n > 1;
    print_puts(pr, several ? "FOR (" : "FOR ");
    print_list(pr, &column->exprs, several ? print_expr : print_pivot_expr);
    print_puts(pr, several ? ") IN " : " IN ");
    if (column->domain) {
        print_expr(pr, column->domain);
    } else {
        print_pivot_values(pr, column);
    }
}

static void print_pivot(struct printer *pr, const struct node_pivot *pivot)
{
    print_from_source(pr, pivot->source);
    print_puts(pr, " PIVOT (");
    print_list(pr, &pivot->aggregates, print_target);
    for (uint32_t i = 0; i < pivot->pivoted.n; i++) {
        print_puts(pr, " ");
        print_pivot_column(pr, pivot->pivoted.at[i]);
    }
    print_parenthesized(pr, " DEFAULT ON NULL ", pivot->when_null);
    print_expr_lists(pr, " GROUP BY ", &pivot->group);
    print_puts(pr, ")");
    print_alias(pr, pivot->alias, &pivot->columns);
}

static void print_unpivot(struct printer *pr, const struct node_unpivot *unpivot)
{
    print_from_source(pr, unpivot->source);
    print_puts(pr, unpivot->include_nulls ? " UNPIVOT INCLUDE NULLS (" : " UNPIVOT (");
    print_idents(pr, &unpivot->values);
    print_puts(pr, " FOR ");
    print_ident(pr, unpivot->name);
    print_puts(pr, " IN (");
    print_list(pr, &unpivot->items, print_target);
    print_puts(pr, "))");
    print_alias(pr, unpivot->alias, &unpivot->columns);
}

static void print_sample(struct printer *pr, const struct node *n)
{
    static const char *const methods[] = {"", "BERNOULLI ", "SYSTEM ", "RESERVOIR "};
    const struct node_sample *sample = node_sample_const(n);
    if (for_engine(pr) && sample->source->kind == NODE_JOIN) {
        print_fail(pr, n, "a sample of a join is");
    }
    print_from_source(pr, sample->source);
    print_puts(pr, " TABLESAMPLE ");
    print_puts(pr, methods[sample->method]);
    print_puts(pr, "(");
    print_operand(pr, sample->amount, PREC_PRIMARY);
    print_puts(pr, sample->rows ? " ROWS)" : " PERCENT)");
    print_parenthesized(pr, " REPEATABLE ", sample->seed);
}

static void print_point(struct printer *pr, const char *words, const struct node *n)
{
    if (n) {
        const struct node_named_arg *point = node_named_arg_const(n);
        print_puts(pr, words);
        buf_put_str(pr->out, point->name);
        print_puts(pr, " => ");
        print_expr(pr, point->value);
        print_puts(pr, ")");
    }
}

static void print_travel(struct printer *pr, const struct node_time_travel *travel)
{
    const struct node_table_ref *ref = node_table_ref_const(travel->table);
    print_expr(pr, ref->name);
    print_point(pr, " CHANGES (", travel->changes);
    print_point(pr, travel->before ? " BEFORE (" : " AT (", travel->point);
    print_point(pr, " END (", travel->end);
    print_alias(pr, ref->alias, &ref->columns);
}

static void print_stage_ref(struct printer *pr, const struct node_stage_ref *stage)
{
    if (stage->is_string) {
        print_string(pr, stage->path);
    } else {
        buf_put_str(pr->out, stage->path);
    }
    for (uint32_t i = 0; i < stage->options.n; i++) {
        print_puts(pr, i == 0 ? " (" : ", ");
        const struct node_named_arg *option = node_named_arg_const(stage->options.at[i]);
        buf_put_str(pr->out, option->name);
        print_puts(pr, " => ");
        print_expr(pr, option->value);
    }
    print_puts(pr, stage->options.n ? ")" : "");
    print_alias(pr, stage->alias, &stage->columns);
}

static void print_semantic_view(struct printer *pr, const struct node_semantic_view *view)
{
    static const char *const words[] = {" METRICS ", " DIMENSIONS ", " FACTS "};
    print_puts(pr, "SEMANTIC_VIEW(");
    print_expr(pr, view->name);
    for (uint32_t i = 0; i < view->parts.n; i++) {
        const struct node_semantic_part *part = node_semantic_part_const(view->parts.at[i]);
        print_puts(pr, words[part->form]);
        print_list(pr, &part->targets, print_target);
    }
    if (view->where) {
        print_puts(pr, " WHERE ");
        print_expr(pr, view->where);
    }
    print_puts(pr, ")");
    print_alias(pr, view->alias, &view->columns);
}

static void print_definition(struct printer *pr, const struct node *n)
{
    print_ident(pr, node_target_const(n)->alias);
    print_puts(pr, " AS ");
    print_expr(pr, node_target_const(n)->expr);
}

static void print_words(struct printer *pr, struct str words)
{
    if (words.n) {
        print_puts(pr, " ");
        buf_put_str(pr->out, words);
    }
}

static void print_match_recognize(struct printer *pr, const struct node_match_recognize *m)
{
    print_from_source(pr, m->source);
    print_puts(pr, " MATCH_RECOGNIZE (");
    print_expr_lists(pr, "PARTITION BY ", &m->partition);
    if (m->order.n) {
        print_puts(pr, " ORDER BY ");
        print_list(pr, &m->order, print_order_item);
    }
    if (m->measures.n) {
        print_puts(pr, " MEASURES ");
        print_list(pr, &m->measures, print_target);
    }
    print_words(pr, m->rows);
    print_words(pr, m->skip);
    print_puts(pr, " PATTERN (");
    buf_put_str(pr->out, m->pattern);
    print_puts(pr, ")");
    if (m->define.n) {
        print_puts(pr, " DEFINE ");
        print_list(pr, &m->define, print_definition);
    }
    print_puts(pr, ")");
    print_alias(pr, m->alias, &m->columns);
}

static void print_table_of(struct printer *pr, const struct node_table_of *table)
{
    print_puts(pr, "TABLE(");
    print_expr(pr, table->name);
    print_puts(pr, ")");
    print_alias(pr, table->alias, &table->columns);
}

static void print_described(struct printer *pr, const struct node_described *described)
{
    print_puts(pr, described->summarize ? "(SUMMARIZE " : "(DESCRIBE ");
    if (described->query->kind == NODE_TABLE_REF) {
        print_puts(pr, "TABLE "); /* the word that tells it from a query in every dialect */
        print_from(pr, described->query);
    } else {
        print_query_in_parens(pr, described->query);
    }
    print_puts(pr, ")");
    print_alias(pr, described->alias, &described->columns);
}

void print_rare_from(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_SAMPLE) {
        print_sample(pr, n);
        return;
    }
    if (for_engine(pr)) {
        print_fail(pr, n, "this in FROM is");
        return;
    }
    switch (n->kind) {
    case NODE_PIVOT:
        print_pivot(pr, node_pivot_const(n));
        return;
    case NODE_UNPIVOT:
        print_unpivot(pr, node_unpivot_const(n));
        return;
    case NODE_TIME_TRAVEL:
        print_travel(pr, node_time_travel_const(n));
        return;
    case NODE_STAGE_REF:
        print_stage_ref(pr, node_stage_ref_const(n));
        return;
    case NODE_SEMANTIC_VIEW:
        print_semantic_view(pr, node_semantic_view_const(n));
        return;
    case NODE_MATCH_RECOGNIZE:
        print_match_recognize(pr, node_match_recognize_const(n));
        return;
    case NODE_TABLE_OF:
        print_table_of(pr, node_table_of_const(n));
        return;
    case NODE_DESCRIBED:
        print_described(pr, node_described_const(n));
        return;
    default:
        print_fail(pr, n, "this in FROM is");
        return;
    }
}
