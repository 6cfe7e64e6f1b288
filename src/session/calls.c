#include "session/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "policy/policy.h"
#include "session/advisory.h"
#include "session/registry.h"
#include "sql/session_call.h"
#include "wire/oid.h"

enum { ROW_BYTES = 16 << 20 }; /* of all values of the query together */

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
    size_t n, bytes;
    int64_t rows;
    struct str *fields; /* of the statement */
    uint32_t next;      /* the output that comes next ... */
    size_t at;          /* ... and where its values begin */
    bool waits;
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
    bool failed = text.failed || text.n > ROW_BYTES - r->bytes;
    r->bytes += failed ? 0 : text.n;
    r->sink.bytes = r->bytes;
    buf_free(&text);
    return failed ? error_set(e, ERR_TOO_LARGE, "the values here may have %d bytes together",
                              ROW_BYTES)
                  : OK;
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

/* ---- advisory locks ---- */

/* How the functions differ. */
static const struct {
    bool locks, unlocks, shared, of_transaction, may_wait;
} lock_functions[SESSION_FUNCTIONS] = {
    [CALL_LOCK] = {.locks = true, .may_wait = true},
    [CALL_LOCK_SHARED] = {.locks = true, .shared = true, .may_wait = true},
    [CALL_XACT_LOCK] = {.locks = true, .of_transaction = true, .may_wait = true},
    [CALL_XACT_LOCK_SHARED] = {.locks = true,
                               .shared = true,
                               .of_transaction = true,
                               .may_wait = true},
    [CALL_TRY_LOCK] = {.locks = true},
    [CALL_TRY_LOCK_SHARED] = {.locks = true, .shared = true},
    [CALL_TRY_XACT_LOCK] = {.locks = true, .of_transaction = true},
    [CALL_TRY_XACT_LOCK_SHARED] = {.locks = true, .shared = true, .of_transaction = true},
    [CALL_UNLOCK] = {.unlocks = true},
    [CALL_UNLOCK_SHARED] = {.unlocks = true, .shared = true},
};

static struct advisory_key lock_key(const struct str *args, size_t n)
{
    int64_t first = 0, second = 0;
    (void)str_to_i64(args[0], &first);
    if (n == 1) {
        return (struct advisory_key){false, first};
    }
    (void)str_to_i64(args[1], &second);
    uint64_t both = (uint64_t)(uint32_t)first << 32 | (uint32_t)second;
    return (struct advisory_key){true, (int64_t)both};
}

static enum status lock(struct session *s, enum session_function f, struct advisory_key key,
                        struct str *out, bool *waits, struct error *e)
{
    struct advisory_request r = {.key = key,
                                 .shared = lock_functions[f].shared,
                                 .of_transaction = lock_functions[f].of_transaction,
                                 .may_wait = lock_functions[f].may_wait};
    bool is_void = session_signature(f)->result == 'v';
    switch (advisory_lock(s->locks, &r)) {
    case ADVISORY_HELD:
        *out = is_void ? STR("") : STR("t");
        return OK;
    case ADVISORY_BUSY:
        *out = STR("f");
        return OK;
    case ADVISORY_WAITS:
        *waits = true;
        return OK;
    case ADVISORY_DEADLOCK:
        return error_set(e, ERR_DEADLOCK, "deadlock detected");
    case ADVISORY_FULL:
        break;
    }
    error_set(e, ERR_MEMORY, "a session holds at most %d advisory locks", ADVISORY_LOCKS_MAX);
    return error_hint(e, "Give some of them up.");
}

static struct str unlock(struct session *s, struct advisory_key key, bool shared)
{
    if (advisory_unlock(s->locks, key, shared)) {
        return STR("t");
    }
    session_warn(s, "01000",
                 shared ? "you don't own a lock of type ShareLock"
                        : "you don't own a lock of type ExclusiveLock");
    return STR("f");
}

/* ---- other sessions ---- */

