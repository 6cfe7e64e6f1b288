/* Definitions as SQL, for pg_get_indexdef(), pg_get_constraintdef() and pg_get_viewdef(): what
 * those functions ask (sql/system_function_list.h). */
#include <ctype.h>

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
        add(r, OID_OF_PG_CLASS, t->oid, pg_view_definition(r, t));
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

/* ---- the words of our grammar, for pg_get_keywords() ---- */

static const struct {
    const char *code, *about;
} keyword_classes[] = {[KEYWORD_PLAIN] = {"U", "unreserved"},
                       [KEYWORD_COLUMN] = {"C", "unreserved (cannot be function or type name)"},
                       [KEYWORD_FUNCTION] = {"T", "reserved (can be function or type name)"},
                       [KEYWORD_RESERVED] = {"R", "reserved"},
                       [KEYWORD_LABEL] = {"U", "unreserved"}};

static void add_keyword(struct relation *r, const char *word, enum keyword_class class)
{
    bool bare = class != KEYWORD_LABEL;
    size_t n = strlen(word);
    char *lower = arena_alloc(r->ctx->arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        lower[i] = (char)tolower((unsigned char)word[i]);
    }
    relation_row(r);
    relation_put_word(r, "word", lower);
    relation_put_word(r, "catcode", keyword_classes[class].code);
    relation_put_bool(r, "barelabel", bare);
    relation_put_word(r, "catdesc", keyword_classes[class].about);
    relation_put_word(r, "baredesc", bare ? "can be bare label" : "requires AS");
}

static void keywords(struct relation *r)
{
#define X(word, class) add_keyword(r, #word, KEYWORD_##class);
    KEYWORDS(X)
#undef X
}

const struct relation_definition pg_definition_relations[] = {
    {"hatidata_keywords", "word text, catcode char, barelabel bool, catdesc text, baredesc text",
     keywords, 0},
    {"hatidata_definitions", "classid oid, objid oid, definition text", definitions, 0},
    {NULL, NULL, NULL, 0},
};
