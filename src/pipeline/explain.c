#include "pipeline/explain.h"

#include "pipeline/explanation.h"
#include "sql/make.h"

/* The rows that are told, as VALUES. */
struct told {
    struct arena *arena;
    struct node *values;
};

static struct node *cell(struct arena *a, struct str text)
{
    return text.p ? make_literal(a, LIT_STRING, text)
                  : make_cast(a, make_literal(a, LIT_NULL, STR_NULL), type_simple(TYPE_TEXT));
}

static void add_row(struct told *out, const struct str *cells, size_t n)
{
    struct node *row = node_new(out->arena, NODE_ROW, 0);
    for (size_t i = 0; i < n; i++) {
        node_push(out->arena, &node_row(row)->items, cell(out->arena, cells[i]));
    }
    node_push(out->arena, &node_values(out->values)->rows, row);
}

/* ---- EXPLAIN: lines ---- */

static void add(struct told *out, const char *text)
{
    add_row(out, &(struct str){text, strlen(text)}, 1);
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
    case SCOPE_AUDIT:
        return "the audit log, entries of your environment and of your organization's "
               "administration only";
    }
    return "?";
}

/* Who manages policies is told which one it is. */
static const char *by_policy(struct told *out, bool manages, struct str name)
{
    return manages ? arena_printf(out->arena, " by policy \"%.*s\"", STR_ARG(name)) : "";
}

static void add_table(struct told *out, bool manages, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    add(out, arena_printf(out->arena, "Table %.*s (%s)", STR_ARG(t->qualified), scope_word(t)));
    for (size_t i = 0; i < v->filter_count; i++) {
        add(out, arena_printf(out->arena, "  Row filter%s",
                              by_policy(out, manages, v->filters[i]->policy_name)));
    }
    for (size_t c = 0; c < t->column_count; c++) {
        if (v->masks[c].function != MASK_NONE && v->table->columns_used[c]) {
            add(out,
                arena_printf(out->arena, "  Column %.*s masked (%s)%s", STR_ARG(t->columns[c].name),
                             explanation_mask_word(v->masks[c].function),
                             by_policy(out, manages, v->masks[c].policy_name)));
        }
        if (v->usages && v->usages[c].kind != USAGE_FREE && v->table->columns_used[c]) {
            add(out, arena_printf(out->arena, "  Column %.*s is %s%s", STR_ARG(t->columns[c].name),
                                  usage_word(v->usages[c].kind),
                                  by_policy(out, manages, v->usages[c].policy_name)));
        }
    }
}

/* As EXPLANATION_OWN and EXPLANATION_MANAGER, in fewer words. */
static void tell_lines(struct plan *inner, bool manages, struct told *out)
{
    const struct prepared *now = &inner->now;
    const struct node *stmt = inner->source;
    bool has_ctes = stmt->kind == NODE_QUERY && node_query_const(stmt)->ctes.n;
    add(out, arena_printf(out->arena, "%s%s", node_kind_name(stmt->kind),
                          has_ctes ? " with common table expressions" : ""));
    for (size_t i = 0; i < now->decision->table_count; i++) {
        if (manages || !now->binding->tables[i]->in_view) {
            add_table(out, manages, &now->decision->tables[i]);
        }
    }
    for (size_t i = 0; manages && i < now->decision->read_count; i++) {
        const struct decision *within = now->decision->reads[i]->decision;
        for (size_t k = 0; k < within->table_count; k++) {
            add_table(out, manages, &within->tables[k]);
        }
    }
    add(out, now->binding->may_fail ? "Expressions can fail: row filters stand behind a barrier"
                                    : "No expression can fail");
}

/* ---- EXPLAIN POLICY: rows ---- */

