/* MERGE into a table with row filters. Its target can't be a sub-query, so the predicates stand in
 * ON: a hidden row matches nothing. One that may be seen and not be changed as its branch says is
 * an error, as it is in PostgreSQL. The engine computes the values of every branch for all rows
 * that come out of the join, whether the branch is taken or not: so each looks at a row only behind
 * the predicates, and a new row is checked in its branch's condition, which is asked of no other
 * row. */
#include "pipeline/row_filter_priv.h"

#include "sql/walk.h"

struct merging {
    struct rewrite *w;
    const struct table_verdict *verdict;
    const struct table *table;
    struct str alias;
    struct node *policy; /* what may be seen; NULL: everything */
    bool takes_hidden;   /* rows that match nothing, hidden ones too, come out of the join */
};

/* CASE WHEN policy THEN value ELSE otherwise END */
static struct node *behind_policy(struct merging *m, struct node *value, int otherwise)
{
    if (!m->policy) {
        return value;
    }
    struct arena *a = m->w->arena;
    const struct type *type = value->type;
    struct node *n =
        make_case(a, node_copy(a, m->policy), value, make_literal(a, otherwise, STR_NULL));
    n->type = type;
    return n;
}

/* ---- rows that are there ---- */

/* CASE WHEN condition THEN demanded or error ELSE FALSE END */
static struct node *demand_where(struct merging *m, struct node *condition, struct node *demanded)
{
    struct arena *a = m->w->arena;
    struct node *demand = make_demand(a, demanded);
    return condition ? make_case(a, condition, demand, make_literal(a, LIT_FALSE, STR_NULL))
                     : demand;
}

/* A sub-query that looks at an assigned value makes it of all rows of the join, whatever CASE says.
 */
static enum status check_sight(struct merging *m, unsigned uses, const struct node *fresh)
{
    if (!fresh || !m->takes_hidden || !predicate_has_query(m->verdict, uses)) {
        return OK;
    }
    error_set(m->w->error, ERR_UNSUPPORTED,
              "WHEN NOT MATCHED BY SOURCE beside an UPDATE, on a table whose row filters have "
              "sub-queries");
    return error_hint(m->w->error, "Write two statements.");
}

/* What must hold of the row that the branch takes. */
static enum status demand_of(struct merging *m, struct node_merge_action *action,
                             struct node **demand)
{
    const unsigned seen = 1u << ROWS_SELECTED;
    struct node *old = NULL, *fresh = NULL;
    *demand = NULL;
    if (action->verb != MERGE_UPDATE && action->verb != MERGE_DELETE) {
        return OK;
    }
    bool updates = action->verb == MERGE_UPDATE;
    enum row_use use = updates ? ROWS_UPDATED : ROWS_DELETED;
    bool asked_already =
        row_conditions_imply(&m->verdict->rows[ROWS_SELECTED], &m->verdict->rows[use]);
    if ((!asked_already && predicate_over(m->w, m->verdict, 1u << use, m->alias, &old) != OK) ||
        (updates && check_changed_row(m->w, m->verdict, 1u << ROWS_CHANGED | seen, m->alias,
                                      &action->assignments, &fresh) != OK) ||
        check_sight(m, 1u << ROWS_CHANGED | seen, fresh) != OK) {
        return FAIL;
    }
    *demand = make_and(m->w->arena, old, fresh);
    return OK;
}

static void guard_condition(struct merging *m, struct node_merge_action *action,
                            struct node *demand)
{
    struct arena *a = m->w->arena;
    if (demand) {
        action->condition = demand_where(m, action->condition, demand);
    }
    if (action->condition) {
        action->condition = behind_policy(m, action->condition, LIT_FALSE);
    }
    if (action->match == MERGE_NOT_MATCHED_BY_SOURCE && m->policy) {
        action->condition = make_and(a, node_copy(a, m->policy), action->condition);
    }
}

static void guard_values(struct merging *m, struct node_merge_action *action)
{
    for (uint32_t i = 0; i < action->assignments.n; i++) {
        struct node_assign *assign = node_assign(action->assignments.at[i]);
        if (assign->value->kind != NODE_DEFAULT) {
            assign->value = behind_policy(m, assign->value, LIT_NULL);
        }
    }
}

/* ---- new rows ---- */

/* That a row which is added may be seen isn't asked: MERGE shows none of them. */
enum { NEW_ROW = 1u << ROWS_INSERTED };

struct new_row {
    struct merging *m;
    struct node_merge_action *action;
    int *given; /* [column of the table]: place among the values, or -1 */
};

/* The value of a column as the new row will have it. It is written down twice, for the check and
 * for the table: so it must be the same both times. */
static struct node *new_value(struct rewrite *w, const struct table *t, int column, void *ctx)
{
    struct new_row *row = ctx;
    const struct type *type = t->columns[column].type;
    if (row->m->verdict->tenant_scoped && column == t->tenant_column) {
        return predicate_tenant_value(w, t);
    }
    int place = row->given[column];
    struct node *value = place < 0 ? NULL : row->action->values.at[place];
    if (!value || value->kind == NODE_DEFAULT) {
        error_set(w->error, ERR_DENIED,
                  "column \"%.*s\" decides who may see the row: INSERT must give it",
                  STR_ARG(t->columns[column].name));
        return NULL;
    }
    return check_repeatable(w, value, type) == OK
               ? make_cast(w->arena, node_copy(w->arena, value), type)
               : NULL;
}

