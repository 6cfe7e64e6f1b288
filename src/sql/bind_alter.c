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
        t ? t->engine_schema : catalog_engine_schema(b->a, b->ctx->space);
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
    if (n->object == OBJECT_DATABASE) {
        return bind_drop_database(b, n);
    }
    if (n->object == OBJECT_FUNCTION || n->object == OBJECT_MACRO ||
        n->object == OBJECT_MACRO_TABLE) {
        return drop_function(b, n);
    }
    if (n->object == OBJECT_TYPE) {
        return bind_drop_types(b, n);
    }
    if (n->object == OBJECT_INDEX) {
        return bind_drop_indexes(b, n);
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
    const char *unkept = d->identity    ? "an identity column"
                         : d->generated ? "a generated column behind CREATE TABLE"
                                        : bind_unkept_of_column(d);
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
    if (bind_type_name(b, d->type, &type) != OK ||
        (d->collation && bind_collation(b, &d->collation, type) != OK)) {
        return FAIL;
    }
    return bind_column_exprs(b, s, d);
}

/* ---- fields inside columns ---- */

/* What is named by a field of `t`, as the engine names them; NULL where there is none. */
static const struct type *field_type(const struct type *t, struct str name)
{
    if (t->kind == TYPE_LIST || t->kind == TYPE_ARRAY) {
        return str_iis(name, "element") ? t->child : NULL;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        struct str field =
            t->kind == TYPE_MAP ? (i ? STR("value") : STR("key")) : t->fields[i].name;
        if (str_ieq(field, name)) {
            return t->fields[i].type;
        }
    }
    return NULL;
}

/* The structure in whose column or field the last part of the name is. */
static enum status find_structure(struct binder *b, const struct table *t, const struct node *name,
                                  const struct type **out)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    int column = table_column(t, ident_text(parts->at[0]));
    const struct type *type = column < 0 ? NULL : t->columns[column].type;
    for (uint32_t i = 1; i + 1 < parts->n && type; i++) {
        type = field_type(type, ident_text(parts->at[i]));
    }
    if (!type || type->kind != TYPE_STRUCT || t->columns[column].generated.p) {
        return bind_fail(b, name, ERR_UNKNOWN_COLUMN,
                         "there is no structure of that name in relation \"%.*s\"",
                         STR_ARG(t->name));
    }
    *out = type;
    return OK;
}

static enum status existing_field(struct binder *b, const struct table *t, const struct node *name,
                                  bool if_exists)
{
    const struct type *within = NULL;
    const struct node_list *parts = &node_name_const(name)->parts;
    if (find_structure(b, t, name, &within) != OK) {
        return FAIL;
    }
    if (!if_exists && !field_type(within, ident_text(parts->at[parts->n - 1]))) {
        return bind_fail(b, name, ERR_UNKNOWN_COLUMN, "field \"%.*s\" does not exist",
                         STR_ARG(ident_text(parts->at[parts->n - 1])));
    }
    return OK;
}

static enum status new_field(struct binder *b, const struct type *within, const struct node *at)
{
    return field_type(within, ident_text(at))
               ? bind_fail(b, at, ERR_DUPLICATE_COLUMN, "field \"%.*s\" already exists",
                           STR_ARG(ident_text(at)))
               : OK;
}

static enum status add_field(struct binder *b, const struct table *t, struct node_alter_action *a)
{
    struct node_column_def *d = node_column_def(a->definition);
    const struct node_list *parts = &node_name_const(d->name)->parts;
    const struct type *within = NULL, *type = NULL;
    struct scope none = {0};
    if (d->identity || d->generated || d->collation || d->comment || d->options.n || d->check ||
        d->not_null || d->unique || d->primary_key || !d->type) {
        return bind_fail(b, a->definition, ERR_UNSUPPORTED, "a field has a type and a default");
    }
    if (find_structure(b, t, d->name, &within) != OK ||
        (!a->if_exists && new_field(b, within, parts->at[parts->n - 1]) != OK) ||
        bind_type_name(b, d->type, &type) != OK) {
        return FAIL;
    }
    return bind_schema_expr(b, &none, &d->default_value);
}

static enum status rename_field(struct binder *b, const struct table *t,
                                struct node_alter_action *a)
{
    const struct type *within = NULL;
    if (existing_field(b, t, a->column, false) != OK ||
        find_structure(b, t, a->column, &within) != OK) {
        return FAIL;
    }
    return a->new_name->kind == NODE_IDENT
               ? new_field(b, within, a->new_name)
               : bind_fail(b, a->new_name, ERR_BAD_SQL, "a field's new name has one part");
}

/* ---- keys ---- */

