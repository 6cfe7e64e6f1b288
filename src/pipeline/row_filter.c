/* References to tables become sub-queries. The walk reaches every place where a table can stand,
 * since it is made from the node list; and what the binder counted is compared with what the walk
 * found. */
#include "pipeline/row_filter_priv.h"

#include "sql/function.h"
#include "sql/walk.h"

const struct table_verdict *verdict_of(const struct rewrite *w, const struct node *ref)
{
    const struct bound_table *t = node_table_ref_const(ref)->bound;
    if (!t || t->id >= w->decision->table_count || w->decision->tables[t->id].table != t) {
        return NULL;
    }
    return &w->decision->tables[t->id];
}

struct str ref_alias(const struct node *ref)
{
    const struct node_table_ref *r = node_table_ref_const(ref);
    return r->alias ? node_ident_const(r->alias)->text : r->bound->table->name;
}

/* Its name within the sub-query that it becomes. Where a filter has sub-queries of its own, their
 * columns must not be taken for it: no name of the client's is like this one. */
static struct str inner_alias(const struct rewrite *w, const struct node *ref,
                              const struct table_verdict *v)
{
    return predicate_has_query(v, 1u << ROWS_SELECTED)
               ? str_of(arena_printf(w->arena, BIND_OF_FILTER "%u", w->depth))
               : ref_alias(ref);
}

static enum status fail(struct rewrite *w)
{
    w->failed = true;
    if (w->error->code == ERR_NONE) {
        error_set(w->error, ERR_DENIED, "the row filters of this statement can't be applied");
    }
    return FAIL;
}

static struct node *shown_column(struct rewrite *w, const struct table_verdict *v, size_t column,
                                 struct str alias)
{
    const struct column *c = &v->table->table->columns[column];
    struct node *raw = make_column(w->arena, alias, c->name, c->type);
    if (!verdict_masks(w, v)) {
        return make_target(w->arena, raw, STR_NULL);
    }
    struct node *shown = masked_column(w, v, column, raw);
    return make_target(w->arena, shown, shown == raw ? STR_NULL : c->name);
}

/* The columns that the sub-query shows: those that the statement reads, or all where their order or
 * number matters; at least one, since a query must have one. */
static void show_columns(struct rewrite *w, const struct table_verdict *v, struct str alias,
                         bool all, struct node_list *targets)
{
    const struct table *t = v->table->table;
    for (size_t i = 0; i < t->column_count; i++) {
        bool last_chance = targets->n == 0 && i + 1 == t->column_count;
        if (all || last_chance || v->table->columns_used[i]) {
            node_push(w->arena, targets, shown_column(w, v, i, alias));
        }
    }
}

/* row_number() OVER () - 1 AS rowid: the engine's own numbers would tell how many rows are hidden,
 * so the rows that may be seen are counted. */
static struct node *visible_row_number(struct arena *a)
{
    struct node *call = node_new(a, NODE_FUNC, 0), *minus = node_new(a, NODE_BINARY, 0);
    node_func(call)->name = make_name(a, STR("row_number"));
    node_func(call)->bound = function_find(STR("row_number"));
    node_func(call)->over = node_new(a, NODE_WINDOW, 0);
    node_binary(minus)->op = OP_SUB;
    node_binary(minus)->left = call;
    node_binary(minus)->right = make_literal(a, LIT_INTEGER, STR("1"));
    return make_target(a, minus, STR("rowid"));
}

/* SELECT columns FROM table AS alias WHERE predicates, as a barrier where an expression outside
 * could otherwise be run early and fail on a hidden row. The predicates see raw values, whoever
 * reads the sub-query masked ones. */
static struct node *filtered_query(struct rewrite *w, const struct node *ref,
                                   const struct table_verdict *v, bool all)
{
    struct arena *a = w->arena;
    struct str alias = inner_alias(w, ref, v);
    struct node *inner = node_copy(a, ref), *select = node_new(a, NODE_SELECT, ref->offset);
    struct node *query = node_new(a, NODE_QUERY, ref->offset);
    node_table_ref(inner)->alias = make_ident(a, alias);
    node_table_ref(inner)->columns = (struct node_list){0};
    show_columns(w, v, alias, all, &node_select(select)->targets);
    if (v->table->rowid_used) {
        struct node *raw = make_column(a, alias, STR("rowid"), type_simple(TYPE_INT8));
        node_push(a, &node_select(select)->targets,
                  verdict_filters(v) ? visible_row_number(a) : make_target(a, raw, STR_NULL));
    }
    show_group_keys(w, v, alias, &node_select(select)->targets);
    node_select(select)->from = inner;
    node_query(query)->body = select;
    if (!verdict_filters(v)) {
        return query; /* of masks alone: there is no row to keep anything from */
    }
    node_query(query)->limit = w->binding->may_fail ? make_barrier(a) : NULL;
    return predicate_over(w, v, 1u << ROWS_SELECTED, alias, &node_select(select)->where) == OK
               ? query
               : NULL;
}

