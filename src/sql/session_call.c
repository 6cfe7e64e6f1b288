#include "sql/session_call.h"

#include "sql/make.h"
#include "sql/template.h"

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

static const struct node_select *bare_select(const struct node *stmt)
{
    const struct node_query *q = stmt->kind == NODE_QUERY ? node_query_const(stmt) : NULL;
    if (!q || q->ctes.n || q->order.n || q->order_all || q->limit || q->offset ||
        q->body->kind != NODE_SELECT) {
        return NULL;
    }
    const struct node_select *s = node_select_const(q->body);
    bool bare = !s->distinct && !s->distinct_on.n && !s->from && !s->where && !s->start_with &&
                !s->connect_by && !s->group.n && !s->group_all && !s->having && !s->windows.n &&
                !s->qualify;
    return bare ? s : NULL;
}

bool session_calls_in(const struct node *stmt)
{
    const struct node_select *s = bare_select(stmt);
    for (uint32_t i = 0; s && i < s->targets.n; i++) {
        const struct node *t = s->targets.at[i];
        if (t->kind == NODE_TARGET &&
            session_call_of(node_target_const(t)->expr) != SESSION_FUNCTIONS) {
            return true;
        }
    }
    return false;
}

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

static enum status add_arguments(struct arena *a, struct node_select *out, const struct node *call,
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
        node_push(a, &out->targets,
                  make_target(a, template_fill(a, &cast, arg, &arg, 1, &copied), STR_NULL));
    }
    return OK;
}

enum status session_call_query(struct arena *a, const struct node *stmt, struct node **out,
                               struct error *e)
{
    const struct node_select *s = bare_select(stmt);
    struct node *select = node_new(a, NODE_SELECT, stmt->offset);
    bool has_called = false;
    for (uint32_t i = 0; i < s->targets.n; i++) {
        const struct node *t = s->targets.at[i];
        const struct node *expr = t->kind == NODE_TARGET ? node_target_const(t)->expr : t;
        if (session_call_of(expr) != SESSION_FUNCTIONS) {
            has_called = true;
            if (add_arguments(a, node_select(select), expr, e)) {
                return FAIL;
            }
        } else if (has_called) {
            error_at(e, ERR_UNSUPPORTED, expr->offset,
                     "an output behind one that acts on the session is not supported");
            return error_hint(e, "Put it before, or into a statement of its own.");
        } else {
            node_push(a, &node_select(select)->targets, node_copy(a, t));
        }
    }
    if (node_select(select)->targets.n == 0) { /* calls without arguments alone */
        node_push(a, &node_select(select)->targets,
                  make_target(a, make_literal(a, LIT_TRUE, STR_NULL), STR_NULL));
    }
    *out = make_query(a, select);
    (*out)->offset = stmt->offset;
    (*out)->length = stmt->length;
    return OK;
}
