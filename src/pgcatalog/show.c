#include "pgcatalog/show.h"

#include "pgcatalog/relation.h"
#include "pgcatalog/type_words.h"
#include "sql/make.h"

#define list list, sizeof list / sizeof *list

/* What SHOW was limited to. */
struct scope {
    struct str database, schema; /* empty: all */
    const struct table *table;
};

/* The audit log is nobody's object: it shows where its schema is named. */
static bool in_scope(const struct scope *s, const struct table *t)
{
    if (t->scope == SCOPE_AUDIT && !s->schema.n && s->table != t) {
        return false;
    }
    return (!s->schema.n || str_ieq(t->schema, s->schema)) && (!s->table || t == s->table);
}

static bool in_database(const struct relation *r, const struct scope *s, struct str schema)
{
    return !s->database.n || str_ieq(sql_database_of(r->ctx, schema), s->database);
}

/* ---- tables, views, objects ---- */

static const char object_columns[] =
    "name text, database_name text, schema_name text, kind text, comment text";

static void add_objects(struct relation *r, const struct scope *s, bool tables, bool views)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        if (!in_scope(s, all[i]) || !in_database(r, s, all[i]->schema) ||
            (all[i]->is_view ? !views : !tables)) {
            continue;
        }
        bool temporary = str_is(all[i]->schema, CATALOG_TEMP_SCHEMA);
        relation_name(r, all[i]->name);
        relation_name(r, sql_database_of(r->ctx, all[i]->schema));
        relation_name(r, sql_bare_schema(all[i]->schema));
        relation_word(r, all[i]->is_view ? "VIEW" : temporary ? "TEMPORARY" : "TABLE");
        relation_text(r, all[i]->comment);
    }
}

static void show_tables(struct relation *r, const struct scope *s)
{
    add_objects(r, s, true, false);
}

static void show_views(struct relation *r, const struct scope *s)
{
    add_objects(r, s, false, true);
}

static void show_objects(struct relation *r, const struct scope *s)
{
    add_objects(r, s, true, true);
}

/* ---- columns ---- */

static const char column_columns[] =
    "table_name text, schema_name text, column_name text, data_type text, null? text, "
    "default text, kind text, comment text, database_name text";

static void show_columns(struct relation *r, const struct scope *s)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0;
             k < all[i]->column_count && in_scope(s, all[i]) && in_database(r, s, all[i]->schema);
             k++) {
            const struct column *c = &all[i]->columns[k];
            relation_name(r, all[i]->name);
            relation_name(r, sql_bare_schema(all[i]->schema));
            relation_name(r, c->name);
            relation_text(r, type_words(r->ctx->arena, c->type, r->ctx->dialect).whole);
            relation_word(r, c->not_null ? "NOT_NULL" : "true");
            relation_text(r, c->default_text);
            relation_word(r, "COLUMN");
            relation_text(r, c->comment);
            relation_name(r, sql_database_of(r->ctx, all[i]->schema));
        }
    }
}

/* ---- schemas, databases ---- */

static const char schema_columns[] = "name text, is_current text, database_name text";

static void show_schemas(struct relation *r, const struct scope *s)
{
    struct str *names = NULL;
    size_t n = sql_list_schemas(r->ctx, &names);
    struct str current = sql_current_schema(r->ctx);
    for (size_t i = 0; i <= n; i++) {
        struct str name = i < n ? names[i] : STR("information_schema");
        if (!in_database(r, s, name)) {
            continue;
        }
        relation_name(r, sql_bare_schema(name));
        relation_word(r, str_ieq(name, current) ? "Y" : "N");
        relation_name(r, sql_database_of(r->ctx, name));
    }
}

static const char database_columns[] = "name text, is_current text";

static void show_databases(struct relation *r, const struct scope *s)
{
    struct str *names = NULL, current = r->ctx->current.n ? r->ctx->current : r->ctx->database;
    size_t n = sql_list_databases(r->ctx, &names);
    for (size_t i = 0; i < n; i++) {
        relation_name(r, names[i]);
        relation_word(r, str_ieq(names[i], current) ? "Y" : "N");
    }
}

/* ---- keys ---- */

