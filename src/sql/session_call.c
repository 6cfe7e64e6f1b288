#include "sql/session_call.h"

#include "sql/function.h"
#include "sql/make.h"
#include "sql/template.h"
#include "sql/walk.h"

static const struct session_signature signatures[SESSION_FUNCTIONS] = {
    [CALL_SET_CONFIG] = {"set_config", "ttb", 't'},
    [CALL_LOCK] = {"pg_advisory_lock", "l ii", 'v'},
    [CALL_LOCK_SHARED] = {"pg_advisory_lock_shared", "l ii", 'v'},
    [CALL_XACT_LOCK] = {"pg_advisory_xact_lock", "l ii", 'v'},
    [CALL_XACT_LOCK_SHARED] = {"pg_advisory_xact_lock_shared", "l ii", 'v'},
    [CALL_TRY_LOCK] = {"pg_try_advisory_lock", "l ii", 'b'},
    [CALL_TRY_LOCK_SHARED] = {"pg_try_advisory_lock_shared", "l ii", 'b'},
    [CALL_TRY_XACT_LOCK] = {"pg_try_advisory_xact_lock", "l ii", 'b'},
    [CALL_TRY_XACT_LOCK_SHARED] = {"pg_try_advisory_xact_lock_shared", "l ii", 'b'},
    [CALL_UNLOCK] = {"pg_advisory_unlock", "l ii", 'b'},
    [CALL_UNLOCK_SHARED] = {"pg_advisory_unlock_shared", "l ii", 'b'},
    [CALL_CANCEL_BACKEND] = {"pg_cancel_backend", "i", 'b'},
    [CALL_TERMINATE_BACKEND] = {"pg_terminate_backend", "i il", 'b'},
    [CALL_UNLOCK_ALL] = {"pg_advisory_unlock_all", "", 'v'},
};

const struct session_signature *session_signature(enum session_function f)
{
    return &signatures[f];
}

enum session_function session_function_find(struct str name)
{
    enum session_function f = 0;
    while (f < SESSION_FUNCTIONS && !str_iis(name, signatures[f].name)) {
        f++;
    }
    return f;
}

static bool is_plain(const struct node_func *f)
{
    bool plain = !f->star && !f->distinct && !f->nulls && !f->order.n && !f->limit &&
                 !f->within_group.n && !f->filter && !f->over;
    for (uint32_t i = 0; plain && i < f->args.n; i++) {
        plain = f->args.at[i]->kind != NODE_NAMED_ARG && f->args.at[i]->kind != NODE_STAR;
    }
    return plain;
}

enum session_function session_call_of(const struct node *expr)
{
    if (expr->kind != NODE_FUNC || !is_plain(node_func_const(expr))) {
        return SESSION_FUNCTIONS;
    }
    const struct node_list *parts = &node_name_const(node_func_const(expr)->name)->parts;
    bool ours = parts->n == 1 ||
                (parts->n == 2 && str_iis(node_ident_const(parts->at[0])->text, "pg_catalog"));
    return ours ? session_function_find(node_ident_const(parts->at[parts->n - 1])->text)
                : SESSION_FUNCTIONS;
}

const struct node_list *session_call_targets(const struct node *stmt)
{
    const struct node_query *q = stmt->kind == NODE_QUERY ? node_query_const(stmt) : NULL;
    return q && q->body->kind == NODE_SELECT ? &node_select_const(q->body)->targets : NULL;
}

static enum session_function called_by(const struct node *target)
{
    return target->kind == NODE_TARGET ? session_call_of(node_target_const(target)->expr)
                                       : SESSION_FUNCTIONS;
}

bool session_calls_in(const struct node *stmt)
{
    const struct node_list *targets = session_call_targets(stmt);
    for (uint32_t i = 0; targets && i < targets->n; i++) {
        if (called_by(targets->at[i]) != SESSION_FUNCTIONS) {
            return true;
        }
    }
    return false;
}

/* ---- what the engine is asked for ---- */

static const char *cast_to(char letter)
{
    return letter == 't'   ? "CAST($1 AS text)"
           : letter == 'b' ? "CAST($1 AS boolean)"
           : letter == 'i' ? "CAST($1 AS integer)"
                           : "CAST($1 AS bigint)";
}

/* The form with so many parameters; NULL: none. */
static const char *params_of(const struct session_signature *s, size_t n)
{
    struct str rest = str_of(s->params);
    if (rest.n == 0) {
        return n == 0 ? s->params : NULL;
    }
    while (rest.p) {
        struct str form = str_cut(&rest, ' ');
        if (form.n == n) {
            return form.p;
        }
    }
    return NULL;
}

static enum status add_arguments(struct arena *a, struct node_list *out, const struct node *call,
                                 struct error *e)
{
    const struct session_signature *s = session_signature(session_call_of(call));
    const struct node_list *args = &node_func_const(call)->args;
    const char *params = params_of(s, args->n);
    if (!params) {
        return error_at(e, ERR_UNKNOWN_FUNCTION, call->offset,
                        "function %s() does not take %u arguments", s->name, args->n);
    }
    for (uint32_t i = 0; i < args->n; i++) {
        struct template cast = template_parse(a, cast_to(params[i]));
        struct node *arg = node_copy(a, args->at[i]);
        size_t copied = 0;
        /* A name of its own, which ORDER BY doesn't mean. */
        struct str name = str_of(arena_printf(a, "argument %u of a call", out->n + 1));
        node_push(a, out, make_target(a, template_fill(a, &cast, arg, &arg, 1, &copied), name));
    }
    return OK;
}

