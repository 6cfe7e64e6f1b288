/* Indexes. One changes no meaning but where it is unique: then whether a row is taken tells of
 * other rows, as with a key, and the catalog has it among the table's constraints. So its keys are
 * columns by their names, of which that can be told. */
#include "sql/bind_ddl.h"
#include "sql/make.h"

/* ---- names ---- */

static const struct table_index *index_of(const struct table *t, struct str name)
{
    for (size_t i = 0; i < t->index_count; i++) {
        if (str_ieq(t->indexes[i].name, name)) {
            return &t->indexes[i];
        }
    }
    return NULL;
}

/* Is it the name of an index of any table of the schema, whether the caller sees that or not? */
static const struct table *table_of_index(struct binder *b, struct str engine_schema,
                                          struct str name)
{
    const struct table **all = NULL;
    size_t n = bind_list_tables(b, &all);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i]->engine_schema, engine_schema) && index_of(all[i], name)) {
            return all[i];
        }
    }
    return NULL;
}

/* table_column_idx, and a number where that is taken. */
static struct str made_name(struct binder *b, const struct table *t, struct str column)
{
    for (int i = 0;; i++) {
        struct str name =
            i ? str_of(arena_printf(b->a, "%.*s_%.*s_idx%d", STR_ARG(t->name), STR_ARG(column), i))
              : str_of(arena_printf(b->a, "%.*s_%.*s_idx", STR_ARG(t->name), STR_ARG(column)));
        if (!table_of_index(b, t->engine_schema, name)) {
            return name;
        }
    }
}

/* ---- CREATE INDEX ---- */

static enum status check_form(struct binder *b, const struct node_create_index *n)
{
    static const char *const methods[] = {"", "btree", "art", "hash"};
    bool is_known = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        is_known |= str_iis(n->method, methods[i]);
    }
    const char *what = n->where       ? "a partial index"
                       : n->include.n ? "INCLUDE of an index"
                       : n->options.n ? "an option of an index"
                       : !is_known    ? "this method of an index"
                                      : NULL;
    return bind_refuse_unkept(b, &n->base, what);
}