static const char key_columns[] =
    "database_name text, schema_name text, table_name text, column_name text, "
    "key_sequence int4";

static void add_keys(struct relation *r, const struct scope *s, bool primary)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count && in_scope(s, all[i]); k++) {
            const struct table_constraint *c = &all[i]->constraints[k];
            bool wanted = c->kind == CATALOG_UNIQUE && c->is_primary == primary;
            for (size_t m = 0; m < c->column_count && wanted; m++) {
                relation_name(r, sql_database_of(r->ctx, all[i]->schema));
                relation_name(r, sql_bare_schema(all[i]->schema));
                relation_name(r, all[i]->name);
                relation_name(r, c->columns[m]);
                relation_number(r, (int64_t)m + 1);
            }
        }
    }
}

static void show_primary_keys(struct relation *r, const struct scope *s)
{
    add_keys(r, s, true);
}

static void show_unique_keys(struct relation *r, const struct scope *s)
{
    add_keys(r, s, false);
}

static const char foreign_columns[] =
    "pk_schema_name text, pk_table_name text, pk_column_name text, fk_schema_name text, "
    "fk_table_name text, fk_column_name text, key_sequence int4";

static void show_imported_keys(struct relation *r, const struct scope *s)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count && in_scope(s, all[i]); k++) {
            const struct table_constraint *c = &all[i]->constraints[k];
            struct table other = *all[i]; /* of the same schema: known to him only if he sees it */
            for (size_t o = 0; o < n && c->kind == CATALOG_FOREIGN; o++) {
                if (!str_ieq(all[o]->name, c->other) ||
                    !str_eq(all[o]->engine_schema, other.engine_schema)) {
                    continue;
                }
                for (size_t m = 0; m < c->column_count; m++) {
                    relation_name(r, sql_bare_schema(all[o]->schema));
                    relation_name(r, all[o]->name);
                    relation_name(r, c->other_columns[m]);
                    relation_name(r, sql_bare_schema(all[i]->schema));
                    relation_name(r, all[i]->name);
                    relation_name(r, c->columns[m]);
                    relation_number(r, (int64_t)m + 1);
                }
            }
        }
    }
}

/* ---- the table of them ---- */

static const struct definition {
    const char *objects;
    const char *columns;
    const char *named_by; /* the column that LIKE and STARTS WITH look at */
    void (*fill)(struct relation *r, const struct scope *s);
} definitions[] = {
    {"tables", object_columns, "name", show_tables},
    {"views", object_columns, "name", show_views},
    {"objects", object_columns, "name", show_objects},
    {"columns", column_columns, "column_name", show_columns},
    {"schemas", schema_columns, "name", show_schemas},
    {"databases", database_columns, "name", show_databases},
    {"primary keys", key_columns, "table_name", show_primary_keys},
    {"unique keys", key_columns, "table_name", show_unique_keys},
    {"imported keys", foreign_columns, "fk_table_name", show_imported_keys},
};

static const struct definition *find_definition(struct str objects)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        if (str_iis(objects, definitions[i].objects)) {
            return &definitions[i];
        }
    }
    return NULL;
}

static enum status no_table(const struct node *name, struct error *e)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    struct str last = node_ident_const(parts->at[parts->n - 1])->text;
    return error_at(e, ERR_UNKNOWN_TABLE, name->offset, "relation \"%.*s\" does not exist",
                    STR_ARG(last));
}

/* What a name behind IN, without a word for its kind, is the table of. */
static bool is_of_tables(struct str objects)
{
    return str_is(objects, "columns") || str_is(objects, "primary keys") ||
           str_is(objects, "unique keys") || str_is(objects, "imported keys");
}

/* IN ACCOUNT, IN DATABASE [d], IN SCHEMA s or [d.]s, IN TABLE t. Nothing said: the current schema
 * of tables and their like is no limit here, since a path has several. */
