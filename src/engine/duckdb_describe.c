/* What exists on the engine, read from its own catalog.
 *
 * Names and flags come from duckdb_columns(); types from the engine's binder, so that no type's
 * name has to be parsed: for a table once for each type's text, and only where that is plain, for
 * it is read as a statement; for views, and for tables with an enumeration or a struct, by
 * preparing a SELECT of no rows. That takes a millisecond a table, which ten thousand tables can't
 * have at each change of the schema. A view that can't be bound any more (its table is gone) is
 * listed without columns: nobody can read it, but it can be dropped. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

#include "base/map.h"

struct sources {
    struct table_source *at;
    size_t n, cap;
};

static struct str copy(struct arena *a, struct str s)
{
    return arena_str(a, s.p ? s : STR(""));
}

/* The queries, for all sessions' database and for the session's own temporary one. A schema is a
 * row without a table's name. */
#define LIST_TABLES(database)                                                                      \
    "SELECT schema_name, table_name, 'table', CAST(estimated_size AS VARCHAR), comment, "          \
    "CAST(contains(upper(sql), ' COLLATE ') AS VARCHAR), CAST(column_count AS VARCHAR), "          \
    "CAST(contains(sql, 'GENERATED ALWAYS AS') AS VARCHAR), '' FROM duckdb_tables() "              \
    "WHERE database_name = '" database "' AND NOT internal "                                       \
    "UNION ALL "                                                                                   \
    "SELECT schema_name, view_name, 'view', '0', comment, 'false', '0', 'false', '' FROM "         \
    "duckdb_views() "                                                                              \
    "WHERE database_name = '" database "' AND NOT internal "                                       \
    "UNION ALL "                                                                                   \
    "SELECT schema_name, sequence_name, 'sequence', '0', comment, 'false', '0', 'false', "         \
    "concat_ws(' ', start_value, increment_by, min_value, max_value, CAST(cycle AS INTEGER)) "     \
    "FROM duckdb_sequences() "                                                                     \
    "WHERE database_name = '" database "' "                                                        \
    "UNION ALL "                                                                                   \
    "SELECT schema_name, '', 'schema', '0', NULL, 'false', '0', 'false', '' FROM "                 \
    "duckdb_schemas() "                                                                            \
    "WHERE database_name = '" database "' AND NOT internal ORDER BY 1, 2"

#define LIST_COLUMNS(database)                                                                     \
    "SELECT schema_name, table_name, column_name, CAST(is_nullable AS VARCHAR), "                  \
    "CAST(column_default IS NOT NULL AS VARCHAR), column_default, comment, data_type FROM "        \
    "duckdb_columns() "                                                                            \
    "WHERE database_name = '" database "' AND NOT internal ORDER BY 1, 2, column_index"

/* A row for each column of each constraint; NOT NULL is among the columns' flags. */
#define LIST_CONSTRAINTS(database)                                                                 \
    "SELECT schema_name, table_name, constraint_type, CAST(constraint_index AS VARCHAR), "         \
    "coalesce(referenced_table, ''), unnest(constraint_column_names), "                            \
    "unnest(referenced_column_names), expression FROM duckdb_constraints() "                       \
    "WHERE database_name = '" database "' AND constraint_type <> 'NOT NULL' "                      \
    "ORDER BY 1, 2, constraint_index"

/* A row for each key of each index that was made by itself. */
#define LIST_INDEXES(database)                                                                     \
    "SELECT schema_name, table_name, index_name, CAST(is_unique AS VARCHAR), "                     \
    "unnest(CAST(expressions AS VARCHAR[])) FROM duckdb_indexes() "                                \
    "WHERE database_name = '" database "' AND NOT is_primary ORDER BY 1, 2, 3"

/* Types have their names for themselves, so they come apart from tables. Those of a session alone
 * aren't made. */
static const char list_types[] = "SELECT schema_name, type_name FROM duckdb_types() "
                                 "WHERE database_name = '" ENGINE_DATABASE "' AND NOT internal";