static struct node *derived_of(struct rewrite *w, const struct node *ref,
                               const struct table_verdict *v)
{
    const struct node_table_ref *r = node_table_ref_const(ref);
    struct node *query = filtered_query(w, ref, v, w->all_columns || r->columns.n > 0);
    if (!query) {
        return NULL;
    }
    struct node *derived = node_new(w->arena, NODE_DERIVED, ref->offset);
    derived->length = ref->length;
    node_derived(derived)->query = query;
    node_derived(derived)->alias = make_ident(w->arena, ref_alias(ref));
    node_derived(derived)->columns = r->columns;
    return derived;
}

static enum walk wrap(struct node **n, void *ctx)
{
    struct rewrite *w = ctx;
    if ((*n)->kind != NODE_TABLE_REF || !node_table_ref(*n)->bound) {
        return WALK_ON; /* no table, or the name of a CTE */
    }
    const struct table_verdict *v = verdict_of(w, *n);
    if (!v) {
        fail(w);
        return WALK_STOP;
    }
    if (v->table->written && v->table->rowid_used && verdict_filters(v)) {
        error_at(w->error, ERR_UNSUPPORTED, (*n)->offset,
                 "rowid of a table with row filters can't be used where the table is written");
        fail(w);
        return WALK_STOP;
    }
    if (v->table->written) {
        return WALK_SKIP; /* its own rewriting marks it */
    }
    w->done[v->table->id] = true;
    if (!verdict_filters(v) && !verdict_masks(w, v) && !w->grouped[v->table->id]) {
        return WALK_SKIP;
    }
    struct node *derived = derived_of(w, *n, v);
    if (!derived) {
        fail(w);
        return WALK_STOP;
    }
    *n = derived;
    return WALK_SKIP;
}

static enum walk find_join_by_name(struct node **n, void *ctx)
{
    bool *found = ctx;
    if ((*n)->kind == NODE_JOIN) {
        const struct node_join *j = node_join(*n);
        *found |= j->natural || j->using_columns.n > 0;
    }
    return *found ? WALK_STOP : WALK_ON;
}

/* The engine takes a sample of blocks, or one that a seed decides, by where the rows lie in the
 * table: the hidden ones between them would be counted. Row by row, and by chance, it knows of
 * none.
 */
static enum walk settle_sample(struct node **n, void *ctx)
{
    struct rewrite *w = ctx;
    if ((*n)->kind != NODE_SAMPLE) {
        return WALK_ON;
    }
    struct node_sample *sample = node_sample(*n);
    bool is_by_block =
        sample->method == SAMPLE_SYSTEM || (sample->method == SAMPLE_DEFAULT && !sample->rows);
    if (is_by_block) {
        sample->method = SAMPLE_BERNOULLI;
    }
    if (sample->seed && sample->method != SAMPLE_BERNOULLI) {
        error_at(w->error, ERR_UNSUPPORTED, (*n)->offset,
                 "a number of rows can't be sampled by a seed beside a table with row filters");
        error_hint(w->error, "Leave out the seed, or sample a percentage.");
        fail(w);
        return WALK_STOP;
    }
    return WALK_ON;
}

static bool filters_any(const struct rewrite *w)
{
    bool any = false;
    for (size_t i = 0; i < w->decision->table_count; i++) {
        any |= verdict_filters(&w->decision->tables[i]);
    }
    return any;
}

/* COPY table TO: a table can't be a sub-query there, so the statement gets a query instead. */
static enum status copy_as_query(struct rewrite *w, struct node_copy_stmt *c)
{
    const struct table_verdict *v = c->table ? verdict_of(w, c->table) : NULL;
    if (!c->to || !v || !verdict_filters(v)) {
        return OK;
    }
    struct arena *a = w->arena;
    const struct table *t = v->table->table;
    struct str alias = inner_alias(w, c->table, v);
    struct node *query = filtered_query(w, c->table, v, c->columns.n == 0);
    if (!query) {
        return fail(w);
    }
    struct node_select *select = node_select(node_query(query)->body);
    if (c->columns.n) {
        select->targets = (struct node_list){0};
    }
    for (uint32_t i = 0; i < c->columns.n; i++) {
        int column = table_column(t, node_ident(c->columns.at[i])->text);
        if (column < 0) {
            return fail(w);
        }
        node_push(a, &select->targets, shown_column(w, v, (size_t)column, alias));
    }
    w->done[v->table->id] = true;
    c->table = NULL;
    c->columns = (struct node_list){0};
    c->query = query;
    return OK;
}

