/* PIVOT and UNPIVOT, said as the queries that they stand for: an aggregate FILTER for each value,
 * and unnest() of the columns as a list. Which columns there are depends on the source, so it is
 * bound first, and the query is made around it. Lineage and uses are those of that query. */
#include "sql/bind_state.h"
#include "sql/make.h"

enum { MOST_PIVOTED = 1000 };

/* The query that is made: its scope, in which the source is bound already. */
struct making {
    struct binder *b;
    struct scope *scope;
    struct node_select *select;
    struct node_list all; /* TARGETs of the source's columns, as written */
};

static enum status start(struct binder *b, struct scope *s, struct node **source, struct making *m)
{
    struct node *star = node_new(b->a, NODE_STAR, (*source)->offset);
    *m = (struct making){.b = b, .scope = ARENA_NEW(b->a, struct scope)};
    m->scope->parent = s->parent;
    m->scope->ctes = s->ctes;
    m->scope->lambdas = s->lambdas;
    m->select = node_select(node_new(b->a, NODE_SELECT, (*source)->offset));
    if (bind_from(b, m->scope, source) != OK) {
        return FAIL;
    }
    m->select->from = *source;
    return bind_star(b, m->scope, node_star(star), &m->all);
}

/* The query is whole: bound, it becomes an item of FROM. */
static enum status finish(struct making *m, struct scope *s, const struct node *alias,
                          struct node_list names, const char *own_name, struct node **n)
{
    struct binder *b = m->b;
    struct columns columns;
    if (bind_targets(b, m->scope, &m->select->targets, &columns) != OK ||
        bind_where(b, m->scope, &m->select->where) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < m->select->group.n; i++) {
        bind_use_at(b, columns.at[i].origins, USE_GROUPING);
    }
    struct str name = alias ? ident_text(alias) : bind_unique(b, str_of(own_name));
    struct range *r = range_of_columns(b, name, &columns);
    struct node *derived = make_derived(b->a, make_query(b->a, &m->select->base), r->name);
    derived->offset = (*n)->offset;
    derived->length = (*n)->length;
    node_derived(derived)->columns = names;
    if (bind_name_columns(b, r, &node_derived(derived)->columns, *n) != OK) {
        return FAIL;
    }
    *n = derived;
    return scope_add(b, s, r, derived);
}

/* ---- which columns are named ---- */

static enum walk note_names(struct node **n, void *ctx)
{
    struct map *names = ctx;
    if ((*n)->kind == NODE_COLUMN_REF) {
        const struct node_list *parts = &node_column_ref(*n)->parts;
        map_put(names, ident_text(parts->at[parts->n - 1]), names);
    }
    return WALK_ON;
}

static void note_list(struct node_list *l, struct map *names)
{
    for (uint32_t i = 0; i < l->n; i++) {
        (void)node_walk(&l->at[i], note_names, names);
    }
}

static bool is_named(struct map *names, struct str name, struct arena *a)
{
    if (map_get(names, name)) {
        return true;
    }
    char *folded = arena_strdup(a, name); /* written in lower case, called as the table spells it */
    for (size_t i = 0; i < name.n; i++) {
        folded[i] =
            folded[i] >= 'A' && folded[i] <= 'Z' ? (char)(folded[i] - 'A' + 'a') : folded[i];
    }
    return map_get(names, (struct str){folded, name.n}) != NULL;
}

/* The columns that aren't named stay as they are. */
static void keep_others(struct making *m, struct map *names)
{
    for (uint32_t i = 0; i < m->all.n; i++) {
        if (!is_named(names, ident_text(node_target(m->all.at[i])->alias), m->b->a)) {
            node_push(m->b->a, &m->select->targets, m->all.at[i]);
        }
    }
}

/* ---- PIVOT ---- */

static void add_condition(struct arena *a, struct node **to, struct node *condition)
{
    *to = make_and(a, *to, condition);
}

struct filtering {
    struct binder *b;
    const struct node *condition;
    bool found;
};

static enum walk add_filter(struct node **n, void *ctx)
{
    struct filtering *f = ctx;
    if ((*n)->kind == NODE_QUERY) {
        return WALK_SKIP;
    }
    if ((*n)->kind != NODE_FUNC) {
        return WALK_ON;
    }
    const struct node_list *parts = &node_name(node_func(*n)->name)->parts;
    const struct function *def = function_find(ident_text(parts->at[parts->n - 1]));
    if (!def || def->kind != FUNCTION_AGGREGATE || node_func(*n)->over) {
        return WALK_ON;
    }
    f->found = true;
    add_condition(f->b->a, &node_func(*n)->filter, node_copy(f->b->a, f->condition));
    return WALK_SKIP;
}

