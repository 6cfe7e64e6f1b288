/* FROM: tables, views, CTEs, derived tables, table functions, joins.
 *
 * A view is opened: its definition is parsed and bound here and stands in the tree as a derived
 * table, so that what policies say of its base tables applies under it. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"
#include "sql/make.h"

/* ---- aliases ---- */

/* Applies the column aliases that were written and writes all names back. */
enum status bind_name_columns(struct binder *b, struct range *r, struct node_list *list,
                              const struct node *at)
{
    if (list->n > r->n) {
        return bind_fail(b, at, ERR_BAD_SQL, "table \"%.*s\" has %zu columns but %u aliases",
                         STR_ARG(r->alias), r->n, list->n);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        r->columns[i].name = r->columns[i].label = ident_text(list->at[i]);
    }
    range_tell_apart(b, r);
    *list = (struct node_list){0};
    for (size_t i = 0; i < r->n; i++) {
        node_push(b->a, list, bind_ident(b, r->columns[i].name, at));
    }
    return OK;
}

static struct str alias_or(const struct node *alias, struct str other)
{
    return alias ? ident_text(alias) : other;
}

/* ---- tables, views, CTEs ---- */

static const struct cte *find_cte(const struct scope *s, const struct node_list *parts)
{
    for (const struct cte *c = s->ctes; c && parts->n == 1; c = c->next) {
        if (str_ieq(c->name, ident_text(parts->at[0]))) {
            return c;
        }
    }
    return NULL;
}

/* The outputs of a sub-query in FROM are known by where they are made. */
static void note_item(struct range *r, struct node *item)
{
    for (size_t i = 0; item && i < r->n; i++) {
        r->columns[i].bound->item = item;
        r->columns[i].bound->output = i;
    }
}

static enum status refer_to_cte(struct binder *b, struct scope *s, struct node_table_ref *ref,
                                const struct cte *cte)
{
    struct range *r = range_of_columns(b, alias_or(ref->alias, cte->name), &cte->columns);
    note_item(r, cte->node);
    node_name(ref->name)->parts.at[0] = bind_ident(b, cte->unique, ref->name);
    if (ref->columns.n && bind_name_columns(b, r, &ref->columns, &ref->base) != OK) {
        return FAIL;
    }
    ref->alias = bind_ident(b, r->name, &ref->base);
    return scope_add(b, s, r, &ref->base);
}

/* What went wrong inside a view is told without its text: the reader didn't write it. */
static enum status view_failed(struct binder *b, const struct node *at, const struct table *view)
{
    enum error_code code = b->e ? b->e->code : ERR_INTERNAL;
    bool is_limit = code == ERR_STATEMENT_TOO_COMPLEX;
    return bind_fail(b, at, is_limit ? code : ERR_UNSUPPORTED,
                     is_limit ? "view \"%.*s\" makes the statement too complex"
                              : "view \"%.*s\" no longer fits the tables that it reads",
                     STR_ARG(view->name));
}

static enum status parse_view(struct binder *b, const struct table *view, struct node **query)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list statements = {0};
    struct str text = arena_str(b->a, view->definition);
    if (sql_parse(b->a, text, DIALECT_POSTGRES, &limits, &statements, b->e) != OK) {
        return FAIL;
    }
    if (statements.n != 1 || statements.at[0]->kind != NODE_QUERY) {
        return error_set(b->e, ERR_UNSUPPORTED, "a view's definition isn't one query");
    }
    *query = statements.at[0];
    return bind_refuse(b, query);
}

static enum status bind_view_body(struct binder *b, const struct table *view, struct node **query,
                                  struct columns *columns)
{
    if (b->view_depth >= BIND_VIEW_DEPTH || b->views_opened++ >= BIND_MAX_VIEWS) {
        return error_set(b->e, ERR_STATEMENT_TOO_COMPLEX, "too many views");
    }
    bool lasts = !str_is(view->schema, CATALOG_TEMP_SCHEMA);
    bind_add_view(b, view);
    b->view_depth++;
    b->lasting_views += lasts;
    enum status status = parse_view(b, view, query);
    if (status == OK) {
        const struct node_query *q = node_query_const(*query);
        b->deferred_select = q->order_all ? NULL : q->body;
        status = bind_query(b, NULL, NULL, *query, columns);
    }
    b->view_depth--;
    b->lasting_views -= lasts;
    if (status == OK && columns->n != view->column_count) {
        return error_set(b->e, ERR_UNSUPPORTED, "the view has another number of columns now");
    }
    return status;
}

