/* INSERT, UPDATE, DELETE, COPY. Writing a value is a use of all that it comes from: otherwise a
 * masked column could be copied to where no mask is. Constraints and casts make every write one
 * that may fail. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"
#include "sql/make.h"

/* The table that a statement changes. Its range is made first, so that it gets its own name. */
enum status bind_written_table(struct binder *b, struct node *n, bool is_insert,
                               struct range **range)
{
    struct node_table_ref *ref = node_table_ref(n);
    const struct table *t = NULL;
    if (bind_find_table(b, ref->name, &t) != OK) {
        return FAIL;
    }
    if (t->is_view || t->is_sequence) {
        return bind_fail(b, n, ERR_UNSUPPORTED, "%s \"%.*s\" can't be changed",
                         t->is_view ? "view" : "sequence", STR_ARG(t->name));
    }
    if (ref->columns.n) {
        return bind_fail(b, n, ERR_BAD_SQL, "column aliases are not allowed here");
    }
    struct bound_table *bound = bind_add_table(b, t, n, true);
    bound->alias = ref->alias ? ident_text(ref->alias) : STR("");
    struct str alias = ref->alias ? ident_text(ref->alias) : t->name;
    *range = range_of_table(b, alias, bound);
    (*range)->schema = ref->alias ? STR("") : t->schema;
    if (is_insert) { /* the engine knows the target of INSERT by its own name alone */
        (*range)->name = t->name;
        ref->alias = NULL;
    } else {
        ref->alias = bind_ident(b, (*range)->name, n);
    }
    b->out->may_fail = true;
    return OK;
}

static enum status find_column(struct binder *b, const struct table *t, const struct node *name,
                               int *out)
{
    *out = table_column(t, ident_text(name));
    if (*out < 0) {
        return bind_fail(b, name, ERR_UNKNOWN_COLUMN,
                         "column \"%.*s\" of relation \"%.*s\" does not exist",
                         STR_ARG(ident_text(name)), STR_ARG(t->name));
    }
    bind_note_reference(b, lineage_column(b->a, t, *out), name);
    return OK;
}

static enum status find_written(struct binder *b, const struct table *t, const struct node *name,
                                int *out)
{
    if (find_column(b, t, name, out) != OK) {
        return FAIL;
    }
    return t->columns[*out].generated.p
               ? bind_fail(b, name, ERR_BAD_SQL, "column \"%.*s\" is generated: it can't be given",
                           STR_ARG(t->columns[*out].name))
               : OK;
}

/* The columns that have values of their own, in order. */
static size_t own_columns(struct binder *b, const struct table *t, int **out)
{
    size_t n = 0;
    *out = ARENA_ARRAY(b->a, int, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        if (!t->columns[i].generated.p) {
            (*out)[n++] = (int)i;
        }
    }
    return n;
}

/* The columns written, in order: those named, or the first ones. Written out into the list. */
enum status bind_target_columns(struct binder *b, const struct table *t, struct node_list *list,
                                size_t width, const struct node *at, int **out, size_t *n)
{
    bool *seen = ARENA_ARRAY(b->a, bool, t->column_count);
    int *own = NULL;
    size_t own_count = own_columns(b, t, &own);
    *n = list->n ? list->n : width < own_count ? width : own_count;
    *out = ARENA_ARRAY(b->a, int, *n);
    for (size_t i = 0; i < *n; i++) {
        if (!list->n) {
            (*out)[i] = own[i];
            continue;
        }
        if (find_written(b, t, list->at[i], &(*out)[i]) != OK) {
            return FAIL;
        }
        if (seen[(*out)[i]]) {
            return bind_fail(b, list->at[i], ERR_DUPLICATE_COLUMN,
                             "column \"%.*s\" specified more than once",
                             STR_ARG(ident_text(list->at[i])));
        }
        seen[(*out)[i]] = true;
    }
    *list = (struct node_list){0};
    for (size_t i = 0; i < *n; i++) {
        node_push(b->a, list, bind_ident(b, t->columns[(*out)[i]].name, at));
    }
    return OK;
}

/* ---- INSERT ---- */

static size_t source_width(const struct node *source)
{
    const struct node *body = node_query_const(source)->body;
    if (body->kind == NODE_VALUES && node_values_const(body)->rows.n) {
        return node_row_const(node_values_const(body)->rows.at[0])->items.n;
    }
    return SIZE_MAX; /* a query's width is known once it is bound */
}

