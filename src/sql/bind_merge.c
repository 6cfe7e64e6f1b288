/* MERGE. Three scopes: behind MATCHED both tables, behind NOT MATCHED the source alone, behind NOT
 * MATCHED BY SOURCE the target alone. What stands for the source's whole row is written out. */
#include "sql/bind_state.h"
#include "sql/make.h"

struct merging {
    struct node_merge *n;
    struct range *target;
    struct scope source, both, alone;
    bool changes; /* rows that are there */
};

static enum status open_scopes(struct binder *b, struct merging *m)
{
    m->both.ctes = m->alone.ctes = m->source.ctes;
    if (bind_from(b, &m->source, &m->n->source) != OK ||
        scope_add(b, &m->alone, m->target, m->n->table) != OK ||
        scope_add(b, &m->both, m->target, m->n->table) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < m->source.ranges.n; i++) {
        if (scope_add(b, &m->both, m->source.ranges.at[i], m->n->source) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static struct node *qualified(struct binder *b, const struct range *r, const struct node *column)
{
    struct node *ref = node_new(b->a, NODE_COLUMN_REF, column->offset);
    node_push(b->a, &node_column_ref(ref)->parts, bind_ident(b, r->alias, column));
    node_push(b->a, &node_column_ref(ref)->parts, node_copy(b->a, column));
    return ref;
}

/* USING (a, b) is ON target.a = source.a AND target.b = source.b. */
static enum status using_as_on(struct binder *b, struct merging *m)
{
    struct node_list *columns = &m->n->using_columns;
    if (columns->n && m->source.ranges.n != 1) {
        return bind_fail(b, columns->at[0], ERR_UNSUPPORTED, "USING takes one table as the source");
    }
    for (uint32_t i = 0; i < columns->n; i++) {
        struct node *equal = node_new(b->a, NODE_BINARY, columns->at[i]->offset);
        node_binary(equal)->op = OP_EQ;
        node_binary(equal)->left = qualified(b, m->target, columns->at[i]);
        node_binary(equal)->right = qualified(b, m->source.ranges.at[0], columns->at[i]);
        m->n->on = make_and(b->a, m->n->on, equal);
    }
    *columns = (struct node_list){0};
    return OK;
}

/* ---- the source's whole row ---- */

struct whole {
    VEC_OF(struct node *) values; /* a reference to each column of the source */
    VEC_OF(struct str) names;
};

static struct whole source_row(struct binder *b, const struct merging *m, const struct node *at)
{
    struct whole w = {0};
    for (size_t i = 0; i < m->source.ranges.n; i++) {
        const struct range *r = m->source.ranges.at[i];
        for (size_t k = 0; k < r->n && !r->is_hidden; k++) {
            struct node *name = bind_ident(b, r->columns[k].name, at);
            VEC_PUSH(b->a, w.values, qualified(b, r, name));
            VEC_PUSH(b->a, w.names, r->columns[k].name);
        }
    }
    return w;
}

static int find_name(const struct whole *w, struct str name)
{
    int found = -1;
    for (size_t i = 0; i < w->names.n; i++) {
        found = str_ieq(w->names.at[i], name) ? (int)i : found;
    }
    return found;
}

/* The columns of the target that the source's row gives, and their values, as if written. */
static enum status expand(struct binder *b, struct merging *m, struct node_merge_action *a)
{
    const struct table *t = m->target->table->table;
    struct whole w = source_row(b, m, &a->base);
    bool by_name = a->whole == MERGE_BY_NAME;
    if (w.names.n != t->column_count) {
        return bind_fail(b, &a->base, ERR_BAD_SQL, "the source has %zu columns and \"%.*s\" %zu",
                         w.names.n, STR_ARG(t->name), t->column_count);
    }
    for (size_t i = 0; i < t->column_count; i++) {
        int from = by_name ? find_name(&w, t->columns[i].name) : (int)i;
        if (from < 0) {
            return bind_fail(b, &a->base, ERR_UNKNOWN_COLUMN, "the source has no column \"%.*s\"",
                             STR_ARG(t->columns[i].name));
        }
        struct node *column = bind_ident(b, t->columns[i].name, &a->base);
        if (a->verb == MERGE_INSERT) {
            node_push(b->a, &a->columns, column);
            node_push(b->a, &a->values, w.values.at[from]);
        } else {
            struct node *assign = node_new(b->a, NODE_ASSIGN, a->base.offset);
            node_assign(assign)->column = column;
            node_assign(assign)->value = w.values.at[from];
            node_push(b->a, &a->assignments, assign);
        }
    }
    a->whole = MERGE_LISTED;
    return OK;
}

/* ---- actions ---- */

static struct scope *scope_of(struct merging *m, const struct node_merge_action *a)
{
    switch ((enum merge_match)a->match) {
    case MERGE_MATCHED:
        return &m->both;
    case MERGE_NOT_MATCHED:
        return &m->source;
    case MERGE_NOT_MATCHED_BY_SOURCE:
        break;
    }
    return &m->alone;
}

static enum status bind_values(struct binder *b, struct merging *m, struct node_merge_action *a)
{
    struct bound_table *target = m->target->table;
    int *columns = NULL;
    size_t count = 0;
    if (a->overriding != OVERRIDING_NONE) {
        return bind_fail(b, &a->base, ERR_UNSUPPORTED, "OVERRIDING is not supported");
    }
    if (!a->values.n) { /* DEFAULT VALUES */
        return OK;
    }
    if (bind_target_columns(b, target->table, &a->columns, a->values.n, &a->base, &columns,
                            &count) != OK) {
        return FAIL;
    }
    if (a->values.n != count) {
        return bind_fail(b, &a->base, ERR_BAD_SQL, "INSERT has %u values for %zu columns",
                         a->values.n, count);
    }
    for (size_t i = 0; i < count; i++) {
        target->columns_written[columns[i]] = true;
        const struct type *type = target->table->columns[columns[i]].type;
        if (bind_array_literal(b, &a->values.at[i], type) != OK) {
            return FAIL;
        }
        b->allow_default = a->values.at[i]->kind == NODE_DEFAULT;
        enum status status = bind_used_at(b, &m->source, &a->values.at[i], NULL, USE_WRITE);
        b->allow_default = false;
        if (status != OK) {
            return FAIL;
        }
        bind_settle(b, a->values.at[i], type);
    }
    return OK;
}

static enum status bind_action(struct binder *b, struct merging *m, struct node_merge_action *a)
{
    struct scope *s = scope_of(m, a);
    if (a->whole != MERGE_LISTED && expand(b, m, a) != OK) {
        return FAIL;
    }
    if (bind_condition(b, s, &a->condition, USE_PREDICATE) != OK) {
        return FAIL;
    }
    switch ((enum merge_verb)a->verb) {
    case MERGE_UPDATE:
        m->changes = true;
        return bind_assignments(b, s, m->target->table, &a->assignments);
    case MERGE_DELETE:
        m->changes = b->out->also_deletes = true;
        return OK;
    case MERGE_INSERT:
        return bind_values(b, m, a);
    case MERGE_NOTHING:
        return OK;
    case MERGE_ERROR:
        break;
    }
    return bind_fail(b, &a->base, ERR_UNSUPPORTED, "ERROR as an action of MERGE is not supported");
}

enum status bind_merge(struct binder *b, struct node_merge *n)
{
    struct merging m = {.n = n};
    b->out->kind = STATEMENT_MERGE;
    if (bind_written_table(b, n->table, false, &m.target) != OK ||
        bind_ctes(b, NULL, &m.source.ctes, &n->ctes, n->recursive) != OK ||
        open_scopes(b, &m) != OK || using_as_on(b, &m) != OK ||
        bind_condition(b, &m.both, &n->on, USE_JOIN) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->actions.n; i++) {
        if (bind_action(b, &m, node_merge_action(n->actions.at[i])) != OK) {
            return FAIL;
        }
    }
    if (bind_constraints(b, m.target->table, m.changes, n->table) != OK) {
        return FAIL;
    }
    return bind_returning(b, m.target, &n->returning, n->source);
}