static const struct listing {
    const char *database, *tables, *columns, *constraints, *indexes;
} lasting = {ENGINE_DATABASE, LIST_TABLES(ENGINE_DATABASE), LIST_COLUMNS(ENGINE_DATABASE),
             LIST_CONSTRAINTS(ENGINE_DATABASE), LIST_INDEXES(ENGINE_DATABASE)},
  temporary = {"temp", LIST_TABLES("temp"), LIST_COLUMNS("temp"), LIST_CONSTRAINTS("temp"),
               LIST_INDEXES("temp")};

typedef void (*row_fn)(void *ctx, duckdb_data_chunk chunk, size_t row);

static enum status each_row(struct session *s, const char *sql, row_fn fn, void *ctx,
                            struct error *e)
{
    duckdb_result r;
    duckdb_data_chunk chunk;
    if (engine_query(s->connection, STAGE_EXECUTE, sql, &r, e) != OK) {
        return FAIL;
    }
    while ((chunk = duckdb_fetch_chunk(r))) {
        for (size_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
            fn(ctx, chunk, i);
        }
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&r);
    return OK;
}

static struct str copy_or_null(struct arena *a, struct str s)
{
    return s.p ? arena_str(a, s) : STR_NULL;
}

static void read_view_text(struct arena *a, struct str text, struct table_source *t)
{
    struct str comment, definition;
    catalog_read_view_text(text, &comment, &definition);
    t->comment = copy_or_null(a, comment);
    t->definition = copy(a, definition);
}

/* A table's columns, of which the list gives the texts of types. */
struct shape {
    struct str *types;
    size_t count; /* of columns; 0: not a table */
    bool may_generate;
};

struct describing {
    struct arena *arena;
    struct sources tables;
    size_t at; /* the table whose columns come now: both lists are in the same order */
    const struct table_source *constrained; /* of the last row of list_constraints */
    int64_t constraint_index;
    const struct table_source *indexed; /* of the last row of the indexes */
    size_t index_constraint;
    VEC_OF(struct shape) shapes;      /* [table] */
    struct map *types;                /* columns with the type that their text means */
    VEC_OF(struct table_source) made; /* types that users made */
};

static struct sequence_steps read_steps(struct str text)
{
    struct sequence_steps s = {0};
    int64_t cycles = 0, *const numbers[] = {&s.start, &s.increment, &s.min, &s.max, &cycles};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        (void)str_to_i64(str_cut(&text, ' '), numbers[i]);
    }
    s.cycles = cycles != 0;
    return s;
}

static void add_table(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    int64_t columns = 0;
    struct table_source t = {
        .engine_schema = copy(d->arena, chunk_text(chunk, 0, row)),
        .name = copy(d->arena, chunk_text(chunk, 1, row)),
        .is_view = str_is(chunk_text(chunk, 2, row), "view"),
        .is_schema = str_is(chunk_text(chunk, 2, row), "schema"),
        .is_sequence = str_is(chunk_text(chunk, 2, row), "sequence"),
        .collates = str_is(chunk_text(chunk, 5, row), "true"),
    };
    str_to_i64(chunk_text(chunk, 3, row), &t.row_estimate);
    if (t.is_sequence) {
        t.steps = read_steps(chunk_text(chunk, 8, row));
    }
    if (t.is_view) {
        read_view_text(d->arena, chunk_text(chunk, 4, row), &t);
    } else {
        t.comment = copy_or_null(d->arena, chunk_text(chunk, 4, row));
    }
    str_to_i64(chunk_text(chunk, 6, row), &columns);
    struct shape shape = {.types = ARENA_ARRAY(d->arena, struct str, (size_t)columns),
                          .count = (size_t)columns,
                          .may_generate = str_is(chunk_text(chunk, 7, row), "true")};
    t.columns = ARENA_ARRAY(d->arena, struct column, (size_t)columns);
    VEC_PUSH(d->arena, d->tables, t);
    VEC_PUSH(d->arena, d->shapes, shape);
}

/* ---- types of columns ---- */

static void add_type(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct table_source t = {.engine_schema = copy(d->arena, chunk_text(chunk, 0, row)),
                             .name = copy(d->arena, chunk_text(chunk, 1, row)),
                             .made_type = type_simple(TYPE_UNKNOWN)};
    VEC_PUSH(d->arena, d->made, t);
}

