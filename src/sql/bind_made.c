/* Tables as CREATE TABLE and ALTER TABLE leave them: no catalog has them yet, and rules may speak
 * of their names. */
#include "sql/bind_ddl.h"

static void add(struct binder *b, struct table *made)
{
    const struct table **grown = ARENA_ARRAY(b->a, const struct table *, b->out->made_count + 1);
    for (size_t i = 0; i < b->out->made_count; i++) {
        grown[i] = b->out->made[i];
    }
    made->qualified =
        str_of(arena_printf(b->a, "%.*s.%.*s", STR_ARG(made->schema), STR_ARG(made->name)));
    grown[b->out->made_count++] = made;
    b->out->made = grown;
}

void bind_made(struct binder *b, struct str schema, struct str name, const struct columns *outputs,
               const struct node_list *defs)
{
    struct table *made = ARENA_NEW(b->a, struct table);
    size_t n = defs->n ? defs->n : outputs->n;
    *made = (struct table){.schema = schema, .name = name, .tenant_column = -1};
    made->columns = ARENA_ARRAY(b->a, struct column, n);
    made->column_count = n;
    for (size_t i = 0; i < n; i++) {
        made->columns[i].name =
            defs->n ? ident_text(node_column_def_const(defs->at[i])->name) : outputs->at[i].name;
        made->columns[i].type = type_simple(TYPE_UNKNOWN);
    }
    add(b, made);
}

static void change(struct table *made, const struct node_alter_action *a)
{
    int column =
        a->column && a->column->kind == NODE_IDENT ? table_column(made, ident_text(a->column)) : -1;
    bool has_name = a->new_name && a->new_name->kind == NODE_IDENT;
    if (a->verb == ALTER_RENAME_TABLE && has_name) {
        made->name = ident_text(a->new_name);
    } else if (a->verb == ALTER_RENAME_COLUMN && has_name && column >= 0) {
        made->columns[column].name = ident_text(a->new_name);
    } else if (a->verb == ALTER_ADD_COLUMN &&
               node_column_def_const(a->definition)->name->kind == NODE_IDENT) {
        made->columns[made->column_count++] =
            (struct column){.name = ident_text(node_column_def_const(a->definition)->name),
                            .type = type_simple(TYPE_UNKNOWN)};
    }
}

void bind_altered(struct binder *b, const struct table *t, const struct node_list *actions)
{
    struct table *made = ARENA_NEW(b->a, struct table);
    *made = *t;
    made->columns = ARENA_ARRAY(b->a, struct column, t->column_count + actions->n);
    for (size_t i = 0; i < t->column_count; i++) {
        made->columns[i] = t->columns[i];
    }
    for (uint32_t i = 0; i < actions->n; i++) {
        change(made, node_alter_action_const(actions->at[i]));
    }
    add(b, made);
}

void bind_renamed(struct binder *b, const struct table *t, struct str name)
{
    struct table *made = ARENA_NEW(b->a, struct table);
    *made = *t;
    made->name = name;
    add(b, made);
}
