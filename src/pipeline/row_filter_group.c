/* Aggregates over columns that may only be seen in groups of some size (min_group). Each becomes
 *
 *     CASE WHEN count(DISTINCT t.key) FILTER (WHERE t.c IS NOT NULL AND its own filter) >= size
 *          THEN sum(t.c) FILTER (its own filter) END
 *
 * where the key tells rows of the table apart, or whom they are about: rows that a join repeats
 * count once. The sub-query that the table becomes shows the key, unmasked, under a name of its
 * own, and so does each derived table, CTE or view through which the column comes. */
#include "pipeline/row_filter_priv.h"

#include "sql/function.h"
#include "sql/walk.h"

static bool verdict_groups(const struct table_verdict *v)
{
    bool any = false;
    for (size_t i = 0; v->usages && i < v->table->table->column_count; i++) {
        any |= v->usages[i].groups != NULL;
    }
    return any;
}

/* The names that keys have in the sub-query are told apart by the occurrence: a join by names must
 * not find one on both sides. */
static struct str key_name(struct rewrite *w, const struct table_verdict *v, int key)
{
    const struct table *t = v->table->table;
    const char *name = key < 0 ? "row" : arena_printf(w->arena, "%d", key);
    struct str out = str_of(arena_printf(w->arena, "key %u %s", v->table->id, name));
    while (table_column(t, out) >= 0) {
        out = str_of(arena_printf(w->arena, "%.*s_", STR_ARG(out)));
    }
    return out;
}

static void show_key(struct rewrite *w, const struct table_verdict *v, struct str alias, int key,
                     struct node_list *targets)
{
    const struct table *t = v->table->table;
    struct str column = key < 0 ? STR("rowid") : t->columns[key].name;
    const struct type *type = key < 0 ? type_simple(TYPE_INT8) : t->columns[key].type;
    struct node *raw = make_column(w->arena, alias, column, type);
    node_push(w->arena, targets, make_target(w->arena, raw, key_name(w, v, key)));
}

void show_group_keys(struct rewrite *w, const struct table_verdict *v, struct str alias,
                     struct node_list *targets)
{
    const struct table *t = v->table->table;
    bool *shown = ARENA_ARRAY(w->arena, bool, t->column_count + 1);
    for (size_t i = 0; w->grouped[v->table->id] && i < t->column_count; i++) {
        for (const struct min_group *g = v->usages[i].groups; g; g = g->next) {
            if (!shown[g->key + 1]) {
                show_key(w, v, alias, g->key, targets);
                shown[g->key + 1] = true;
            }
        }
    }
}

static struct node *binary(struct rewrite *w, enum op op, struct node *left, struct node *right)
{
    struct node *n = node_new(w->arena, NODE_BINARY, 0);
    node_binary(n)->op = op;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    n->type = type_simple(TYPE_BOOL);
    return n;
}

static struct node *is_there(struct rewrite *w, const struct node *column)
{
    struct node *n = node_new(w->arena, NODE_UNARY, 0);
    node_unary(n)->op = OP_IS_NOT_NULL;
    node_unary(n)->operand = node_copy(w->arena, column);
    n->type = type_simple(TYPE_BOOL);
    return n;
}

static struct str qualifier(const struct node *column)
{
    return node_ident_const(node_column_ref_const(column)->parts.at[0])->text;
}

static bool has_target(const struct node_list *targets, struct str name)
{
    bool found = false;
    for (uint32_t i = 0; i < targets->n; i++) {
        const struct node *alias = node_target_const(targets->at[i])->alias;
        found |= alias && str_eq(node_ident_const(alias)->text, name);
    }
    return found;
}