/* The columns that the statement gives; false: it can't be bound. */
static bool bind_columns(struct session *s, struct arena *a, struct buf *sql, struct column **out,
                         size_t *count)
{
    duckdb_prepared_statement ps = NULL;
    bool bound = duckdb_prepare(s->connection, buf_cstr(sql), &ps) == DuckDBSuccess;
    *count = bound ? duckdb_prepared_statement_column_count(ps) : 0;
    *out = ARENA_ARRAY(a, struct column, *count);
    for (size_t i = 0; i < *count; i++) {
        const char *name = duckdb_prepared_statement_column_name(ps, i);
        duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(ps, i);
        struct reader r;
        reader_init(&r, a, type);
        (*out)[i].name = copy(a, str_of(name));
        (*out)[i].type = r.type;
        duckdb_destroy_logical_type(&type);
        duckdb_free((void *)(uintptr_t)name);
    }
    duckdb_destroy_prepare(&ps);
    return bound;
}

/* The table's columns with their types, from the engine's binder. */
static void bind_table(struct session *s, struct arena *a, const char *database,
                       struct table_source *t)
{
    struct buf sql = BUF_INIT(0);
    buf_printf(&sql, "SELECT * FROM %s.", database);
    put_identifier(&sql, t->engine_schema);
    buf_u8(&sql, '.');
    put_identifier(&sql, t->name);
    bind_columns(s, a, &sql, &t->columns, &t->column_count);
    buf_free(&sql);
}

/* Nothing that could be a quoted name, a literal or a user's own type: DECIMAL(12,2), TIMESTAMP
 * WITH TIME ZONE[]. */
static bool is_plain(const struct describing *d, struct str type)
{
    for (size_t i = 0; i < d->made.n; i++) {
        if (memmem(type.p, type.n, d->made.at[i].name.p, d->made.at[i].name.n)) {
            return false;
        }
    }
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !memchr("_ (),[]", c, 7)) {
            return false;
        }
    }
    return type.n > 0;
}

/* What the text means; NULL: it isn't plain, or no type. */
static const struct type *type_of_text(struct session *s, struct describing *d, struct str text)
{
    struct buf sql = BUF_INIT(0);
    struct column *column = map_get(d->types, text);
    size_t n = 1;
    if (!column && is_plain(d, text)) {
        buf_printf(&sql, "SELECT CAST(NULL AS %.*s)", STR_ARG(text));
        if (bind_columns(s, d->arena, &sql, &column, &n) && n == 1) {
            map_put(d->types, text, column);
        }
    }
    buf_free(&sql);
    return column && n == 1 ? column->type : NULL;
}

/* Gives the table's columns their types, one by one by their texts, or else all by a statement. */
static void give_types(struct session *s, struct describing *d, const char *database, size_t table)
{
    struct table_source *t = &d->tables.at[table];
    const struct shape *shape = &d->shapes.at[table];
    bool is_whole = t->column_count == shape->count;
    for (size_t i = 0; is_whole && i < t->column_count; i++) {
        const struct type *type = type_of_text(s, d, shape->types[i]);
        is_whole = type != NULL;
        t->columns[i].type = type;
    }
    if (!is_whole) {
        struct table_source bound = *t;
        bind_table(s, d->arena, database, &bound);
        for (size_t i = 0; i < t->column_count && i < bound.column_count; i++) {
            t->columns[i].type = bound.columns[i].type;
        }
        t->column_count =
            bound.column_count < t->column_count ? bound.column_count : t->column_count;
    }
}

static bool is_table(const struct table_source *t, struct str schema, struct str name)
{
    return str_eq(t->engine_schema, schema) && str_eq(t->name, name);
}

/* The table of this row; NULL where it was made between the two queries. */
static struct table_source *table_of_row(struct describing *d, duckdb_data_chunk chunk, size_t row)
{
    struct str schema = chunk_text(chunk, 0, row), table = chunk_text(chunk, 1, row);
    for (size_t tried = 0; tried < d->tables.n; tried++) {
        if (is_table(&d->tables.at[d->at], schema, table)) {
            return &d->tables.at[d->at];
        }
        d->at = (d->at + 1) % d->tables.n;
    }
    return NULL;
}

