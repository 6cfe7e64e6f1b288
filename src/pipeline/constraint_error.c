/* Names for the error of a broken constraint. The table is the one that the statement names; a
 * column that has a mask or a rule of use for the caller isn't named, nor a constraint with such a
 * column. */
#include <stdio.h>

#include "pgcatalog/broken.h"
#include "pipeline/execution.h"

static void put(char *out, struct str name)
{
    if (name.n < ERROR_NAME) {
        snprintf(out, ERROR_NAME, "%.*s", STR_ARG(name));
    }
}

static bool may_name(const struct table_verdict *v, const struct broken *b)
{
    for (size_t i = 0; i < b->column_count; i++) {
        int column = table_column(v->table->table, b->columns[i]);
        if (column < 0 || v->masks[column].function != MASK_NONE ||
            v->usages[column].kind != USAGE_FREE) {
            return false;
        }
    }
    return true;
}

static const struct table_verdict *written(const struct decision *d)
{
    const struct table_verdict *only = NULL;
    for (size_t i = 0; i < d->table_count; i++) {
        if (d->tables[i].table->written) {
            if (only) {
                return NULL;
            }
            only = &d->tables[i];
        }
    }
    return only;
}

/* A row is still referred to: the binder has seen to it that the caller may know by what. */
static const struct table_verdict *referring(const struct decision *d, const struct table *to,
                                             struct arena *a, const struct error *e,
                                             struct broken *out)
{
    const struct table_verdict *found = NULL;
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table *t = d->tables[i].table->table;
        if (str_eq(t->engine_schema, to->engine_schema) && broken_find(a, t, to, e, out)) {
            if (found && found->table->table != t) {
                return NULL;
            }
            found = &d->tables[i];
        }
    }
    return found && broken_find(a, found->table->table, to, e, out) ? found : NULL;
}

/* The engine's own error has the name of a column, where it has one. */
static void hide_column(struct error *e)
{
    struct error_object object = e->object;
    if (e->code == ERR_NOT_NULL) {
        (void)!error_set(e, ERR_NOT_NULL, "A column must have a value and got NULL.");
        e->object = object;
    }
}

void constraint_error(const struct statement *s, struct error *e)
{
    const struct decision *d = s->decided ? s->decided : s->plan->now.decision;
    const struct table_verdict *v = d ? written(d) : NULL;
    struct broken b = {STR(""), NULL, 0};
    if (!e->clue[0] || s->plan->now.binding->kind == STATEMENT_DDL) {
        return;
    }
    if (!v) {
        hide_column(e);
        return;
    }
    bool is_found = broken_find(s->arena, v->table->table, NULL, e, &b);
    if (!is_found && e->code == ERR_FOREIGN_KEY) {
        const struct table_verdict *from = referring(d, v->table->table, s->arena, e, &b);
        is_found = from != NULL;
        v = from ? from : v;
    }
    put(e->object.schema, sql_bare_schema(v->table->table->schema));
    put(e->object.table, v->table->table->name);
    if (is_found && may_name(v, &b)) {
        put(e->object.constraint, b.name);
        put(e->object.column, e->code == ERR_NOT_NULL ? b.columns[0] : STR(""));
    } else {
        hide_column(e);
    }
}