/* A sub-query in FROM that passes the column on passes the key of its row on, too. */
static void pass_key(struct rewrite *w, const struct node *column, struct str key)
{
    const struct bound_column *c = node_column_ref_const(column)->bound;
    const struct node *inner = bind_passed_column(c);
    if (!inner) {
        return; /* the table itself: show_group_keys() */
    }
    pass_key(w, inner, key);
    struct node *query =
        c->item->kind == NODE_DERIVED ? node_derived(c->item)->query : node_cte(c->item)->query;
    struct node_list *targets = &node_select(node_query(query)->body)->targets;
    struct node_list *names = c->item->kind == NODE_DERIVED ? &node_derived(c->item)->columns
                                                            : &node_cte(c->item)->columns;
    if (has_target(targets, key)) {
        return;
    }
    struct node *raw = make_column(w->arena, qualifier(inner), key, NULL);
    node_push(w->arena, targets, make_target(w->arena, raw, key));
    if (names->n) {
        node_push(w->arena, names, make_ident(w->arena, key));
    }
}

/* count(DISTINCT t.key) FILTER (WHERE ...) >= size */
static struct node *is_large(struct rewrite *w, const struct table_verdict *v,
                             const struct node_func *f, const struct min_group *g)
{
    struct arena *a = w->arena;
    const struct node *column = f->args.at[0];
    struct str alias = qualifier(column);
    struct node *count = node_new(a, NODE_FUNC, 0);
    struct node *size = make_literal(a, LIT_INTEGER, str_of(arena_printf(a, "%d", g->size)));
    node_func(count)->name = make_name(a, STR("count"));
    node_func(count)->bound = function_find(STR("count"));
    node_func(count)->distinct = true;
    pass_key(w, column, key_name(w, v, g->key));
    node_push(a, &node_func(count)->args,
              make_column(a, alias, key_name(w, v, g->key), type_simple(TYPE_INT8)));
    node_func(count)->filter =
        make_and(a, is_there(w, column), f->filter ? node_copy(a, f->filter) : NULL);
    count->type = type_simple(TYPE_INT8);
    size->type = type_simple(TYPE_INT4);
    return binary(w, OP_GE, count, size);
}

static enum walk find_query(struct node **n, void *ctx)
{
    bool *found = ctx;
    *found |= (*n)->kind == NODE_QUERY;
    return *found ? WALK_STOP : WALK_ON;
}

/* The filter is evaluated twice, and must say the same. */
static bool check_filter(struct rewrite *w, struct node *call)
{
    struct node_func *f = node_func(call);
    bool has_query = false;
    (void)node_walk(&f->filter, find_query, &has_query);
    if (!has_query && !w->binding->is_volatile) {
        return true;
    }
    error_at(w->error, ERR_UNSUPPORTED, call->offset,
             "a FILTER with a sub-query, or beside a function such as random(), can't stand at "
             "an aggregate of a column that you may see in groups only");
    error_hint(w->error, "Put the condition into WHERE.");
    w->failed = true;
    return false;
}

static enum walk guard(struct node **n, void *ctx)
{
    struct rewrite *w = ctx;
    const struct bound_column *c = bind_summed_column(*n);
    const struct usage *u = NULL;
    if (c && c->table->id < w->decision->table_count) {
        const struct table_verdict *v = &w->decision->tables[c->table->id];
        u = v->table == c->table && v->usages ? &v->usages[c->column] : NULL;
    }
    if (!u || !u->groups) {
        return WALK_ON;
    }
    struct node_func *f = node_func(*n);
    struct node *is_allowed = NULL;
    if (f->filter && !check_filter(w, *n)) {
        return WALK_STOP;
    }
    for (const struct min_group *g = u->groups; g; g = g->next) {
        const struct table_verdict *v = &w->decision->tables[c->table->id];
        is_allowed = make_and(w->arena, is_allowed, is_large(w, v, f, g));
    }
    w->grouped[c->table->id] = true;
    *n = make_case(w->arena, is_allowed, *n, NULL);
    return WALK_SKIP;
}

bool guard_groups(struct rewrite *w, struct node **stmt)
{
    bool any = false;
    for (size_t i = 0; i < w->decision->table_count; i++) {
        any |= verdict_groups(&w->decision->tables[i]);
    }
    if (any) {
        node_walk(stmt, guard, w);
    }
    return !w->failed;
}
