/* Rows that a statement changes: of UPDATE, of ON CONFLICT DO UPDATE, of a branch of MERGE. What a
 * row becomes must satisfy the conditions of new rows, which are asked of the values to be where a
 * column is assigned and of the row's own elsewhere. */
#include "pipeline/row_filter_priv.h"

#include "sql/walk.h"

struct changed_row {
    struct rewrite *w;
    const struct table_verdict *verdict;
    struct str alias;
    struct node_assign **assigned; /* [column of the table]; NULL: it stays */
};

/* Moving a row to another organization isn't an update. */
static enum status find_assigned(struct changed_row *row, const struct node_list *assignments)
{
    const struct table *t = row->verdict->table->table;
    row->assigned = ARENA_ARRAY(row->w->arena, struct node_assign *, t->column_count);
    for (uint32_t i = 0; i < assignments->n; i++) {
        struct node_assign *assign = node_assign(assignments->at[i]);
        int column = assign->column ? table_column(t, node_ident_const(assign->column)->text) : -1;
        if (column < 0) {
            return FAIL;
        }
        if (row->verdict->tenant_scoped && column == t->tenant_column) {
            return error_at(row->w->error, ERR_DENIED, assignments->at[i]->offset,
                            "column \"%.*s\" decides who may see the row and can't be assigned",
                            STR_ARG(t->columns[column].name));
        }
        row->assigned[column] = assign;
    }
    return OK;
}

static enum walk find_query(struct node **n, void *ctx)
{
    *(bool *)ctx |= (*n)->kind == NODE_QUERY;
    return *(bool *)ctx ? WALK_STOP : WALK_ON;
}

enum status check_repeatable(struct rewrite *w, const struct node *value, const struct type *type)
{
    struct node *n = node_copy(w->arena, value);
    bool has_query = false;
    node_walk(&n, find_query, &has_query);
    if (!has_query && !w->binding->is_volatile && value->kind != NODE_DEFAULT &&
        type->kind != TYPE_UNKNOWN && type->kind != TYPE_OTHER && !type->child && !type->fields) {
        return OK;
    }
    error_at(w->error, ERR_UNSUPPORTED, value->offset,
             "a value is written here that a row filter can't check");
    return error_hint(w->error, "Compute it in FROM, USING or the source.");
}

static bool is_made_of_assigned(const struct changed_row *row, const struct column *column)
{
    bool made = false;
    for (size_t i = 0; i < column->from_count; i++) {
        made |= row->assigned[column->from[i]] != NULL;
    }
    return made;
}

/* The column as the row will have it. */
static struct node *value_to_be(struct rewrite *w, const struct table *t, int column, void *ctx)
{
    const struct changed_row *row = ctx;
    const struct column *c = &t->columns[column];
    if (row->assigned[column]) {
        return node_copy(w->arena, row->assigned[column]->value);
    }
    if (is_made_of_assigned(row, c)) {
        error_set(w->error, ERR_DENIED,
                  "column \"%.*s\" decides who may see the row, and a column that it is made of "
                  "can't be assigned",
                  STR_ARG(c->name));
        return NULL;
    }
    return make_column(w->arena, row->alias, c->name, c->type);
}

/* What is asked of, and written, is written down twice: so it must be the same both times, and of
 * the column's type. */
static enum status settle_values(struct changed_row *row, const bool *asked, bool *any)
{
    const struct table *t = row->verdict->table->table;
    struct rewrite *w = row->w;
    for (size_t i = 0; i < t->column_count; i++) {
        struct node_assign *assign = asked[i] ? row->assigned[i] : NULL;
        if (!assign) {
            continue;
        }
        if (check_repeatable(w, assign->value, t->columns[i].type) != OK) {
            return FAIL;
        }
        assign->value = make_cast(w->arena, assign->value, t->columns[i].type);
        *any = true;
    }
    return OK;
}

