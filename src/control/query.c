/* One statement through the same nine stages as on the wire: the same principal, policies, quota
 * and log. There is no session: what lives in one (SET, transactions, cursors) is for the wire.
 *
 * The answer is made while the engine streams and shown only when the pipeline is through, and the
 * credential still holds. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "control/call.h"
#include "control/queries.h"
#include "control/resources.h"
#include "control/server.h"
#include "identity/identity.h"
#include "pipeline/pipeline.h"
#include "wire/format.h"
#include "wire/param.h"
#include "wire/param_nested.h"

enum { SQL_MAX = 1 << 20, PARAMS_MAX = 1000 };

/* ---- values ---- */

/* A parameter's value as text that param_from_text() reads; STR_NULL for null. */
static struct str json_as_text(const json_t *v, struct arena *a)
{
    if (json_is_null(v)) {
        return STR_NULL;
    }
    if (json_is_string(v)) {
        return (struct str){json_string_value(v), json_string_length(v)};
    }
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    struct str out = arena_str(a, str_of(text));
    free(text);
    return out;
}

static enum status read_params(struct call *c, const struct plan *plan, struct value **out,
                               size_t *n, struct error *e)
{
    const struct type *const *types = plan_params(plan, n);
    const json_t *given_params = json_object_get(c->body, "params");
    struct value *values = ARENA_ARRAY(c->arena, struct value, *n);
    if (json_array_size(given_params) != *n) {
        return call_wrong(c, e, "params",
                          arena_printf(c->arena, "a list of %zu: one for each $n", *n));
    }
    for (size_t i = 0; i < *n; i++) {
        const json_t *given_param = json_array_get(given_params, i);
        struct str text = json_as_text(given_param, c->arena);
        bool is_list = json_is_array(given_param) && type_is_list(types[i]);
        if (!text.p) {
            values[i] = (struct value){.type = types[i], .is_null = true};
        } else if ((is_list ? param_nested_text : param_from_text)(types[i], NULL, text, c->arena,
                                                                   &values[i], e) != OK) {
            return FAIL;
        }
    }
    *out = values;
    return OK;
}

struct answer {
    struct result_sink sink; /* first: the pipeline gives us this back */
    struct call *call;
    const struct engine_column *columns;
    format_put **writers;
    size_t n;
    struct buf scratch;
};

static enum status take_columns(struct result_sink *sink, const struct engine_column *columns,
                                size_t n, struct error *e)
{
    struct answer *s = (struct answer *)sink;
    struct json *j = &s->call->json;
    (void)e;
    s->columns = columns;
    s->n = n;
    s->writers = ARENA_ARRAY(s->call->arena, format_put *, n);
    json_key(j, "columns");
    json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        s->writers[i] = format_writer(columns[i].type, FORMAT_TEXT);
        json_open(j, '{');
        json_kv_str(j, "name", columns[i].name);
        json_kv_str(j, "type", type_name(s->call->arena, columns[i].type));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_key(j, "rows");
    json_open(j, '[');
    return OK;
}

/* Numbers where JSON's readers keep them whole: DECIMAL, and integers past 64 bits, are text. */
static void put_value(struct json *j, enum type_kind kind, struct str text)
{
    bool finite = text.n > 0 && !memchr(text.p, 'N', text.n) && !memchr(text.p, 'I', text.n);
    switch (kind) {
    case TYPE_BOOL:
        json_bool(j, str_is(text, "t"));
        break;
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
    case TYPE_JSON:
        json_raw(j, text);
        break;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        if (finite) {
            json_raw(j, text);
        } else {
            json_str(j, text);
        }
        break;
    default:
        json_str(j, text);
    }
}

static enum status take_batch(struct result_sink *sink, const struct ArrowArray *batch,
                              struct error *e)
{
    struct answer *s = (struct answer *)sink;
    struct json *j = &s->call->json;
    size_t before = s->call->answer.n;
    for (int64_t row = 0; row < batch->length; row++) {
        json_open(j, '[');
        for (size_t i = 0; i < s->n; i++) {
            const struct ArrowArray *column = batch->children[i];
            int64_t at = row + batch->offset;
            const struct type *t = s->columns[i].type;
            if (arrow_is_null(column, at) || t->fields || t->child) {
                format_json(j, t, column, at, &format_plain);
                continue;
            }
            buf_clear(&s->scratch);
            s->writers[i](&s->scratch, t, column, at, &format_plain);
            put_value(j, t->kind, buf_str(&s->scratch));
        }
        json_close(j, ']');
        if (s->call->answer.failed || s->scratch.failed) {
            error_set(e, ERR_TOO_LARGE, "the answer passes %d bytes", CALL_ANSWER_MAX);
            return error_hint(e, "Add a LIMIT, or ask over the PostgreSQL wire.");
        }
    }
    sink->bytes += s->call->answer.n - before;
    return OK;
}

/* ---- the statement ---- */

static enum status parse_one(struct call *c, struct str sql, const struct node **out,
                             struct error *e)
{
    struct pipeline *p = c->config->pipeline;
    struct node_list statements = {0};
    if (sql_parse(c->arena, sql, pipeline_dialect(p), pipeline_parse_limits(p), &statements, e) !=
        OK) {
        return FAIL;
    }
    if (statements.n != 1) {
        return call_wrong(c, e, "sql", "one statement");
    }
    *out = statements.at[0];
    if (sql_is_of_session(*out) || (*out)->kind == NODE_COPY) {
        error_set(e, ERR_UNSUPPORTED, "this statement needs a session");
        return error_hint(e, "Send it over the PostgreSQL wire.");
    }
    return OK;
}

