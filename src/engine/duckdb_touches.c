/* Second opinion: the tables that the engine itself says a statement touches.
 *
 * We ask for EXPLAIN (FORMAT json) and read the unoptimized logical plan (explain_output = 'all'):
 * the optimized ones no longer show a table of which nothing is needed. There views and CTEs are
 * opened and sub-queries are part of the tree; every table that is read, updated, deleted from or
 * merged into is a SEQ_SCAN with its full name. Every operator must be on our list of those that
 * touch nothing by themselves; any other (the target of INSERT or CREATE isn't named, a table
 * function may read anything) makes the answer incomplete. */
#include "engine/duckdb_internal.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"

static const char *const harmless[] = {
    "PROJECTION",
    "FILTER",
    "AGGREGATE",
    "WINDOW",
    "ORDER_BY",
    "LIMIT",
    "TOP_N",
    "DISTINCT",
    "SAMPLE",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "CROSS_PRODUCT",
    "COMPARISON_JOIN",
    "ANY_JOIN",
    "DELIM_JOIN",
    "ASOF_JOIN",
    "DEPENDENT_JOIN",
    "POSITIONAL_JOIN",
    "CTE",
    "REC_CTE",
    "CTE_SCAN",
    "DELIM_GET",
    "DUMMY_SCAN",
    "EXPRESSION_GET",
    "EMPTY_RESULT",
    "CHUNK_GET",
    "UNNEST",
    "UNPIVOT",
    "PIVOT",
    "RANGE",
    "GENERATE_SERIES",
    "REPEAT",
    "JSON_EACH",
    "JSON_TREE",
    /* their target is one of the tables scanned below them */
    "UPDATE",
    "DELETE",
    "MERGE_INTO",
};

enum { PLAN_DEPTH_MAX = 2000 };

