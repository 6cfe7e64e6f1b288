/* DROP, ALTER, TRUNCATE. One statement of a client may be several of the engine's, which then run
 * in one transaction. */
#include "sql/bind_ddl.h"
#include "sql/make.h"

/* ---- DROP ---- */

static struct node *drop_one(struct binder *b, const struct node_drop *n, struct node *name)
{
    struct node *one = node_copy(b->a, &n->base);
    node_drop(one)->names = (struct node_list){0};
    node_push(b->a, &node_drop(one)->names, name);
    return one;
}

/* The sequences that were made for the identity columns of a table go with it. */
void bind_drop_identities(struct binder *b, const struct table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        struct str seq = t->columns[i].sequence;
        struct str made = str_of(
            arena_printf(b->a, "%.*s_%.*s_seq", STR_ARG(t->name), STR_ARG(t->columns[i].name)));
        if (!seq.n || !str_starts(seq, made.p)) {
            continue;
        }
        struct node *drop = node_new(b->a, NODE_DROP, 0), *name = make_name(b->a, seq);
        node_drop(drop)->object = OBJECT_SEQUENCE;
        node_drop(drop)->if_exists = 1;
        node_name(name)->engine_schema = t->engine_schema;
        node_push(b->a, &node_drop(drop)->names, name);
        node_push(b->a, &b->out->after, drop);
    }
}

static bool kind_of(int object, enum own_kind *out)
{
    switch (object) {
    case OBJECT_TABLE:
        *out = OWN_TABLE;
        return true;
    case OBJECT_VIEW:
    case OBJECT_MATERIALIZED_VIEW:
        *out = OWN_VIEW;
        return true;
    case OBJECT_SEQUENCE:
        *out = OWN_SEQUENCE;
        return true;
    default:
        return false;
    }
}

/* A function is a view of the engine's that reads nothing. */
static enum status drop_function(struct binder *b, struct node_drop *n)
{
    struct node *at = n->names.at[0];
    const struct node *name = at->kind == NODE_SIGNATURE ? node_signature(at)->name : at;
    struct str schema, text;
    if (n->names.n != 1) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "drop one function a statement");
    }
    if (bind_split_name(b, name, &schema, &text) != OK) {
        return FAIL;
    }
    const struct table *t = bind_find_macro(b, schema, text);
    if (!t && !n->if_exists) {
        return bind_fail(b, at, ERR_UNKNOWN_FUNCTION, "function \"%.*s\" does not exist",
                         STR_ARG(text));
    }
    if (t) {
        bind_add_ddl_table(b, t);
    }
    n->names.at[0] = make_name(b->a, t ? t->name : text);
    node_name(n->names.at[0])->engine_schema =
        t ? t->engine_schema : catalog_engine_schema(b->a, b->ctx->org_id);
    n->object = OBJECT_VIEW;
    n->cascade = 0;
    return OK;
}

/* What isn't there and needn't be is left out: no name reaches the engine that this caller doesn't
 * know of. The last of the others is the statement itself. */
enum status bind_drop(struct binder *b, struct node_drop *n)
{
    struct node *last = NULL;
    enum own_kind kind;
    b->out->kind = STATEMENT_DDL;
    if (n->object == OBJECT_SCHEMA) {
        return bind_drop_schema(b, n);
    }
    if (n->object == OBJECT_FUNCTION || n->object == OBJECT_MACRO ||
        n->object == OBJECT_MACRO_TABLE) {
        return drop_function(b, n);
    }
    if (n->object == OBJECT_TYPE) {
        return bind_drop_types(b, n);
    }
    if (!kind_of(n->object, &kind)) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "DROP %s is not supported",
                         object_words((enum object_kind)n->object));
    }
    n->object = kind == OWN_VIEW ? OBJECT_VIEW : n->object;
    for (uint32_t i = 0; i < n->names.n; i++) {
        const struct table *t = NULL;
        if (n->names.at[i]->kind != NODE_NAME) {
            return bind_fail(b, n->names.at[i], ERR_BAD_SQL, "a table has no arguments");
        }
        if (bind_own(b, n->names.at[i], n->if_exists, kind, &t) != OK) {
            return FAIL;
        }
        if (!t) {
            continue;
        }
        bind_add_ddl_table(b, t);
        bind_drop_identities(b, t);
        if (last) {
            node_push(b->a, &b->out->before, drop_one(b, n, last));
        }
        last = n->names.at[i];
    }
    n->names.at[0] = last ? last : n->names.at[0];
    n->names.n = 1;
    return OK;
}

