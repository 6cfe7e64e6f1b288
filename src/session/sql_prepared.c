/* PREPARE, EXECUTE: prepared statements of SQL are those of the extended protocol, under the same
 * names and with the same plans, so what a change of policy, catalog or role does to one it does to
 * the other. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/calls.h"
#include "session/evaluate.h"
#include "sql/session_call.h"
#include "wire/oid.h"
#include "wire/param.h"

static bool is_preparable(const struct node *n)
{
    switch ((int)n->kind) {
    case NODE_QUERY:
    case NODE_INSERT:
    case NODE_UPDATE:
    case NODE_DELETE:
    case NODE_MERGE:
        return true;
    default:
        return false;
    }
}

/* The inner statement with its own text, so that its entries in the log show it. */
static enum status make(struct session *s, struct prepared *p, const struct node *stmt,
                        struct error *e)
{
    const struct node_prepare *n = node_prepare_const(stmt);
    const struct type **hints = NULL;
    if (evaluate_types(s, stmt, &n->types, p->arena, &hints, e)) {
        return FAIL;
    }
    p->text = arena_str(p->arena, evaluate_text(s, n->statement));
    p->stmt = node_copy(p->arena, n->statement);
    if (plan_make(s->governor, p->stmt, p->text, hints, n->types.n, &p->plan, e)) {
        return FAIL;
    }
    const struct type *const *types = plan_params(p->plan, &p->param_count);
    p->oids = ARENA_ARRAY(p->arena, uint32_t, p->param_count);
    for (size_t i = 0; i < p->param_count; i++) {
        p->oids[i] = oid_of(types[i]);
    }
    return OK;
}

enum status sql_prepare(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node_prepare *n = node_prepare_const(stmt);
    if (!is_preparable(n->statement)) {
        return error_at(e, ERR_UNSUPPORTED, n->statement->offset,
                        "PREPARE takes a query or a statement that writes rows");
    }
    struct prepared *p = mem_alloc(sizeof *p);
    p->holders = 1;
    p->arena = arena_new(0);
    if (make(s, p, stmt, e) || extended_keep(s, node_ident_const(n->name)->text, p, e)) {
        prepared_drop(s, p);
        return FAIL;
    }
    return OK;
}

static enum status check_count(const struct prepared *p, const struct node *stmt, struct error *e)
{
    uint32_t given = node_execute_const(stmt)->args.n;
    size_t count;
    plan_params(p->plan, &count);
    return given == count ? OK
                          : error_at(e, ERR_BAD_SQL, stmt->offset,
                                     "the prepared statement takes %zu parameters, %u were given",
                                     count, given);
}

static enum status take_arguments(struct session *s, const struct prepared *p,
                                  const struct node *stmt, struct arena *a, struct value **out,
                                  struct error *e)
{
    const struct node_execute *n = node_execute_const(stmt);
    struct evaluated *values = NULL;
    size_t count;
    const struct type *const *types = plan_params(p->plan, &count);
    if (check_count(p, stmt, e)) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->args.n; i++) {
        if (n->args.at[i]->kind == NODE_NAMED_ARG) {
            return error_at(e, ERR_UNSUPPORTED, n->args.at[i]->offset,
                            "parameters are given by their places");
        }
    }
    if (evaluate(s, stmt, &n->args, a, &values, e)) {
        return FAIL;
    }
    *out = ARENA_ARRAY(a, struct value, count);
    for (size_t i = 0; i < count; i++) {
        if (!values[i].text.p) {
            (*out)[i] = (struct value){.type = types[i], .is_null = true};
        } else if (param_from_text(types[i], s->style.time.zone, values[i].text, a, &(*out)[i],
                                   e)) {
            return FAIL;
        }
    }
    return OK;
}

struct prepared *sql_prepared_of(struct session *s, const struct node *stmt)
{
    struct prepared *p =
        map_get(s->statements, node_ident_const(node_execute_const(stmt)->name)->text);
    return p && p->plan ? p : NULL;
}

static enum status no_such(const struct node *execute, struct error *e)
{
    struct str name = node_ident_const(node_execute_const(execute)->name)->text;
    return error_set(e, ERR_UNKNOWN_STATEMENT, "prepared statement \"%.*s\" does not exist",
                     name.n > 64 ? 64 : (int)name.n, name.p);
}

enum status sql_plan(struct session *s, const struct node *stmt, struct str text,
                     const struct type *const *hints, size_t hint_count, struct plan **out,
                     struct error *e)
{
    const struct node *inner =
        stmt->kind == NODE_EXPLAIN_POLICY ? node_explain_policy_const(stmt)->statement : stmt;
    if (session_calls_in(stmt)) {
        return calls_plan(s, stmt, text, hints, hint_count, out, e);
    }
    if (inner == stmt || inner->kind != NODE_EXECUTE) {
        return plan_make(s->governor, stmt, text, hints, hint_count, out, e);
    }
    const struct prepared *p = sql_prepared_of(s, inner);
    if (!p) {
        return no_such(inner, e);
    }
    return check_count(p, inner, e) ? FAIL : plan_explain(p->plan, text, out, e);
}

enum status sql_execute(struct session *s, const struct node *stmt, const int16_t *formats,
                        size_t format_count, struct result *out, struct error *e)
{
    struct prepared *p = sql_prepared_of(s, stmt);
    struct value *values = NULL;
    if (!p || copy_is(p->stmt)) {
        return no_such(stmt, e);
    }
    struct arena *a = arena_new(0);
    p->holders++; /* the arguments' own query may not take it away */
    enum status status = take_arguments(s, p, stmt, a, &values, e);
    if (status == OK) {
        status = rows_run(s, p->plan, values, p->param_count, formats, format_count,
                          plan_returns_rows(p->plan) ? p : NULL, out, e);
    }
    prepared_drop(s, p);
    arena_free(a);
    return status;
}
