/* What a statement writes. UPDATE and DELETE reach only rows that the predicates let through; a new
 * row of INSERT must satisfy them. The organization's id is put in by us: a client's own value for
 * the tenant column is compared with it and never stored, so that an expression which gives another
 * value the second time gains nothing. */
#include "pipeline/row_filter_priv.h"

#include "sql/walk.h"

/* ---- UPDATE and DELETE ---- */

/* A comparison that can't fail, whatever the row: columns, parameters and literals of one type, or
 * of whole numbers. */
static bool is_plain(const struct node *n)
{
    return n->kind == NODE_COLUMN_REF || n->kind == NODE_PARAM || n->kind == NODE_LITERAL;
}

static bool is_total(const struct node *n)
{
    if (n->kind != NODE_BINARY) {
        return false;
    }
    const struct node_binary *b = node_binary_const(n);
    return b->op >= OP_EQ && b->op <= OP_NOT_DISTINCT && is_plain(b->left) && is_plain(b->right) &&
           b->left->type && b->right->type && b->left->type->kind != TYPE_UNKNOWN &&
           (type_same(b->left->type, b->right->type) ||
            (type_is_integer(b->left->type) && type_is_integer(b->right->type)));
}

struct search {
    struct str alias;
    int query_depth;
    bool found;
};

static enum walk find_correlation(struct node **n, void *ctx)
{
    struct search *s = ctx;
    if ((*n)->kind == NODE_QUERY) {
        s->query_depth++;
        node_walk_children(*n, find_correlation, s);
        s->query_depth--;
        return s->found ? WALK_STOP : WALK_SKIP;
    }
    if ((*n)->kind == NODE_COLUMN_REF && s->query_depth > 0) {
        const struct node_list *parts = &node_column_ref(*n)->parts;
        s->found |= parts->n < 2 || str_ieq(node_ident(parts->at[0])->text, s->alias);
    }
    return s->found ? WALK_STOP : WALK_ON;
}

bool has_correlation(struct node *n, struct str alias)
{
    struct search s = {.alias = alias};
    node_walk(&n, find_correlation, &s);
    return s.found;
}

enum status refuse_correlation(struct rewrite *w, const struct node *at)
{
    error_at(w->error, ERR_UNSUPPORTED, at->offset,
             "a correlated sub-query beside an expression that can fail, on a table with row "
             "filters");
    return error_hint(w->error, "Use FROM or USING instead of the sub-query.");
}

/* policy AND user. Where the client's predicate can fail, CASE keeps it from rows that the policy
 * hides; conjuncts that can't fail stay outside, so that joins and indexes still see them. CASE is
 * no guard for a correlated sub-query, which the engine runs as a join of its own. */
enum status guard_where(struct rewrite *w, struct node *policy, struct str alias,
                        struct node **where)
{
    struct arena *a = w->arena;
    struct node *user = *where;
    if (!user || !w->binding->may_fail) {
        *where = make_and(a, policy, user);
        return OK;
    }
    if (has_correlation(user, alias)) {
        return refuse_correlation(w, user);
    }
    bool chain = user->kind == NODE_BOOL && !node_bool_chain(user)->is_or;
    uint32_t n = chain ? node_bool_chain(user)->args.n : 1;
    struct node *total = NULL, *guarded = NULL;
    for (uint32_t i = 0; i < n; i++) {
        struct node *part = chain ? node_bool_chain(user)->args.at[i] : user;
        struct node **side = is_total(part) ? &total : &guarded;
        *side = make_and(a, *side, part);
    }
    if (guarded) {
        guarded = make_case(a, node_copy(a, policy), guarded, make_literal(a, LIT_FALSE, STR_NULL));
    }
    *where = make_and(a, make_and(a, policy, total), guarded);
    return OK;
}

enum status rewrite_where(struct rewrite *w, const struct node *ref, unsigned uses,
                          struct node **where)
{
    const struct table_verdict *v = verdict_of(w, ref);
    if (!v || !v->table->written) {
        return FAIL;
    }
    w->done[v->table->id] = true;
    if (!verdict_filters(v)) {
        return OK;
    }
    struct str alias = ref_alias(ref);
    struct node *policy = NULL;
    if (predicate_over(w, v, uses, alias, &policy) != OK) {
        return FAIL;
    }
    return policy ? guard_where(w, policy, alias, where) : OK;
}

/* ---- keys ---- */