/* ---- ALTER: actions ---- */

static enum status existing_column(struct binder *b, const struct table *t, struct node *name,
                                   bool if_exists)
{
    if (!name || if_exists || table_column(t, ident_text(name)) >= 0) {
        return OK;
    }
    return bind_fail(b, name, ERR_UNKNOWN_COLUMN,
                     "column \"%.*s\" of relation \"%.*s\" does not exist",
                     STR_ARG(ident_text(name)), STR_ARG(t->name));
}

static enum status add_column(struct binder *b, struct scope *s, const struct table *t,
                              struct node_alter_action *a)
{
    struct node_column_def *d = node_column_def(a->definition);
    const struct type *type = NULL;
    const char *unkept = d->identity ? "an identity column" : bind_unkept_of_column(d);
    if (bind_refuse_unkept(b, &d->base, unkept) != OK) {
        return FAIL;
    }
    if (!a->if_exists && table_column(t, ident_text(d->name)) >= 0) {
        return bind_fail(b, d->name, ERR_DUPLICATE_COLUMN, "column \"%.*s\" already exists",
                         STR_ARG(ident_text(d->name)));
    }
    if (!d->type) {
        return bind_fail(b, a->definition, ERR_BAD_SQL, "a new column needs a type");
    }
    if (d->comment) {
        node_push(b->a, &b->out->after,
                  bind_make_comment(b, t->engine_schema, t->name, ident_text(d->name), d->comment));
        d->comment = NULL;
    }
    return bind_type_name(b, d->type, &type) == OK ? bind_column_exprs(b, s, d) : FAIL;
}

static enum status free_name(struct binder *b, const struct table *t, const struct node *at,
                             struct str name)
{
    struct table renamed = *t;
    renamed.name = name;
    renamed.qualified = str_of(arena_printf(b->a, "%.*s.%.*s", STR_ARG(t->schema), STR_ARG(name)));
    if (!bind_may_see(b, &renamed)) { /* nor does he learn whether that name is taken */
        return bind_fail(b, at, ERR_DENIED, "the key may not touch a table of the name \"%.*s\"",
                         STR_ARG(name));
    }
    if (bind_find(b, t->schema, name)) {
        return bind_fail(b, at, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(name));
    }
    return OK;
}

static enum status rename_table(struct binder *b, const struct table *t,
                                struct node_alter_action *a)
{
    if (a->new_name->kind == NODE_NAME) { /* schema.name: the same schema */
        struct str schema, name;
        if (bind_split_name(b, a->new_name, &schema, &name) != OK) {
            return FAIL;
        }
        if (schema.n && !str_ieq(schema, t->schema)) {
            return bind_fail(b, a->new_name, ERR_UNSUPPORTED, "a table can't go to another schema");
        }
        a->new_name = bind_ident(b, name, a->new_name);
    }
    return free_name(b, t, a->new_name, ident_text(a->new_name));
}

static enum status rename_column(struct binder *b, const struct table *t,
                                 struct node_alter_action *a)
{
    if (table_column(t, ident_text(a->new_name)) >= 0) {
        return bind_fail(b, a->new_name, ERR_DUPLICATE_COLUMN, "column \"%.*s\" already exists",
                         STR_ARG(ident_text(a->new_name)));
    }
    return existing_column(b, t, a->column, false);
}

