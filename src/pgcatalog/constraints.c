/* Constraints of tables: what the standard's views and DuckDB's duckdb_constraints() tell of them.
 * A table that is referred to is told only to who may know of it. */
#include "base/buf.h"
#include "pgcatalog/definition.h"
#include "sql/lex.h"

/* ---- what a constraint is called ----
 * The engine keeps no names, so they are made: of the table, its columns and the kind. */

static const char *kind_word(const struct table_constraint *c)
{
    switch (c->kind) {
    case CATALOG_UNIQUE:
        return c->is_primary ? "PRIMARY KEY" : "UNIQUE";
    case CATALOG_CHECK:
        return "CHECK";
    case CATALOG_FOREIGN:
        return "FOREIGN KEY";
    }
    return "?";
}

static const char *kind_ending(const struct table_constraint *c)
{
    switch (c->kind) {
    case CATALOG_UNIQUE:
        return c->is_primary ? "pkey" : "key";
    case CATALOG_CHECK:
        return "check";
    case CATALOG_FOREIGN:
        return "fkey";
    }
    return "?";
}

static bool same_name(const struct table_constraint *x, const struct table_constraint *y)
{
    bool same = strcmp(kind_ending(x), kind_ending(y)) == 0 && x->column_count == y->column_count;
    for (size_t i = 0; i < x->column_count && same; i++) {
        same = str_ieq(x->columns[i], y->columns[i]);
    }
    return same;
}

/* t_pkey, t_a_b_key, t_a_b_fkey; a number tells those apart that would be called the same. */
struct str constraint_name(struct arena *a, const struct table *t, size_t which)
{
    const struct table_constraint *c = &t->constraints[which];
    struct buf b = BUF_INIT(0);
    size_t before = 0;
    for (size_t i = 0; i < which; i++) {
        before += same_name(&t->constraints[i], c);
    }
    buf_put_str(&b, t->name);
    for (size_t i = 0; !c->is_primary && i < c->column_count; i++) {
        buf_printf(&b, "_%.*s", STR_ARG(c->columns[i]));
    }
    buf_printf(&b, "_%s", kind_ending(c));
    if (before) {
        buf_printf(&b, "%zu", before);
    }
    struct str name = arena_str(a, buf_str(&b));
    buf_free(&b);
    return name;
}

/* ---- all of them ---- */

struct each_constraint {
    struct relation *r;
    const struct table **all;
    size_t table_count;
};

typedef void (*constraint_fn)(struct each_constraint *e, const struct table *t, size_t which);

static void for_each(struct relation *r, constraint_fn fn)
{
    struct each_constraint e = {.r = r};
    e.table_count = sql_list_tables(r->ctx, &e.all);
    for (size_t i = 0; i < e.table_count; i++) {
        for (size_t k = 0; k < e.all[i]->constraint_count; k++) {
            if (!e.all[i]->constraints[k].is_index) {
                fn(&e, e.all[i], k);
            }
        }
    }
}

static void add_schema_of(struct relation *r, const struct table *t, size_t which)
{
    relation_name(r, sql_database_of(r->ctx, t->schema));
    relation_name(r, sql_bare_schema(t->schema));
    relation_name(r, constraint_name(r->ctx->arena, t, which));
}

/* The table that a foreign key refers to; NULL where the caller may not know of it. */
const struct table *constraint_referred(const struct table *const *all, size_t n,
                                        const struct table *t, const struct table_constraint *c)
{
    for (size_t i = 0; i < n && c->kind == CATALOG_FOREIGN; i++) {
        if (str_ieq(all[i]->name, c->other) && str_eq(all[i]->engine_schema, t->engine_schema)) {
            return all[i];
        }
    }
    return NULL;
}

static const struct table *referred(const struct each_constraint *e, const struct table *t,
                                    const struct table_constraint *c)
{
    return constraint_referred(e->all, e->table_count, t, c);
}

static int position_of(const struct table_constraint *c, struct str column)
{
    for (size_t i = 0; i < c->column_count; i++) {
        if (str_ieq(c->columns[i], column)) {
            return (int)i;
        }
    }
    return -1;
}