static bool constraint_has(const struct table_constraint *c, const struct table *t, int column)
{
    for (size_t i = 0; i < c->column_count; i++) {
        if (table_column(t, c->columns[i]) == column) {
            return true;
        }
    }
    return false;
}

/* Does the filter let through the rows of one value of a column of the key, and no others? */
static bool pins(const struct node *filter, const struct table *t,
                 const struct table_constraint *key)
{
    if (filter->kind == NODE_BOOL && !node_bool_chain_const(filter)->is_or) {
        const struct node_list *args = &node_bool_chain_const(filter)->args;
        bool found = false;
        for (uint32_t i = 0; i < args->n && !found; i++) {
            found = pins(args->at[i], t, key);
        }
        return found;
    }
    if (filter->kind != NODE_BINARY || node_binary_const(filter)->op != OP_EQ) {
        return false;
    }
    const struct node *x = node_binary_const(filter)->left, *y = node_binary_const(filter)->right;
    const struct node *column = x->kind == NODE_COLUMN_REF ? x : y;
    const struct node *value = column == x ? y : x;
    const struct bound_column *bound =
        column->kind == NODE_COLUMN_REF ? node_column_ref_const(column)->bound : NULL;
    return bound && (value->kind == NODE_PARAM || value->kind == NODE_LITERAL) &&
           constraint_has(key, t, bound->column);
}

static bool is_true(const struct row_filter *f)
{
    return f->filter->kind == NODE_LITERAL && node_literal_const(f->filter)->lit == LIT_TRUE;
}

static bool hides_nothing(const struct row_conditions *c)
{
    bool all = true, any = !c->is_closed;
    for (size_t i = 0; i < c->n; i++) {
        all = all && (c->at[i]->is_any || is_true(c->at[i]));
        any = any || (c->at[i]->is_any && is_true(c->at[i]));
    }
    return all && any;
}

/* Is each new row one that may be seen? */
static bool new_rows_are_seen(const struct table_verdict *v, unsigned uses)
{
    bool seen = true;
    for (int use = 0; use < ROW_USES; use++) {
        seen = seen &&
               (!(uses >> use & 1) || row_conditions_imply(&v->rows[use], &v->rows[ROWS_SELECTED]));
    }
    return seen;
}

/* No row that is hidden can have a key of a row that may be written. */
static bool stands_apart(const struct table_verdict *v, unsigned uses,
                         const struct table_constraint *key)
{
    const struct table *t = v->table->table;
    const struct row_conditions *seen = &v->rows[ROWS_SELECTED];
    bool apart = !v->tenant_scoped || constraint_has(key, t, t->tenant_column);
    if (!apart || hides_nothing(seen)) {
        return apart;
    }
    for (size_t i = 0; i < seen->n && apart; i++) {
        apart = pins(seen->at[i]->filter, t, key);
    }
    return apart && new_rows_are_seen(v, uses);
}

/* That a key is taken, or is not, would tell of a hidden row. */
enum status check_keys(struct rewrite *w, const struct table_verdict *v, unsigned uses)
{
    const struct table *t = v->table->table;
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *key = &t->constraints[i];
        bool written = false;
        for (size_t c = 0; c < t->column_count; c++) {
            written |= v->table->columns_written[c] && constraint_has(key, t, (int)c);
        }
        if (written && key->kind != CATALOG_CHECK && !stands_apart(v, uses, key)) {
            error_set(w->error, ERR_DENIED,
                      "a key of \"%.*s\" covers rows that are hidden from you and can't be written",
                      STR_ARG(t->qualified));
            return error_hint(w->error, "Ask for a key that has the columns in it which decide "
                                        "who sees a row.");
        }
    }
    return OK;
}

enum status rewrite_delete(struct rewrite *w, struct node_delete_stmt *n)
{
    const struct table_verdict *v = verdict_of(w, n->table);
    return v ? rewrite_where(w, n->table, uses_with_sight(v, ROWS_DELETED), &n->where) : FAIL;
}

/* ---- INSERT ---- */

struct insert {
    struct rewrite *w;
    struct node_insert *n;
    const struct table_verdict *verdict;
    const struct table *table;
    unsigned uses; /* whose conditions a new row must satisfy */
    bool checks;   /* there are some */
    int *given;    /* [column of the table]: place among the columns given, or -1 */
    int tenant;    /* place of the tenant column among them, or -1 */
    uint32_t width;
};

