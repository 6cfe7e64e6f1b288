/* PIVOT and UNPIVOT: said in SELECT before they are bound, so that names, lineage, row filters and
 * masks need no rule of their own. Both read their source once.
 *
 *     t PIVOT (sum(v) FOR c IN ('x', 'y'))
 *     (SELECT * EXCLUDE (v, c), sum(v) FILTER (WHERE c IS NOT DISTINCT FROM 'x') AS x, ... FROM t
 *      GROUP BY ALL)
 *
 *     t UNPIVOT (v FOR n IN (a, b))
 *     (SELECT t.* EXCLUDE (a, b), u.n, CASE u.i WHEN 1 THEN t.a WHEN 2 THEN t.b END AS v
 *      FROM t CROSS JOIN (VALUES (1, 'a'), (2, 'b')) AS u (i, n) WHERE ... IS NOT NULL)
 */
#include "sql/bind_state.h"
#include "sql/make.h"
#include "sql/print.h"

static struct node *binary(struct binder *b, enum op op, struct node *x, struct node *y)
{
    struct node *n = node_new(b->a, NODE_BINARY, x->offset);
    node_binary(n)->op = op;
    node_binary(n)->left = x;
    node_binary(n)->right = y;
    return n;
}

static struct node *integer(struct binder *b, size_t value)
{
    return make_literal(b->a, LIT_INTEGER, str_of(arena_printf(b->a, "%zu", value)));
}

/* ---- names of columns ---- */

struct names {
    struct binder *b;
    struct node_list list; /* NAMEs, each once */
    size_t nodes;
    bool has_query;
};

static void add_name(struct names *names, struct str name)
{
    for (uint32_t i = 0; i < names->list.n; i++) {
        if (str_ieq(ident_text(node_name(names->list.at[i])->parts.at[0]), name)) {
            return;
        }
    }
    node_push(names->b->a, &names->list, make_name(names->b->a, name));
}

static enum walk collect(struct node **n, void *ctx)
{
    struct names *names = ctx;
    names->nodes++;
    names->has_query |= (*n)->kind == NODE_QUERY;
    if ((*n)->kind == NODE_COLUMN_REF) {
        const struct node_list *parts = &node_column_ref(*n)->parts;
        add_name(names, ident_text(parts->at[parts->n - 1]));
    }
    return WALK_ON;
}

/* What stands `copies` times in the tree afterwards: bounded, and without a sub-query, since each
 * occurrence of a table must be known once. */
static enum status collect_from(struct names *names, struct node *n, size_t copies)
{
    struct binder *b = names->b;
    names->nodes = 0;
    (void)node_walk(&n, collect, names);
    if (names->has_query) {
        return bind_fail(b, n, ERR_UNSUPPORTED, "a sub-query can't stand in PIVOT");
    }
    b->nodes_copied += names->nodes * copies;
    return b->nodes_copied <= BIND_MAX_COPIED
               ? OK
               : bind_fail(b, n, ERR_STATEMENT_TOO_COMPLEX, "PIVOT has too many columns");
}

/* As the item of an IN list names its column. */
static struct str item_text(struct binder *b, const struct node *n)
{
    struct buf text = BUF_INIT(1 << 16);
    struct error ignored = ERROR_INIT;
    while (n->kind == NODE_CAST) {
        n = node_cast_const(n)->operand;
    }
    if (n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING) {
        return node_literal_const(n)->text;
    }
    if (n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_TRUE) {
        return STR("true");
    }
    if (n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_FALSE) {
        return STR("false");
    }
    if (n->kind == NODE_COLUMN_REF) {
        const struct node_list *parts = &node_column_ref_const(n)->parts;
        return ident_text(parts->at[parts->n - 1]);
    }
    bool printed = sql_print(n, PRINT_CANONICAL, &text, &ignored) == OK && !text.failed;
    struct str out = printed ? arena_str(b->a, buf_str(&text)) : STR("?column?");
    buf_free(&text);
    return out;
}