static enum status rewrite_targets(struct rewrite *w, struct node *stmt)
{
    switch (stmt->kind) {
    case NODE_INSERT:
        return rewrite_insert(w, node_insert(stmt));
    case NODE_UPDATE:
        return rewrite_update(w, node_update(stmt));
    case NODE_DELETE:
        return rewrite_delete(w, node_delete_stmt(stmt));
    case NODE_MERGE:
        return rewrite_merge(w, node_merge(stmt));
    default:
        return OK;
    }
}

/* A masked table that was not met is read in another way: a key of another table refers to it. */
static enum status check_done(struct rewrite *w)
{
    for (size_t i = 0; i < w->decision->table_count; i++) {
        const struct table_verdict *v = &w->decision->tables[i];
        if (!w->done[i] && verdict_filters(v)) {
            return fail(w);
        }
        if (!w->done[i] && !v->table->written && verdict_masks(w, v)) {
            error_set(w->error, ERR_MASKED_USE,
                      "a key refers to \"%.*s\", which has columns that are masked for you",
                      STR_ARG(v->table->table->qualified));
            return fail(w);
        }
    }
    return OK;
}

/* COPY's own table was turned into a filtered query before: that one isn't wrapped again. */
static enum status rewrite(struct rewrite *w, struct node **stmt)
{
    node_walk(stmt, find_join_by_name, &w->all_columns);
    if (filters_any(w)) {
        node_walk(stmt, settle_sample, w);
    }
    if (w->failed || !guard_groups(w, stmt)) {
        return FAIL;
    }
    if ((*stmt)->kind == NODE_COPY && node_copy_stmt(*stmt)->table) {
        return copy_as_query(w, node_copy_stmt(*stmt));
    }
    node_walk(stmt, wrap, w);
    if (w->failed) {
        return FAIL;
    }
    return rewrite_targets(w, *stmt) == OK ? OK : fail(w);
}

enum status rewrite_reads(struct rewrite *w, const struct filter_reads *reads,
                          struct node **instance)
{
    struct rewrite inner = {
        .arena = w->arena,
        .binding = reads->binding,
        .decision = reads->decision,
        .principal = w->principal,
        .error = w->error,
        .values = w->values,
        .depth = w->depth + 1,
        .done = ARENA_ARRAY(w->arena, bool, reads->decision->table_count),
        .grouped = ARENA_ARRAY(w->arena, bool, reads->decision->table_count),
        .as_literals = w->as_literals,
    };
    bool fits = reads->decision->table_count == reads->binding->table_count &&
                rewrite(&inner, instance) == OK && check_done(&inner) == OK;
    return fits ? OK : fail(w);
}

/* Statements that run before the main one: as text, without parameters. */
static enum status rewrite_before(struct rewrite *w)
{
    bool as_literals = w->as_literals;
    enum status status = OK;
    w->as_literals = true;
    for (uint32_t i = 0; i < w->binding->before.n && status == OK; i++) {
        status = rewrite(w, &w->binding->before.at[i]);
    }
    w->as_literals = as_literals;
    return status;
}

enum status row_filter_apply(struct arena *a, const struct binding *b, const struct decision *d,
                             const struct principal *p, struct node **stmt,
                             struct row_filter_params *out, struct error *e)
{
    struct error own = ERROR_INIT;
    struct filter_values values = {.client_count = b->param_count};
    struct rewrite w = {
        .arena = a, .binding = b, .decision = d, .principal = p, .error = &own, .values = &values};
    if (out) {
        *out = (struct row_filter_params){0};
    }
    if ((*stmt)->kind == NODE_CREATE_VIEW) {
        return OK;
    }
    w.as_literals = !out || b->kind == STATEMENT_DDL;
    w.done = ARENA_ARRAY(a, bool, d->table_count);
    w.grouped = ARENA_ARRAY(a, bool, d->table_count);
    if (d->table_count != b->table_count || rewrite_before(&w) != OK || rewrite(&w, stmt) != OK ||
        check_done(&w) != OK) {
        fail(&w);
        if (e) {
            *e = own;
        }
        return FAIL;
    }
    if (out) {
        *out = (struct row_filter_params){values.list.at, values.list.n};
    }
    return OK;
}
