/* Answers questions about statements for dev/conformance: one JSON object a line on stdin, one a
 * line on stdout, in the same order.
 *
 *     {"ask": "accept", "sql", "dialect"}          does it parse, and to itself when printed?
 *     {"ask": "same", "x", "x_dialect", "y", "y_dialect", "synonyms"}   do two statements mean the
 *                                                 same tree? What "synonyms" is: plain.h
 *     {"ask": "names", "sql", "dialect"}           tables and columns that it names, by table
 *     {"ask": "lineage", "sql", "dialect", "schema", "sources"}  outputs and where they come from
 *
 * An answer is {"ok": true, ...} or {"ok": false, "error", "position"}. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "names.h"
#include "plain.h"
#include "sql/bind.h"
#include "sql/make.h"
#include "sql/print.h"
#include "sql/spell.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

static const char *text_of(const json_t *question, const char *key)
{
    const char *s = json_string_value(json_object_get(question, key));
    return s ? s : "";
}

static enum dialect dialect_of(const json_t *question, const char *key)
{
    const char *name = text_of(question, key);
    return strcmp(name, "snowflake") == 0  ? DIALECT_SNOWFLAKE
           : strcmp(name, "postgres") == 0 ? DIALECT_POSTGRES
                                           : DIALECT_DUCKDB;
}

static json_t *failed(const struct error *e)
{
    return json_pack("{s:b, s:s, s:I}", "ok", 0, "error", e->message, "position",
                     (json_int_t)e->position);
}

/* A text is a statement or, where it is none, an expression: the error is then the statement's. */
static enum status parse(struct arena *a, const char *sql, enum dialect dialect,
                         struct node_list *out, struct error *e)
{
    struct error other = ERROR_INIT;
    struct node *expr = NULL;
    if (sql_parse(a, str_of(sql), dialect, &limits, out, e) == OK) {
        return OK;
    }
    if (sql_parse_expr(a, str_of(sql), dialect, &limits, &expr, &other) != OK) {
        return FAIL;
    }
    *out = (struct node_list){0};
    node_push(a, out, expr);
    return OK;
}

/* ---- accept ---- */

/* NULL, or what is wrong with the printed form. */
static const char *round_trip(struct arena *a, const struct node *n, struct buf *text)
{
    struct error e = ERROR_INIT;
    struct node_list again = {0};
    buf_clear(text);
    if (sql_print(n, PRINT_CANONICAL, text, &e) != OK) {
        return arena_printf(a, "can't print: %s", e.message);
    }
    if (parse(a, buf_cstr(text), DIALECT_POSTGRES, &again, &e) != OK) {
        return arena_printf(a, "can't read again: %s", e.message);
    }
    return again.n == 1 && node_equal(n, again.at[0]) ? NULL : "reads back to another tree";
}

static json_t *accept(struct arena *a, const json_t *q)
{
    struct error e = ERROR_INIT;
    struct node_list list = {0};
    struct buf text = BUF_INIT(0);
    if (parse(a, text_of(q, "sql"), dialect_of(q, "dialect"), &list, &e) != OK) {
        return failed(&e);
    }
    json_t *answer = json_pack("{s:b, s:i}", "ok", 1, "statements", (int)list.n);
    for (uint32_t i = 0; i < list.n; i++) {
        const char *wrong = round_trip(a, list.at[i], &text);
        if (wrong) {
            json_object_set_new(answer, "round_trip", json_string(wrong));
            json_object_set_new(answer, "printed", json_string(buf_cstr(&text)));
        }
    }
    buf_free(&text);
    return answer;
}

/* ---- the same tree ---- */

/* In the engine's words: what the rules make of it, its names without regard to case. DuckDB's own
 * text is in them already. */
static enum status meaning(struct arena *a, const json_t *q, const char *sql, const char *dialect,
                           struct node **out, struct error *e)
{
    struct node_list list = {0};
    enum dialect d = dialect_of(q, dialect);
    if (parse(a, text_of(q, sql), d, &list, e) != OK) {
        return FAIL;
    }
    if (list.n != 1) {
        return error_set(e, ERR_BAD_SQL, "not one statement");
    }
    *out = list.at[0];
    if (d != DIALECT_DUCKDB && dialect_normalize(a, d, out, NULL, e) != OK) {
        return FAIL;
    }
    if (sql_spell(a, out, e) != OK) {
        return FAIL;
    }
    plain_tree(a, out, json_object_get(q, "synonyms"));
    return OK;
}

static json_t *same(struct arena *a, const json_t *q)
{
    struct error e = ERROR_INIT;
    struct node *x = NULL, *y = NULL;
    struct buf p = BUF_INIT(0), r = BUF_INIT(0);
    if (meaning(a, q, "x", "x_dialect", &x, &e) != OK) {
        return failed(&e);
    }
    if (meaning(a, q, "y", "y_dialect", &y, &e) != OK) {
        json_t *answer = failed(&e);
        json_object_set_new(answer, "of", json_string("y"));
        return answer;
    }
    if (sql_print(x, PRINT_CANONICAL, &p, &e) != OK ||
        sql_print(y, PRINT_CANONICAL, &r, &e) != OK) {
        return failed(&e);
    }
    json_t *answer = json_pack("{s:b, s:b, s:s, s:s}", "ok", 1, "same", node_equal(x, y), "x",
                               buf_cstr(&p), "y", buf_cstr(&r));
    buf_free(&p);
    buf_free(&r);
    return answer;
}

/* ---- names ---- */