/* The columns that the statement gives, named one by one. */
static enum status name_columns(struct insert *i)
{
    const struct table *t = i->table;
    struct arena *a = i->w->arena;
    if (!i->n->columns.n && i->n->source) {
        for (size_t c = 0; c < t->column_count; c++) {
            node_push(a, &i->n->columns, make_ident(a, t->columns[c].name));
        }
    }
    i->width = i->n->columns.n;
    i->given = ARENA_ARRAY(a, int, t->column_count);
    for (size_t c = 0; c < t->column_count; c++) {
        i->given[c] = -1;
    }
    for (uint32_t k = 0; k < i->width; k++) {
        int column = table_column(t, node_ident(i->n->columns.at[k])->text);
        if (column < 0) {
            return FAIL;
        }
        i->given[column] = (int)k;
    }
    i->tenant = i->verdict->tenant_scoped ? i->given[t->tenant_column] : -1;
    return OK;
}

static struct node *values_query(struct arena *a, struct node *only_row)
{
    struct node *values = node_new(a, NODE_VALUES, 0);
    node_push(a, &node_values(values)->rows, only_row);
    return make_query(a, values);
}

/* CASE WHEN value = org THEN org ELSE error(...): the value is only looked at. */
static struct node *checked_tenant(struct insert *i, struct node *value)
{
    struct rewrite *w = i->w;
    struct node *left = predicate_tenant_value(w, i->table);
    if (!left || value->kind == NODE_DEFAULT) {
        return left;
    }
    struct node *same = node_new(w->arena, NODE_BINARY, 0);
    node_binary(same)->op = OP_EQ;
    node_binary(same)->left = value;
    node_binary(same)->right = left;
    same->type = type_simple(TYPE_BOOL);
    return make_case(w->arena, same, node_copy(w->arena, left), make_refusal(w->arena));
}

/* VALUES without a filter: each row gets, or has checked, its tenant where it stands. */
static enum status tenant_in_rows(struct insert *i, struct node_values *values)
{
    for (uint32_t r = 0; r < values->rows.n; r++) {
        struct node_row *row = node_row(values->rows.at[r]);
        if (row->items.n != i->width) {
            return error_at(i->w->error, ERR_BAD_SQL, values->rows.at[r]->offset,
                            "INSERT has %u columns but %u values", i->width, row->items.n);
        }
        struct node *value = i->tenant < 0 ? predicate_tenant_value(i->w, i->table)
                                           : checked_tenant(i, row->items.at[i->tenant]);
        if (!value) {
            return FAIL;
        }
        if (i->tenant < 0) {
            node_push(i->w->arena, &row->items, value);
        } else {
            row->items.at[i->tenant] = value;
        }
    }
    return OK;
}

static const struct str new_row = {"new row", 7};

static struct str place_name(struct arena *a, uint32_t place)
{
    return str_of(arena_printf(a, "c%u", place + 1));
}

/* The value of a column of the row to be: what the source gives, as the column's type will have it.
 */
static struct node *new_value(struct rewrite *w, const struct table *t, int column, void *ctx)
{
    const struct insert *i = ctx;
    const struct type *type = t->columns[column].type;
    if (i->verdict->tenant_scoped && column == t->tenant_column) {
        return predicate_tenant_value(w, t);
    }
    if (i->given[column] < 0) {
        error_set(w->error, ERR_DENIED,
                  "column \"%.*s\" decides who may see the row: INSERT must give it",
                  STR_ARG(t->columns[column].name));
        return NULL;
    }
    if (type->kind == TYPE_UNKNOWN || type->kind == TYPE_OTHER || type->child || type->fields) {
        error_set(w->error, ERR_UNSUPPORTED, "a row filter over a column of this type");
        return NULL;
    }
    struct str name = place_name(w->arena, (uint32_t)i->given[column]);
    return make_cast(w->arena, make_column(w->arena, new_row, name, NULL), type);
}

/* SELECT of the source's columns, those that a filter reads cast once for the check and the table.
 */