/* Was the row, as it was, asked all that is asked of it as it becomes? */
static bool is_asked_already(const struct table_verdict *v)
{
    return row_conditions_imply(&v->rows[ROWS_UPDATED], &v->rows[ROWS_CHANGED]);
}

enum status check_changed_row(struct rewrite *w, const struct table_verdict *v, unsigned uses,
                              struct str alias, const struct node_list *assignments,
                              struct node **check)
{
    struct changed_row row = {.w = w, .verdict = v, .alias = alias};
    bool any = false;
    *check = NULL;
    if (find_assigned(&row, assignments) != OK ||
        settle_values(&row, predicate_columns(w, v, uses), &any) != OK) {
        return FAIL;
    }
    if (!any && is_asked_already(v)) {
        return OK;
    }
    return predicate_filters(w, v, uses, value_to_be, &row, check);
}

struct node *make_demand(struct arena *a, struct node *demand)
{
    return make_case(a, demand, make_literal(a, LIT_TRUE, STR_NULL), make_refusal(a));
}

/* ---- UPDATE ---- */

/* CASE WHEN check THEN value ELSE error(...): values are made of rows that WHERE lets through, and
 * of no others. */
static enum status check_in_value(struct rewrite *w, const struct node_list *assignments,
                                  struct node *check)
{
    for (uint32_t i = 0; i < assignments->n; i++) {
        struct node_assign *assign = node_assign(assignments->at[i]);
        if (assign->value->kind != NODE_DEFAULT) {
            assign->value = make_case(w->arena, check, assign->value, make_refusal(w->arena));
            return OK;
        }
    }
    return error_set(w->error, ERR_UNSUPPORTED,
                     "an UPDATE that sets nothing but DEFAULT, on a table with row filters");
}

enum status rewrite_update(struct rewrite *w, struct node_update *n)
{
    const struct table_verdict *v = verdict_of(w, n->table);
    struct node *check = NULL;
    if (!v) {
        return FAIL;
    }
    if (verdict_filters(v) &&
        (check_keys(w, v, v->looks_at_rows ? 0 : 1u << ROWS_CHANGED) != OK ||
         check_changed_row(w, v, uses_with_sight(v, ROWS_CHANGED), ref_alias(n->table),
                           &n->assignments, &check) != OK)) {
        return FAIL;
    }
    if (check && check_in_value(w, &n->assignments, check) != OK) {
        return FAIL;
    }
    return rewrite_where(w, n->table, uses_with_sight(v, ROWS_UPDATED), &n->where);
}

/* ---- ON CONFLICT DO UPDATE ---- */

/* Its rows are those of the same key, which hidden rows can't have (check_keys). One that may not
 * be changed is an error, as it is in PostgreSQL: WHERE is asked of no other rows. */
enum status rewrite_conflict(struct rewrite *w, const struct table_verdict *v, struct str alias,
                             struct node_on_conflict *c)
{
    struct arena *a = w->arena;
    struct node *old = NULL, *fresh = NULL;
    const unsigned seen = 1u << ROWS_SELECTED, uses = 1u << ROWS_UPDATED | seen;
    if (predicate_has_query(v, uses | 1u << ROWS_CHANGED)) { /* the engine takes none there */
        error_set(w->error, ERR_UNSUPPORTED,
                  "ON CONFLICT DO UPDATE on a table whose row filters have sub-queries");
        return error_hint(w->error, "Use MERGE.");
    }
    if (check_changed_row(w, v, 1u << ROWS_CHANGED | seen, alias, &c->assignments, &fresh) != OK ||
        predicate_over(w, v, uses, alias, &old) != OK) {
        return FAIL;
    }
    struct node *both = make_and(a, old, fresh);
    if (both) {
        struct node *demand = make_demand(a, both);
        c->where = c->where ? make_case(a, c->where, demand, make_literal(a, LIT_FALSE, STR_NULL))
                            : demand;
    }
    return OK;
}
