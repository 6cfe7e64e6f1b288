/* Stage 5. The tree becomes engine text, and the client's own text ends here. The engine prepares
 * it and is asked for a second opinion: a table that it would touch and policy did not approve
 * stops the statement. Done once a preparation. */
#include "pipeline/statement.h"

#include "base/buf.h"
#include "base/log.h"
#include "metrics/metrics.h"
#include "pipeline/copy_in.h"
#include "sql/make.h"
#include "sql/print.h"
#include "sql/rewrite.h"

enum { LONGEST_ENGINE_SQL = 64 << 20 };

static bool is_of(const struct binding *b, const struct engine_touched *t)
{
    for (size_t i = 0; i < b->table_count; i++) {
        const struct table *table = b->tables[i]->table;
        if (str_ieq(table->engine_schema, t->schema) && str_ieq(table->name, t->name)) {
            return true;
        }
    }
    return false;
}

/* By the statement, or by a row filter of it. */
static bool is_approved(const struct prepared *now, const struct engine_touched *t)
{
    bool approved = is_of(now->binding, t);
    for (size_t i = 0; i < now->decision->read_count && !approved; i++) {
        approved = is_of(now->decision->reads[i]->binding, t);
    }
    return approved;
}

static enum status prepare(struct plan *p, struct error *e)
{
    struct prepared *now = &p->now;
    struct governor *g = p->governor;
    if (engine_prepare(g->pipeline->config.engine, g->engine_session, now->engine_sql, now->arena,
                       &now->engine, e) != OK) {
        return FAIL;
    }
    now->is_engine_prepared = true;
    return OK;
}

/* Whether the engine takes the text at all; its reason where it doesn't. */
static enum status engine_accepts(struct plan *p, struct str sql, struct error *e)
{
    struct engine_prepared prepared;
    struct governor *g = p->governor;
    if (engine_prepare(g->pipeline->config.engine, g->engine_session, sql, p->now.arena, &prepared,
                       e) != OK) {
        return FAIL;
    }
    engine_statement_close(g->pipeline->config.engine, g->engine_session, prepared.statement);
    return OK;
}

/* A change of schema that also reads. */
static bool reads(const struct node *stmt)
{
    return stmt->kind == NODE_CREATE_TABLE && node_create_table_const(stmt)->query;
}

/* Changes of schema that read nothing: the engine can't explain them. */
static bool is_explained(const struct plan *p, const struct node *stmt)
{
    switch (stmt->kind) {
    case NODE_QUERY:
    case NODE_INSERT:
    case NODE_UPDATE:
    case NODE_DELETE:
    case NODE_MERGE:
        return !p->is_copy_in;
    default:
        return reads(stmt);
    }
}

/* What is listed must be approved, always, and the list must be whole; but for CREATE TABLE AS, of
 * which the engine lists what it reads and not what it makes: that the printer took from the
 * binding. A statement that the engine refuses by itself, as for its types, is no disagreement: it
 * gets the engine's reason. */
static enum status second_opinion(struct plan *p, const struct node *stmt, struct str sql,
                                  struct error *e)
{
    struct governor *g = p->governor;
    struct engine_touched *touched;
    size_t count;
    bool is_complete;
    if (!is_explained(p, stmt)) {
        return OK;
    }
    if (engine_touches(g->pipeline->config.engine, g->engine_session, sql, p->now.arena, &touched,
                       &count, &is_complete, e) != OK) {
        return FAIL;
    }
    bool all_approved = true, is_whole = is_complete || stmt->kind == NODE_CREATE_TABLE;
    for (size_t i = 0; i < count && all_approved; i++) {
        all_approved = is_approved(&p->now, &touched[i]);
    }
    if (all_approved && !is_whole && engine_accepts(p, sql, e) != OK) {
        return FAIL;
    }
    if (!all_approved || !is_whole) {
        metrics_add(METRIC_SECOND_OPINION_ALERTS, 1);
        log_error("pipeline", "the engine would touch a table that policy did not approve");
        return error_set(e, ERR_ENGINE_DISAGREES,
                         "the engine's view of the statement differs from the approved one");
    }
    return OK;
}