static enum status open_view(struct binder *b, struct scope *s, struct node **n,
                             const struct table *view)
{
    struct node_table_ref *ref = node_table_ref(*n);
    struct node *query = NULL;
    struct columns columns = {0};
    if (bind_view_body(b, view, &query, &columns) != OK) {
        return view_failed(b, *n, view);
    }
    for (size_t i = 0; i < columns.n; i++) {
        columns.at[i].name = view->columns[i].name;
    }
    struct range *r = range_of_columns(b, alias_or(ref->alias, view->name), &columns);
    struct node *derived = node_new(b->a, NODE_DERIVED, (*n)->offset);
    struct node_derived *d = node_derived(derived);
    derived->length = (*n)->length;
    d->query = query;
    d->alias = bind_ident(b, r->name, *n);
    d->columns = ref->columns;
    note_item(r, derived);
    r->schema = ref->alias ? STR("") : view->schema;
    if (bind_name_columns(b, r, &d->columns, *n) != OK) {
        return FAIL;
    }
    *n = derived;
    return scope_add(b, s, r, derived);
}

static enum status bind_table_ref(struct binder *b, struct scope *s, struct node **n)
{
    struct node_table_ref *ref = node_table_ref(*n);
    const struct cte *cte = find_cte(s, &node_name(ref->name)->parts);
    const struct table *t = NULL;
    if (cte) {
        return refer_to_cte(b, s, ref, cte);
    }
    bool is_made = false;
    enum status made = bind_made_relation(b, s, n, &is_made);
    if (is_made) {
        return made;
    }
    if (bind_find_table(b, ref->name, &t) != OK) {
        return FAIL;
    }
    if (t->is_view) {
        return open_view(b, s, n, t);
    }
    if (t->is_sequence) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "\"%.*s\" is a sequence", STR_ARG(t->name));
    }
    struct bound_table *bound = bind_add_table(b, t, *n, false);
    struct range *r = range_of_table(b, alias_or(ref->alias, t->name), bound);
    r->schema = ref->alias ? STR("") : t->schema;
    if (ref->columns.n && bind_name_columns(b, r, &ref->columns, *n) != OK) {
        return FAIL;
    }
    ref->alias = bind_ident(b, r->name, *n);
    return scope_add(b, s, r, *n);
}

/* ---- derived tables and functions ---- */

static bool has_alias(const struct scope *s, struct str name)
{
    for (size_t i = 0; i < s->ranges.n; i++) {
        if (str_ieq(s->ranges.at[i]->alias, name)) {
            return true;
        }
    }
    return false;
}

/* What a query without a name may be called, unless another one is called so. */
static struct str unnamed(struct binder *b, const struct scope *s)
{
    struct str name = STR("unnamed_subquery");
    size_t number = 1;
    for (size_t i = 0; i < s->ranges.n; i++) {
        number += str_starts(s->ranges.at[i]->alias, "unnamed_subquery");
    }
    if (number > 1) {
        name = str_of(arena_printf(b->a, "unnamed_subquery%zu", number));
    }
    return has_alias(s, name) ? bind_unique(b, name) : name;
}

enum status bind_derived(struct binder *b, struct scope *s, struct node *n)
{
    struct node_derived *d = node_derived(n);
    struct columns columns;
    struct row_number *number = d->lateral ? bind_row_number(b, s, d->query) : NULL;
    if (bind_query(b, d->lateral ? s : s->parent, s->ctes, d->query, &columns) != OK) {
        return FAIL;
    }
    struct str alias = d->alias ? ident_text(d->alias) : unnamed(b, s);
    struct range *r = range_of_columns(b, alias, &columns);
    note_item(r, n);
    if (number) {
        bind_row_number_bound(number, d->query);
        r->columns[0].number = number;
    }
    d->alias = bind_ident(b, r->name, n);
    if (bind_name_columns(b, r, &d->columns, n) != OK) {
        return FAIL;
    }
    return scope_add(b, s, r, n);
}

static const struct type *row_type(const struct function *def, const struct node_func *f)
{
    const struct type *t = f->args.at[0]->type;
    if (def->rule == RESULT_ELEMENT_0) {
        return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY ? t->child : type_simple(TYPE_UNKNOWN);
    }
    return type_is_integer(t)     ? type_simple(TYPE_INT8)
           : t->kind == TYPE_DATE ? type_simple(TYPE_TIMESTAMP)
                                  : t;
}