static enum status read_scope(const struct bind_context *ctx, const struct node_show_objects *n,
                              struct scope *out, struct error *e)
{
    *out = (struct scope){0};
    const struct node_list *parts = n->place ? &node_name_const(n->place)->parts : NULL;
    struct str last = parts ? node_ident_const(parts->at[parts->n - 1])->text : STR("");
    bool of_table = str_is(n->scope, "table") || str_is(n->scope, "view");
    if (!n->in || !parts || str_is(n->scope, "account")) {
        return OK;
    }
    bool names_database = str_is(n->scope, "database") ||
                          (!n->scope.n && parts->n == 1 && str_is(n->objects, "schemas"));
    if (names_database) {
        out->database = last;
        return sql_database_schema(ctx, parts->at[parts->n - 1], STR(""), &last, e);
    }
    if (of_table || (!n->scope.n && (is_of_tables(n->objects) || parts->n == 3))) {
        out->table = sql_find_table(ctx, n->place);
        return out->table ? OK : no_table(n->place, e);
    }
    out->schema = sql_in_database(ctx, last);
    if (parts->n == 2 && sql_database_schema(ctx, parts->at[0], last, &out->schema, e) != OK) {
        return FAIL;
    }
    if (!str_is(n->scope, "schema") && n->scope.n) {
        return error_at(e, ERR_UNSUPPORTED, n->place->offset,
                        "this scope of SHOW is not supported");
    }
    return OK;
}

static struct node *text_test(struct arena *a, const char *column, int op, struct node *pattern)
{
    struct node *like = node_new(a, NODE_LIKE, 0);
    node_like(like)->op = op;
    node_like(like)->operand = make_column(a, STR_NULL, str_of(column), NULL);
    node_like(like)->pattern = pattern;
    return like;
}

/* STARTS WITH 'x' as x%, its own wild cards made plain. */
static struct node *prefix_pattern(struct arena *a, const struct node *literal)
{
    struct str text = node_literal_const(literal)->text;
    char *out = arena_alloc(a, 2 * text.n + 2);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\') {
            out[n++] = '\\';
        }
        out[n++] = text.p[i];
    }
    out[n++] = '%';
    return make_literal(a, LIT_STRING, (struct str){out, n});
}

/* SELECT * FROM (rows) WHERE name ILIKE ... LIMIT n */
static struct node *filtered(const struct bind_context *ctx, const struct node_show_objects *n,
                             const struct definition *d, struct node *rows)
{
    struct arena *a = ctx->arena;
    struct node *where = NULL;
    if (!n->like && !n->starts_with && !n->limit && !n->where) {
        return rows;
    }
    if (n->like) {
        where = text_test(a, d->named_by, LIKE_ILIKE, node_copy(a, n->like));
    }
    if (n->starts_with) {
        struct node *like = text_test(a, d->named_by, LIKE_LIKE, prefix_pattern(a, n->starts_with));
        node_like(like)->escape = make_literal(a, LIT_STRING, STR("\\"));
        where = make_and(a, where, like);
    }
    where = make_and(a, where, node_copy(a, n->where));
    struct node *query = make_star_query(a, make_derived(a, rows, STR("shown")));
    node_select(node_query(query)->body)->where = where;
    node_query(query)->limit = node_copy(a, n->limit);
    return query;
}

static enum status show(const struct bind_context *ctx, const struct node *stmt, struct node **out,
                        struct error *e)
{
    const struct node_show_objects *n = node_show_objects_const(stmt);
    const struct definition *d = find_definition(n->objects);
    struct scope scope;
    if (!d || n->history || n->from || n->options.n) {
        return error_at(e, ERR_UNSUPPORTED, stmt->offset, "SHOW %.*s is not supported",
                        STR_ARG(n->objects));
    }
    if (read_scope(ctx, n, &scope, e) != OK) {
        return FAIL;
    }
    struct relation r = relation_new(ctx, d->columns);
    d->fill(&r, &scope);
    *out = filtered(ctx, n, d, relation_query(&r));
    return OK;
}

/* ---- DESCRIBE ---- */

static const char describe_columns[] =
    "name text, type text, kind text, null? text, default text, primary key text, "
    "unique key text, check text, expression text, comment text, policy name text, "
    "privacy domain text";

static const char duckdb_columns[] =
    "column_name text, column_type text, null text, key text, default text, extra text";

static struct relation new_description(const struct bind_context *ctx)
{
    return ctx->dialect == DIALECT_DUCKDB ? relation_new(ctx, duckdb_columns)
                                          : relation_new(ctx, describe_columns);
}