static enum status print_engine_sql(struct prepared *now, const struct node *stmt, struct str *out,
                                    struct error *e)
{
    struct buf text = BUF_INIT(LONGEST_ENGINE_SQL);
    enum status status = sql_print(stmt, PRINT_DUCKDB, &text, e);
    if (status == OK && text.failed) {
        status =
            error_set(e, ERR_STATEMENT_TOO_COMPLEX, "the statement is too large for the engine");
    }
    if (status == OK) {
        *out = arena_str(now->arena, buf_str(&text));
    }
    buf_free(&text);
    return status;
}

static enum status transpile_one(struct plan *p, struct node **stmt, struct str *sql,
                                 struct error *e)
{
    if (sql_rewrite(p->now.arena, stmt, e) != OK ||
        print_engine_sql(&p->now, *stmt, sql, e) != OK) {
        return FAIL;
    }
    return second_opinion(p, *stmt, *sql, e);
}

/* Statements around the main one. What reads among them is asked about as the main one is; what
 * comes after it may need what that makes, and is none that reads. */
static enum status transpile_around(struct plan *p, struct node_list *list, struct str **sql,
                                    struct error *e)
{
    *sql = ARENA_ARRAY(p->now.arena, struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++) {
        if (transpile_one(p, &list->at[i], &(*sql)[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static struct str column_name(struct arena *a, size_t i)
{
    return str_of(arena_printf(a, "c%zu", i));
}

/* A column that only the engine can show: CAST(q.c3 AS VARCHAR); others as they are. */
static struct node *shown_column(struct arena *a, const struct engine_column *column, size_t i)
{
    struct node *shown = make_column(a, STR("q"), column_name(a, i), NULL);
    if (column->type->kind == TYPE_OTHER) {
        shown = make_cast(a, shown, type_simple(TYPE_TEXT));
    }
    return make_target(a, shown, STR_NULL);
}

static bool has_engine_only_type(const struct engine_prepared *engine)
{
    for (size_t i = 0; i < engine->column_count; i++) {
        if (engine->columns[i].type->kind == TYPE_OTHER) {
            return true;
        }
    }
    return false;
}

/* SELECT q.c0, CAST(q.c1 AS VARCHAR) FROM (statement) AS q(c0, c1) */
static void show_as_text(struct prepared *now)
{
    struct arena *a = now->arena;
    struct node *derived = make_derived(a, now->stmt, STR("q"));
    struct node *select = node_new(a, NODE_SELECT, 0);
    for (size_t i = 0; i < now->engine.column_count; i++) {
        node_push(a, &node_derived(derived)->columns, make_ident(a, column_name(a, i)));
        node_push(a, &node_select(select)->targets, shown_column(a, &now->engine.columns[i], i));
    }
    node_select(select)->from = derived;
    now->stmt = make_query(a, select);
}

static enum status make_engine_sql(struct plan *p, struct error *e)
{
    struct prepared *now = &p->now;
    if (p->is_copy_in) {
        copy_in_open_source(now->stmt);
    }
    if (transpile_around(p, &now->binding->before, &now->before_sql, e) != OK ||
        transpile_around(p, &now->binding->after, &now->after_sql, e) != OK ||
        transpile_one(p, &now->stmt, &now->engine_sql, e) != OK) {
        return FAIL;
    }
    if (p->is_copy_in || (now->binding->kind == STATEMENT_DDL && !reads(now->stmt))) {
        return OK; /* run as text: nothing to prepare */
    }
    if (prepare(p, e) != OK) {
        return FAIL;
    }
    if (now->stmt->kind != NODE_QUERY || !has_engine_only_type(&now->engine)) {
        return OK;
    }
    struct governor *g = p->governor;
    engine_statement_close(g->pipeline->config.engine, g->engine_session, now->engine.statement);
    now->is_engine_prepared = false;
    show_as_text(now);
    return print_engine_sql(now, now->stmt, &now->engine_sql, e) == OK ? prepare(p, e) : FAIL;
}

/* Engine text that failed on its way must not be there for the next run of the plan: that would
 * find it made, and skip the second opinion. */
enum status plan_transpile(struct plan *p, struct error *e)
{
    if (p->now.is_whole && p->now.engine_sql.n) {
        return OK;
    }
    p->now.is_whole = make_engine_sql(p, e) == OK;
    if (!p->now.is_whole) {
        p->now.engine_sql = STR_NULL;
        return FAIL;
    }
    return OK;
}

enum status transpile(struct statement *s, struct error *e)
{
    return plan_transpile(s->plan, e);
}
