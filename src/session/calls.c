#include "session/calls.h"

#include "sql/session_call.h"
#include "wire/oid.h"

enum { ROW_BYTES = 16 << 20 };

enum status calls_plan(struct session *s, const struct node *stmt, struct str text,
                       const struct type *const *hints, size_t hint_count, struct plan **out,
                       struct error *e)
{
    struct arena *a = arena_new(0);
    struct node *query = NULL;
    enum status status = session_call_query(a, stmt, &query, e);
    if (status == OK) {
        status = plan_make(s->governor, query, text, hints, hint_count, out, e);
    }
    arena_free(a);
    return status;
}

/* ---- outputs: calls, and values of the query ---- */

struct output {
    enum session_function calls; /* SESSION_FUNCTIONS: a value */
    uint32_t args;               /* of the call; 1: the value itself */
};

static const struct node_list *targets_of(const struct node *stmt)
{
    return &node_select_const(node_query_const(stmt)->body)->targets;
}

static struct output output_of(const struct node *target)
{
    const struct node *expr =
        target->kind == NODE_TARGET ? node_target_const(target)->expr : target;
    enum session_function f = session_call_of(expr);
    return (struct output){f, f == SESSION_FUNCTIONS ? 1 : node_func_const(expr)->args.n};
}

static struct wire_column call_column(const struct node *target, enum session_function f,
                                      struct arena *a)
{
    const struct node *alias = node_target_const(target)->alias;
    const struct session_signature *signature = session_signature(f);
    char r = signature->result;
    uint32_t oid = r == 't' ? OID_TEXT : r == 'b' ? OID_BOOL : OID_VOID;
    struct str name = alias ? node_ident_const(alias)->text : str_of(signature->name);
    return (struct wire_column){arena_str(a, name), oid, r == 'v' ? 4 : oid_typlen(oid), -1, 0};
}

size_t calls_columns(const struct node *stmt, const struct plan *plan, const int16_t *formats,
                     size_t format_count, struct arena *a, struct wire_column **out)
{
    const struct node_list *targets = targets_of(stmt);
    struct wire_column *values = NULL;
    size_t n, at = 0;
    const struct engine_column *columns = plan_columns(plan, &n);
    rows_describe(columns, n, NULL, 0, a, &values);
    *out = ARENA_ARRAY(a, struct wire_column, targets->n);
    for (uint32_t i = 0; i < targets->n; i++) {
        struct output o = output_of(targets->at[i]);
        (*out)[i] =
            o.calls == SESSION_FUNCTIONS ? values[at] : call_column(targets->at[i], o.calls, a);
        (*out)[i].format = rows_format(formats, format_count, i);
        at += o.args;
    }
    return targets->n;
}

/* ---- the row ---- */

struct call_row {
    struct result_sink sink; /* first: the pipeline gives us this back */
    struct session *session;
    struct arena *arena;
    const struct node_list *targets;
    const struct wire_column *columns; /* of the statement */
    const struct type **types;
    struct str *values; /* of the query: arguments as plain text, outputs as they are sent */
    size_t n;
    int64_t rows;
};

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct call_row *r = (struct call_row *)sink;
    if (n != r->n) {
        return error_set(e, ERR_INTERNAL, "as many values as arguments were expected");
    }
    for (size_t i = 0; i < n; i++) {
        r->types[i] = type_copy(r->arena, columns[i].type);
    }
    return OK;
}

static enum status take_value(struct call_row *r, size_t at, const struct ArrowArray *a,
                              const struct wire_column *shown, struct error *e)
{
    struct buf text = BUF_INIT(ROW_BYTES);
    if (!arrow_is_null(a, 0)) {
        format_put *put = format_writer(r->types[at], shown ? shown->format : FORMAT_TEXT);
        put(&text, r->types[at], a, 0, shown ? &r->session->style : &format_plain);
        r->values[at] = arena_str(r->arena, text.n ? buf_str(&text) : STR(""));
    }
    bool failed = text.failed;
    buf_free(&text);
    return failed ? error_set(e, ERR_TOO_LARGE, "a value here may have %d bytes", ROW_BYTES) : OK;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct call_row *r = (struct call_row *)sink;
    size_t at = 0;
    for (uint32_t i = 0; batch->length > 0 && r->rows == 0 && i < r->targets->n; i++) {
        struct output o = output_of(r->targets->at[i]);
        const struct wire_column *shown = o.calls == SESSION_FUNCTIONS ? &r->columns[i] : NULL;
        for (uint32_t k = 0; k < o.args; k++, at++) {
            if (take_value(r, at, batch->children[at], shown, e)) {
                return FAIL;
            }
        }
    }
    r->rows += batch->length;
    return OK;
}