/* Might it show what set_config() changes? Of a query within, or of a function that somebody made,
 * that isn't known here. */
static enum walk find_setting(struct node **n, void *ctx)
{
    bool *found = ctx;
    switch ((*n)->kind) {
    case NODE_FUNC: {
        const struct node_list *parts = &node_name_const(node_func_const(*n)->name)->parts;
        const struct function *f = function_find(node_ident_const(parts->at[parts->n - 1])->text);
        *found |= session_call_of(*n) == SESSION_FUNCTIONS && (!f || f->flags & FUNCTION_SESSION);
        break;
    }
    case NODE_QUERY:
        *found = true;
        break;
    default:
        break;
    }
    return *found ? WALK_STOP : WALK_ON;
}

/* The engine has finished when the first call is made, so none of its values may depend on one. */
static enum status check_settings(const struct node_select *s, struct arena *a, struct error *e)
{
    bool has_set = false;
    for (uint32_t i = 0; i < s->targets.n; i++) { /* of a row before it, too */
        has_set |= s->from && called_by(s->targets.at[i]) == CALL_SET_CONFIG;
    }
    for (uint32_t i = 0; i < s->targets.n; i++) {
        struct node *copy = node_copy(a, s->targets.at[i]);
        bool found = false;
        if (has_set) {
            (void)node_walk(&copy, find_setting, &found);
        }
        if (found) {
            error_at(e, ERR_UNSUPPORTED, copy->offset,
                     "an output that may depend on what set_config() has set is not supported "
                     "beside it");
            return error_hint(e, "Put it before, or into a statement of its own.");
        }
        has_set |= called_by(s->targets.at[i]) == CALL_SET_CONFIG;
    }
    return OK;
}

static enum status refused(const struct node *n, const char *what, struct error *e)
{
    error_at(e, ERR_UNSUPPORTED, n->offset,
             "%s is not supported where an output acts on the session", what);
    return error_hint(e, "Put it into a sub-query in FROM.");
}

/* What the engine would do with the result of a call that it doesn't make. */
static enum status check_clauses(const struct node_query *q, struct error *e)
{
    const struct node_select *s = node_select_const(q->body);
    const char *what = s->distinct || s->distinct_on.n ? "DISTINCT"
                       : s->group.n || s->group_all    ? "GROUP BY"
                       : q->order_all                  ? "ORDER BY ALL"
                                                       : NULL;
    for (uint32_t i = 0; i < s->targets.n && !what; i++) {
        if (s->targets.at[i]->kind != NODE_TARGET ||
            node_target_const(s->targets.at[i])->expr->kind == NODE_STAR) {
            return refused(s->targets.at[i], "*", e);
        }
    }
    return what ? refused(q->body, what, e) : OK;
}

/* Of the calls among the outputs, one that is called `name`. */
static bool is_call_named(const struct node_list *targets, struct str name)
{
    for (uint32_t i = 0; i < targets->n; i++) {
        const struct node *alias = node_target_const(targets->at[i])->alias;
        if (alias && str_ieq(node_ident_const(alias)->text, name) &&
            called_by(targets->at[i]) != SESSION_FUNCTIONS) {
            return true;
        }
    }
    return false;
}

/* ORDER BY 2: the place among the outputs that the engine has. */
static enum status place_order(struct arena *a, struct node_list *order,
                               const struct node_list *targets, const uint32_t *places,
                               struct error *e)
{
    for (uint32_t i = 0; i < order->n; i++) {
        struct node *expr = node_order_item(order->at[i])->expr;
        int64_t number = 0;
        bool by_call =
            expr->kind == NODE_COLUMN_REF && node_column_ref(expr)->parts.n == 1 &&
            is_call_named(targets, node_ident_const(node_column_ref(expr)->parts.at[0])->text);
        if (expr->kind == NODE_LITERAL && node_literal(expr)->lit == LIT_INTEGER &&
            str_to_i64(node_literal(expr)->text, &number) && number >= 1 && number <= targets->n) {
            by_call = called_by(targets->at[number - 1]) != SESSION_FUNCTIONS;
            node_literal(expr)->text = str_of(arena_printf(a, "%u", places[number - 1]));
        }
        if (by_call) {
            return refused(expr, "ORDER BY what the function gives", e);
        }
    }
    return OK;
}

static enum status make_targets(struct arena *a, const struct node_list *targets,
                                struct node_list *out, uint32_t *places, struct error *e)
{
    for (uint32_t i = 0; i < targets->n; i++) {
        places[i] = out->n + 1;
        if (called_by(targets->at[i]) == SESSION_FUNCTIONS) {
            node_push(a, out, node_copy(a, targets->at[i]));
        } else if (add_arguments(a, out, node_target_const(targets->at[i])->expr, e)) {
            return FAIL;
        }
    }
    if (out->n == 0) { /* calls without arguments alone */
        node_push(a, out, make_target(a, make_literal(a, LIT_TRUE, STR_NULL), STR_NULL));
    }
    return OK;
}

enum status session_call_query(struct arena *a, const struct node *stmt, struct node **out,
                               struct error *e)
{
    const struct node_list *targets = session_call_targets(stmt);
    uint32_t *places = ARENA_ARRAY(a, uint32_t, targets->n);
    *out = node_copy(a, stmt);
    struct node_query *q = node_query(*out);
    struct node_list made = {0};
    if (check_clauses(q, e) || check_settings(node_select(q->body), a, e) ||
        make_targets(a, targets, &made, places, e) ||
        place_order(a, &q->order, targets, places, e)) {
        return FAIL;
    }
    node_select(q->body)->targets = made;
    return OK;
}