static enum status select_new_rows(struct insert *i, struct node_select *select)
{
    struct rewrite *w = i->w;
    struct arena *a = w->arena;
    const bool *read = predicate_columns(w, i->verdict, i->uses);
    for (uint32_t k = 0; k < i->width; k++) {
        int column = table_column(i->table, node_ident(i->n->columns.at[k])->text);
        struct node *plain = make_column(a, new_row, place_name(a, k), NULL);
        struct node *value = (int)k == i->tenant ? checked_tenant(i, plain)
                             : read[column]      ? new_value(w, i->table, column, i)
                                                 : plain;
        if (!value) {
            return FAIL;
        }
        node_push(a, &select->targets, make_target(a, value, STR_NULL));
    }
    if (i->verdict->tenant_scoped && i->tenant < 0) {
        struct node *org = predicate_tenant_value(w, i->table);
        if (!org) {
            return FAIL;
        }
        node_push(a, &select->targets, make_target(a, org, STR_NULL));
    }
    struct node *filters = NULL;
    if (predicate_filters(w, i->verdict, i->uses, new_value, i, &filters) != OK) {
        return FAIL;
    }
    select->where = filters ? make_demand(a, filters) : NULL;
    return OK;
}

/* SELECT ... FROM (source LIMIT all) AS "new row"(c1, c2 ...): each row is made once, then checked.
 */
static enum status wrap_source(struct insert *i)
{
    struct arena *a = i->w->arena;
    struct node_query *source = node_query(i->n->source);
    struct node *derived = make_derived(a, i->n->source, new_row);
    struct node *select = node_new(a, NODE_SELECT, 0);
    source->limit = source->limit ? source->limit : make_barrier(a);
    for (uint32_t k = 0; k < i->width; k++) {
        node_push(a, &node_derived(derived)->columns, make_ident(a, place_name(a, k)));
    }
    node_select(select)->from = derived;
    i->n->source = make_query(a, select);
    return select_new_rows(i, node_select(select));
}

static enum walk find_default(struct node **n, void *ctx)
{
    *(bool *)ctx |= (*n)->kind == NODE_DEFAULT;
    return WALK_ON;
}

static struct node_values *plain_values(const struct node_insert *n)
{
    struct node_query *q = n->source ? node_query(n->source) : NULL;
    bool plain =
        q && q->body->kind == NODE_VALUES && !q->ctes.n && !q->order.n && !q->limit && !q->offset;
    return plain ? node_values(q->body) : NULL;
}

static enum status check_source(struct insert *i)
{
    struct node_values *values = plain_values(i->n);
    if (values && !i->checks) {
        return tenant_in_rows(i, values);
    }
    bool has_default = false;
    node_walk(&i->n->source, find_default, &has_default);
    if (has_default) {
        return error_set(i->w->error, ERR_UNSUPPORTED,
                         "DEFAULT as a value, in a table with row filters; leave the column out");
    }
    return wrap_source(i);
}

static enum status check_rows(struct insert *i)
{
    struct arena *a = i->w->arena;
    bool tenant_missing = i->verdict->tenant_scoped && i->tenant < 0;
    if (!i->n->source) { /* DEFAULT VALUES */
        struct node *row = node_new(a, NODE_ROW, 0);
        i->n->source = values_query(a, row);
    }
    if (i->width == 0 && (i->checks || (i->verdict->tenant_scoped && !tenant_missing))) {
        return error_set(i->w->error, ERR_DENIED,
                         "DEFAULT VALUES into a table with row filters: name the columns");
    }
    if (check_source(i) != OK) {
        return FAIL;
    }
    if (tenant_missing) {
        struct str name = i->table->columns[i->table->tenant_column].name;
        node_push(a, &i->n->columns, make_ident(a, name));
    }
    return OK;
}

enum status rewrite_insert(struct rewrite *w, struct node_insert *n)
{
    const struct table_verdict *v = verdict_of(w, n->table);
    if (!v || !v->table->written) {
        return FAIL;
    }
    w->done[v->table->id] = true;
    if (!verdict_filters(v)) {
        return OK;
    }
    struct node_on_conflict *c = n->on_conflict ? node_on_conflict(n->on_conflict) : NULL;
    struct insert i = {.w = w, .n = n, .verdict = v, .table = v->table->table};
    i.uses = uses_with_sight(v, ROWS_INSERTED);
    i.uses |= c && (c->columns.n || c->do_update) ? 1u << ROWS_SELECTED : 0;
    for (int use = 0; use < ROW_USES; use++) {
        i.checks |= i.uses >> use & 1 && !row_conditions_none(&v->rows[use]);
    }
    bool sees = i.uses >> ROWS_SELECTED & 1;
    if (check_keys(w, v, sees ? 0 : i.uses) != OK ||
        (c && c->do_update && rewrite_conflict(w, v, ref_alias(n->table), c) != OK)) {
        return FAIL;
    }
    if (!i.checks && !v->tenant_scoped) {
        return OK;
    }
    return name_columns(&i) == OK ? check_rows(&i) : FAIL;
}