static enum status add_constraint(struct binder *b, struct scope *s, const struct table *t,
                                  struct node_alter_action *a)
{
    struct node_constraint *c = node_constraint(a->constraint);
    bool is_key = c->form == CONSTRAINT_PRIMARY_KEY || c->form == CONSTRAINT_UNIQUE;
    const char *unkept = bind_unkept_of_constraint(c);
    if (!is_key || unkept) {
        (void)bind_fail(b, a->constraint, ERR_UNSUPPORTED, "ADD of %s is not supported",
                        unkept ? unkept : "this constraint to a table that is there");
        return error_hint(b->e, "Say it in CREATE TABLE.");
    }
    for (uint32_t i = 0; i < c->columns.n; i++) {
        int column = table_column(t, ident_text(c->columns.at[i]));
        if (column < 0 || t->columns[column].generated.p) {
            return bind_fail(b, c->columns.at[i], ERR_UNKNOWN_COLUMN,
                             "column \"%.*s\" named in key does not exist",
                             STR_ARG(ident_text(c->columns.at[i])));
        }
        bind_mark_column(b, s->ranges.at[0]->table, (size_t)column);
        bind_use_at(b, bind_column_origins(b, t, column), USE_CONSTRAINT);
    }
    return OK;
}

/* One that was added as an index: the engine takes no other away. */
static enum status drop_constraint(struct binder *b, const struct table *t,
                                   const struct node_alter_action *a)
{
    bool is_named = a->constraint->kind == NODE_IDENT;
    if (is_named && bind_drop_index_of(b, t, ident_text(a->constraint))) {
        return OK;
    }
    return bind_fail(b, a->constraint, ERR_UNSUPPORTED,
                     "DROP of a constraint that CREATE TABLE made is not supported");
}

/* ---- types ---- */

/* TYPE USING without a type: that of the expression. */
static enum status set_type(struct binder *b, struct scope *s, const struct table *t,
                            struct node_alter_action *a)
{
    const struct type *type = NULL;
    if (existing_column(b, t, a->column, false) != OK ||
        (a->type && bind_type_name(b, a->type, &type) != OK) ||
        bind_schema_expr(b, s, &a->value) != OK) {
        return FAIL;
    }
    if (a->type) {
        return OK;
    }
    type = a->value ? bind_known_type(a->value) : NULL;
    if (!type || type->kind == TYPE_UNKNOWN || type->kind == TYPE_NULL) {
        return bind_fail(b, &a->base, ERR_UNSUPPORTED, "TYPE without a type is not supported");
    }
    a->type = node_cast(make_cast(b->a, make_literal(b->a, LIT_NULL, STR_NULL), type))->target;
    return OK;
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
    if (a->definition && node_column_def(a->definition)->name->kind == NODE_NAME) {
        return add_field(b, t, a);
    }
    if (a->column && a->column->kind == NODE_NAME) {
        return a->verb == ALTER_DROP_COLUMN     ? existing_field(b, t, a->column, a->if_exists)
               : a->verb == ALTER_RENAME_COLUMN ? rename_field(b, t, a)
                                                : refuse_action(b, a);
    }
    if (a->new_name && a->new_name->kind != NODE_IDENT && a->verb != ALTER_RENAME_TABLE) {
        return bind_fail(b, &a->base, ERR_UNSUPPORTED, "another schema is not supported here");
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
        return set_type(b, s, t, a);
    case ALTER_SET_DEFAULT:
        return existing_column(b, t, a->column, false) == OK ? bind_schema_expr(b, &none, &a->value)
                                                             : FAIL;
    case ALTER_DROP_DEFAULT:
    case ALTER_SET_NOT_NULL:
    case ALTER_DROP_NOT_NULL:
    case ALTER_COMMENT_COLUMN:
        return existing_column(b, t, a->column, false);
    case ALTER_ADD_CONSTRAINT:
        return t->is_view ? refuse_action(b, a) : add_constraint(b, s, t, a);
    case ALTER_DROP_CONSTRAINT:
        return drop_constraint(b, t, a);
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
    bind_renamed(b, t, other->name);
    bind_renamed(b, other, t->name);
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
        } else if (a->verb == ALTER_ADD_CONSTRAINT &&
                   node_constraint(a->constraint)->form == CONSTRAINT_UNIQUE) {
            one = bind_unique_index(b, t, node_constraint(a->constraint));
        } else if (a->verb == ALTER_DROP_CONSTRAINT) {
            one = bind_drop_index_of(b, t, ident_text(a->constraint));
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
    bool renames =
        n->actions.n == 1 && node_alter_action(n->actions.at[0])->verb == ALTER_RENAME_TABLE;
    kind = kind == OWN_TABLE && renames ? OWN_RELATION : kind;
    if (bind_own(b, n->name, n->if_exists, kind, &t) != OK) {
        return FAIL;
    }
    n->object = kind == OWN_VIEW || (t && t->is_view) ? OBJECT_VIEW : n->object;
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
    if (!t->is_view) {
        bind_altered(b, t, &n->actions);
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