/* A bare word among the values is text. */
static struct node *value_of(struct binder *b, struct node *item)
{
    if (item->kind != NODE_COLUMN_REF || node_column_ref(item)->parts.n != 1) {
        return item;
    }
    struct node *text =
        make_literal(b->a, LIT_STRING, ident_text(node_column_ref(item)->parts.at[0]));
    text->offset = item->offset;
    text->length = item->length;
    return text;
}

static struct str value_name(struct binder *b, const struct node *value)
{
    while (value->kind == NODE_CAST) {
        value = node_cast_const(value)->operand;
    }
    if (value->kind == NODE_UNARY && node_unary_const(value)->op == OP_NEG) {
        struct str of = value_name(b, node_unary_const(value)->operand);
        return str_of(arena_printf(b->a, "-%.*s", STR_ARG(of)));
    }
    if (value->kind != NODE_LITERAL) {
        return STR("value");
    }
    const struct node_literal *l = node_literal_const(value);
    return l->lit == LIT_NULL    ? STR("NULL")
           : l->lit == LIT_TRUE  ? STR("true")
           : l->lit == LIT_FALSE ? STR("false")
                                 : l->text;
}

/* What one combination of values is called, and when a row belongs to it. */
struct combination {
    struct str name;
    struct node *condition;
};

static void add_value(struct binder *b, struct combination *c, struct node *expr, struct node *item,
                      struct str alias)
{
    struct node *value = value_of(b, item), *equal = node_new(b->a, NODE_BINARY, item->offset);
    bool is_null = value->kind == NODE_LITERAL && node_literal(value)->lit == LIT_NULL;
    node_binary(equal)->op = is_null ? OP_NOT_DISTINCT : OP_EQ;
    node_binary(equal)->left = node_copy(b->a, expr);
    node_binary(equal)->right = node_copy(b->a, value);
    add_condition(b->a, &c->condition, equal);
    struct str name = alias.n ? alias : value_name(b, value);
    c->name =
        c->name.p ? str_of(arena_printf(b->a, "%.*s_%.*s", STR_ARG(c->name), STR_ARG(name))) : name;
}

static enum status add_item(struct binder *b, struct combination *c,
                            const struct node_pivot_column *column, const struct node_target *item)
{
    struct str alias = item->alias ? ident_text(item->alias) : STR("");
    bool is_row = column->exprs.n > 1;
    if (is_row &&
        (item->expr->kind != NODE_ROW || node_row(item->expr)->items.n != column->exprs.n)) {
        return bind_fail(b, item->expr, ERR_BAD_SQL, "each value of this PIVOT must be a row of %u",
                         column->exprs.n);
    }
    for (uint32_t i = 0; i < column->exprs.n; i++) {
        struct node *value = is_row ? node_row(item->expr)->items.at[i] : item->expr;
        bool is_last = i + 1 == column->exprs.n;
        add_value(b, c, column->exprs.at[i], value, is_row && !is_last ? STR("") : alias);
    }
    return OK;
}

static struct str output_name(struct binder *b, struct str value, const struct node_pivot *p,
                              const struct node_target *aggregate)
{
    if (p->aggregates.n == 1 && !aggregate->alias) {
        return value;
    }
    struct str name =
        aggregate->alias ? ident_text(aggregate->alias) : bind_target_name(b, aggregate->expr);
    return str_of(arena_printf(b->a, "%.*s_%.*s", STR_ARG(value), STR_ARG(name)));
}

static enum status add_outputs(struct making *m, const struct node_pivot *p,
                               const struct combination *c)
{
    struct binder *b = m->b;
    for (uint32_t i = 0; i < p->aggregates.n; i++) {
        const struct node_target *aggregate = node_target(p->aggregates.at[i]);
        struct node *expr = node_copy(b->a, aggregate->expr);
        struct filtering f = {b, c->condition, false};
        (void)node_walk(&expr, add_filter, &f);
        if (!f.found) {
            return bind_fail(b, aggregate->expr, ERR_BAD_SQL, "PIVOT takes aggregate functions");
        }
        if (p->when_null) {
            struct node *call = node_new(b->a, NODE_FUNC, expr->offset);
            node_func(call)->name = make_name(b->a, STR("coalesce"));
            node_push(b->a, &node_func(call)->args, expr);
            node_push(b->a, &node_func(call)->args, node_copy(b->a, p->when_null));
            expr = call;
        }
        node_push(b->a, &m->select->targets,
                  make_target(b->a, expr, output_name(b, c->name, p, aggregate)));
    }
    return bind_limit_list(b, &p->base, m->select->targets.n);
}