/* Its alias, or its text; of a row its members' texts, joined. */
static struct str item_name(struct binder *b, const struct node *target)
{
    const struct node_target *t = node_target_const(target);
    if (t->alias) {
        return ident_text(t->alias);
    }
    if (t->expr->kind != NODE_ROW) {
        return item_text(b, t->expr);
    }
    struct str name = STR("");
    const struct node_list *items = &node_row_const(t->expr)->items;
    for (uint32_t i = 0; i < items->n; i++) {
        struct str text = item_text(b, items->at[i]);
        name = str_of(arena_printf(b->a, "%.*s%s%.*s", STR_ARG(name), i ? "_" : "", STR_ARG(text)));
    }
    return name;
}

/* ---- PIVOT ---- */

/* One combination of the values of all IN lists. */
struct choice {
    struct node *condition;
    struct str name;
};

static enum status check_column(struct binder *b, const struct node_pivot_column *c)
{
    if (c->any || c->query || c->domain) {
        (void)bind_fail(b, &c->base, ERR_UNSUPPORTED,
                        "PIVOT needs its values in the statement: what they are can't depend on "
                        "data");
        return error_hint(b->e, "List them: FOR x IN ('a', 'b').");
    }
    for (uint32_t i = 0; i < c->items.n; i++) {
        const struct node *expr = node_target_const(c->items.at[i])->expr;
        size_t width = expr->kind == NODE_ROW ? node_row_const(expr)->items.n : 1;
        if (width != c->exprs.n) {
            return bind_fail(b, expr, ERR_BAD_SQL, "a value of PIVOT has %zu parts, not %u", width,
                             c->exprs.n);
        }
    }
    return OK;
}

static struct node *matches(struct binder *b, const struct node_pivot_column *c,
                            const struct node *value)
{
    struct node *all = NULL;
    for (uint32_t i = 0; i < c->exprs.n; i++) {
        const struct node *part =
            value->kind == NODE_ROW ? node_row_const(value)->items.at[i] : value;
        all = make_and(
            b->a, all,
            binary(b, OP_NOT_DISTINCT, node_copy(b->a, c->exprs.at[i]), node_copy(b->a, part)));
    }
    return all;
}

/* Multiplies the choices by one more IN list. */
static enum status choose(struct binder *b, const struct node_pivot_column *c,
                          struct choice **choices, size_t *n)
{
    size_t before = *n, after = before * c->items.n;
    if (check_column(b, c) != OK || bind_limit_list(b, &c->base, after) != OK) {
        return FAIL;
    }
    struct choice *all = ARENA_ARRAY(b->a, struct choice, after);
    for (size_t i = 0; i < before; i++) {
        for (uint32_t k = 0; k < c->items.n; k++) {
            struct choice *next = &all[i * c->items.n + k];
            const struct choice *old = &(*choices)[i];
            struct str name = item_name(b, c->items.at[k]);
            next->condition = make_and(b->a, node_copy(b->a, old->condition),
                                       matches(b, c, node_target(c->items.at[k])->expr));
            next->name =
                old->name.n
                    ? str_of(arena_printf(b->a, "%.*s_%.*s", STR_ARG(old->name), STR_ARG(name)))
                    : name;
        }
    }
    *choices = all;
    *n = after;
    return OK;
}

static struct node *when_null(struct binder *b, const struct node *otherwise, struct node *value)
{
    if (!otherwise) {
        return value;
    }
    struct node *call = node_new(b->a, NODE_FUNC, value->offset);
    node_func(call)->name = make_name(b->a, STR("coalesce"));
    node_push(b->a, &node_func(call)->args, value);
    node_push(b->a, &node_func(call)->args, node_copy(b->a, otherwise));
    return call;
}

/* One output: an aggregate over the rows of one choice. */
static struct node *pivoted(struct binder *b, const struct node_pivot *p, const struct choice *c,
                            const struct node_target *aggregate)
{
    struct node *call = node_copy(b->a, aggregate->expr);
    struct node_func *f = node_func(call);
    struct str name = c->name;
    f->filter = make_and(b->a, f->filter, node_copy(b->a, c->condition));
    if (aggregate->alias || p->aggregates.n > 1) {
        name = str_of(arena_printf(b->a, "%.*s_%.*s", STR_ARG(name),
                                   STR_ARG(item_name(b, &aggregate->base))));
    }
    return make_target(b->a, when_null(b, p->when_null, call), name);
}