int constraint_referred_key(const struct table *other, const struct table_constraint *foreign)
{
    for (size_t i = 0; i < other->constraint_count; i++) {
        const struct table_constraint *key = &other->constraints[i];
        bool is_it = key->kind == CATALOG_UNIQUE && !key->is_index &&
                     key->column_count == foreign->column_count;
        for (size_t k = 0; k < foreign->column_count && is_it; k++) {
            is_it = position_of(key, foreign->other_columns[k]) >= 0;
        }
        if (is_it) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- the standard's views ---- */

static const char table_constraints_columns[] =
    "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, "
    "table_schema name, table_name name, constraint_type text, is_deferrable text, "
    "initially_deferred text, enforced text, nulls_distinct text";

static void add_table_constraint(struct each_constraint *e, const struct table *t, size_t which)
{
    add_schema_of(e->r, t, which);
    relation_place(e->r, t);
    relation_word(e->r, kind_word(&t->constraints[which]));
    relation_word(e->r, "NO");
    relation_word(e->r, "NO");
    relation_word(e->r, "YES");
    relation_word(e->r, t->constraints[which].kind == CATALOG_UNIQUE ? "YES" : NULL);
}

static void table_constraints(struct relation *r)
{
    for_each(r, add_table_constraint);
}

static const char key_columns[] =
    "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, "
    "table_schema name, table_name name, column_name name, ordinal_position int4, "
    "position_in_unique_constraint int4";

static void add_key_columns(struct each_constraint *e, const struct table *t, size_t which)
{
    const struct table_constraint *c = &t->constraints[which];
    const struct table *other = referred(e, t, c);
    int key = other ? constraint_referred_key(other, c) : -1;
    for (size_t i = 0; i < c->column_count && c->kind != CATALOG_CHECK; i++) {
        add_schema_of(e->r, t, which);
        relation_place(e->r, t);
        relation_name(e->r, c->columns[i]);
        relation_number(e->r, (int64_t)i + 1);
        if (key < 0) {
            relation_null(e->r);
        } else {
            relation_number(e->r, position_of(&other->constraints[key], c->other_columns[i]) + 1);
        }
    }
}

static void key_column_usage(struct relation *r)
{
    for_each(r, add_key_columns);
}

static const char referential_columns[] =
    "constraint_catalog name, constraint_schema name, constraint_name name, "
    "unique_constraint_catalog name, unique_constraint_schema name, unique_constraint_name name, "
    "match_option text, update_rule text, delete_rule text";

static void add_reference(struct each_constraint *e, const struct table *t, size_t which)
{
    const struct table_constraint *c = &t->constraints[which];
    const struct table *other = referred(e, t, c);
    int key = other ? constraint_referred_key(other, c) : -1;
    if (c->kind != CATALOG_FOREIGN) {
        return;
    }
    add_schema_of(e->r, t, which);
    if (key < 0) {
        relation_null(e->r);
        relation_null(e->r);
        relation_null(e->r);
    } else {
        add_schema_of(e->r, other, (size_t)key);
    }
    relation_word(e->r, "NONE");
    relation_word(e->r, "NO ACTION");
    relation_word(e->r, "NO ACTION");
}

static void referential_constraints(struct relation *r)
{
    for_each(r, add_reference);
}

static const char column_usage_columns[] =
    "table_catalog name, table_schema name, table_name name, column_name name, "
    "constraint_catalog name, constraint_schema name, constraint_name name";

static void add_column_usage(struct each_constraint *e, const struct table *t, size_t which)
{
    const struct table_constraint *c = &t->constraints[which];
    for (size_t i = 0; i < c->column_count; i++) {
        relation_place(e->r, t);
        relation_name(e->r, c->columns[i]);
        add_schema_of(e->r, t, which);
    }
}

static void constraint_column_usage(struct relation *r)
{
    for_each(r, add_column_usage);
}

static const char table_usage_columns[] =
    "table_catalog name, table_schema name, table_name name, constraint_catalog name, "
    "constraint_schema name, constraint_name name";

static void add_table_usage(struct each_constraint *e, const struct table *t, size_t which)
{
    relation_place(e->r, t);
    add_schema_of(e->r, t, which);
}

static void constraint_table_usage(struct relation *r)
{
    for_each(r, add_table_usage);
}

static const char check_columns[] =
    "constraint_catalog name, constraint_schema name, constraint_name name, check_clause text";

/* A name at the start of `rest`, quoted or plain, and how long it is there; 0: none. */
static size_t name_at(struct str rest, struct str *name)
{
    bool quoted = rest.n && rest.p[0] == '"';
    size_t n = quoted;
    while (n < rest.n &&
           (quoted ? rest.p[n] != '"' : lex_is_plain_word((struct str){rest.p, n + 1}))) {
        n++;
    }
    *name = (struct str){rest.p + quoted, n - quoted};
    return quoted && n < rest.n ? n + 1 : n;
}

/* The text of a CHECK without the table's own name before each column: it was written in full. */
struct str constraint_condition(struct arena *a, const struct table *t,
                                const struct table_constraint *c)
{
    struct buf b = BUF_INIT(0);
    bool in_text = false, after_point = false;
    for (size_t i = 0; i < c->text.n;) {
        struct str rest = {c->text.p + i, c->text.n - i}, name;
        size_t n = in_text ? 0 : name_at(rest, &name);
        bool is_own = n && !after_point && n < rest.n && rest.p[n] == '.' && str_ieq(name, t->name);
        in_text ^= rest.p[0] == '\'';
        after_point = rest.p[n ? n - 1 : 0] == '.';
        buf_put_str(&b, (struct str){rest.p, is_own ? 0 : n ? n : 1});
        i += is_own ? n + 1 : n ? n : 1;
    }
    struct str text = c->text.p ? arena_str(a, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return text;
}

static struct str constraint_check(struct arena *a, const struct table *t,
                                   const struct table_constraint *c)
{
    struct str text = constraint_condition(a, t, c);
    return text.p ? str_of(arena_printf(a, "CHECK(%.*s)", STR_ARG(text))) : STR_NULL;
}

static void add_check(struct each_constraint *e, const struct table *t, size_t which)
{
    const struct table_constraint *c = &t->constraints[which];
    if (c->kind == CATALOG_CHECK) {
        add_schema_of(e->r, t, which);
        relation_text(e->r, constraint_check(e->r->ctx->arena, t, c));
    }
}

static void check_constraints(struct relation *r)
{
    for_each(r, add_check);
}

/* ---- DuckDB's ---- */

static const char duckdb_columns[] =
    "database_name text, schema_name text, table_name text, constraint_index int8, "
    "constraint_type text, constraint_text text, expression text, "
    "constraint_column_indexes _int8, constraint_column_names _text, "
    "constraint_name text, referenced_table text, referenced_column_names _text";

void definition_put_name(struct buf *b, struct str name)
{
    if (lex_is_plain_word(name)) {
        buf_put_str(b, name);
        return;
    }
    buf_u8(b, '"');
    for (size_t i = 0; i < name.n; i++) {
        buf_puts(b, name.p[i] == '"' ? "\"" : "");
        buf_u8(b, (uint8_t)name.p[i]);
    }
    buf_u8(b, '"');
}

static void put_names(struct buf *b, const struct str *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        definition_put_name(b, names[i]);
    }
}

/* PRIMARY KEY(a, b), FOREIGN KEY (a) REFERENCES t(b); NULL where it can't be told. */
static struct str constraint_text(struct arena *a, const struct table *t,
                                  const struct table_constraint *c, const struct table *other)
{
    struct buf b = BUF_INIT(0);
    if (c->kind == CATALOG_CHECK) {
        return constraint_check(a, t, c);
    }
    if (c->kind == CATALOG_FOREIGN && !other) {
        return STR_NULL;
    }
    buf_printf(&b, "%s%s(", kind_word(c), c->kind == CATALOG_FOREIGN ? " " : "");
    put_names(&b, c->columns, c->column_count);
    if (other) {
        buf_puts(&b, ") REFERENCES ");
        definition_put_name(&b, other->name);
        buf_puts(&b, "(");
        put_names(&b, c->other_columns, c->column_count);
    }
    buf_puts(&b, ")");
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static void add_list_of_columns(struct relation *r, const struct table *t, const struct str *names,
                                size_t n)
{
    relation_begin_list(r);
    for (size_t i = 0; i < n; i++) {
        relation_number(r, table_column(t, names[i]));
    }
    relation_end_list(r);
    relation_begin_list(r);
    for (size_t i = 0; i < n; i++) {
        relation_name(r, names[i]);
    }
    relation_end_list(r);
}

static void add_duckdb(struct relation *r, const struct table *t, int64_t index)
{
    relation_text(r, is_temporary(t) ? STR("temp") : sql_database_of(r->ctx, t->schema));
    relation_name(r, sql_bare_schema(t->schema));
    relation_name(r, t->name);
    relation_number(r, index);
}

static void add_duckdb_constraint(struct each_constraint *e, const struct table *t, size_t which,
                                  int64_t index)
{
    struct relation *r = e->r;
    const struct table_constraint *c = &t->constraints[which];
    const struct table *other = referred(e, t, c);
    add_duckdb(r, t, index);
    relation_word(r, kind_word(c));
    relation_text(r, constraint_text(r->ctx->arena, t, c, other));
    relation_text(r,
                  c->kind == CATALOG_CHECK ? constraint_condition(r->ctx->arena, t, c) : STR_NULL);
    add_list_of_columns(r, t, c->columns, c->column_count);
    relation_name(r, constraint_name(r->ctx->arena, t, which));
    relation_text(r, other ? other->name : STR_NULL);
    relation_begin_list(r);
    for (size_t i = 0; other && i < c->column_count; i++) {
        relation_name(r, c->other_columns[i]);
    }
    relation_end_list(r);
}

static void add_not_null(struct relation *r, const struct table *t, const struct column *c,
                         int64_t index)
{
    add_duckdb(r, t, index);
    relation_word(r, "NOT NULL");
    relation_word(r, "NOT NULL");
    relation_null(r);
    add_list_of_columns(r, t, &c->name, 1);
    relation_text(r, str_of(arena_printf(r->ctx->arena, "%.*s_%.*s_not_null", STR_ARG(t->name),
                                         STR_ARG(c->name))));
    relation_null(r);
    relation_begin_list(r);
    relation_end_list(r);
}

static void duckdb_constraints(struct relation *r)
{
    struct each_constraint e = {.r = r};
    int64_t index = 0;
    e.table_count = sql_list_tables(r->ctx, &e.all);
    for (size_t i = 0; i < e.table_count; i++) {
        const struct table *t = e.all[i];
        for (size_t k = 0; k < t->constraint_count; k++) {
            if (!t->constraints[k].is_index) {
                add_duckdb_constraint(&e, t, k, index++);
            }
        }
        for (size_t k = 0; k < t->column_count; k++) {
            if (t->columns[k].not_null && !t->is_view) {
                add_not_null(r, t, &t->columns[k], index++);
            }
        }
    }
}

bool is_of_primary_key(const struct table *t, const struct str *column)
{
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        for (size_t k = 0; k < c->column_count && c->is_primary; k++) {
            if (!column || str_ieq(c->columns[k], *column)) {
                return true;
            }
        }
    }
    return false;
}

const struct relation_definition constraint_relations[] = {
    {"table_constraints", table_constraints_columns, table_constraints, 0},
    {"key_column_usage", key_columns, key_column_usage, 0},
    {"referential_constraints", referential_columns, referential_constraints, 0},
    {"constraint_column_usage", column_usage_columns, constraint_column_usage, 0},
    {"constraint_table_usage", table_usage_columns, constraint_table_usage, 0},
    {"check_constraints", check_columns, check_constraints, 0},
    {"duckdb_constraints", duckdb_columns, duckdb_constraints, 0},
    {NULL, NULL, NULL, 0},
};