static enum status refuse_action(struct binder *b, const struct node_alter_action *a)
{
    const char *what = a->verb == ALTER_ADD_CONSTRAINT      ? "ADD CONSTRAINT"
                       : a->verb == ALTER_DROP_CONSTRAINT   ? "DROP CONSTRAINT"
                       : a->verb == ALTER_RENAME_CONSTRAINT ? "RENAME CONSTRAINT"
                       : a->verb == ALTER_SWAP_WITH         ? "SWAP WITH beside another change"
                       : a->verb == ALTER_SET_SCHEMA        ? "SET SCHEMA"
                                                            : "this change of a table";
    return bind_fail(b, &a->base, ERR_UNSUPPORTED, "%s is not supported", what);
}

static enum status bind_action(struct binder *b, struct scope *s, const struct table *t,
                               struct node_alter_action *a)
{
    struct scope none = {0};
    const struct type *type = NULL;
    if ((a->column && a->column->kind != NODE_IDENT) ||
        (a->new_name && a->new_name->kind != NODE_IDENT && a->verb != ALTER_RENAME_TABLE)) {
        return bind_fail(b, &a->base, ERR_UNSUPPORTED,
                         "changing a field inside a column or another schema is not supported");
    }
    switch ((enum alter_verb)a->verb) {
    case ALTER_ADD_COLUMN:
        return add_column(b, s, t, a);
    case ALTER_DROP_COLUMN:
        return existing_column(b, t, a->column, a->if_exists);
    case ALTER_RENAME_COLUMN:
        return rename_column(b, t, a);
    case ALTER_RENAME_TABLE:
        return rename_table(b, t, a);
    case ALTER_SET_TYPE:
        if (!a->type) {
            return bind_fail(b, &a->base, ERR_UNSUPPORTED, "TYPE without a type is not supported");
        }
        if (existing_column(b, t, a->column, false) != OK ||
            bind_type_name(b, a->type, &type) != OK) {
            return FAIL;
        }
        return bind_schema_expr(b, s, &a->value);
    case ALTER_SET_DEFAULT:
        return existing_column(b, t, a->column, false) == OK ? bind_schema_expr(b, &none, &a->value)
                                                             : FAIL;
    case ALTER_DROP_DEFAULT:
    case ALTER_SET_NOT_NULL:
    case ALTER_DROP_NOT_NULL:
    case ALTER_COMMENT_COLUMN:
        return existing_column(b, t, a->column, false);
    case ALTER_ADD_CONSTRAINT:
    case ALTER_DROP_CONSTRAINT:
    case ALTER_RENAME_CONSTRAINT:
    case ALTER_SWAP_WITH:
    case ALTER_SET_SCHEMA:
    case ALTER_CLUSTER:
    case ALTER_SET_OPTIONS:
    case ALTER_UNSET_OPTIONS:
    case ALTER_OTHER:
        break;
    }
    return refuse_action(b, a);
}

/* ---- ALTER: the statement ---- */

static struct node *rename_to(struct binder *b, const struct table *t, struct str from,
                              struct str to)
{
    struct node *n = node_new(b->a, NODE_ALTER_TABLE, 0), *name = make_name(b->a, from);
    struct node *action = node_new(b->a, NODE_ALTER_ACTION, 0);
    node_name(name)->engine_schema = t->engine_schema;
    node_alter_table(n)->name = name;
    node_alter_table(n)->object = OBJECT_TABLE;
    node_alter_action(action)->verb = ALTER_RENAME_TABLE;
    node_alter_action(action)->new_name = make_ident(b->a, to);
    node_push(b->a, &node_alter_table(n)->actions, action);
    return n;
}