static enum status check_aggregates(struct binder *b, struct node_pivot *p)
{
    if (!p->aggregates.n) { /* PIVOT t ON x: how many rows */
        struct node *count = node_new(b->a, NODE_FUNC, p->base.offset);
        node_func(count)->name = make_name(b->a, STR("count"));
        node_func(count)->star = true;
        node_push(b->a, &p->aggregates, make_target(b->a, count, STR("")));
    }
    for (uint32_t i = 0; i < p->aggregates.n; i++) {
        const struct node *expr = node_target(p->aggregates.at[i])->expr;
        if (expr->kind != NODE_FUNC || node_func_const(expr)->over) {
            return bind_fail(b, expr, ERR_UNSUPPORTED, "PIVOT takes aggregate functions");
        }
    }
    return OK;
}

static enum status collect_pivot(struct names *names, const struct node_pivot *p, size_t copies)
{
    for (uint32_t i = 0; i < p->aggregates.n; i++) {
        if (collect_from(names, node_target(p->aggregates.at[i])->expr, copies) != OK) {
            return FAIL;
        }
    }
    for (uint32_t i = 0; i < p->pivoted.n; i++) {
        const struct node_pivot_column *c = node_pivot_column(p->pivoted.at[i]);
        for (uint32_t k = 0; k < c->exprs.n; k++) {
            if (collect_from(names, c->exprs.at[k], copies * p->aggregates.n) != OK) {
                return FAIL;
            }
        }
    }
    return OK;
}

/* What the rows are grouped by: GROUP BY, else all columns that nothing here names. */
static void add_group(struct binder *b, struct node_select *s, const struct node_pivot *p,
                      const struct names *names)
{
    for (uint32_t i = 0; i < p->group.n; i++) {
        node_push(b->a, &s->targets, make_target(b->a, p->group.at[i], STR("")));
    }
    if (!p->group.n) {
        struct node *star = node_new(b->a, NODE_STAR, p->base.offset);
        node_star(star)->exclude = names->list;
        node_push(b->a, &s->targets, make_target(b->a, star, STR("")));
    }
    s->group_all = true;
}

static enum status pivot_select(struct binder *b, struct node_pivot *p, struct node **out)
{
    struct choice *choices = ARENA_NEW(b->a, struct choice);
    struct names names = {.b = b};
    size_t n = 1;
    if (check_aggregates(b, p) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < p->pivoted.n; i++) {
        if (choose(b, node_pivot_column(p->pivoted.at[i]), &choices, &n) != OK) {
            return FAIL;
        }
    }
    if (bind_limit_list(b, &p->base, n * p->aggregates.n) != OK ||
        collect_pivot(&names, p, n) != OK) {
        return FAIL;
    }
    *out = node_new(b->a, NODE_SELECT, p->base.offset);
    struct node_select *s = node_select(*out);
    s->from = p->source;
    add_group(b, s, p, &names);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < p->aggregates.n; k++) {
            node_push(b->a, &s->targets,
                      pivoted(b, p, &choices[i], node_target(p->aggregates.at[k])));
        }
    }
    return OK;
}

/* ---- UNPIVOT ---- */

static const struct node_list *parts_of(struct binder *b, struct node *expr, struct node_list *one)
{
    if (expr->kind == NODE_ROW) {
        return &node_row(expr)->items;
    }
    *one = (struct node_list){0};
    node_push(b->a, one, expr);
    return one;
}