static enum status ask(struct call_row *r, struct plan *plan, const struct value *params,
                       size_t param_count, struct error *e)
{
    struct run_result ran = {0};
    plan_columns(plan, &r->n);
    r->types = ARENA_ARRAY(r->arena, const struct type *, r->n);
    r->values = ARENA_ARRAY(r->arena, struct str, r->n);
    r->session->has_run = true;
    if (plan_run(plan, params, param_count, &r->sink, &ran, e)) {
        return FAIL;
    }
    return r->rows == 1 ? OK : error_set(e, ERR_INTERNAL, "one row of arguments was expected");
}

/* ---- the functions ---- */

/* set_config(name, value, is_local): SET, or SET LOCAL, which outside of a transaction ends with
 * the statement. NULL as the value is the default. */
static enum status set_config(struct session *s, const struct str *args, struct arena *a,
                              struct str *out, struct error *e)
{
    bool local = args[2].p && str_is(args[2], "t");
    enum settings_scope scope = local ? SETTINGS_LOCAL : transaction_scope(s);
    enum setting i;
    if (!args[0].p) {
        return error_set(e, ERR_BAD_SETTING, "SET requires parameter name");
    }
    if (local_find_or_make(s, args[0], &i, e) || local_set(s, i, args[1], scope, e)) {
        return FAIL;
    }
    *out = local_setting(s, a, args[0]);
    if (local && s->block != BLOCK_OPEN && !s->implicit) {
        settings_end(s->settings, true);
    }
    return session_apply_settings(s, e);
}

static enum status act(struct session *s, enum session_function f, const struct str *args,
                       struct arena *a, struct str *out, struct error *e)
{
    switch (f) {
    case CALL_SET_CONFIG:
        return set_config(s, args, a, out, e);
    case SESSION_FUNCTIONS:
        break;
    }
    return error_set(e, ERR_INTERNAL, "not a function of the session");
}

/* A boolean is "t" or "f" until here. */
static struct str encoded(const struct wire_column *c, struct str text)
{
    if (c->oid == OID_BOOL && c->format == FORMAT_BINARY && text.p) {
        return str_is(text, "t") ? (struct str){"\1", 1} : (struct str){"\0", 1};
    }
    return text;
}

static enum status act_all(struct call_row *r, struct str *fields, struct error *e)
{
    size_t at = 0;
    for (uint32_t i = 0; i < r->targets->n; i++) {
        struct output o = output_of(r->targets->at[i]);
        if (o.calls == SESSION_FUNCTIONS) {
            fields[i] = r->values[at];
        } else if (act(r->session, o.calls, r->values + at, r->arena, &fields[i], e)) {
            return FAIL;
        } else {
            fields[i] = encoded(&r->columns[i], fields[i]);
        }
        at += o.args;
    }
    return OK;
}

static enum status hold_row(struct session *s, const struct str *fields, struct result *out,
                            struct error *e)
{
    struct buf row = BUF_INIT(0);
    wire_put_text_row(&row, fields, out->column_count);
    out->returns_rows = true;
    out->count = 1;
    out->rows = held_new(s->env->held);
    result_tag(out, "SELECT", 1);
    enum status status = held_append(out->rows, row.p, row.n, e);
    buf_free(&row);
    return status;
}

enum status calls_run(struct session *s, const struct node *stmt, struct plan *plan,
                      const struct value *params, size_t param_count, const int16_t *formats,
                      size_t format_count, struct result *out, struct error *e)
{
    *out = (struct result){.arena = arena_new(0)};
    out->column_count = calls_columns(stmt, plan, formats, format_count, out->arena, &out->columns);
    struct call_row row = {.sink = {take_columns, take_batch},
                           .session = s,
                           .arena = arena_new(0),
                           .targets = targets_of(stmt),
                           .columns = out->columns};
    struct str *fields = ARENA_ARRAY(row.arena, struct str, out->column_count);
    enum status status = ask(&row, plan, params, param_count, e);
    if (status == OK) {
        status = act_all(&row, fields, e);
    }
    if (status == OK) {
        status = hold_row(s, fields, out, e);
    }
    arena_free(row.arena);
    if (status) {
        result_fini(out);
    }
    return status;
}
