/* CALL of the server's own procedures: hatidata.request_role() and what decides on it. Arguments
 * are literals or expressions, evaluated as a query of the caller. */
#include "base/clock.h"
#include "pipeline/role_request.h"
#include "session/evaluate.h"
#include "wire/oid.h"

enum { ARGUMENTS_MAX = 3 };

enum procedure { REQUEST_ROLE, APPROVE_ROLE, DENY_ROLE, REVOKE_ROLE, ROLE_REQUESTS, NO_PROCEDURE };

static const char *const requested[] = {"request", NULL};
static const char *const listed[] = {"request", "status", "user",    "role", "minutes",
                                     "reason",  "asked",  "expires", NULL};

static const struct {
    const char *name, *usage;
    uint32_t args;
    const char *const *columns;
} procedures[NO_PROCEDURE] = {
    [REQUEST_ROLE] = {"request_role", "(role, minutes, reason)", 3, requested},
    [APPROVE_ROLE] = {"approve_role", "(request)", 1, NULL},
    [DENY_ROLE] = {"deny_role", "(request)", 1, NULL},
    [REVOKE_ROLE] = {"revoke_role", "(request)", 1, NULL},
    [ROLE_REQUESTS] = {"role_requests", "()", 0, listed},
};

static enum procedure find(const struct node *stmt)
{
    const struct node *name = node_func_const(node_call_const(stmt)->func)->name;
    const struct node_list *parts = &node_name_const(name)->parts;
    if (parts->n != 2 || !str_iis(node_ident_const(parts->at[0])->text, "hatidata")) {
        return NO_PROCEDURE;
    }
    enum procedure i = 0;
    while (i < NO_PROCEDURE && !str_iis(node_ident_const(parts->at[1])->text, procedures[i].name)) {
        i++;
    }
    return i;
}

bool procedure_is(const struct node *stmt)
{
    return stmt->kind == NODE_CALL && find(stmt) != NO_PROCEDURE;
}

size_t procedure_columns(const struct node *stmt, struct arena *a, struct wire_column **out)
{
    const char *const *names = procedures[find(stmt)].columns;
    size_t n = 0;
    while (names && names[n]) {
        n++;
    }
    *out = ARENA_ARRAY(a, struct wire_column, n);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = (struct wire_column){str_of(names[i]), OID_TEXT, -1, -1, 0};
    }
    return n;
}

static enum status take_arguments(struct session *s, const struct node *stmt, enum procedure p,
                                  struct arena *a, struct str out[ARGUMENTS_MAX], struct error *e)
{
    const struct node_func *f = node_func_const(node_call_const(stmt)->func);
    struct evaluated *values = NULL;
    bool plain = !f->star && !f->distinct && !f->order.n && !f->within_group.n && !f->filter &&
                 !f->over && f->args.n == procedures[p].args;
    for (uint32_t i = 0; plain && i < f->args.n; i++) {
        plain = f->args.at[i]->kind != NODE_NAMED_ARG;
    }
    if (!plain) {
        return error_at(e, ERR_BAD_SQL, stmt->offset, "it is hatidata.%s%s", procedures[p].name,
                        procedures[p].usage);
    }
    if (f->args.n > 0 && evaluate(s, stmt, &f->args, a, &values, e)) {
        return FAIL;
    }
    for (uint32_t i = 0; i < f->args.n; i++) {
        if (!values[i].text.p) {
            return error_at(e, ERR_VALIDATION, f->args.at[i]->offset, "an argument is NULL");
        }
        out[i] = values[i].text;
    }
    return OK;
}

static struct str time_text(int64_t at_us, struct arena *a)
{
    char text[CLOCK_TEXT_SIZE];
    if (at_us == 0) {
        return STR_NULL;
    }
    clock_format(at_us, text);
    return arena_str(a, str_of(text));
}

static enum status run_list(struct session *s, struct str sql, struct arena *a, struct buf *rows,
                            struct result *out, struct error *e)
{
    struct store_jit *all = NULL;
    size_t n = 0;
    if (role_requests(s->governor, sql, a, &all, &n, e)) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        const struct store_jit *r = &all[i];
        struct str row[] = {r->id,
                            r->status,
                            r->user_email.n ? r->user_email : r->user_id,
                            r->role,
                            str_of(arena_printf(a, "%lld", (long long)r->minutes)),
                            r->reason,
                            time_text(r->requested_us, a),
                            time_text(r->expires_us, a)};
        wire_put_text_row(rows, row, sizeof row / sizeof *row);
    }
    out->count = (int64_t)n;
    return OK;
}

static enum status run_request(struct session *s, struct str sql, const struct str *args,
                               struct arena *a, struct buf *rows, struct result *out,
                               struct error *e)
{
    int64_t minutes;
    struct str id;
    if (!str_to_i64(args[1], &minutes)) {
        return error_set(e, ERR_VALIDATION, "minutes must be a whole number");
    }
    if (role_request(s->governor, sql, args[0], minutes, args[2], a, &id, e)) {
        return FAIL;
    }
    wire_put_text_row(rows, &id, 1);
    out->count = 1;
    return OK;
}

static enum status run(struct session *s, const struct node *stmt, struct arena *a,
                       struct buf *rows, struct result *out, struct error *e)
{
    struct str sql = evaluate_text(s, stmt), args[ARGUMENTS_MAX];
    enum procedure p = find(stmt);
    if (take_arguments(s, stmt, p, a, args, e)) {
        return FAIL;
    }
    switch (p) {
    case REQUEST_ROLE:
        return run_request(s, sql, args, a, rows, out, e);
    case APPROVE_ROLE:
        return role_decide(s->governor, sql, ROLE_APPROVE, args[0], e);
    case DENY_ROLE:
        return role_decide(s->governor, sql, ROLE_DENY, args[0], e);
    case REVOKE_ROLE:
        return role_decide(s->governor, sql, ROLE_REVOKE, args[0], e);
    case ROLE_REQUESTS:
        return run_list(s, sql, a, rows, out, e);
    case NO_PROCEDURE:
        break;
    }
    return error_set(e, ERR_INTERNAL, "not a procedure");
}

enum status procedure_call(struct session *s, const struct node *stmt, struct result *out,
                           struct error *e)
{
    struct arena *a = arena_new(0);
    struct buf rows = BUF_INIT(0);
    enum status status = run(s, stmt, a, &rows, out, e);
    result_tag(out, "CALL", -1);
    if (status == OK && procedures[find(stmt)].columns) {
        out->returns_rows = true;
        out->arena = arena_new(0);
        out->column_count = procedure_columns(stmt, out->arena, &out->columns);
        out->rows = held_new(s->env->held);
        status = held_append(out->rows, rows.p, rows.n, e);
    }
    buf_free(&rows);
    arena_free(a);
    return status;
}
