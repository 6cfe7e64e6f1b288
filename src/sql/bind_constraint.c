/* What constraints tell. Whoever may write a row learns from the engine's refusal whether a key is
 * there already, whether a row refers to another, or on which side of a column a value lies: also
 * of rows that are hidden and of columns that are masked for him. So a write that a constraint
 * looks at is a use of all of the constraint's columns, and one that looks into another table is a
 * read of that table. */
#include "sql/bind_state.h"

static const struct table *same_schema(const struct binder *b, const struct table *t,
                                       struct str name)
{
    return bind_find(b, t->schema, name);
}

static void use_column(struct binder *b, const struct table *t, struct str name)
{
    int column = table_column(t, name);
    /* A column that isn't there any more: nothing is proved then. */
    bind_use_at(b, column < 0 ? lineage_unknown() : bind_column_origins(b, t, column),
                USE_CONSTRAINT);
}

static void use_columns(struct binder *b, const struct table *t, const struct str *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        use_column(b, t, names[i]);
    }
}

/* Another table that the engine looks into. */
static void read_columns(struct binder *b, const struct table *t, const struct str *names, size_t n)
{
    struct bound_table *bound = bind_add_table(b, t, NULL, false);
    for (size_t i = 0; i < n; i++) {
        int column = table_column(t, names[i]);
        if (column >= 0) {
            bind_mark_column(b, bound, (size_t)column);
        }
    }
    use_columns(b, t, names, n);
}

static bool writes_any(const struct bound_table *target, const struct str *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int column = table_column(target->table, names[i]);
        if (column >= 0 && target->columns_written[column]) {
            return true;
        }
    }
    return false;
}

/* A row of the target must have its row there: in the target itself, or in another table. */
static enum status look_up(struct binder *b, const struct table *t,
                           const struct table_constraint *c, const struct node *at)
{
    if (str_ieq(c->other, t->name)) {
        use_columns(b, t, c->other_columns, c->column_count);
        return OK;
    }
    const struct table *other = same_schema(b, t, c->other);
    if (!other) {
        return bind_fail(b, at, ERR_DENIED,
                         "a foreign key of \"%.*s\" needs a table that you can't read",
                         STR_ARG(t->name));
    }
    read_columns(b, other, c->other_columns, c->column_count);
    return OK;
}

/* What refers to the target: a row that is still referred to can't be deleted, nor its key changed.
 */
static enum status look_back(struct binder *b, struct bound_table *target, const struct node *at)
{
    const struct table **all = NULL;
    size_t n = bind_list_tables(b, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count; k++) {
            const struct table_constraint *c = &all[i]->constraints[k];
            if (c->kind != CATALOG_FOREIGN || all[i] == target->table ||
                !str_ieq(c->other, target->table->name) ||
                !str_eq(all[i]->engine_schema, target->table->engine_schema) ||
                (b->out->kind != STATEMENT_DELETE && !b->out->also_deletes &&
                 !writes_any(target, c->other_columns, c->column_count))) {
                continue;
            }
            if (!bind_may_see(b, all[i])) {
                return bind_fail(b, at, ERR_DENIED,
                                 "a table that you can't read refers to \"%.*s\"",
                                 STR_ARG(target->table->name));
            }
            read_columns(b, all[i], c->columns, c->column_count);
        }
    }
    return OK;
}

/* A CHECK looks at a row alone: of a new one all values are the writer's own. */
static bool is_asked(const struct binder *b, const struct bound_table *target,
                     const struct table_constraint *c, bool changes)
{
    return b->out->kind != STATEMENT_DELETE && (changes || c->kind != CATALOG_CHECK) &&
           writes_any(target, c->columns, c->column_count);
}

enum status bind_constraints(struct binder *b, struct bound_table *target, bool changes,
                             const struct node *at)
{
    const struct table *t = target->table;
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        if (!is_asked(b, target, c, changes)) {
            continue;
        }
        use_columns(b, t, c->columns, c->column_count);
        if (c->kind == CATALOG_FOREIGN && look_up(b, t, c, at) != OK) {
            return FAIL;
        }
    }
    return changes ? look_back(b, target, at) : OK;
}

void bind_foreign_key(struct binder *b, const struct table *other, const struct node_list *columns)
{
    struct bound_table *bound = bind_add_table(b, other, NULL, false);
    for (size_t i = 0; i < other->column_count; i++) {
        bool named = columns->n == 0; /* its primary key, whichever that is */
        for (uint32_t k = 0; k < columns->n; k++) {
            named |= table_column(other, ident_text(columns->at[k])) == (int)i;
        }
        if (named) {
            bind_mark_column(b, bound, i);
            bind_use_at(b, bind_column_origins(b, other, (int)i), USE_CONSTRAINT);
        }
    }
}