static enum status find_given(struct new_row *row)
{
    const struct table *t = row->m->table;
    struct node_merge_action *action = row->action;
    row->given = ARENA_ARRAY(row->m->w->arena, int, t->column_count);
    for (size_t c = 0; c < t->column_count; c++) {
        row->given[c] = -1;
    }
    for (uint32_t i = 0; i < action->columns.n; i++) {
        int column = table_column(t, node_ident(action->columns.at[i])->text);
        if (column < 0) {
            return FAIL;
        }
        row->given[column] = (int)i;
    }
    return action->columns.n == action->values.n ? OK : FAIL;
}

/* The organization's id is put in by us; what the client gave is compared with it. */
static enum status put_tenant(struct new_row *row, struct node **check)
{
    struct merging *m = row->m;
    struct arena *a = m->w->arena;
    int place = row->given[m->table->tenant_column];
    struct node *org = predicate_tenant_value(m->w, m->table);
    if (!org) {
        return FAIL;
    }
    if (place < 0) {
        node_push(a, &row->action->columns,
                  make_ident(a, m->table->columns[m->table->tenant_column].name));
        node_push(a, &row->action->values, org);
        return OK;
    }
    struct node *value = row->action->values.at[place];
    row->action->values.at[place] = org;
    if (value->kind == NODE_DEFAULT) {
        return OK;
    }
    struct node *same = node_new(a, NODE_BINARY, 0);
    node_binary(same)->op = OP_EQ;
    node_binary(same)->left = value;
    node_binary(same)->right = node_copy(a, org);
    same->type = type_simple(TYPE_BOOL);
    *check = same;
    return OK;
}

static enum status cast_what_filters_read(struct new_row *row)
{
    struct rewrite *w = row->m->w;
    const bool *read = predicate_columns(w, row->m->verdict, NEW_ROW);
    for (size_t c = 0; c < row->m->table->column_count; c++) {
        bool is_tenant = row->m->verdict->tenant_scoped && (int)c == row->m->table->tenant_column;
        if (!read[c] || is_tenant || row->given[c] < 0) {
            continue;
        }
        struct node *value = new_value(w, row->m->table, (int)c, row);
        if (!value) {
            return FAIL;
        }
        row->action->values.at[row->given[c]] = value;
    }
    return OK;
}

static enum status check_insert(struct merging *m, struct node_merge_action *action)
{
    struct arena *a = m->w->arena;
    struct new_row row = {.m = m, .action = action};
    struct node *check = NULL;
    if (!action->values.n) {
        return error_at(m->w->error, ERR_DENIED, action->base.offset,
                        "DEFAULT VALUES into a table with row filters: name the columns");
    }
    if (find_given(&row) != OK || (m->verdict->tenant_scoped && put_tenant(&row, &check) != OK) ||
        cast_what_filters_read(&row) != OK) {
        return FAIL;
    }
    struct node *filters = NULL;
    if (predicate_filters(m->w, m->verdict, NEW_ROW, new_value, &row, &filters) != OK) {
        return FAIL;
    }
    check = make_and(a, check, filters);
    action->condition = check ? demand_where(m, action->condition, check) : action->condition;
    return OK;
}

/* ---- the whole ---- */

static enum status rewrite_action(struct merging *m, struct node_merge_action *action)
{
    struct node *demand = NULL;
    if (action->match == MERGE_NOT_MATCHED) {
        return action->verb == MERGE_INSERT ? check_insert(m, action) : OK;
    }
    if (demand_of(m, action, &demand) != OK) {
        return FAIL;
    }
    guard_condition(m, action, demand);
    guard_values(m, action);
    return OK;
}

/* CASE is no guard for a sub-query that looks at the target's row. */
static enum status refuse_correlated(struct merging *m, struct node_merge *n)
{
    for (uint32_t i = 0; i < n->actions.n; i++) {
        if (has_correlation(n->actions.at[i], m->alias)) {
            return refuse_correlation(m->w, n->actions.at[i]);
        }
    }
    return OK;
}

enum status rewrite_merge(struct rewrite *w, struct node_merge *n)
{
    struct merging m = {.w = w, .verdict = verdict_of(w, n->table)};
    if (!m.verdict || !m.verdict->table->written) {
        return FAIL;
    }
    w->done[m.verdict->table->id] = true;
    if (!verdict_filters(m.verdict)) {
        return OK;
    }
    m.table = m.verdict->table->table;
    m.alias = ref_alias(n->table);
    if (predicate_over(w, m.verdict, 1u << ROWS_SELECTED, m.alias, &m.policy) != OK ||
        check_keys(w, m.verdict, NEW_ROW) != OK || refuse_correlated(&m, n) != OK) {
        return FAIL;
    }
    if (m.policy && guard_where(w, node_copy(w->arena, m.policy), m.alias, &n->on) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->actions.n; i++) {
        m.takes_hidden |= node_merge_action(n->actions.at[i])->match == MERGE_NOT_MATCHED_BY_SOURCE;
    }
    for (uint32_t i = 0; i < n->actions.n; i++) {
        if (rewrite_action(&m, node_merge_action(n->actions.at[i])) != OK) {
            return FAIL;
        }
    }
    return OK;
}
