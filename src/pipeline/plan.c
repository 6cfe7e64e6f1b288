/* A plan: one parsed statement, its parameters and columns, and what the last preparation made of
 * it. */
#include "pipeline/statement.h"

#include <stdlib.h>

#include "base/mem.h"
#include "metrics/metrics.h"
#include "pipeline/copy_in.h"
#include "pipeline/mask.h"
#include "pipeline/plan_cache.h"

/* Types that nothing tells: text, as PostgreSQL decides for an unknown literal. */
static const struct type *known(const struct type *t)
{
    return !t || t->kind == TYPE_UNKNOWN || t->kind == TYPE_NULL ? type_simple(TYPE_TEXT) : t;
}

static bool needs_engine(const struct plan *p)
{
    const struct binding *b = p->now.binding;
    for (size_t i = 0; i < b->output_count; i++) {
        if (!b->outputs[i].type || b->outputs[i].type->kind == TYPE_UNKNOWN) {
            return true;
        }
    }
    return false;
}

static const struct type *param_type(const struct plan *p, size_t i)
{
    const struct type *t = p->now.binding->params[i];
    if (t->kind == TYPE_UNKNOWN && p->now.is_engine_prepared && i < p->now.engine.param_count) {
        t = p->now.engine.params[i];
    }
    return known(t);
}

static void describe_params(struct plan *p)
{
    p->param_count = p->explains_another ? 0 : p->now.binding->param_count;
    p->params = ARENA_ARRAY(p->arena, const struct type *, p->param_count);
    for (size_t i = 0; i < p->param_count; i++) {
        p->params[i] = type_copy(p->arena, param_type(p, i));
    }
}

static const struct type *shown_type(const struct plan *p, const struct type *t, size_t i)
{
    return mask_type(known(t), p->now.masks ? p->now.masks[i] : NULL);
}

static void describe_columns(struct plan *p)
{
    const struct binding *b = p->now.binding;
    p->column_count = b->output_count;
    p->columns = ARENA_ARRAY(p->arena, struct engine_column, p->column_count);
    for (size_t i = 0; i < p->column_count; i++) {
        const struct type *t = b->outputs[i].type;
        if ((!t || t->kind == TYPE_UNKNOWN) && i < p->now.engine.column_count) {
            t = p->now.engine.columns[i].type;
        }
        p->columns[i] = (struct engine_column){
            .name = arena_str(p->arena, b->outputs[i].name),
            .type = type_copy(p->arena, shown_type(p, t, i)),
        };
    }
}

static enum status describe(struct plan *p, struct error *e)
{
    if (needs_engine(p) && (plan_rewrite(p, e) != OK || plan_transpile(p, e) != OK)) {
        return FAIL;
    }
    describe_params(p);
    describe_columns(p);
    return p->is_copy_in ? copy_in_columns(p, e) : OK;
}

static void keep_hints(struct plan *p, const struct type *const *hints, size_t count)
{
    const struct type **copy = ARENA_ARRAY(p->arena, const struct type *, count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = hints[i] ? type_copy(p->arena, hints[i]) : type_simple(TYPE_UNKNOWN);
    }
    p->hints = copy;
    p->hint_count = count;
}

/* What was refused before it could run has its entry too. */
static void record_refusal(struct plan *p, const struct error *why)
{
    struct statement s = {.plan = p, .arena = p->arena};
    id_uuid(s.query_id);
    count_refused(p->governor);
    metrics_error(why->code);
    struct error ignored = ERROR_INIT; /* the refusal stands, whatever the log says */
    if (audit_write(&s, AUDIT_OUTCOME, why, AUDIT_DURABLE, &ignored) != OK) {
        return;
    }
}

struct plan *plan_new(struct governor *g, const struct node *stmt, struct str text,
                      const struct type *const *hints, size_t hint_count)
{
    struct plan *p = mem_alloc(sizeof *p);
    p->governor = g;
    p->dialect = g->dialect;
    p->stored_names = g->stored_names;
    p->arena = arena_new(0);
    p->source = node_copy(p->arena, stmt);
    p->text = arena_str(p->arena, text);
    p->is_copy_in = copy_in_is(stmt);
    keep_hints(p, hints, hint_count);
    return p;
}

/* Makes a new plan ready to run; one that can't be is destroyed and on record. */
static enum status finish(struct plan **p, struct error *e)
{
    if (plan_bind(*p, e) != OK || describe(*p, e) != OK) {
        record_refusal(*p, e);
        plan_destroy(*p);
        *p = NULL;
        return FAIL;
    }
    return OK;
}