/* A default that takes from a sequence has an engine's name in it. */
static struct str default_text(struct arena *a, struct str s)
{
    bool tells = s.p && !memmem(s.p, s.n, "nextval", sizeof "nextval" - 1);
    return tells ? copy_or_null(a, s) : STR_NULL;
}

/* nextval('"schema"."sequence"'), as we wrote it: the sequence's name, where its schema is the
 * table's and neither needs doubled quotes. */
static struct str default_sequence(struct arena *a, const struct table_source *t, struct str s)
{
    struct str head = str_of(arena_printf(a, "nextval('\"%.*s\".\"", STR_ARG(t->engine_schema)));
    if (!s.p || !str_starts(s, head.p)) {
        return STR("");
    }
    struct str rest = {s.p + head.n, s.n - head.n};
    struct str name = str_cut(&rest, '"');
    return rest.p && str_is(rest, "')") ? arena_str(a, name) : STR("");
}

/* The column that the row is of: a view's is known by its binding, a table's is the next. */
static struct column *column_of_row(struct describing *d, struct table_source *t,
                                    duckdb_data_chunk chunk, size_t row)
{
    struct shape *shape = &d->shapes.at[t - d->tables.at];
    struct str name = chunk_text(chunk, 2, row);
    if (shape->count > t->column_count) {
        struct column *next = &t->columns[t->column_count];
        next->name = copy(d->arena, name);
        shape->types[t->column_count++] = copy(d->arena, chunk_text(chunk, 7, row));
        return next;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        if (str_eq(t->columns[i].name, name)) {
            return &t->columns[i];
        }
    }
    return NULL;
}

static void add_column(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct table_source *t = table_of_row(ctx, chunk, row);
    struct column *c = t ? column_of_row(d, t, chunk, row) : NULL;
    if (c) {
        c->not_null = str_is(chunk_text(chunk, 3, row), "false");
        c->has_default = str_is(chunk_text(chunk, 4, row), "true");
        c->default_text = default_text(d->arena, chunk_text(chunk, 5, row));
        c->sequence = default_sequence(d->arena, t, chunk_text(chunk, 5, row));
        c->comment = copy_or_null(d->arena, chunk_text(chunk, 6, row));
    }
}

static struct table_constraint *new_constraint(struct describing *d, struct table_source *t)
{
    if (t->constraint_count == t->constraint_cap) {
        size_t cap = t->constraint_cap ? 2 * t->constraint_cap : 4;
        struct table_constraint *grown = ARENA_ARRAY(d->arena, struct table_constraint, cap);
        for (size_t i = 0; i < t->constraint_count; i++) {
            grown[i] = t->constraints[i];
        }
        t->constraints = grown;
        t->constraint_cap = cap;
    }
    return &t->constraints[t->constraint_count++];
}

/* One that names a type or sequence of the organization has an engine's name in it. */
static struct str check_text(struct arena *a, const struct table_source *t, struct str s)
{
    bool tells = s.p && !memmem(s.p, s.n, t->engine_schema.p, t->engine_schema.n);
    return tells ? copy_or_null(a, s) : STR_NULL;
}

/* The constraint that the row is of: the last one, or a new one. */
static struct table_constraint *constraint_of_row(struct describing *d, struct table_source *t,
                                                  duckdb_data_chunk chunk, size_t row)
{
    struct str kind = chunk_text(chunk, 2, row);
    int64_t index = -1;
    str_to_i64(chunk_text(chunk, 3, row), &index);
    if (t == d->constrained && index == d->constraint_index) {
        return &t->constraints[t->constraint_count - 1];
    }
    d->constrained = t;
    d->constraint_index = index;
    struct table_constraint *c = new_constraint(d, t);
    *c = (struct table_constraint){.kind = str_is(kind, "CHECK")         ? CATALOG_CHECK
                                           : str_is(kind, "FOREIGN KEY") ? CATALOG_FOREIGN
                                                                         : CATALOG_UNIQUE,
                                   .is_primary = str_is(kind, "PRIMARY KEY"),
                                   .columns = ARENA_ARRAY(d->arena, struct str, t->column_count),
                                   .text = check_text(d->arena, t, chunk_text(chunk, 7, row)),
                                   .other = copy(d->arena, chunk_text(chunk, 4, row)),
                                   .other_columns =
                                       ARENA_ARRAY(d->arena, struct str, t->column_count)};
    return c;
}