static void tell_rows(struct plan *inner, bool manages, struct told *out)
{
    struct explanation told = {.arena = out->arena};
    explanation_tell(inner, manages ? EXPLANATION_MANAGER : EXPLANATION_OWN, &told);
    for (size_t i = 0; i < told.n; i++) {
        struct str cells[EXPLANATION_WIDTH];
        explanation_cells(&told.at[i], cells);
        add_row(out, cells, EXPLANATION_WIDTH);
    }
}

/* ---- both ---- */

/* SELECT * FROM (VALUES ...) AS plan(columns), its star written out. */
static struct node *query_over(struct arena *a, struct node *values, const char *const *columns,
                               size_t n)
{
    struct str alias = STR("plan");
    struct node *derived = make_derived(a, make_query(a, values), alias);
    struct node *select = node_new(a, NODE_SELECT, 0);
    for (size_t i = 0; i < n; i++) {
        struct node *column = make_column(a, alias, str_of(columns[i]), NULL);
        node_push(a, &node_derived(derived)->columns, make_ident(a, str_of(columns[i])));
        node_push(a, &node_select(select)->targets, make_target(a, column, STR_NULL));
    }
    node_select(select)->from = derived;
    return make_query(a, select);
}

/* A binding of its own: nothing of what the statement would touch, run before itself, or cost. */
static struct binding *binding_of(struct arena *a, const struct binding *inner,
                                  const char *const *columns, size_t n)
{
    struct binding *b = ARENA_NEW(a, struct binding);
    b->kind = STATEMENT_EXPLAIN;
    b->uses = lineage_none();
    b->params = inner->params;
    b->param_count = inner->param_count;
    b->output_count = n;
    b->outputs = ARENA_ARRAY(a, struct output_column, n);
    for (size_t i = 0; i < n; i++) {
        b->outputs[i] = (struct output_column){
            .name = str_of(columns[i]), .type = type_simple(TYPE_TEXT), .origins = lineage_none()};
    }
    return b;
}

static enum status refuse_options(const struct node *stmt, struct error *e)
{
    const struct node_explain *explain = node_explain_const(stmt);
    if (explain->analyze) {
        error_at(e, ERR_UNSUPPORTED, stmt->offset, "EXPLAIN ANALYZE is not supported");
        return error_hint(e, "Its row counts would tell of rows that a policy hides. Use EXPLAIN.");
    }
    if (explain->format == EXPLAIN_JSON || explain->format == EXPLAIN_TABULAR) {
        error_at(e, ERR_UNSUPPORTED, stmt->offset, "this format of EXPLAIN is not supported");
        return error_hint(e, "Use EXPLAIN POLICY, which gives columns.");
    }
    return OK;
}

enum status explain_prepare(struct plan *p, struct error *e)
{
    static const char *const line[] = {"QUERY PLAN"};
    struct prepared *now = &p->now;
    bool is_policy = p->source->kind == NODE_EXPLAIN_POLICY;
    if (!is_policy && refuse_options(p->source, e) != OK) {
        return FAIL;
    }
    const struct node *stmt = is_policy ? node_explain_policy_const(p->source)->statement
                                        : node_explain_const(p->source)->statement;
    struct plan *inner = plan_new(p->governor, stmt, p->text, p->hints, p->hint_count);
    inner->dialect = p->dialect;
    inner->stored_names = p->stored_names;
    now->explained = inner;
    if (explanation_plan(inner, e) != OK) {
        return FAIL;
    }
    bool manages = policy_role_may(p->governor->principal, ACTION_MANAGE);
    struct told told = {now->arena, node_new(now->arena, NODE_VALUES, 0)};
    (is_policy ? tell_rows : tell_lines)(inner, manages, &told);
    const char *const *columns = is_policy ? explanation_columns : line;
    size_t n = is_policy ? EXPLANATION_WIDTH : 1;
    now->stmt = query_over(now->arena, told.values, columns, n);
    now->binding = binding_of(now->arena, inner->now.binding, columns, n);
    now->decision = inner->now.decision;
    now->is_rewritten = true;
    return OK;
}