static enum status table_function(struct binder *b, struct node_func *f,
                                  const struct function **out)
{
    const struct node_list *parts = &node_name(f->name)->parts;
    struct str name = ident_text(parts->at[parts->n - 1]);
    bool is_ours =
        parts->n == 1 || (parts->n == 2 && str_iis(ident_text(parts->at[0]), "pg_catalog"));
    *out = is_ours ? function_find_table(name) : NULL;
    if (!*out) {
        return bind_fail(b, &f->base, ERR_UNKNOWN_FUNCTION,
                         "table function \"%.*s\" does not exist or is not allowed", STR_ARG(name));
    }
    bool has_modifier =
        f->star || f->distinct || f->order.n || f->within_group.n || f->filter || f->over;
    if (has_modifier || f->args.n < (size_t)(*out)->min_args ||
        f->args.n > (size_t)(*out)->max_args) {
        return bind_fail(b, &f->base, ERR_UNKNOWN_FUNCTION, "%s() takes %d to %d arguments",
                         (*out)->name, (*out)->min_args, (*out)->max_args);
    }
    for (uint32_t i = 0; i < f->args.n; i++) {
        if (f->args.at[i]->kind == NODE_NAMED_ARG) {
            return bind_fail(b, f->args.at[i], ERR_UNSUPPORTED, "%s() takes no named arguments",
                             (*out)->name);
        }
    }
    f->name = make_name(b->a, name);
    f->bound = *out;
    return OK;
}

/* What json_each() and json_tree() give. */
static const struct {
    const char *name;
    enum type_kind kind;
} document_columns[] = {
    {"key", TYPE_TEXT}, {"value", TYPE_JSON},   {"type", TYPE_TEXT},    {"atom", TYPE_JSON},
    {"id", TYPE_UINT8}, {"parent", TYPE_UINT8}, {"fullkey", TYPE_TEXT}, {"path", TYPE_TEXT},
};

enum { DOCUMENT_COLUMNS = sizeof document_columns / sizeof *document_columns };

static bool gives_members(const struct function *def)
{
    return str_is(STR("json_each"), def->name) || str_is(STR("json_tree"), def->name);
}

static struct columns members_of(struct binder *b, const struct lineage *origins)
{
    struct columns columns = {ARENA_ARRAY(b->a, struct output_column, DOCUMENT_COLUMNS),
                              DOCUMENT_COLUMNS};
    for (size_t i = 0; i < DOCUMENT_COLUMNS; i++) {
        columns.at[i] = (struct output_column){.name = str_of(document_columns[i].name),
                                               .type = type_simple(document_columns[i].kind),
                                               .origins = origins};
    }
    return columns;
}

/* The engine would take text that isn't JSON for JSON. */
static enum status check_document(struct binder *b, const struct node *n)
{
    return n->type->kind == TYPE_JSON || n->type->kind == TYPE_NULL
               ? OK
               : bind_fail(b, n, ERR_UNSUPPORTED, "a JSON value is expected here: cast it to one");
}

static enum status bind_table_func(struct binder *b, struct scope *s, struct node *n)
{
    struct node_table_func *x = node_table_func(n);
    struct node_func *f = node_func(x->func);
    const struct function *def = NULL;
    struct bound_expr all = {type_simple(TYPE_UNKNOWN), lineage_none(), false, false};
    struct str called = ident_text(node_name(f->name)->parts.at[node_name(f->name)->parts.n - 1]);
    bind_series_in_from(b, f);
    if (table_function(b, f, &def) != OK || bind_func_args(b, s, f, NULL, &all) != OK) {
        return FAIL;
    }
    bind_use_at(b, all.origins, USE_ROWS);
    for (uint32_t i = 0; i < f->args.n; i++) {
        bind_settle_kind(b, f->args.at[i], function_arg(def, i));
    }
    if (def->rule == RESULT_ELEMENT_0 && bind_check_unnest(b, f) != OK) {
        return FAIL;
    }
    struct str alias = alias_or(x->alias, called);
    struct str column = !x->alias ? called : alias;
    struct output_column outputs[2] = {
        {.name = column, .type = row_type(def, f), .origins = all.origins},
        {.name = STR("ordinality"), .type = type_simple(TYPE_INT8), .origins = all.origins}};
    struct columns columns = {outputs, x->ordinality ? 2 : 1};
    if (gives_members(def)) {
        if (check_document(b, f->args.at[0]) != OK) {
            return FAIL;
        }
        columns = members_of(b, all.origins);
    }
    struct range *r = range_of_columns(b, alias, &columns);
    b->out->may_fail = true;
    x->alias = bind_ident(b, r->name, n);
    if (bind_name_columns(b, r, &x->columns, n) != OK) {
        return FAIL;
    }
    return scope_add(b, s, r, n);
}