static enum status run_plan(struct call *c, struct plan *plan, struct error *e)
{
    struct answer s = {.sink = {take_columns, take_batch}, .call = c, .scratch.max = SQL_MAX * 16};
    struct json *j = &c->json;
    struct run_result result = {0};
    struct value *params = NULL;
    size_t n = 0;
    enum status status = plan_explains(plan) ? OK : read_params(c, plan, &params, &n, e);
    json_open(j, '{');
    json_kv_str(j, "request_id", str_of(c->id));
    json_kv_str(j, "command", str_of(plan_tag(plan)));
    if (status == OK) {
        status = plan_run(plan, params, n, &s.sink, &result, e);
    }
    if (s.writers) {
        json_close(j, ']');
    }
    json_kv_i64(j, "row_count", result.rows);
    json_close(j, '}');
    mem_wipe(s.scratch.p, s.scratch.n);
    buf_free(&s.scratch);
    return status;
}

static enum status run_governed(struct call *c, struct governor *g, struct str sql, struct error *e)
{
    const struct node *stmt = NULL;
    struct standing now;
    struct plan *plan = NULL;
    enum status status;
    governor_set_request_id(g, str_of(c->id));
    if (parse_one(c, sql, &stmt, e) != OK) {
        struct error unrecorded = ERROR_INIT;
        if (governor_record_failure(g, sql, e, &unrecorded) != OK) {
            *e = unrecorded;
        }
        return FAIL;
    }
    if (plan_make(g, stmt, sql, NULL, 0, &plan, e) != OK) {
        return FAIL;
    }
    status = run_plan(c, plan, e);
    plan_free(plan);
    if (status == OK && (identity_still_valid(c->config->identity, c->who, &now, e) != OK ||
                         !standing_holds(&now, c->who))) {
        status = error_set(e, ERR_REVOKED, "the credential has ended meanwhile");
    }
    return status;
}

/* ---- its way through the gate ---- */

/* Of the heap: it outlives its call by a little. */
struct query_job {
    struct running_query running; /* first: queries gives us this back */
    struct queries *queries;
    struct call *call;
};

static void end_job(struct query_job *j, enum status status, struct error *e)
{
    struct queries *q = j->queries;
    governor_close(j->running.governor);
    call_end(j->call, status, e);
    free(j);
    queries_gone(q);
}

/* On a statement worker. */
static void run_job(void *ctx)
{
    struct query_job *j = ctx;
    struct error e = ERROR_INIT;
    enum status status =
        run_governed(j->call, j->running.governor, given_text(j->call->body, "sql"), &e);
    queries_done(j->queries, &j->running);
    end_job(j, status, &e);
}

static void give_up(struct running_query *r, struct error *why)
{
    end_job((struct query_job *)r, FAIL, why);
}

static enum status query(struct call *c, struct error *e)
{
    struct governor_options o = {.application = STR("rest")};
    struct str priority = given_text(c->body, "priority");
    char session_id[ID_UUID_SIZE];
    if (!c->config->pipeline) {
        error_set(e, ERR_NOT_HERE, "this server has no data plane");
        return error_hint(e, "Ask a server that runs `hatidata serve`.");
    }
    id_uuid(session_id);
    o.session_id = str_of(session_id);
    struct query_job *j = mem_calloc(1, sizeof *j);
    j->queries = c->control->queries;
    j->call = c;
    j->running.who = c->who;
    j->running.give_up = give_up;
    j->running.job = (struct admission_job){
        .run = run_job,
        .ctx = j,
        .priority = admission_priority_of(priority.p ? arena_strdup(c->arena, priority) : "")};
    if (governor_open(c->config->pipeline, c->who, &o, &j->running.governor, e) != OK) {
        free(j);
        return FAIL;
    }
    if (queries_submit(j->queries, &j->running, e) != OK) {
        governor_close(j->running.governor);
        free(j);
        c->retry_seconds = 1;
        return FAIL;
    }
    return OK;
}

static const struct field body[] = {
    {"sql", OF_SCRIPT, true, 1, SQL_MAX, .help = "one statement; $1, $2 ... are parameters"},
    {"params", OF_ARRAY, false, 0, PARAMS_MAX,
     .help = "a value for each $n: null, text, a number, true or false, a list or an object; the "
             "type is the statement's"},
    {"priority", OF_TEXT, false, 1, 8, "low|normal|high|critical",
     .help = "which of the organization's statements that wait is next; normal without it"},
    {0}};
static const struct field column[] = {
    {"name", OF_TEXT, true}, {"type", OF_TEXT, true, .help = "such as DECIMAL(10,2)"}, {0}};
static const struct field answer[] = {
    {"request_id", OF_TEXT, true},
    {"command", OF_TEXT, true, .help = "SELECT, INSERT ..."},
    {"columns", OF_ARRAY, .help = "not of statements without rows", .of = column},
    {"rows", OF_ARRAY,
     .help =
         "a list of values each; decimals, dates and the like are text, lists and structures JSON"},
    {"row_count", OF_INT, true, .help = "rows returned or changed"},
    {0}};

const struct route query_routes[] = {{"POST", "/v1/query", PERMIT_QUERY, 200, query, "query",
                                      "Runs one SQL statement", .body = body, .answer = answer,
                                      .deferred = true, .faults = {404, 408, 422, 499, 501}},
                                     {0}};