enum status plan_make(struct governor *g, const struct node *stmt, struct str text,
                      const struct type *const *hints, size_t hint_count, struct plan **out,
                      struct error *e)
{
    *out = plan_cache_take(g, stmt, text, hints, hint_count);
    if (*out) {
        return OK;
    }
    *out = plan_new(g, stmt, text, hints, hint_count);
    return finish(out, e);
}

enum status plan_explain(const struct plan *of, struct str text, struct plan **out, struct error *e)
{
    struct arena *a = arena_new(0);
    struct node *stmt = node_new(a, NODE_EXPLAIN_POLICY, of->source->offset);
    node_explain_policy(stmt)->statement = node_copy(a, of->source);
    *out = plan_new(of->governor, stmt, text, of->params, of->param_count);
    (*out)->explains_another = true;
    (*out)->dialect = of->dialect;
    (*out)->stored_names = of->stored_names;
    arena_free(a);
    return finish(out, e);
}

void plan_destroy(struct plan *p)
{
    plan_forget(p);
    arena_free(p->arena);
    free(p);
}

void plan_free(struct plan *p)
{
    if (p) {
        plan_cache_give(p);
    }
}

const struct type *const *plan_params(const struct plan *p, size_t *count)
{
    *count = p->param_count;
    return p->params;
}

const struct engine_column *plan_columns(const struct plan *p, size_t *count)
{
    *count = p->column_count;
    return p->columns;
}

const struct engine_column *plan_copy_columns(const struct plan *p, size_t *count)
{
    *count = p->copy_column_count;
    return p->copy_columns;
}

bool plan_explains(const struct plan *p)
{
    return p->source->kind == NODE_EXPLAIN || p->source->kind == NODE_EXPLAIN_POLICY;
}

bool plan_returns_rows(const struct plan *p)
{
    return p->column_count > 0;
}

static const char *drop_tag(const struct node_drop *n)
{
    switch (n->object) {
    case OBJECT_VIEW:
    case OBJECT_MATERIALIZED_VIEW:
        return "DROP VIEW";
    case OBJECT_SCHEMA:
        return "DROP SCHEMA";
    case OBJECT_DATABASE:
        return "DROP DATABASE";
    case OBJECT_SEQUENCE:
        return "DROP SEQUENCE";
    case OBJECT_FUNCTION:
        return "DROP FUNCTION";
    case OBJECT_MACRO:
    case OBJECT_MACRO_TABLE:
        return "DROP MACRO";
    case OBJECT_TYPE:
        return "DROP TYPE";
    case OBJECT_INDEX:
        return "DROP INDEX";
    default:
        return "DROP TABLE";
    }
}

const char *plan_tag(const struct plan *p)
{
    switch (p->source->kind) {
    case NODE_INSERT:
        return "INSERT";
    case NODE_UPDATE:
        return "UPDATE";
    case NODE_DELETE:
        return "DELETE";
    case NODE_MERGE:
        return "MERGE";
    case NODE_CREATE_TABLE:
        return node_create_table_const(p->source)->query ||
                       node_create_table_const(p->source)->clone
                   ? "SELECT"
                   : "CREATE TABLE";
    case NODE_CREATE_VIEW:
        return "CREATE VIEW";
    case NODE_CREATE_TYPE:
        return "CREATE TYPE";
    case NODE_CREATE_INDEX:
        return "CREATE INDEX";
    case NODE_CREATE_SCHEMA:
        return node_create_schema_const(p->source)->object == OBJECT_DATABASE ? "CREATE DATABASE"
                                                                              : "CREATE SCHEMA";
    case NODE_CREATE_FUNCTION:
        return node_create_function_const(p->source)->object == OBJECT_MACRO ? "CREATE MACRO"
                                                                             : "CREATE FUNCTION";
    case NODE_CREATE_SEQUENCE:
        return "CREATE SEQUENCE";
    case NODE_COMMENT:
        return "COMMENT";
    case NODE_TRUNCATE:
        return "TRUNCATE TABLE";
    case NODE_DROP:
        return drop_tag(node_drop_const(p->source));
    case NODE_ALTER_TABLE:
        return "ALTER TABLE";
    case NODE_EXPLAIN:
    case NODE_EXPLAIN_POLICY:
        return "EXPLAIN";
    case NODE_SHOW_OBJECTS:
        return "SHOW";
    case NODE_DESCRIBE:
        return "DESCRIBE";
    case NODE_COPY:
        return "COPY";
    default:
        return "SELECT";
    }
}