/* Those of the same user; of the whole organization for who manages it. Of others nothing is told.
 */
static enum status signal_session(struct session *s, bool ends, struct str pid, struct str *out,
                                  struct error *e)
{
    const struct principal *p = s->login->principal;
    struct registry_asker who = {p->org_id, session_user(s), policy_role_may(p, ACTION_MANAGE)};
    struct error unrecorded = ERROR_INIT;
    char text[64];
    int64_t number = 0;
    (void)str_to_i64(pid, &number);
    switch (registry_signal(s->env->registry, (int32_t)number, &who, ends)) {
    case REGISTRY_DONE:
        *out = STR("t");
        return OK;
    case REGISTRY_UNKNOWN:
        snprintf(text, sizeof text, "PID %d is not a PostgreSQL server process", (int)number);
        session_warn(s, "01000", text);
        *out = STR("f");
        return OK;
    case REGISTRY_DENIED:
        break;
    }
    error_set(e, ERR_DENIED, "the session of another user is not yours to %s",
              ends ? "end" : "cancel");
    if (governor_record_failure(s->governor, s->query.p ? s->query : STR(""), e, &unrecorded)) {
        *e = unrecorded;
    }
    return FAIL;
}

static bool has_null(const struct str *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!args[i].p) {
            return true;
        }
    }
    return false;
}