/* A value that stands alone takes the type of its column before anything else types it: a
 * parameter, and a literal such as '{1,2}' where the column is a list. */
static enum status hint_value(struct binder *b, struct node **value, const struct type *type)
{
    struct bound_expr ignored;
    if ((*value)->kind == NODE_PARAM && bind_expr(b, &(struct scope){0}, value, &ignored) == OK) {
        bind_settle(b, *value, type);
    }
    return bind_array_literal(b, value, type);
}

static enum status hint_values(struct binder *b, const struct table *t, const int *columns,
                               size_t n, struct node *body)
{
    if (body->kind == NODE_SELECT) {
        struct node_list *targets = &node_select(body)->targets;
        for (uint32_t i = 0; i < targets->n && i < n; i++) {
            if (targets->at[i]->kind == NODE_TARGET &&
                hint_value(b, &node_target(targets->at[i])->expr, t->columns[columns[i]].type) !=
                    OK) {
                return FAIL;
            }
        }
    }
    const struct node_list none = {0};
    const struct node_list *rows = body->kind == NODE_VALUES ? &node_values(body)->rows : &none;
    for (uint32_t r = 0; r < rows->n; r++) {
        struct node_list *items = &node_row(rows->at[r])->items;
        for (size_t i = 0; i < items->n && i < n; i++) {
            if (hint_value(b, &items->at[i], t->columns[columns[i]].type) != OK) {
                return FAIL;
            }
        }
    }
    return OK;
}