/* Every combination of one value of each pivoted column. Counted first. */
static enum status add_combinations(struct making *m, const struct node_pivot *p)
{
    size_t total = 1;
    for (uint32_t i = 0; i < p->pivoted.n; i++) {
        total *= node_pivot_column(p->pivoted.at[i])->items.n;
        if (total * p->aggregates.n > MOST_PIVOTED) {
            return bind_fail(m->b, &p->base, ERR_STATEMENT_TOO_COMPLEX,
                             "PIVOT gives more than %d columns", MOST_PIVOTED);
        }
    }
    for (size_t k = 0; k < total; k++) {
        struct combination c = {0};
        size_t rest = k, behind = total;
        for (uint32_t i = 0; i < p->pivoted.n; i++) {
            const struct node_pivot_column *column = node_pivot_column(p->pivoted.at[i]);
            behind /= column->items.n;
            if (add_item(m->b, &c, column, node_target(column->items.at[rest / behind])) != OK) {
                return FAIL;
            }
            rest %= behind;
        }
        if (add_outputs(m, p, &c) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status check_values(struct binder *b, const struct node_pivot *p)
{
    for (uint32_t i = 0; i < p->pivoted.n; i++) {
        const struct node_pivot_column *column = node_pivot_column(p->pivoted.at[i]);
        if (column->items.n == 0) {
            (void)bind_fail(b, p->pivoted.at[i], ERR_UNSUPPORTED,
                            "PIVOT by values that only the data tell is not supported");
            return error_hint(b->e, "Write the values: IN ('a', 'b').");
        }
    }
    return OK;
}

static void group_by_first(struct making *m, uint32_t n)
{
    for (uint32_t i = 1; i <= n; i++) {
        struct str digits = str_of(arena_printf(m->b->a, "%u", i));
        struct node *position = make_literal(m->b->a, LIT_INTEGER, digits);
        position->type = type_simple(TYPE_INT4);
        node_push(m->b->a, &m->select->group, position);
    }
}

/* Columns that neither an aggregate nor the pivot names are grouped by, unless GROUP BY says. */
static void add_groups(struct making *m, struct node_pivot *p)
{
    struct map *names = map_new();
    for (uint32_t i = 0; i < p->pivoted.n; i++) {
        note_list(&node_pivot_column(p->pivoted.at[i])->exprs, names);
    }
    note_list(&p->aggregates, names);
    for (uint32_t i = 0; i < p->group.n; i++) {
        node_push(m->b->a, &m->select->targets, make_target(m->b->a, p->group.at[i], STR_NULL));
    }
    if (p->group.n == 0) {
        keep_others(m, names);
    }
    map_free(names, NULL);
    group_by_first(m, m->select->targets.n);
}

enum status bind_pivot(struct binder *b, struct scope *s, struct node **n)
{
    struct node_pivot *p = node_pivot(*n);
    struct making m;
    if (check_values(b, p) != OK || start(b, s, &p->source, &m) != OK) {
        return FAIL;
    }
    if (p->aggregates.n == 0) {
        struct node *count = node_new(b->a, NODE_FUNC, (*n)->offset);
        node_func(count)->name = make_name(b->a, STR("count"));
        node_func(count)->star = 1;
        node_push(b->a, &p->aggregates, make_target(b->a, count, STR_NULL));
    }
    add_groups(&m, p);
    if (add_combinations(&m, p) != OK) {
        return FAIL;
    }
    return finish(&m, s, p->alias, p->columns, "pivot", n);
}

/* ---- UNPIVOT ---- */

static struct node *unnested(struct binder *b, struct node_list items)
{
    struct node *list = node_new(b->a, NODE_LIST, 0), *call = node_new(b->a, NODE_FUNC, 0);
    node_list_lit(list)->items = items;
    node_func(call)->name = make_name(b->a, STR("unnest"));
    node_push(b->a, &node_func(call)->args, list);
    return call;
}

/* As the table spells it. */
static struct str column_name(const struct making *m, const struct node *expr)
{
    struct str name = bind_target_name(m->b, expr);
    for (uint32_t i = 0; i < m->all.n; i++) {
        struct str own = ident_text(node_target(m->all.at[i])->alias);
        if (str_ieq(own, name)) {
            return own;
        }
    }
    return name;
}

static struct str item_name(const struct making *m, const struct node_target *item)
{
    struct binder *b = m->b;
    if (item->alias) {
        return ident_text(item->alias);
    }
    if (item->expr->kind != NODE_ROW) {
        return column_name(m, item->expr);
    }
    struct str name = STR_NULL;
    const struct node_list *parts = &node_row_const(item->expr)->items;
    for (uint32_t i = 0; i < parts->n; i++) {
        struct str one = column_name(m, parts->at[i]);
        name = name.p ? str_of(arena_printf(b->a, "%.*s_%.*s", STR_ARG(name), STR_ARG(one))) : one;
    }
    return name;
}

static enum status add_values(struct making *m, const struct node_unpivot *u, uint32_t which)
{
    struct node_list values = {0};
    struct binder *b = m->b;
    for (uint32_t i = 0; i < u->items.n; i++) {
        struct node *expr = node_target(u->items.at[i])->expr;
        bool is_row = expr->kind == NODE_ROW;
        if (is_row ? node_row(expr)->items.n != u->values.n : u->values.n != 1) {
            return bind_fail(b, expr, ERR_BAD_SQL, "each item of this UNPIVOT must have %u columns",
                             u->values.n);
        }
        node_push(b->a, &values, is_row ? node_row(expr)->items.at[which] : expr);
    }
    node_push(b->a, &m->select->targets,
              make_target(b->a, unnested(b, values), ident_text(u->values.at[which])));
    return OK;
}

/* A second query around the first, which leaves out rows of NULL alone. */
static enum status without_nulls(struct binder *b, struct node **source,
                                 const struct node_unpivot *u, struct making *m)
{
    struct node *any = node_new(b->a, NODE_BOOL, (*source)->offset);
    struct node *star = node_new(b->a, NODE_STAR, (*source)->offset);
    if (bind_star(b, m->scope, node_star(star), &m->select->targets) != OK) {
        return FAIL;
    }
    m->select->from = *source;
    node_bool_chain(any)->is_or = 1;
    for (uint32_t i = 0; i < u->values.n && !u->include_nulls; i++) {
        struct node *test = node_new(b->a, NODE_UNARY, (*source)->offset);
        node_unary(test)->op = OP_IS_NOT_NULL;
        node_unary(test)->operand = make_column(b->a, STR(""), ident_text(u->values.at[i]), NULL);
        node_push(b->a, &node_bool_chain(any)->args, test);
    }
    uint32_t tests = node_bool_chain(any)->args.n;
    m->select->where = tests > 1 ? any : tests ? node_bool_chain(any)->args.at[0] : NULL;
    return OK;
}

enum status bind_unpivot(struct binder *b, struct scope *s, struct node **n)
{
    struct node_unpivot *u = node_unpivot(*n);
    struct making inner, outer = {.b = b, .scope = ARENA_NEW(b->a, struct scope)};
    struct node_list names = {0};
    struct map *named = map_new();
    struct node *source = *n;
    if (start(b, s, &u->source, &inner) != OK ||
        bind_expand_targets(b, inner.scope, &u->items) != OK) {
        map_free(named, NULL);
        return FAIL;
    }
    note_list(&u->items, named);
    keep_others(&inner, named);
    map_free(named, NULL);
    for (uint32_t i = 0; i < u->items.n; i++) {
        struct str name = item_name(&inner, node_target(u->items.at[i]));
        node_push(b->a, &names, make_literal(b->a, LIT_STRING, name));
    }
    node_push(b->a, &inner.select->targets,
              make_target(b->a, unnested(b, names), ident_text(u->name)));
    for (uint32_t i = 0; i < u->values.n; i++) {
        if (add_values(&inner, u, i) != OK) {
            return FAIL;
        }
    }
    outer.scope->parent = s->parent;
    outer.scope->ctes = s->ctes;
    outer.select = node_select(node_new(b->a, NODE_SELECT, (*n)->offset));
    if (finish(&inner, outer.scope, NULL, (struct node_list){0}, "unpivoted", &source) != OK ||
        without_nulls(b, &source, u, &outer) != OK) {
        return FAIL;
    }
    return finish(&outer, s, u->alias, u->columns, "unpivot", n);
}