/* Two tables change their names by way of a third name. Policy has its say for both. */
static enum status swap_tables(struct binder *b, const struct table *t, struct node_alter_action *a,
                               struct node **stmt)
{
    const struct table *other = NULL;
    struct node *name = a->new_name;
    if (name->kind == NODE_IDENT) {
        name = make_name(b->a, ident_text(a->new_name));
        name->offset = a->new_name->offset;
    }
    if (bind_own(b, name, false, OWN_TABLE, &other) != OK) {
        return FAIL;
    }
    if (!str_eq(other->engine_schema, t->engine_schema) || other == t) {
        return bind_fail(b, name, ERR_UNSUPPORTED, "two tables of one schema can be swapped");
    }
    bind_add_ddl_table(b, other);
    struct str between = str_of(arena_printf(b->a, "%.*s swap", STR_ARG(t->name)));
    if (free_name(b, t, name, between) != OK) {
        return FAIL;
    }
    node_push(b->a, &b->out->before, rename_to(b, t, t->name, between));
    node_push(b->a, &b->out->before, rename_to(b, t, other->name, t->name));
    *stmt = rename_to(b, t, between, other->name);
    return OK;
}

/* One change a statement: the last is this one. */
static void split_actions(struct binder *b, const struct table *t, struct node **stmt)
{
    const struct node_list actions = node_alter_table(*stmt)->actions;
    for (uint32_t i = 0; i < actions.n; i++) {
        const struct node_alter_action *a = node_alter_action(actions.at[i]);
        struct node *one;
        if (a->verb == ALTER_COMMENT_COLUMN) {
            one = bind_make_comment(b, t->engine_schema, t->name, ident_text(a->column), a->value);
        } else {
            one = node_copy(b->a, *stmt);
            node_alter_table(one)->actions = (struct node_list){0};
            node_push(b->a, &node_alter_table(one)->actions, actions.at[i]);
        }
        if (i + 1 < actions.n) {
            node_push(b->a, &b->out->before, one);
        } else {
            *stmt = one;
        }
    }
}

enum status bind_alter(struct binder *b, struct node **stmt)
{
    struct node_alter_table *n = node_alter_table(*stmt);
    const struct table *t = NULL;
    struct scope s = {0};
    enum own_kind kind;
    b->out->kind = STATEMENT_DDL;
    b->out->may_fail = true;
    if (!kind_of(n->object, &kind) || kind == OWN_SEQUENCE) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "ALTER %s is not supported",
                         object_words((enum object_kind)n->object));
    }
    n->object = kind == OWN_VIEW ? OBJECT_VIEW : n->object;
    if (bind_own(b, n->name, n->if_exists, kind, &t) != OK) {
        return FAIL;
    }
    if (!t) { /* nothing is changed, whatever it was to be */
        n->actions.n = 1;
        return OK;
    }
    bind_add_ddl_table(b, t);
    if (!t->is_view) {
        struct bound_table *bound = bind_add_table(b, t, NULL, true);
        struct range *r = range_of_table(b, t->name, bound);
        r->name = t->name;
        if (scope_add(b, &s, r, NULL) != OK) {
            return FAIL;
        }
    }
    if (n->actions.n == 1 && node_alter_action(n->actions.at[0])->verb == ALTER_SWAP_WITH) {
        return swap_tables(b, t, node_alter_action(n->actions.at[0]), stmt);
    }
    for (uint32_t i = 0; i < n->actions.n; i++) {
        if (bind_action(b, &s, t, node_alter_action(n->actions.at[i])) != OK) {
            return FAIL;
        }
    }
    split_actions(b, t, stmt);
    return OK;
}

/* ---- TRUNCATE ---- */

/* A DELETE of all rows that the caller sees. */
enum status bind_truncate(struct binder *b, struct node **stmt)
{
    struct node_truncate_stmt *n = node_truncate_stmt(*stmt);
    const struct node_list tables = n->tables;
    if (n->if_exists || n->restart_identity || n->cascade) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "TRUNCATE takes names of tables alone");
    }
    for (uint32_t i = 0; i < tables.n; i++) {
        struct node *delete = node_new(b->a, NODE_DELETE, (*stmt)->offset);
        node_delete_stmt(delete)->table = tables.at[i];
        if (bind_delete(b, node_delete_stmt(delete)) != OK) {
            return FAIL;
        }
        if (i + 1 < tables.n) {
            node_push(b->a, &b->out->before, delete);
        } else {
            *stmt = delete;
        }
    }
    return OK;
}