static enum status check_item(struct binder *b, const struct node_unpivot *u, struct node *expr,
                              struct names *names)
{
    struct node_list one;
    const struct node_list *parts = parts_of(b, expr, &one);
    if (parts->n != u->values.n) {
        return bind_fail(b, expr, ERR_BAD_SQL, "UNPIVOT has %u value columns, not %u", u->values.n,
                         parts->n);
    }
    for (uint32_t i = 0; i < parts->n; i++) {
        if (parts->at[i]->kind != NODE_COLUMN_REF) {
            (void)bind_fail(b, parts->at[i], ERR_UNSUPPORTED,
                            "UNPIVOT takes columns by their names");
            return error_hint(b->e, "List them: FOR n IN (a, b).");
        }
        if (collect_from(names, parts->at[i], 2) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* CASE u.i WHEN 1 THEN a WHEN 2 THEN b END, of the value column `k`. */
static struct node *value_of(struct binder *b, const struct node_unpivot *u, struct str list,
                             uint32_t k)
{
    struct node *n = node_new(b->a, NODE_CASE, u->base.offset);
    node_case_expr(n)->operand = make_column(b->a, list, STR("i"), NULL);
    for (uint32_t i = 0; i < u->items.n; i++) {
        struct node *when = node_new(b->a, NODE_WHEN, u->base.offset), *expr;
        expr = node_target(u->items.at[i])->expr;
        expr = expr->kind == NODE_ROW ? node_row(expr)->items.at[k] : expr;
        node_when(when)->condition = integer(b, i + 1);
        node_when(when)->result = node_copy(b->a, expr);
        node_push(b->a, &node_case_expr(n)->whens, when);
    }
    return n;
}

/* The texts of the list's names, and the columns that they are of, to be spelled when those are
 * bound. */
struct spelling {
    struct node_values *list;
    struct node_case_expr **values; /* a CASE a value column */
    uint32_t value_count;
};

/* A column's name as the table spells it. */
static void spell_names(struct binder *b, const struct node_unpivot *u, const struct spelling *s)
{
    for (uint32_t i = 0; i < u->items.n; i++) {
        struct str name = STR("");
        for (uint32_t k = 0; k < s->value_count; k++) {
            const struct node *column = node_when(s->values[k]->whens.at[i])->result;
            if (column->kind != NODE_COLUMN_REF) {
                return;
            }
            const struct node_list *parts = &node_column_ref_const(column)->parts;
            name = str_of(arena_printf(b->a, "%.*s%s%.*s", STR_ARG(name), k ? "_" : "",
                                       STR_ARG(ident_text(parts->at[parts->n - 1]))));
        }
        if (!node_target(u->items.at[i])->alias) {
            node_literal(node_row(s->list->rows.at[i])->items.at[1])->text = name;
        }
    }
}

/* (VALUES (1, 'a'), (2, 'b')) AS list (i, name) */
static struct node *item_list(struct binder *b, const struct node_unpivot *u, struct str list,
                              struct spelling *spelling)
{
    struct node *values = node_new(b->a, NODE_VALUES, u->base.offset);
    for (uint32_t i = 0; i < u->items.n; i++) {
        struct node *row = node_new(b->a, NODE_ROW, u->base.offset);
        struct str name = item_name(b, u->items.at[i]);
        node_push(b->a, &node_row(row)->items, integer(b, i + 1));
        node_push(b->a, &node_row(row)->items, make_literal(b->a, LIT_STRING, name));
        node_push(b->a, &node_values(values)->rows, row);
    }
    spelling->list = node_values(values);
    struct node *derived = make_derived(b->a, make_query(b->a, values), list);
    node_push(b->a, &node_derived(derived)->columns, make_ident(b->a, STR("i")));
    node_push(b->a, &node_derived(derived)->columns, u->name);
    return derived;
}

/* The name under which the source's columns are found; one is given where it has none. */
static struct str source_alias(struct binder *b, struct node *source, const char *otherwise)
{
    struct node **alias = NULL;
    switch (source->kind) {
    case NODE_TABLE_REF: {
        const struct node_list *parts = &node_name(node_table_ref(source)->name)->parts;
        const struct node *written = node_table_ref(source)->alias;
        return ident_text(written ? written : parts->at[parts->n - 1]);
    }
    case NODE_DERIVED:
        alias = &node_derived(source)->alias;
        break;
    case NODE_TABLE_FUNC:
        alias = &node_table_func(source)->alias;
        break;
    case NODE_PIVOT:
        alias = &node_pivot(source)->alias;
        break;
    case NODE_UNPIVOT:
        alias = &node_unpivot(source)->alias;
        break;
    default:
        return STR("");
    }
    if (!*alias) {
        *alias = make_ident(b->a, str_of(otherwise));
    }
    return ident_text(*alias);
}

static void add_outputs(struct binder *b, struct node_select *s, const struct node_unpivot *u,
                        struct str source, struct str list, const struct names *names,
                        struct spelling *spelling)
{
    struct node *star = node_new(b->a, NODE_STAR, u->base.offset);
    node_push(b->a, &node_star(star)->qualifier, make_ident(b->a, source));
    node_star(star)->exclude = names->list;
    node_push(b->a, &s->targets, make_target(b->a, star, STR("")));
    struct str name = ident_text(u->name);
    node_push(b->a, &s->targets, make_target(b->a, make_column(b->a, list, name, NULL), name));
    for (uint32_t k = 0; k < u->values.n; k++) {
        struct node *value = value_of(b, u, list, k);
        spelling->values[k] = node_case_expr(value);
        node_push(b->a, &s->targets, make_target(b->a, value, ident_text(u->values.at[k])));
        if (!u->include_nulls) {
            struct node *there = node_new(b->a, NODE_UNARY, u->base.offset);
            node_unary(there)->op = OP_IS_NOT_NULL;
            node_unary(there)->operand = value_of(b, u, list, k);
            s->where = make_and(b->a, s->where, there);
        }
    }
}

static enum status unpivot_select(struct binder *b, struct node_unpivot *u,
                                  struct spelling *spelling, struct node **out)
{
    struct names names = {.b = b};
    if (bind_limit_list(b, &u->base, u->items.n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < u->items.n; i++) {
        if (check_item(b, u, node_target(u->items.at[i])->expr, &names) != OK) {
            return FAIL;
        }
    }
    struct str source = source_alias(b, u->source, "unpivoted"), list = STR("unpivot items");
    if (!source.n) {
        return bind_fail(b, u->source, ERR_UNSUPPORTED, "UNPIVOT takes a table or a sub-query");
    }
    *out = node_new(b->a, NODE_SELECT, u->base.offset);
    struct node_select *s = node_select(*out);
    s->from = node_new(b->a, NODE_JOIN, u->base.offset);
    struct node_join *j = node_join(s->from);
    j->type = JOIN_CROSS;
    j->left = u->source;
    j->right = item_list(b, u, list, spelling);
    spelling->value_count = u->values.n;
    spelling->values = ARENA_ARRAY(b->a, struct node_case_expr *, u->values.n);
    add_outputs(b, s, u, source, list, &names, spelling);
    return OK;
}

/* ---- both ---- */

/* The sub-query in the place of `*n`. */
static void put_query(struct binder *b, struct node **n, struct node *select, struct node *source,
                      struct node *alias, struct node_list columns)
{
    struct str name = alias ? ident_text(alias) : source_alias(b, source, "pivoted");
    struct node *derived =
        make_derived(b->a, make_query(b->a, select), name.n ? name : STR("pivoted"));
    derived->offset = (*n)->offset;
    node_derived(derived)->columns = columns;
    *n = derived;
}

static enum status bind_unpivot(struct binder *b, struct scope *s, struct node **n)
{
    struct node_unpivot *u = node_unpivot(*n);
    struct spelling spelling = {0};
    struct node *select = NULL;
    if (unpivot_select(b, u, &spelling, &select) != OK) {
        return FAIL;
    }
    put_query(b, n, select, u->source, u->alias, u->columns);
    if (bind_from(b, s, n) != OK) {
        return FAIL;
    }
    spell_names(b, u, &spelling);
    return OK;
}

enum status bind_pivot(struct binder *b, struct scope *s, struct node **n)
{
    if ((*n)->kind == NODE_UNPIVOT) {
        return bind_unpivot(b, s, n);
    }
    struct node_pivot *p = node_pivot(*n);
    struct node *select = NULL;
    if (pivot_select(b, p, &select) != OK) {
        return FAIL;
    }
    put_query(b, n, select, p->source, p->alias, p->columns);
    return bind_from(b, s, n);
}