/* A function that was made in SQL and gives rows stands in the tree as a derived table. */
static enum status bind_function_rows(struct binder *b, struct scope *s, struct node **n,
                                      bool *is_one)
{
    struct node_table_func *x = node_table_func(*n);
    const struct node_list *parts = &node_name(node_func(x->func)->name)->parts;
    struct str name = ident_text(parts->at[parts->n - 1]);
    struct node *query = NULL;
    struct columns columns = {0};
    if ((parts->n == 1 && function_find_table(name)) || x->ordinality) {
        return OK;
    }
    if (bind_macro_query(b, s, x->func, &query, &columns, is_one) != OK || !*is_one) {
        return *is_one ? FAIL : OK;
    }
    struct range *r = range_of_columns(b, alias_or(x->alias, name), &columns);
    struct node *derived = node_new(b->a, NODE_DERIVED, (*n)->offset);
    struct node_derived *d = node_derived(derived);
    derived->length = (*n)->length;
    d->query = query;
    d->lateral = s->ranges.n > 0; /* its arguments may name what stands before it */
    d->alias = bind_ident(b, r->name, *n);
    d->columns = x->columns;
    if (bind_name_columns(b, r, &d->columns, *n) != OK) {
        return FAIL;
    }
    *n = derived;
    return scope_add(b, s, r, derived);
}

/* ---- joins ---- */

static enum status bind_on(struct binder *b, struct scope *s, struct node_join *j, size_t from)
{
    size_t outer = s->first_visible;
    s->first_visible = from;
    s->unbound_targets = s->selected;
    s->unbound_count = s->selected ? s->selected->n : 0;
    enum status status = bind_condition(b, s, &j->on, USE_JOIN);
    s->unbound_targets = NULL;
    s->first_visible = outer;
    return status;
}

static enum status bind_join(struct binder *b, struct scope *s, struct node *n)
{
    struct node_join *j = node_join(n);
    struct join_side left = {.from = s->ranges.n}, right;
    if (bind_from(b, s, &j->left) != OK) {
        return FAIL;
    }
    left.to = right.from = s->ranges.n;
    if (bind_from(b, s, &j->right) != OK) {
        return FAIL;
    }
    right.to = s->ranges.n;
    if ((j->natural || j->using_columns.n) && bind_join_by_name(b, s, j, left, right) != OK) {
        return FAIL;
    }
    if (j->on && !j->on->type && bind_on(b, s, j, left.from) != OK) {
        return FAIL;
    }
    bind_outer_join_lists(b, n);
    for (size_t i = right.from; i < right.to; i++) {
        s->ranges.at[i]->is_hidden |= j->type == JOIN_SEMI || j->type == JOIN_ANTI;
    }
    return OK;
}

static enum status bind_sample(struct binder *b, struct scope *s, struct node *n)
{
    struct node_sample *x = node_sample(n);
    struct scope none = {0};
    struct bound_expr amount, seed;
    if (x->source->kind == NODE_JOIN) {
        return bind_fail(b, n, ERR_UNSUPPORTED, "a sample of a join is not supported");
    }
    if (bind_from(b, s, &x->source) != OK || bind_expr(b, &none, &x->amount, &amount) != OK ||
        (x->seed && bind_expr(b, &none, &x->seed, &seed) != OK)) {
        return FAIL;
    }
    b->out->is_volatile |= !x->seed;
    return x->amount->kind == NODE_LITERAL && (!x->seed || x->seed->kind == NODE_LITERAL)
               ? OK
               : bind_fail(b, n, ERR_UNSUPPORTED, "a sample takes literals");
}

static enum status dispatch(struct binder *b, struct scope *s, struct node **n)
{
    switch ((*n)->kind) {
    case NODE_TABLE_REF:
        return bind_table_ref(b, s, n);
    case NODE_DERIVED:
        return bind_derived(b, s, *n);
    case NODE_TABLE_FUNC: {
        bool is_macro = false;
        enum status status = bind_function_rows(b, s, n, &is_macro);
        return is_macro || status != OK ? status : bind_table_func(b, s, *n);
    }
    case NODE_JOIN:
        return bind_join(b, s, *n);
    case NODE_PIVOT:
    case NODE_UNPIVOT:
        return bind_pivot(b, s, n);
    case NODE_SAMPLE:
        return bind_sample(b, s, *n);
    case NODE_DESCRIBED:
        return bind_described(b, s, n);
    default:
        return bind_fail(b, *n, ERR_UNSUPPORTED, "%s can't stand in FROM",
                         node_kind_name((*n)->kind));
    }
}

enum status bind_from(struct binder *b, struct scope *s, struct node **n)
{
    if (!*n) {
        return OK;
    }
    if (bind_enter(b, *n) != OK) {
        return FAIL;
    }
    enum status status = dispatch(b, s, n);
    bind_leave(b);
    return status;
}