static enum status act(struct call_row *r, struct output o, const struct str *args, struct str *out,
                       struct error *e)
{
    struct session *s = r->session;
    if (o.calls == CALL_SET_CONFIG) {
        return set_config(s, args, r->arena, out, e);
    }
    if (has_null(args, o.args)) {
        *out = STR_NULL;
        return OK;
    }
    if (o.calls == CALL_UNLOCK_ALL) {
        advisory_unlock_all(s->locks);
        *out = STR("");
        return OK;
    }
    if (o.calls == CALL_CANCEL_BACKEND || o.calls == CALL_TERMINATE_BACKEND) {
        return signal_session(s, o.calls == CALL_TERMINATE_BACKEND, args[0], out, e);
    }
    if (lock_functions[o.calls].locks) {
        return lock(s, o.calls, lock_key(args, o.args), out, &r->waits, e);
    }
    if (lock_functions[o.calls].unlocks) {
        *out = unlock(s, lock_key(args, o.args), lock_functions[o.calls].shared);
        return OK;
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

/* From where it is; stops before a lock that has to be waited for. */
static enum status act_on(struct call_row *r, struct error *e)
{
    for (; r->next < r->targets->n; r->next++) {
        struct output o = output_of(r->targets->at[r->next]);
        struct str *field = &r->fields[r->next];
        if (o.calls == SESSION_FUNCTIONS) {
            *field = r->values[r->at];
        } else if (act(r, o, r->values + r->at, field, e)) {
            return FAIL;
        } else if (r->waits) {
            return OK;
        } else {
            *field = encoded(&r->columns[r->next], *field);
        }
        r->at += o.args;
    }
    return OK;
}

/* ---- waiting ---- */

struct stalled {
    struct call_row row;
    struct result result; /* its columns */
    int64_t began_ns;
    bool expired;
};

void calls_drop_stalled(struct session *s)
{
    struct stalled *w = s->stalled;
    if (!w) {
        return;
    }
    s->stalled = NULL;
    if (advisory_finish(s->locks)) { /* it came, and the statement failed all the same */
        struct output o = output_of(w->row.targets->at[w->row.next]);
        if (!lock_functions[o.calls].of_transaction) {
            (void)advisory_unlock(s->locks, lock_key(w->row.values + w->row.at, o.args),
                                  lock_functions[o.calls].shared);
        }
    }
    arena_free(w->row.arena);
    result_fini(&w->result);
    free(w);
}

bool session_waits(const struct session *s)
{
    return s->stalled != NULL;
}

void session_arm(struct session *s, void (*wake)(void *ctx), void *ctx)
{
    advisory_arm(s->locks, wake, ctx);
}

static int64_t limit_ms(const struct session *s)
{
    int64_t lock = settings_number(s->settings, SET_LOCK_TIMEOUT);
    int64_t all = settings_number(s->settings, SET_STATEMENT_TIMEOUT);
    return lock == 0 ? all : all == 0 || lock < all ? lock : all;
}

int64_t session_wait_ms(const struct session *s)
{
    int64_t limit = limit_ms(s);
    int64_t passed = (clock_mono_ns() - s->stalled->began_ns) / 1000000;
    return limit == 0 ? 0 : limit > passed ? limit - passed : 1;
}

void session_wait_expired(struct session *s)
{
    s->stalled->expired = true;
    advisory_poke(s->locks);
}

/* Keeps all that the statement has come to. */
static enum status stall(struct session *s, struct call_row *r, struct result *out, struct error *e)
{
    struct stalled *w = s->stalled = mem_alloc(sizeof *w);
    w->row = *r;
    w->row.waits = false;
    w->result = *out;
    w->began_ns = clock_mono_ns();
    *out = (struct result){.waits = true};
    if (atomic_exchange(&s->cancelled, false)) { /* before it could be seen to wait */
        return error_set(e, ERR_CANCELED, "canceling statement due to user request");
    }
    return OK;
}

/* The wait is over: the lock is there, or why it isn't. */
static enum status resume(struct session *s, struct call_row *r, struct result *out,
                          struct error *e)
{
    struct stalled *w = s->stalled;
    bool by_lock = limit_ms(s) != settings_number(s->settings, SET_STATEMENT_TIMEOUT);
    if (!advisory_finish(s->locks)) {
        return !w->expired ? error_set(e, ERR_CANCELED, "canceling statement due to user request")
               : by_lock
                   ? error_set(e, ERR_LOCK_TIMEOUT, "canceling statement due to lock timeout")
                   : error_set(e, ERR_TIMEOUT, "canceling statement due to statement timeout");
    }
    *r = w->row;
    *out = w->result;
    struct output o = output_of(r->targets->at[r->next]);
    r->fields[r->next++] = STR("");
    r->at += o.args;
    s->stalled = NULL;
    free(w);
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

static enum status begin(struct call_row *r, const struct node *stmt, struct plan *plan,
                         const struct value *params, size_t param_count, const int16_t *formats,
                         size_t format_count, struct result *out, struct error *e)
{
    struct session *s = r->session;
    *out = (struct result){.arena = arena_new(0)};
    *r = (struct call_row){.sink = {take_columns, take_batch}, .session = s, .arena = arena_new(0)};
    r->targets =
        targets_of(node_copy(r->arena, stmt)); /* a wait may outlive the statement's tree */
    out->column_count = calls_columns(stmt, plan, formats, format_count, out->arena, &out->columns);
    r->columns = out->columns;
    r->fields = ARENA_ARRAY(r->arena, struct str, out->column_count);
    return ask(r, plan, params, param_count, e);
}

enum status calls_run(struct session *s, const struct node *stmt, struct plan *plan,
                      const struct value *params, size_t param_count, const int16_t *formats,
                      size_t format_count, struct result *out, struct error *e)
{
    struct call_row row = {.session = s};
    enum status status =
        s->stalled ? resume(s, &row, out, e)
                   : begin(&row, stmt, plan, params, param_count, formats, format_count, out, e);
    if (s->stalled) { /* the error drops it */
        return FAIL;
    }
    if (status == OK) {
        status = act_on(&row, e);
    }
    if (status == OK && row.waits) {
        return stall(s, &row, out, e);
    }
    if (status == OK) {
        status = hold_row(s, row.fields, out, e);
    }
    if (s->block == BLOCK_NONE && !s->implicit) {
        advisory_end_transaction(s->locks);
    }
    arena_free(row.arena);
    if (status) {
        result_fini(out);
    }
    return status;
}
