#include "pipeline/explain.h"

#include "sql/make.h"

enum status explain_inner(struct node **stmt, struct error *e)
{
    const struct node_explain *explain = node_explain_const(*stmt);
    if (explain->analyze) {
        error_at(e, ERR_UNSUPPORTED, (*stmt)->offset, "EXPLAIN ANALYZE is not supported");
        return error_hint(e, "Its row counts would tell of rows that a policy hides. Use EXPLAIN.");
    }
    *stmt = explain->statement;
    return OK;
}

struct lines {
    struct arena *arena;
    struct node *values;
    bool names_policies;
};

static void add(struct lines *out, const char *text)
{
    struct node *row = node_new(out->arena, NODE_ROW, 0);
    node_push(out->arena, &node_row(row)->items,
              make_literal(out->arena, LIT_STRING, str_of(text)));
    node_push(out->arena, &node_values(out->values)->rows, row);
}

static const char *mask_word(enum mask_function f)
{
    switch (f) {
    case MASK_NONE:
        return "none";
    case MASK_FULL:
        return "full";
    case MASK_PARTIAL:
        return "partial";
    case MASK_HASH:
        return "hash";
    case MASK_NULL:
        return "null";
    }
    return "?";
}

static const char *usage_word(enum usage_kind u)
{
    switch (u) {
    case USAGE_FREE:
        return "free";
    case USAGE_NO_PROJECTION:
        return "not shown, nor what is made of it";
    case USAGE_MIN_GROUP:
        return "only seen in groups";
    case USAGE_DENIED:
        return "not used";
    }
    return "?";
}

static const char *scope_word(const struct table *t)
{
    switch (t->scope) {
    case SCOPE_PRIVATE:
        return "private";
    case SCOPE_TENANT:
        return "shared, rows of your organization only";
    case SCOPE_COMMON:
        return "shared reference data";
    }
    return "?";
}

/* Who manages policies is told which one it is. */
static const char *by_policy(struct lines *out, struct str name)
{
    return out->names_policies ? arena_printf(out->arena, " by policy \"%.*s\"", STR_ARG(name))
                               : "";
}

static void add_table(struct lines *out, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    add(out, arena_printf(out->arena, "Table %.*s (%s)", STR_ARG(t->qualified), scope_word(t)));
    for (size_t i = 0; i < v->filter_count; i++) {
        add(out,
            arena_printf(out->arena, "  Row filter%s", by_policy(out, v->filters[i].policy_name)));
    }
    for (size_t c = 0; c < t->column_count; c++) {
        if (v->masks && v->masks[c].function != MASK_NONE && v->table->columns_used[c]) {
            add(out, arena_printf(out->arena, "  Column %.*s masked (%s)%s",
                                  STR_ARG(t->columns[c].name), mask_word(v->masks[c].function),
                                  by_policy(out, v->masks[c].policy_name)));
        }
        if (v->usages && v->usages[c].kind != USAGE_FREE && v->table->columns_used[c]) {
            add(out, arena_printf(out->arena, "  Column %.*s is %s%s", STR_ARG(t->columns[c].name),
                                  usage_word(v->usages[c].kind),
                                  by_policy(out, v->usages[c].policy_name)));
        }
    }
}

/* SELECT * FROM (VALUES ('line'), ...) AS plan("QUERY PLAN"), its star written out. */
static struct node *query_over(struct arena *a, struct node *values)
{
    struct str alias = STR("plan"), column = STR("QUERY PLAN");
    struct node *derived = make_derived(a, make_query(a, values), alias);
    struct node *select = node_new(a, NODE_SELECT, 0);
    struct node *line = make_column(a, alias, column, NULL);
    node_push(a, &node_derived(derived)->columns, make_ident(a, column));
    node_push(a, &node_select(select)->targets, make_target(a, line, STR_NULL));
    node_select(select)->from = derived;
    return make_query(a, select);
}

enum status explain_decision(struct plan *p, struct error *e)
{
    (void)e;
    struct prepared *now = &p->now;
    struct lines lines = {now->arena, node_new(now->arena, NODE_VALUES, 0),
                          policy_role_may(p->governor->principal, ACTION_MANAGE)};
    struct node_query *query = now->stmt->kind == NODE_QUERY ? node_query(now->stmt) : NULL;
    add(&lines, arena_printf(now->arena, "%s%s", node_kind_name(now->stmt->kind),
                             query && query->ctes.n ? " with common table expressions" : ""));
    for (size_t i = 0; i < now->decision->table_count; i++) {
        add_table(&lines, &now->decision->tables[i]);
    }
    add(&lines, now->binding->may_fail ? "Expressions can fail: row filters stand behind a barrier"
                                       : "No expression can fail");
    now->stmt = query_over(now->arena, lines.values);
    struct binding *b = now->binding;
    b->kind = STATEMENT_EXPLAIN;
    b->param_count = 0;
    b->output_count = 1;
    b->outputs = ARENA_NEW(now->arena, struct output_column);
    b->outputs[0] = (struct output_column){
        .name = STR("QUERY PLAN"), .type = type_simple(TYPE_TEXT), .origins = lineage_none()};
    now->masks = NULL;
    now->is_rewritten = true;
    return OK;
}
