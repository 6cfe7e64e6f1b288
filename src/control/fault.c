#include "control/fault.h"

#include "base/id.h"
#include "base/log.h"

static const struct fault faults[] = {
    {400, "VALIDATION_ERROR", "the request, or the statement in it, is wrong: `details` says what"},
    {401, "UNAUTHORIZED", "no credential, or one that doesn't hold (any more)"},
    {403, "FORBIDDEN", "the role, or the key's scopes, don't have the permission"},
    {404, "NOT_FOUND", "there is no such thing, or not for this credential"},
    {405, "METHOD_NOT_ALLOWED", "the path has other methods: `Allow` names them"},
    {408, "TIMEOUT", "the statement took longer than it may"},
    {409, "CONFLICT", "what is there already, or has been decided already, is in the way"},
    {413, "TOO_LARGE", "the body, the statement or the answer is too large"},
    {415, "UNSUPPORTED_MEDIA_TYPE", "the body isn't application/json"},
    {422, "POLICY_VIOLATION", "a policy refuses the statement"},
    {429, "RATE_LIMITED", "too many requests, or no credits left"},
    {499, "CANCELED", "the statement was cancelled"},
    {500, "INTERNAL_ERROR", "the server's own failure; its log tells more under the request's id"},
    {501, "NOT_IMPLEMENTED", "this server doesn't have the feature"},
    {503, "UNAVAILABLE", "the server is busy, stops, or misses what it needs"},
    {507, "INSUFFICIENT_STORAGE", "the statement needs more memory or disk than there is"},
};
enum { FAULTS = sizeof faults / sizeof *faults };

size_t fault_count(void)
{
    return FAULTS;
}

const struct fault *fault_at(size_t i)
{
    return &faults[i];
}

static const char *code_of(int status)
{
    for (size_t i = 0; i < FAULTS; i++) {
        if (faults[i].status == status) {
            return faults[i].code;
        }
    }
    return "INTERNAL_ERROR";
}

static const struct field details[] = {
    {"code", OF_TEXT, true, .help = "stable, such as HATI_ERR_400_VALIDATION"},
    {"hint", OF_TEXT, true, .help = "what to do"},
    {"field", OF_TEXT, .help = "that is wrong"},
    {"constraint", OF_TEXT, .help = "what the field must be"},
    {"position", OF_INT, .help = "in the statement: bytes from its begin"},
    {0}};
static const struct field error_fields[] = {
    {"code", OF_TEXT, true, .help = "one for each status"},
    {"message", OF_TEXT, true},
    {"details", OF_OBJECT, true, .of = details},
    {"request_id", OF_TEXT, true, .help = "as in X-Request-ID and in the audit log"},
    {0}};
const struct field fault_answer[] = {{"error", OF_OBJECT, true, .of = error_fields}, {0}};

static bool is_among(const int *statuses, int status)
{
    for (size_t i = 0; i < ROUTE_FAULTS_MAX && statuses[i]; i++) {
        if (statuses[i] == status) {
            return true;
        }
    }
    return false;
}

bool fault_is_of(const struct route *r, int status)
{
    switch (status) {
    case 400:
    case 413:
    case 429:
    case 500:
    case 503:
        return true;
    case 401:
    case 403:
        return r->permission != PERMIT_ANYBODY || is_among(r->faults, status);
    case 404:
        return route_param_name(r, 0).p || is_among(r->faults, status);
    case 409:
    case 507:
        return !str_is(str_of(r->method), "GET") || is_among(r->faults, status);
    case 415:
        return r->body;
    default:
        return is_among(r->faults, status);
    }
}

int fault_status(const struct call *c, const struct error *e)
{
    bool statement = c->route && c->route->permission == PERMIT_QUERY && c->who;
    bool policy =
        e->code == ERR_DENIED || e->code == ERR_MASKED_USE || e->code == ERR_ENGINE_DISAGREES;
    return statement && policy ? 422 : error_info(e->code)->http;
}

/* Of a failure of the server's own only the statement that ran may be told more: the pipeline has
 * made its messages for clients. */
static bool is_private(const struct call *c, const struct error *e)
{
    bool statement = c->route && c->route->permission == PERMIT_QUERY;
    return error_info(e->code)->http >= 500 && e->code != ERR_NOT_HERE &&
           e->code != ERR_NOT_READY && !statement;
}

static void write_details(struct call *c, const struct error *e, bool hidden)
{
    struct json *j = &c->json;
    json_open(j, '{');
    json_kv_str(j, "code", str_of(error_info(e->code)->name));
    json_kv_str(j, "hint", str_of(hidden ? error_info(e->code)->advice : error_advice(e)));
    if (c->complaint.field) {
        json_kv_str(j, "field", str_of(c->complaint.field));
        json_kv_str(j, "constraint", str_of(c->complaint.constraint));
    }
    if (e->position >= 0 && !hidden) {
        json_kv_i64(j, "position", e->position);
    }
    json_close(j, '}');
}

static void write_body(struct call *c, const struct error *e, bool hidden)
{
    static const char hiding[] =
        "the server can't do this now; its log tells why, under the request id";
    struct json *j = &c->json;
    json_open(j, '{');
    json_key(j, "error");
    json_open(j, '{');
    json_kv_str(j, "code", str_of(code_of(c->status)));
    json_kv_str(j, "message", hidden ? STR(hiding) : str_of(e->message));
    json_key(j, "details");
    write_details(c, e, hidden);
    json_kv_str(j, "request_id", str_of(c->id));
    json_close(j, '}');
    json_close(j, '}');
}

void fault_write(struct call *c, const struct error *e)
{
    c->status = fault_status(c, e);
    if (error_info(e->code)->http >= 500) {
        log_error("control", "%s %s, request %s: %s", c->method,
                  c->route ? c->route->path : "(no route)", c->id, e->message);
    }
    buf_free(&c->answer);
    c->json = (struct json)JSON_INIT(&c->answer);
    write_body(c, e, is_private(c, e));
}

void fault_refuse(void *ctx, int *status, struct buf *body)
{
    struct call c = {.json = JSON_INIT(body)};
    struct error e = ERROR_INIT;
    (void)ctx;
    if (*status == 413) {
        error_set(&e, ERR_TOO_LARGE, "the headers or the body are too large");
    } else if (*status == 501) {
        error_set(&e, ERR_METHOD, "there is no such method");
    } else {
        error_set(&e, ERR_VALIDATION, "this isn't HTTP/1.1, or its headers are too long");
        error_hint(&e, "Send a request as RFC 9112 has it.");
    }
    c.status = *status = error_info(e.code)->http;
    id_uuid(c.id);
    write_body(&c, &e, false);
}