/* Of VALUES each row on its own: its literals tell how long they are. */
static enum status check_source_column(struct binder *b, const struct node *body, size_t i,
                                       const struct type *from, const struct type *to)
{
    if (body->kind != NODE_VALUES) {
        return bind_check_assigned(b, body, NULL, from, to);
    }
    const struct node_list *rows = &node_values_const(body)->rows;
    for (uint32_t r = 0; r < rows->n; r++) {
        const struct node *value = node_row_const(rows->at[r])->items.at[i];
        if (value->type && value->kind != NODE_DEFAULT &&
            bind_check_assigned(b, value, value, value->type, to) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status bind_source(struct binder *b, struct node_insert *n, struct bound_table *target,
                               const struct cte *ctes)
{
    const struct table *t = target->table;
    int *targets = NULL;
    size_t count = 0;
    struct columns columns = {0};
    struct node *body = node_query(n->source)->body;
    struct node_list written = n->columns;
    size_t width = source_width(n->source);
    if (bind_target_columns(b, t, &n->columns, width, n->table, &targets, &count) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        target->columns_written[targets[i]] = true;
    }
    if (hint_values(b, t, targets, count, body) != OK) {
        return FAIL;
    }
    b->allow_default = body->kind == NODE_VALUES;
    enum status status = bind_query(b, NULL, ctes, n->source, &columns);
    b->allow_default = false;
    if (status != OK) {
        return FAIL;
    }
    if (!written.n && columns.n < count) { /* fewer values than columns: the first ones */
        n->columns.n = (uint32_t)columns.n;
        count = columns.n;
    }
    if (columns.n != count) {
        return bind_fail(b, n->source, ERR_BAD_SQL, "INSERT has more %s than %s",
                         columns.n > count ? "expressions" : "target columns",
                         columns.n > count ? "target columns" : "expressions");
    }
    for (size_t i = 0; i < columns.n; i++) {
        bind_use_at(b, columns.at[i].origins, USE_WRITE);
        if (check_source_column(b, body, i, columns.at[i].type, t->columns[targets[i]].type) !=
            OK) {
            return FAIL;
        }
    }
    return OK;
}

/* t.a is a, where t is the table that is written. */
static void drop_qualifier(const struct bound_table *target, struct node_assign *a)
{
    const struct node_list *parts =
        a->column->kind == NODE_NAME ? &node_name(a->column)->parts : NULL;
    struct str name = target->alias.n ? target->alias : target->table->name;
    if (parts && parts->n == 2 && str_ieq(ident_text(parts->at[0]), name)) {
        a->column = parts->at[1];
    }
}

enum status bind_assignments(struct binder *b, struct scope *s, struct bound_table *target,
                             struct node_list *list)
{
    const struct table *t = target->table;
    bool *seen = ARENA_ARRAY(b->a, bool, t->column_count);
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_assign *a = node_assign(list->at[i]);
        int column = -1;
        drop_qualifier(target, a);
        if (a->column->kind != NODE_IDENT) {
            return bind_fail(b, a->column, ERR_UNSUPPORTED, "only whole columns can be set");
        }
        if (find_written(b, t, a->column, &column) != OK) {
            return FAIL;
        }
        if (seen[column]) {
            return bind_fail(b, a->column, ERR_DUPLICATE_COLUMN,
                             "multiple assignments to same column \"%.*s\"",
                             STR_ARG(ident_text(a->column)));
        }
        seen[column] = target->columns_written[column] = true;
        a->column = bind_ident(b, t->columns[column].name, a->column);
        if (bind_array_literal(b, &a->value, t->columns[column].type) != OK) {
            return FAIL;
        }
        b->allow_default = a->value->kind == NODE_DEFAULT;
        enum status status = bind_used_at(b, s, &a->value, NULL, USE_WRITE);
        b->allow_default = false;
        if (status != OK) {
            return FAIL;
        }
        bind_settle(b, a->value, t->columns[column].type);
        if (bind_check_assigned(b, a->value, a->value, bind_known_type(a->value),
                                t->columns[column].type) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* "excluded" is the row that was to be inserted; what it holds is taken for the table's own. */
static enum status bind_conflict(struct binder *b, struct range *target, struct node_on_conflict *c)
{
    const struct table *t = target->table->table;
    struct scope s = {0};
    for (uint32_t i = 0; i < c->columns.n; i++) {
        int column = -1;
        if (find_column(b, t, c->columns.at[i], &column) != OK) {
            return FAIL;
        }
        bind_use_at(b, target->columns[column].value.origins, USE_CONSTRAINT);
    }
    if (!c->do_update) {
        return OK;
    }
    struct range *excluded = range_of_table(b, STR("excluded"), target->table);
    excluded->name = STR("excluded");
    /* A bare name is the table's: the proposed row is found by its qualified name alone. */
    for (size_t i = 0; i < excluded->n; i++) {
        excluded->columns[i].is_merged_away = true;
    }
    if (scope_add(b, &s, target, &c->base) != OK || scope_add(b, &s, excluded, &c->base) != OK ||
        bind_assignments(b, &s, target->table, &c->assignments) != OK) {
        return FAIL;
    }
    return bind_where(b, &s, &c->where);
}

/* BY NAME: the columns are those that the source's are named after. */
static enum status bind_by_name(struct binder *b, struct node_insert *n, struct bound_table *target,
                                const struct cte *ctes)
{
    struct columns columns = {0};
    int *targets = NULL;
    size_t count = 0;
    if (n->columns.n || !n->source) {
        return bind_fail(b, &n->base, ERR_BAD_SQL, "INSERT BY NAME takes no list of columns");
    }
    if (bind_query(b, NULL, ctes, n->source, &columns) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < columns.n; i++) {
        node_push(b->a, &n->columns, bind_ident(b, columns.at[i].name, n->source));
        bind_use_at(b, columns.at[i].origins, USE_WRITE);
    }
    if (bind_target_columns(b, target->table, &n->columns, columns.n, n->table, &targets, &count) !=
        OK) {
        return FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        target->columns_written[targets[i]] = true;
    }
    n->by_name = 0;
    return OK;
}

/* OVERWRITE: the rows that the caller sees are deleted before, in the same transaction. What reads
 * the table itself would find it empty. */
static enum status bind_overwrite(struct binder *b, struct node_insert *n,
                                  const struct bound_table *target)
{
    for (size_t i = 0; i < b->tables.n; i++) {
        if (b->tables.at[i] != target && b->tables.at[i]->table == target->table) {
            (void)bind_fail(b, n->table, ERR_UNSUPPORTED,
                            "INSERT OVERWRITE from the table itself is not supported");
            return error_hint(b->e, "Take the rows into a temporary table first.");
        }
    }
    struct node *delete = node_new(b->a, NODE_DELETE, n->base.offset);
    struct node *table = node_new(b->a, NODE_TABLE_REF, n->table->offset);
    node_table_ref(table)->name = node_copy(b->a, node_table_ref(n->table)->name);
    node_delete_stmt(delete)->table = table;
    if (bind_delete(b, node_delete_stmt(delete)) != OK) {
        return FAIL;
    }
    node_push(b->a, &b->out->before, delete);
    b->out->kind = STATEMENT_INSERT;
    b->out->also_deletes = true;
    n->overwrite = 0;
    return OK;
}

static bool is_reserved_name(const struct table *t)
{
    return str_iis(t->name, "excluded");
}

static const char *unsupported_insert(const struct node_insert *n)
{
    const struct node_on_conflict *c =
        n->on_conflict ? node_on_conflict_const(n->on_conflict) : NULL;
    return n->overriding    ? "OVERRIDING"
           : !c             ? NULL
           : c->constraint  ? "ON CONFLICT ON CONSTRAINT"
           : c->keys.n      ? "an expression as target of ON CONFLICT"
           : c->index_where ? "a partial index in ON CONFLICT"
                            : NULL;
}

static bool is_key(const struct table *t, struct str column)
{
    bool found = false;
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        for (size_t k = 0; k < c->column_count && c->kind == CATALOG_UNIQUE; k++) {
            found |= str_ieq(c->columns[k], column);
        }
    }
    return found;
}

static void set_to_excluded(struct binder *b, struct node_on_conflict *c, const struct table *t,
                            struct str column)
{
    if (is_key(t, column)) {
        return;
    }
    struct node *set = node_new(b->a, NODE_ASSIGN, c->base.offset);
    node_assign(set)->column = bind_ident(b, column, &c->base);
    node_assign(set)->value = make_column(b->a, STR("excluded"), column, NULL);
    node_push(b->a, &c->assignments, set);
    c->do_update = true;
}

/* OR IGNORE is ON CONFLICT DO NOTHING; OR REPLACE sets all that the statement gives but the keys,
 * which are the same already. The engine refuses the latter where it can't tell which key is meant.
 */
static enum status bind_or_action(struct binder *b, struct node_insert *n, const struct table *t)
{
    if (!n->or_action) {
        return OK;
    }
    if (n->on_conflict) {
        return bind_fail(b, n->on_conflict, ERR_BAD_SQL,
                         "INSERT OR REPLACE or IGNORE takes no ON CONFLICT");
    }
    n->on_conflict = node_new(b->a, NODE_ON_CONFLICT, n->base.offset);
    struct node_on_conflict *c = node_on_conflict(n->on_conflict);
    bool replaces = n->or_action == INSERT_OR_REPLACE;
    n->or_action = INSERT_PLAIN;
    for (uint32_t i = 0; replaces && i < n->columns.n; i++) {
        set_to_excluded(b, c, t, ident_text(n->columns.at[i]));
    }
    for (size_t i = 0; replaces && !n->columns.n && i < t->column_count; i++) {
        if (!t->columns[i].generated.p) {
            set_to_excluded(b, c, t, t->columns[i].name);
        }
    }
    return OK;
}

enum status bind_insert(struct binder *b, struct node_insert *n)
{
    const char *unsupported = unsupported_insert(n);
    if (unsupported) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "%s is not supported", unsupported);
    }
    struct range *target = NULL;
    const struct cte *ctes = NULL;
    b->out->kind = STATEMENT_INSERT;
    if (bind_written_table(b, n->table, true, &target) != OK) {
        return FAIL;
    }
    const struct table *t = target->table->table;
    if ((n->on_conflict || n->or_action) && is_reserved_name(t)) {
        return bind_fail(b, n->table, ERR_UNSUPPORTED,
                         "ON CONFLICT on a table named \"excluded\" is not supported");
    }
    if (bind_ctes(b, NULL, &ctes, &n->ctes, n->recursive) != OK) {
        return FAIL;
    }
    enum status source = n->by_name  ? bind_by_name(b, n, target->table, ctes)
                         : n->source ? bind_source(b, n, target->table, ctes)
                                     : OK;
    if (source != OK || (n->overwrite && bind_overwrite(b, n, target->table) != OK)) {
        return FAIL;
    }
    if (bind_or_action(b, n, t) != OK) {
        return FAIL;
    }
    if (n->on_conflict && bind_conflict(b, target, node_on_conflict(n->on_conflict)) != OK) {
        return FAIL;
    }
    bool changes = n->on_conflict && node_on_conflict(n->on_conflict)->do_update;
    if (bind_constraints(b, target->table, changes, n->table) != OK) {
        return FAIL;
    }
    return bind_returning(b, target, &n->returning, NULL);
}

/* ---- UPDATE, DELETE ---- */

enum status bind_update(struct binder *b, struct node_update *n)
{
    struct range *target = NULL;
    struct scope s = {0};
    b->out->kind = STATEMENT_UPDATE;
    if (bind_written_table(b, n->table, false, &target) != OK ||
        scope_add(b, &s, target, n->table) != OK ||
        bind_ctes(b, NULL, &s.ctes, &n->ctes, n->recursive) != OK ||
        bind_from(b, &s, &n->from) != OK || bind_where(b, &s, &n->where) != OK ||
        bind_assignments(b, &s, target->table, &n->assignments) != OK ||
        bind_constraints(b, target->table, true, n->table) != OK) {
        return FAIL;
    }
    return bind_returning(b, target, &n->returning, n->from);
}

enum status bind_delete(struct binder *b, struct node_delete_stmt *n)
{
    struct range *target = NULL;
    struct scope s = {0};
    b->out->kind = STATEMENT_DELETE;
    if (bind_written_table(b, n->table, false, &target) != OK ||
        scope_add(b, &s, target, n->table) != OK ||
        bind_ctes(b, NULL, &s.ctes, &n->ctes, n->recursive) != OK ||
        bind_from(b, &s, &n->using_tables) != OK || bind_where(b, &s, &n->where) != OK ||
        bind_constraints(b, target->table, true, n->table) != OK) {
        return FAIL;
    }
    return bind_returning(b, target, &n->returning, n->using_tables);
}

/* ---- COPY ---- */

/* COPY t (a, b) TO is COPY (SELECT a, b FROM t) TO: one way for rows to leave. */
static void copy_as_query(struct binder *b, struct node_copy_stmt *n)
{
    struct node *query = node_new(b->a, NODE_QUERY, n->base.offset);
    struct node *select = node_new(b->a, NODE_SELECT, n->base.offset);
    struct node_list *targets = &node_select(select)->targets;
    node_query(query)->body = select;
    node_select(select)->from = n->table;
    for (uint32_t i = 0; i < n->columns.n; i++) {
        struct node *column = n->columns.at[i];
        struct node *ref = node_new(b->a, NODE_COLUMN_REF, column->offset);
        struct node *target = node_new(b->a, NODE_TARGET, column->offset);
        node_push(b->a, &node_column_ref(ref)->parts, column);
        node_target(target)->expr = ref;
        node_push(b->a, targets, target);
    }
    if (!n->columns.n) {
        struct node *target = node_new(b->a, NODE_TARGET, n->base.offset);
        node_target(target)->expr = node_new(b->a, NODE_STAR, n->base.offset);
        node_push(b->a, targets, target);
    }
    n->query = query;
    n->table = NULL;
    n->columns = (struct node_list){0};
}

static enum status copy_in(struct binder *b, struct node_copy_stmt *n)
{
    struct range *target = NULL;
    int *columns = NULL;
    size_t count = 0;
    b->out->kind = STATEMENT_COPY_IN;
    if (!n->table) {
        return bind_fail(b, &n->base, ERR_BAD_SQL, "COPY FROM takes a table");
    }
    if (bind_written_table(b, n->table, true, &target) != OK) {
        return FAIL;
    }
    return bind_target_columns(b, target->table->table, &n->columns, SIZE_MAX, n->table, &columns,
                               &count);
}

enum status bind_copy(struct binder *b, struct node_copy_stmt *n)
{
    struct columns columns = {0};
    if (n->file) {
        return bind_fail(b, n->file, ERR_UNSUPPORTED,
                         "COPY with a file or program on the server is not supported");
    }
    if (n->where) {
        return bind_fail(b, n->where, ERR_UNSUPPORTED, "COPY ... WHERE is not supported");
    }
    if (!n->to) {
        return copy_in(b, n);
    }
    b->out->kind = STATEMENT_COPY_OUT;
    if (n->table) {
        copy_as_query(b, n);
    }
    if (!n->query || n->query->kind != NODE_QUERY) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "COPY TO takes a table or a query");
    }
    if (bind_query(b, NULL, NULL, n->query, &columns) != OK) {
        return FAIL;
    }
    b->out->outputs = columns.at;
    b->out->output_count = columns.n;
    return OK;
}