static void add_constraint(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct table_source *t = table_of_row(d, chunk, row);
    struct table_constraint *c = t ? constraint_of_row(d, t, chunk, row) : NULL;
    if (c && c->column_count < t->column_count) {
        c->columns[c->column_count] = copy(d->arena, chunk_text(chunk, 5, row));
        c->other_columns[c->column_count++] = copy(d->arena, chunk_text(chunk, 6, row));
    }
}

/* ---- indexes ---- */

enum { INDEX_KEYS = 32 }; /* that are told of one, as many as PostgreSQL's have */

static struct table_index *index_of_row(struct describing *d, struct table_source *t,
                                        duckdb_data_chunk chunk, size_t row)
{
    struct str name = chunk_text(chunk, 2, row);
    struct table_index *last = t->index_count ? &t->indexes[t->index_count - 1] : NULL;
    if (last && t == d->indexed && str_eq(last->name, name)) {
        return last;
    }
    d->indexed = t;
    if (t->index_count == t->index_cap) {
        size_t cap = t->index_cap ? 2 * t->index_cap : 4;
        struct table_index *grown = ARENA_ARRAY(d->arena, struct table_index, cap);
        for (size_t i = 0; i < t->index_count; i++) {
            grown[i] = t->indexes[i];
        }
        t->indexes = grown;
        t->index_cap = cap;
    }
    last = &t->indexes[t->index_count++];
    *last = (struct table_index){copy(d->arena, name), str_is(chunk_text(chunk, 3, row), "true"),
                                 ARENA_ARRAY(d->arena, struct index_key, INDEX_KEYS)};
    if (last->is_unique) {
        d->index_constraint = t->constraint_count;
        *new_constraint(d, t) =
            (struct table_constraint){.kind = CATALOG_UNIQUE,
                                      .is_index = true,
                                      .columns = ARENA_ARRAY(d->arena, struct str, t->column_count),
                                      .other = STR("")};
    }
    return last;
}

/* A key as the engine tells it: a column's name, quoted where it must be. */
static bool is_column(struct str key, struct str name)
{
    bool quoted = key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"';
    struct str inner = quoted ? (struct str){key.p + 1, key.n - 2} : key;
    return str_ieq(inner, name);
}

/* Of a key that is no column each column of the table is one: then nothing stands apart from it. */
static void add_every_column(struct describing *d, struct table_source *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        struct str *name = ARENA_NEW(d->arena, struct str);
        *name = t->columns[i].name;
        *new_constraint(d, t) = (struct table_constraint){.kind = CATALOG_UNIQUE,
                                                          .is_index = true,
                                                          .columns = name,
                                                          .column_count = 1,
                                                          .other = STR("")};
    }
}

static void add_index(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct table_source *t = table_of_row(d, chunk, row);
    if (!t) {
        return;
    }
    struct table_index *index = index_of_row(d, t, chunk, row);
    struct str key = chunk_text(chunk, 4, row);
    int column = (int)t->column_count - 1;
    while (column >= 0 && !is_column(key, t->columns[column].name)) {
        column--;
    }
    if (index->key_count < INDEX_KEYS) {
        index->keys[index->key_count++] = (struct index_key){column, copy(d->arena, key)};
    }
    if (!index->is_unique) {
        return;
    }
    struct table_constraint *c = &t->constraints[d->index_constraint];
    if (column >= 0 && c->column_count < t->column_count) {
        c->columns[c->column_count++] = t->columns[column].name;
        return;
    }
    add_every_column(d, t);
}

/* ---- generated columns ---- */

