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

enum { ROWS_BYTES = 16 << 20 }; /* of all values of the query together, and what holds them */

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
    const struct node_list *targets = session_call_targets(stmt);
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

/* ---- the rows ---- */

/* Of the query: arguments as plain text, outputs as they are sent. */
struct call_row {
    struct call_row *next;
    struct str values[];
};

struct calls {
    struct result_sink sink; /* first: the pipeline gives us this back */
    struct session *session;
    struct arena *arena;
    const struct node_list *targets;
    const struct wire_column *columns; /* of the statement */
    const struct type **types;
    size_t n, bytes;
    struct call_row *row, **last; /* from the one that is acted on */
    struct str *fields;           /* of the statement */
    uint32_t next;                /* the output that comes next ... */
    size_t at;                    /* ... and where its values begin */
    bool waits;
};

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct calls *c = (struct calls *)sink;
    if (n != c->n) {
        return error_set(e, ERR_INTERNAL, "as many values as arguments were expected");
    }
    for (size_t i = 0; i < n; i++) {
        c->types[i] = type_copy(c->arena, columns[i].type);
    }
    return OK;
}

static enum status count_bytes(struct calls *c, size_t n, struct error *e)
{
    if (n > ROWS_BYTES - c->bytes) {
        return error_set(e, ERR_TOO_LARGE, "the values here may have %d bytes together",
                         ROWS_BYTES);
    }
    c->bytes += n;
    return OK;
}

static enum status take_value(struct calls *c, struct str *out, const struct type *type,
                              const struct ArrowArray *a, int64_t row,
                              const struct wire_column *shown, struct error *e)
{
    struct buf text = BUF_INIT(ROWS_BYTES);
    if (!arrow_is_null(a, row)) {
        format_put *put = format_writer(type, shown ? shown->format : FORMAT_TEXT);
        put(&text, type, a, row, shown ? &c->session->style : &format_plain);
        *out = arena_str(c->arena, text.n ? buf_str(&text) : STR(""));
    }
    enum status status = count_bytes(c, text.failed ? ROWS_BYTES + 1 : text.n, e);
    c->sink.bytes += status == OK ? text.n : 0;
    buf_free(&text);
    return status;
}

static enum status take_row(struct calls *c, const struct ArrowArray *batch, int64_t row,
                            struct error *e)
{
    size_t size = sizeof(struct call_row) + c->n * sizeof(struct str), at = 0;
    if (count_bytes(c, size, e)) {
        return FAIL;
    }
    struct call_row *r = *c->last = arena_alloc(c->arena, size);
    c->last = &r->next;
    for (uint32_t i = 0; i < c->targets->n; i++) {
        struct output o = output_of(c->targets->at[i]);
        const struct wire_column *shown = o.calls == SESSION_FUNCTIONS ? &c->columns[i] : NULL;
        for (uint32_t k = 0; k < o.args; k++, at++) {
            if (take_value(c, &r->values[at], c->types[at], batch->children[at], row, shown, e)) {
                return FAIL;
            }
        }
    }
    return OK;
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct calls *c = (struct calls *)sink;
    for (int64_t i = 0; i < batch->length; i++) {
        if (take_row(c, batch, i, e)) {
            return FAIL;
        }
    }
    return OK;
}