static json_t *names(struct arena *a, const json_t *q)
{
    struct error e = ERROR_INIT;
    struct node_list list = {0};
    if (parse(a, text_of(q, "sql"), dialect_of(q, "dialect"), &list, &e) != OK) {
        return failed(&e);
    }
    json_t *tables = json_object();
    for (uint32_t i = 0; i < list.n; i++) {
        names_of(list.at[i], tables);
    }
    bool is_query = list.n == 1 && list.at[0]->kind == NODE_QUERY;
    return json_pack("{s:b, s:o, s:b}", "ok", 1, "tables", tables, "query", is_query);
}

/* ---- lineage ---- */

static struct catalog *catalog_of(struct arena *a, const json_t *tables)
{
    size_t n = 0;
    struct table_source *sources = ARENA_ARRAY(a, struct table_source, json_object_size(tables));
    const char *name;
    json_t *columns, *c;
    json_object_foreach((json_t *)tables, name, columns)
    {
        struct table_source *t = &sources[n++];
        size_t i;
        t->engine_schema = STR("org_acme");
        t->name = str_of(arena_printf(a, "%s", name));
        t->columns = ARENA_ARRAY(a, struct column, json_array_size(columns));
        json_array_foreach(columns, i, c)
        {
            const char *kind = json_string_value(json_array_get(c, 1));
            bool is_text = kind && (strcmp(kind, "text") == 0 || strcmp(kind, "varchar") == 0);
            t->columns[t->column_count++] = (struct column){
                .name = str_of(arena_printf(a, "%s", json_string_value(json_array_get(c, 0)))),
                .type = type_simple(is_text ? TYPE_TEXT : TYPE_INT4)};
        }
    }
    return catalog_build(sources, n, NULL, 0, NULL, 0, 1);
}

/* A source is a query with a name: it goes into the statement's WITH. */
static enum status add_sources(struct arena *a, const json_t *q, struct node *query,
                               struct error *e)
{
    struct node_list ctes = {0};
    const char *name;
    json_t *sql;
    json_object_foreach(json_object_get(q, "sources"), name, sql)
    {
        struct node_list list = {0};
        if (parse(a, json_string_value(sql), dialect_of(q, "dialect"), &list, e) != OK) {
            return FAIL;
        }
        struct node *cte = node_new(a, NODE_CTE, 0), *ident = node_new(a, NODE_IDENT, 0);
        node_ident(ident)->text = str_of(arena_printf(a, "%s", name));
        node_cte(cte)->name = ident;
        node_cte(cte)->query = list.at[0];
        node_push(a, &ctes, cte);
    }
    struct node_query *x = node_query(query);
    for (uint32_t i = 0; i < x->ctes.n; i++) {
        node_push(a, &ctes, x->ctes.at[i]);
    }
    x->ctes = ctes;
    return OK;
}

static json_t *origins(const struct lineage *l)
{
    static const char *const how[] = {"copied", "derived", "aggregated", "counted"};
    json_t *out = json_array();
    for (size_t i = 0; i < l->n; i++) {
        const struct origin *o = &l->at[i];
        struct str table = o->table->name, column = o->table->columns[o->column].name;
        json_t *ways = json_array();
        for (size_t k = 0; k < 4; k++) {
            if (o->how >> k & 1) {
                json_array_append_new(ways, json_string(how[k]));
            }
        }
        if (o->how & ORIGIN_SUMMED) { /* one kind of aggregating */
            json_array_append_new(ways, json_string(how[2]));
        }
        json_array_append_new(out,
                              json_pack("[s%, s%, o]", table.p, table.n, column.p, column.n, ways));
    }
    return out;
}

static json_t *bound(const struct binding *b)
{
    json_t *outputs = json_array();
    for (size_t i = 0; i < b->output_count; i++) {
        const struct output_column *c = &b->outputs[i];
        json_array_append_new(outputs,
                              json_pack("{s:s%, s:o, s:b}", "name", c->name.p, c->name.n, "origins",
                                        origins(c->origins), "unknown", c->origins->is_unknown));
    }
    return json_pack("{s:b, s:o}", "ok", 1, "outputs", outputs);
}

static json_t *lineage(struct arena *a, const json_t *q)
{
    struct error e = ERROR_INIT;
    struct node_list list = {0};
    enum dialect d = dialect_of(q, "dialect");
    struct binding *b = NULL;
    if (parse(a, text_of(q, "sql"), d, &list, &e) != OK) {
        return failed(&e);
    }
    if (list.n != 1 || list.at[0]->kind != NODE_QUERY) {
        error_set(&e, ERR_BAD_SQL, "not one query");
        return failed(&e);
    }
    if (add_sources(a, q, list.at[0], &e) != OK) {
        return failed(&e);
    }
    names_last_parts(a, &list.at[0]);
    if (dialect_normalize(a, d, &list.at[0], NULL, &e) != OK) {
        return failed(&e);
    }
    struct catalog *catalog = catalog_of(a, json_object_get(q, "schema"));
    struct bind_context ctx = {
        .arena = a, .catalog = catalog, .space.org_id = STR("acme"), .dialect = d};
    json_t *answer = sql_bind(&ctx, &list.at[0], &b, &e) == OK ? bound(b) : failed(&e);
    catalog_unref(catalog);
    return answer;
}

static json_t *answer(struct arena *a, const json_t *question)
{
    static const struct {
        const char *ask;
        json_t *(*answer)(struct arena *a, const json_t *q);
    } asks[] = {{"accept", accept}, {"same", same}, {"names", names}, {"lineage", lineage}};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        if (strcmp(text_of(question, "ask"), asks[i].ask) == 0) {
            return asks[i].answer(a, question);
        }
    }
    return json_pack("{s:b, s:s}", "ok", 0, "error", "no such question");
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        struct arena *a = arena_new(256 << 20);
        json_t *question = json_loads(line, 0, NULL), *said = answer(a, question);
        json_dumpf(said, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        json_decref(said);
        json_decref(question);
        arena_free(a);
    }
    free(line);
    return 0;
}