static enum walk bare(struct node **n, void *ctx)
{
    bool *has_query = ctx;
    *has_query |= (*n)->kind == NODE_QUERY || (*n)->kind == NODE_PARAM;
    if ((*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->parts.n == 2) {
        struct node_list *parts = &node_column_ref(*n)->parts;
        parts->at[0] = parts->at[1];
        parts->n = 1;
    }
    return WALK_ON;
}

/* The engine knows the columns in it by their bare names. */
static enum status bind_expression(struct binder *b, struct scope *s, struct node_order_item *item)
{
    bool has_query = false;
    if (bind_used_at(b, s, &item->expr, NULL, USE_CONSTRAINT) != OK) {
        return FAIL;
    }
    (void)node_walk(&item->expr, bare, &has_query);
    item->descending = item->nulls = 0;
    return has_query ? bind_fail(b, item->expr, ERR_BAD_SQL, "an index can't have a sub-query")
                     : OK;
}

/* A key is a column that has values of its own; how it is ordered means nothing to the engine. */
static enum status bind_key(struct binder *b, struct scope *s, const struct table *t, bool unique,
                            struct node *key)
{
    struct bound_table *bound = s->ranges.at[0]->table;
    struct node_order_item *item = node_order_item(key);
    struct node *expr = item->expr;
    bool is_name = expr->kind == NODE_COLUMN_REF && node_column_ref(expr)->parts.n == 1;
    if (!is_name && !unique) {
        return bind_expression(b, s, item);
    }
    if (!is_name) {
        (void)bind_fail(b, expr, ERR_UNSUPPORTED,
                        "an expression as key of a unique index is not supported");
        return error_hint(b->e, "Name columns.");
    }
    int column = table_column(t, ident_text(node_column_ref(expr)->parts.at[0]));
    if (column < 0) {
        return bind_fail(b, expr, ERR_UNKNOWN_COLUMN, "column \"%.*s\" does not exist",
                         STR_ARG(ident_text(node_column_ref(expr)->parts.at[0])));
    }
    if (t->columns[column].generated.p) {
        return bind_fail(b, expr, ERR_UNSUPPORTED,
                         "a generated column as key of an index is not supported");
    }
    bind_mark_column(b, bound, (size_t)column);
    bind_use_at(b, bind_column_origins(b, t, column), USE_CONSTRAINT);
    item->expr = bind_ident(b, t->columns[column].name, expr);
    item->descending = item->nulls = 0;
    return OK;
}

static enum status new_index_name(struct binder *b, struct node_create_index *n,
                                  const struct table *t, const struct table **old)
{
    struct str schema = STR(""), name;
    *old = NULL;
    if (!n->name) {
        struct node *first = node_order_item(n->keys.at[0])->expr;
        n->name = make_name(b->a, made_name(b, t, ident_text(first)));
        return OK;
    }
    if (bind_split_name(b, n->name, &schema, &name) != OK) {
        return FAIL;
    }
    if (schema.n && !str_ieq(schema, t->schema)) {
        return bind_fail(b, n->name, ERR_BAD_SQL, "an index is in its table's schema");
    }
    *old = table_of_index(b, t->engine_schema, name);
    if (*old && !n->if_not_exists && (!n->or_replace || *old != t)) {
        return bind_fail(b, n->name, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(name));
    }
    n->name = make_name(b->a, name);
    return OK;
}

static struct node *drop_index(struct binder *b, struct str engine_schema, struct str name)
{
    struct node *n = node_new(b->a, NODE_DROP, 0), *at = make_name(b->a, name);
    node_name(at)->engine_schema = engine_schema;
    node_drop(n)->object = OBJECT_INDEX;
    node_push(b->a, &node_drop(n)->names, at);
    return n;
}

enum status bind_create_index(struct binder *b, struct node **stmt)
{
    struct node_create_index *n = node_create_index(*stmt);
    const struct table *t = NULL, *old = NULL;
    b->out->kind = STATEMENT_DDL;
    b->out->may_fail |= n->unique;
    if (check_form(b, n) != OK || bind_own(b, n->table, false, OWN_TABLE, &t) != OK ||
        bind_limit_list(b, *stmt, n->keys.n) != OK) {
        return FAIL;
    }
    bind_add_ddl_table(b, t);
    struct scope s = {0};
    struct range *r = range_of_table(b, t->name, bind_add_table(b, t, NULL, false));
    r->name = t->name;
    if (scope_add(b, &s, r, NULL) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->keys.n; i++) {
        if (bind_key(b, &s, t, n->unique, n->keys.at[i]) != OK) {
            return FAIL;
        }
    }
    if (new_index_name(b, n, t, &old) != OK) {
        return FAIL;
    }
    if (old && n->or_replace) {
        node_push(b->a, &b->out->before,
                  drop_index(b, t->engine_schema, ident_text(node_name(n->name)->parts.at[0])));
    }
    n->or_replace = n->concurrently = 0;
    n->method = STR("");
    return OK;
}

struct node *bind_unique_index(struct binder *b, const struct table *t,
                               const struct node_constraint *c)
{
    struct node *n = node_new(b->a, NODE_CREATE_INDEX, c->base.offset);
    struct node_create_index *index = node_create_index(n);
    struct str name = c->name ? ident_text(c->name) : made_name(b, t, ident_text(c->columns.at[0]));
    index->unique = 1;
    index->name = make_name(b->a, name);
    index->table = make_name(b->a, t->name);
    node_name(index->table)->engine_schema = t->engine_schema;
    for (uint32_t i = 0; i < c->columns.n; i++) {
        struct node *key = node_new(b->a, NODE_ORDER_ITEM, c->base.offset);
        node_order_item(key)->expr = c->columns.at[i];
        node_push(b->a, &index->keys, key);
    }
    return n;
}

/* ---- DROP INDEX ---- */

struct node *bind_drop_index_of(struct binder *b, const struct table *t, struct str name)
{
    const struct table_index *index = index_of(t, name);
    return index ? drop_index(b, t->engine_schema, index->name) : NULL;
}

/* The table whose index it is: of that schema, or of those along the path. */
static const struct table *indexed_table(struct binder *b, struct str schema, struct str name)
{
    const struct table **all = NULL;
    size_t n = bind_list_tables(b, &all);
    for (size_t i = 0; i < n; i++) {
        bool is_there = schema.n ? str_ieq(all[i]->schema, schema)
                                 : bind_find(b, STR(""), all[i]->name) == all[i];
        if (is_there && all[i]->scope == SCOPE_PRIVATE && bind_may_see(b, all[i]) &&
            index_of(all[i], name)) {
            return all[i];
        }
    }
    return NULL;
}

/* What isn't there and needn't be is left out; where nothing is left, the engine is told of a name
 * that no index has. */
enum status bind_drop_indexes(struct binder *b, struct node_drop *n)
{
    struct node *last = NULL;
    for (uint32_t i = 0; i < n->names.n; i++) {
        struct str schema, name;
        struct node *at = n->names.at[i];
        if (at->kind != NODE_NAME) {
            return bind_fail(b, at, ERR_BAD_SQL, "an index has no arguments");
        }
        if (bind_split_name(b, at, &schema, &name) != OK) {
            return FAIL;
        }
        const struct table *t = indexed_table(b, schema, name);
        if (!t && !n->if_exists) {
            return bind_fail(b, at, ERR_UNKNOWN_TABLE, "index \"%.*s\" does not exist",
                             STR_ARG(name));
        }
        if (!t) {
            continue;
        }
        bind_add_ddl_table(b, t);
        if (last) {
            node_push(b->a, &b->out->before, last);
        }
        last = drop_index(b, t->engine_schema, index_of(t, name)->name);
    }
    n->cascade = 0;
    n->names.n = 1;
    if (last) {
        n->names.at[0] = node_drop(last)->names.at[0];
    } else {
        n->names.at[0] = make_name(b->a, STR(" "));
        node_name(n->names.at[0])->engine_schema = catalog_engine_schema(b->a, b->ctx->space);
    }
    return OK;
}