static bool in_key(const struct table *t, struct str column, bool primary)
{
    for (size_t i = 0; t && i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        for (size_t k = 0; k < c->column_count; k++) {
            if (c->kind == CATALOG_UNIQUE && c->is_primary == primary &&
                str_ieq(c->columns[k], column)) {
                return true;
            }
        }
    }
    return false;
}

static void describe_column(struct relation *r, const struct table *t, const struct column *c)
{
    struct str type = type_words(r->ctx->arena, c->type, r->ctx->dialect).whole;
    bool primary = in_key(t, c->name, true), unique = in_key(t, c->name, false);
    relation_name(r, c->name);
    relation_text(r, type);
    if (r->ctx->dialect == DIALECT_DUCKDB) {
        relation_word(r, c->not_null ? "NO" : "YES");
        relation_word(r, primary ? "PRI" : unique ? "UNI" : NULL);
        relation_text(r, c->default_text);
        relation_null(r);
        return;
    }
    relation_word(r, "COLUMN");
    relation_word(r, c->not_null ? "N" : "Y");
    relation_text(r, c->default_text);
    relation_word(r, primary ? "Y" : "N");
    relation_word(r, unique ? "Y" : "N");
    relation_null(r);
    relation_null(r);
    relation_text(r, c->comment);
    relation_null(r);
    relation_null(r);
}

static struct node *describe_table(const struct bind_context *ctx, const struct table *t)
{
    struct relation r = new_description(ctx);
    for (size_t i = 0; i < t->column_count; i++) {
        describe_column(&r, t, &t->columns[i]);
    }
    return relation_query(&r);
}

struct node *show_outputs(const struct bind_context *ctx, const struct binding *b)
{
    struct relation r = new_description(ctx);
    for (size_t i = 0; i < b->output_count; i++) {
        struct column c = {.name = b->outputs[i].name, .type = b->outputs[i].type};
        describe_column(&r, NULL, &c);
    }
    return relation_query(&r);
}

static enum status describe(const struct bind_context *ctx, struct node **stmt, struct error *e)
{
    const struct node_describe *n = node_describe_const(*stmt);
    bool is_table = n->object == OBJECT_TABLE || n->object == OBJECT_VIEW ||
                    n->object == OBJECT_MATERIALIZED_VIEW || n->object == OBJECT_NONE;
    if (n->summarize || n->stage || !is_table) {
        return error_at(e, ERR_UNSUPPORTED, (*stmt)->offset,
                        n->summarize ? "SUMMARIZE is not supported"
                                     : "DESCRIBE of this object is not supported");
    }
    if (!n->name || n->name->kind != NODE_NAME) {
        return OK; /* of a query: it is bound first */
    }
    const struct table *t = sql_find_table(ctx, n->name);
    if (!t) {
        return no_table(n->name, e);
    }
    *stmt = describe_table(ctx, t);
    return OK;
}

enum status show_described(const struct bind_context *ctx, struct node *of, struct node **rows,
                           struct binding **binding, struct error *e)
{
    if (of->kind == NODE_TABLE_REF) {
        const struct table *t = sql_find_table(ctx, node_table_ref_const(of)->name);
        if (t && !t->is_sequence) {
            *rows = describe_table(ctx, t);
            return OK;
        }
        of = make_star_query(ctx->arena, of); /* of a relation that is made, or an error */
    }
    if (sql_bind(ctx, &of, binding, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < (*binding)->output_count; i++) {
        const struct output_column *c = &(*binding)->outputs[i];
        if (c->type->kind == TYPE_UNKNOWN) {
            return error_at(e, ERR_UNSUPPORTED, of->offset,
                            "the type of column \"%.*s\" is known only when the query runs",
                            STR_ARG(c->name));
        }
    }
    *rows = show_outputs(ctx, *binding);
    return OK;
}

enum status show_as_query(const struct bind_context *ctx, struct node **stmt, struct error *e)
{
    switch ((int)(*stmt)->kind) {
    case NODE_SHOW_OBJECTS:
        return show(ctx, *stmt, stmt, e);
    case NODE_DESCRIBE:
        return describe(ctx, stmt, e);
    default:
        return OK;
    }
}