struct touching {
    struct arena *arena;
    const struct engine *engine;
    struct {
        struct engine_touched *at;
        size_t n, cap;
    } found;
    size_t inserts; /* operators whose target the plan doesn't name */
    bool is_complete;
};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (strcmp(name, harmless[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* One part of a name as the engine prints it, quoted where it must be; false at a syntax we don't
 * know. Leaves what follows the point. */
static bool take_part(struct arena *a, struct str *rest, struct str *part)
{
    if (rest->n == 0 || rest->p[0] != '"') {
        *part = str_cut(rest, '.');
        return part->n > 0;
    }
    char *out = arena_alloc(a, rest->n);
    size_t n = 0, i = 1;
    for (; i < rest->n && (rest->p[i] != '"' || (i + 1 < rest->n && rest->p[i + 1] == '"')); i++) {
        i += rest->p[i] == '"';
        out[n++] = rest->p[i];
    }
    if (i >= rest->n || (i + 1 < rest->n && rest->p[i + 1] != '.')) {
        return false;
    }
    *part = (struct str){out, n};
    *rest = i + 2 <= rest->n ? (struct str){rest->p + i + 2, rest->n - i - 2} : STR_NULL;
    return true;
}

static void add_table(struct touching *t, struct engine_touched found)
{
    for (size_t i = 0; i < t->found.n; i++) {
        if (str_eq(t->found.at[i].schema, found.schema) &&
            str_eq(t->found.at[i].name, found.name)) {
            return;
        }
    }
    found.schema = arena_str(t->arena, found.schema);
    found.name = arena_str(t->arena, found.name);
    VEC_PUSH(t->arena, t->found, found);
}

static void add_name(struct touching *t, struct str full)
{
    struct str database, rest = full;
    struct engine_touched found;
    if (!take_part(t->arena, &rest, &database) || !take_part(t->arena, &rest, &found.schema) ||
        !take_part(t->arena, &rest, &found.name) || rest.n > 0) {
        t->is_complete = false;
        return;
    }
    if (str_is(database, CATALOG_ENGINE_TEMP) && str_is(found.schema, "main")) {
        found.schema = database;
    } else if (!str_is(database, ENGINE_DATABASE)) { /* no name that policy knows */
        found.schema =
            str_of(arena_printf(t->arena, "%.*s.%.*s", STR_ARG(database), STR_ARG(found.schema)));
    }
    add_table(t, found);
}

/* The table that an operator stands for: the engine writes a source's function in upper case, and
 * reads no Parquet file but settled rows, since it may read no other folder's. NULL: it isn't one.
 */
static const struct engine_source *source_of(const struct touching *t, const char *name)
{
    for (size_t i = 0; i < t->engine->source_count; i++) {
        const struct engine_source *s = &t->engine->sources[i];
        if (str_iis(str_of(name), s->function) ||
            (s->settled_dir && !t->engine->import_dir && strcmp(name, "READ_PARQUET") == 0)) {
            return s;
        }
    }
    return NULL;
}

static void visit(struct touching *t, const json_t *node, int depth)
{
    const char *name = json_string_value(json_object_get(node, "name"));
    const char *table =
        json_string_value(json_object_get(json_object_get(node, "extra_info"), "Table"));
    const json_t *children = json_object_get(node, "children");
    if (!name || !json_is_array(children) || depth > PLAN_DEPTH_MAX) {
        t->is_complete = false;
        return;
    }
    if (table) {
        add_name(t, str_of(table));
    }
    const struct engine_source *source = source_of(t, name);
    if (source) {
        add_table(t, (struct engine_touched){source->schema, source->name});
    } else if (strcmp(name, "INSERT") == 0) {
        t->inserts++;
    } else if (strcmp(name, "SEQ_SCAN") == 0 ? !table : !is_harmless(name)) {
        t->is_complete = false;
    }
    for (size_t i = 0; i < json_array_size(children); i++) {
        visit(t, json_array_get(children, i), depth + 1);
    }
}

static void read_plan(struct touching *t, struct str text)
{
    json_t *plan = json_loadb(text.p, text.n, 0, NULL);
    if (!json_is_array(plan) || json_array_size(plan) == 0) {
        t->is_complete = false;
    }
    for (size_t i = 0; i < json_array_size(plan); i++) {
        visit(t, json_array_get(plan, i), 0);
    }
    json_decref(plan);
}

static void read_plans(struct touching *t, duckdb_result *r)
{
    bool seen = false;
    duckdb_data_chunk chunk;
    while ((chunk = duckdb_fetch_chunk(*r))) {
        for (size_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
            if (str_is(chunk_text(chunk, 0, i), "logical_plan")) {
                seen = true;
                read_plan(t, chunk_text(chunk, 1, i));
            }
        }
        duckdb_destroy_data_chunk(&chunk);
    }
    t->is_complete = t->is_complete && seen;
}

static void add_target(struct touching *t, struct str sql)
{
    struct engine_touched target;
    if (t->inserts == 1 && insert_target(t->arena, sql, &target)) {
        add_table(t, target);
    } else if (t->inserts > 0) {
        t->is_complete = false;
    }
}

/* Parameters are NULL: the plan that we read is made before any of them is looked at. */
static bool explain(struct session *s, struct str sql, duckdb_result *r)
{
    struct buf b = BUF_INIT(0);
    duckdb_prepared_statement ps = NULL;
    buf_puts(&b, "EXPLAIN (FORMAT json) ");
    buf_put_str(&b, sql);
    bool done = duckdb_prepare(s->connection, buf_cstr(&b), &ps) == DuckDBSuccess;
    for (size_t i = 0; done && i < duckdb_nparams(ps); i++) {
        duckdb_bind_null(ps, i + 1);
    }
    if (done && duckdb_execute_prepared(ps, r) != DuckDBSuccess) {
        duckdb_destroy_result(r);
        done = false;
    }
    duckdb_destroy_prepare(&ps);
    buf_free(&b);
    return done;
}

enum status engine_touches(struct engine *g, uint64_t session, struct str sql, struct arena *a,
                           struct engine_touched **out, size_t *count, bool *is_complete,
                           struct error *e)
{
    struct touching t = {.engine = g, .arena = a, .is_complete = true};
    duckdb_result r;
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    run_begin_planning(s);
    bool explained = explain(s, sql, &r);
    if (run_end_rows(s, OK, e) != OK) {
        if (explained) {
            duckdb_destroy_result(&r);
        }
        return FAIL;
    }
    if (explained) {
        read_plans(&t, &r);
        add_target(&t, sql);
        duckdb_destroy_result(&r);
    }
    *out = t.found.at;
    *count = t.found.n;
    *is_complete = explained && t.is_complete;
    return OK;
}
