/* Definitions as SQL, for pg_get_indexdef(), pg_get_constraintdef() and pg_get_viewdef(): what
 * those functions ask (sql/system_function_list.h). */
#include "base/buf.h"
#include "pgcatalog/definition.h"
#include "sql/lex.h"
#include "sql/make.h"

static void put_columns(struct buf *b, const struct str *names, size_t n)
{
    buf_puts(b, "(");
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        definition_put_name(b, names[i]);
    }
    buf_puts(b, ")");
}

/* With its schema where its bare name means nothing, or another. */
static void put_table(struct buf *b, const struct relation *r, const struct table *t)
{
    if (sql_find_table(r->ctx, make_name(r->ctx->arena, t->name)) != t) {
        definition_put_name(b, sql_bare_schema(t->schema));
        buf_puts(b, ".");
    }
    definition_put_name(b, t->name);
}

/* Of a foreign key to a table that the caller may not know of: NULL. */
static struct str constraint_text(const struct relation *r, const struct table *t,
                                  const struct table_constraint *c, const struct table *other)
{
    struct buf b = BUF_INIT(0);
    if (c->kind == CATALOG_CHECK) {
        struct str condition = constraint_condition(r->ctx->arena, t, c);
        if (condition.p) {
            buf_printf(&b, "CHECK ((%.*s))", STR_ARG(condition));
        }
    } else if (c->kind != CATALOG_FOREIGN || other) {
        buf_puts(&b, c->kind == CATALOG_FOREIGN ? "FOREIGN KEY "
                     : c->is_primary            ? "PRIMARY KEY "
                                                : "UNIQUE ");
        put_columns(&b, c->columns, c->column_count);
    }
    if (other) {
        buf_puts(&b, " REFERENCES ");
        put_table(&b, r, other);
        put_columns(&b, c->other_columns, c->column_count);
    }
    struct str text = b.n ? arena_str(r->ctx->arena, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return text;
}

static void add(struct relation *r, uint32_t class, uint32_t oid, struct str text)
{
    relation_row(r);
    relation_put_number(r, "classid", class);
    relation_put_number(r, "objid", oid);
    relation_put_text(r, "definition", text);
}

static void add_table(struct relation *r, const struct table *const *all, size_t n,
                      const struct table *t)
{
    struct pg_index *indexes;
    size_t count = pg_indexes_of(r, t, &indexes);
    for (size_t i = 0; i < count; i++) {
        add(r, OID_OF_PG_CLASS, indexes[i].oid, pg_index_definition(r, &indexes[i]));
    }
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        if (!c->is_index) {
            const struct table *other =
                c->kind == CATALOG_FOREIGN ? constraint_referred(all, n, t, c) : NULL;
            add(r, OID_OF_PG_CONSTRAINT, c->oid, constraint_text(r, t, c, other));
        }
    }
    if (t->is_view) {
        add(r, OID_OF_PG_CLASS, t->oid, pg_view_statement(r, t));
    }
}

static void definitions(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        add_table(r, all, n, all[i]);
    }
}

/* ---- the words of the grammar ---- */

static void keywords(struct relation *r)
{
    static const struct {
        const char *letter, *words;
    } classes[] = {[KEYWORD_PLAIN] = {"U", "unreserved"},
                   [KEYWORD_LABEL] = {"U", "unreserved"},
                   [KEYWORD_COLUMN] = {"C", "unreserved (cannot be function or type name)"},
                   [KEYWORD_FUNCTION] = {"T", "reserved (can be function or type name)"},
                   [KEYWORD_RESERVED] = {"R", "reserved"}};
    for (enum keyword k = KW_NONE + 1; k < KW_COUNT; k++) {
        enum keyword_class class = lex_keyword_class(k);
        bool is_label = class != KEYWORD_LABEL && class != KEYWORD_RESERVED;
        relation_row(r);
        relation_put_text(r, "word", lex_keyword_text(k));
        relation_put_word(r, "catcode", classes[class].letter);
        relation_put_word(r, "catdesc", classes[class].words);
        relation_put_bool(r, "barelabel", is_label);
        relation_put_word(r, "baredesc", is_label ? "can be bare label" : "requires AS");
    }
}

const struct relation_definition pg_definition_relations[] = {
    {"hatidata_definitions", "classid oid, objid oid, definition text", definitions, 0},
    {"hatidata_keywords", "word text, catcode char, catdesc text, barelabel bool, baredesc text",
     keywords, 0},
    {NULL, NULL, NULL, 0},
};