/* The engine's listing doesn't tell a default from an expression; its binder does. */
static bool is_generated(struct session *s, const char *database, const struct table_source *t,
                         struct str column)
{
    duckdb_prepared_statement ps = NULL;
    struct buf b = BUF_INIT(0);
    buf_printf(&b, "UPDATE %s.", database);
    put_identifier(&b, t->engine_schema);
    buf_u8(&b, '.');
    put_identifier(&b, t->name);
    buf_puts(&b, " SET ");
    put_identifier(&b, column);
    buf_puts(&b, " = NULL");
    bool can_be_set = duckdb_prepare(s->connection, buf_cstr(&b), &ps) == DuckDBSuccess;
    duckdb_destroy_prepare(&ps);
    buf_free(&b);
    return !can_be_set;
}

static void describe_generated(struct session *s, struct describing *d, const char *database)
{
    for (size_t i = 0; i < d->tables.n; i++) {
        struct table_source *t = &d->tables.at[i];
        for (size_t c = 0; d->shapes.at[i].may_generate && c < t->column_count; c++) {
            struct column *column = &t->columns[c];
            if (column->has_default && is_generated(s, database, t, column->name)) {
                column->generated = column->default_text.p ? column->default_text : STR("");
                column->default_text = STR_NULL;
                column->has_default = false;
            }
        }
    }
}

/* ---- types ---- */

/* What the type is, from the engine's binder. */
static void bind_made_type(struct session *s, struct arena *a, struct table_source *t)
{
    struct buf sql = BUF_INIT(0);
    struct column *column;
    size_t n;
    buf_puts(&sql, "SELECT CAST(NULL AS " ENGINE_DATABASE ".");
    put_identifier(&sql, t->engine_schema);
    buf_u8(&sql, '.');
    put_identifier(&sql, t->name);
    buf_u8(&sql, ')');
    if (bind_columns(s, a, &sql, &column, &n) && n == 1) {
        t->made_type = column->type;
    }
    buf_free(&sql);
}

static void describe_types(struct session *s, struct describing *d)
{
    for (size_t i = 0; i < d->made.n; i++) {
        bind_made_type(s, d->arena, &d->made.at[i]);
        VEC_PUSH(d->arena, d->tables, d->made.at[i]);
    }
}

static enum status describe(struct engine *g, uint64_t session, const struct listing *list,
                            struct describing *d, struct error *e)
{
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    run_begin(s, 0);
    d->types = map_new();
    enum status st = each_row(s, list_types, add_type, d, e);
    if (st == OK) {
        st = each_row(s, list->tables, add_table, d, e);
    }
    for (size_t i = 0; i < d->tables.n && st == OK; i++) {
        if (d->tables.at[i].is_view) {
            bind_table(s, d->arena, list->database, &d->tables.at[i]);
        }
    }
    if (st == OK) {
        st = each_row(s, list->columns, add_column, d, e);
    }
    for (size_t i = 0; i < d->tables.n && st == OK; i++) {
        if (d->shapes.at[i].count) {
            give_types(s, d, list->database, i);
        }
    }
    if (st == OK) {
        st = each_row(s, list->constraints, add_constraint, d, e);
    }
    if (st == OK) {
        st = each_row(s, list->indexes, add_index, d, e);
    }
    if (st == OK) {
        describe_generated(s, d, list->database);
    }
    if (st == OK && list == &lasting) {
        describe_types(s, d);
    }
    map_free(d->types, NULL);
    return run_end(s, st, e);
}

enum status engine_describe(struct engine *g, uint64_t session, struct arena *a,
                            struct table_source **tables, size_t *count, struct error *e)
{
    struct describing d = {.arena = a};
    enum status st = describe(g, session, &lasting, &d, e);
    *tables = d.tables.at;
    *count = st == OK ? d.tables.n : 0;
    return st;
}

/* All of them are in one schema of the temporary database: both names are the engine's. */
enum status engine_describe_temporary(struct engine *g, uint64_t session, struct arena *a,
                                      struct table_source **tables, size_t *count, struct error *e)
{
    struct describing d = {.arena = a};
    enum status st = describe(g, session, &temporary, &d, e);
    for (size_t i = 0; i < d.tables.n; i++) {
        d.tables.at[i].engine_schema = STR(CATALOG_ENGINE_TEMP);
    }
    *tables = d.tables.at;
    *count = st == OK ? d.tables.n : 0;
    return st;
}