static enum status ask(struct calls *c, struct plan *plan, const struct value *params,
                       size_t param_count, struct error *e)
{
    struct run_result ran = {0};
    plan_columns(plan, &c->n);
    c->types = ARENA_ARRAY(c->arena, const struct type *, c->n);
    c->session->has_run = true;
    return plan_run(plan, params, param_count, &c->sink, &ran, e);
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

static enum status act(struct calls *c, struct output o, const struct str *args, struct str *out,
                       struct error *e)
{
    struct session *s = c->session;
    if (o.calls == CALL_SET_CONFIG) {
        return set_config(s, args, c->arena, out, e);
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
        return lock(s, o.calls, lock_key(args, o.args), out, &c->waits, e);
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

/* From where it is in its row; stops before a lock that has to be waited for. */
static enum status act_on(struct calls *c, struct error *e)
{
    const struct str *values = c->row->values;
    for (; c->next < c->targets->n; c->next++) {
        struct output o = output_of(c->targets->at[c->next]);
        struct str *field = &c->fields[c->next];
        if (o.calls == SESSION_FUNCTIONS) {
            *field = values[c->at];
        } else if (act(c, o, values + c->at, field, e)) {
            return FAIL;
        } else if (c->waits) {
            return OK;
        } else {
            *field = encoded(&c->columns[c->next], *field);
        }
        c->at += o.args;
    }
    return OK;
}

static enum status hold_row(struct calls *c, struct result *out, struct error *e)
{
    struct buf row = BUF_INIT(0);
    wire_put_text_row(&row, c->fields, out->column_count);
    enum status status = held_append(out->rows, row.p, row.n, e);
    buf_free(&row);
    out->count++;
    c->row = c->row->next;
    c->next = 0;
    c->at = 0;
    return status;
}

static enum status act_on_rows(struct calls *c, struct result *out, struct error *e)
{
    while (c->row) {
        if (act_on(c, e)) {
            return FAIL;
        }
        if (c->waits) {
            return OK;
        }
        if (hold_row(c, out, e)) {
            return FAIL;
        }
    }
    result_tag(out, "SELECT", out->count);
    return OK;
}

/* ---- waiting ---- */

struct stalled {
    struct calls calls;
    struct result result; /* its columns, and the rows before */
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
        struct output o = output_of(w->calls.targets->at[w->calls.next]);
        if (!lock_functions[o.calls].of_transaction) {
            (void)advisory_unlock(s->locks, lock_key(w->calls.row->values + w->calls.at, o.args),
                                  lock_functions[o.calls].shared);
        }
    }
    arena_free(w->calls.arena);
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
static enum status stall(struct session *s, struct calls *c, struct result *out, struct error *e)
{
    struct stalled *w = s->stalled = mem_alloc(sizeof *w);
    w->calls = *c;
    w->calls.waits = false;
    w->result = *out;
    w->began_ns = clock_mono_ns();
    *out = (struct result){.waits = true};
    if (atomic_exchange(&s->cancelled, false)) { /* before it could be seen to wait */
        return error_set(e, ERR_CANCELED, "canceling statement due to user request");
    }
    return OK;
}

/* The wait is over: the lock is there, or why it isn't. */
static enum status resume(struct session *s, struct calls *c, struct result *out, struct error *e)
{
    struct stalled *w = s->stalled;
    bool by_lock = limit_ms(s) != settings_number(s->settings, SET_STATEMENT_TIMEOUT);
    if (!advisory_finish(s->locks)) {
        return !w->expired ? error_set(e, ERR_CANCELED, "canceling statement due to user request")
               : by_lock
                   ? error_set(e, ERR_LOCK_TIMEOUT, "canceling statement due to lock timeout")
                   : error_set(e, ERR_TIMEOUT, "canceling statement due to statement timeout");
    }
    *c = w->calls;
    *out = w->result;
    struct output o = output_of(c->targets->at[c->next]);
    c->fields[c->next++] = STR("");
    c->at += o.args;
    s->stalled = NULL;
    free(w);
    return OK;
}

static enum status begin(struct calls *c, const struct node *stmt, struct plan *plan,
                         const struct value *params, size_t param_count, const int16_t *formats,
                         size_t format_count, struct result *out, struct error *e)
{
    struct session *s = c->session;
    *out = (struct result){
        .arena = arena_new(0), .rows = held_new(s->env->held), .returns_rows = true};
    *c = (struct calls){.sink = {take_columns, take_batch}, .session = s, .arena = arena_new(0)};
    c->last = &c->row;
    /* A wait may outlive the statement's tree. */
    c->targets = session_call_targets(node_copy(c->arena, stmt));
    out->column_count = calls_columns(stmt, plan, formats, format_count, out->arena, &out->columns);
    c->columns = out->columns;
    c->fields = ARENA_ARRAY(c->arena, struct str, out->column_count);
    return ask(c, plan, params, param_count, e);
}

enum status calls_run(struct session *s, const struct node *stmt, struct plan *plan,
                      const struct value *params, size_t param_count, const int16_t *formats,
                      size_t format_count, struct result *out, struct error *e)
{
    struct calls calls = {.session = s};
    enum status status =
        s->stalled ? resume(s, &calls, out, e)
                   : begin(&calls, stmt, plan, params, param_count, formats, format_count, out, e);
    if (s->stalled) { /* the error drops it */
        return FAIL;
    }
    if (status == OK) {
        status = act_on_rows(&calls, out, e);
    }
    if (status == OK && calls.waits) {
        return stall(s, &calls, out, e);
    }
    if (s->block == BLOCK_NONE && !s->implicit) {
        advisory_end_transaction(s->locks);
    }
    arena_free(calls.arena);
    if (status) {
        result_fini(out);
    }
    return status;
}
