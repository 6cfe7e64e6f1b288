#include "control/fault.h"

#include "base/log.h"

/* One row a status. */
static const struct {
    int status;
    const char *code;
} codes[] = {
    {400, "VALIDATION_ERROR"},
    {401, "UNAUTHORIZED"},
    {403, "FORBIDDEN"},
    {404, "NOT_FOUND"},
    {405, "METHOD_NOT_ALLOWED"},
    {408, "TIMEOUT"},
    {409, "CONFLICT"},
    {413, "TOO_LARGE"},
    {415, "UNSUPPORTED_MEDIA_TYPE"},
    {422, "POLICY_VIOLATION"},
    {429, "RATE_LIMITED"},
    {499, "CANCELED"},
    {500, "INTERNAL_ERROR"},
    {501, "NOT_IMPLEMENTED"},
    {503, "UNAVAILABLE"},
    {507, "INSUFFICIENT_STORAGE"},
};

const char *fault_code(int status)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].status == status) {
            return codes[i].code;
        }
    }
    return "INTERNAL_ERROR";
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

void fault_write(struct call *c, const struct error *e)
{
    bool hidden = is_private(c, e);
    struct json *j = &c->json;
    c->status = fault_status(c, e);
    if (error_info(e->code)->http >= 500) {
        log_error("control", "%s %s, request %s: %s", c->method,
                  c->route ? c->route->path : "(no route)", c->id, e->message);
    }
    buf_free(&c->answer);
    *j = (struct json)JSON_INIT(&c->answer);
    json_open(j, '{');
    json_key(j, "error");
    json_open(j, '{');
    json_kv_str(j, "code", str_of(fault_code(c->status)));
    json_kv_str(j, "message",
                hidden
                    ? STR("the server can't do this now; its log tells why, under the request id")
                    : str_of(e->message));
    json_key(j, "details");
    write_details(c, e, hidden);
    json_kv_str(j, "request_id", str_of(c->id));
    json_close(j, '}');
    json_close(j, '}');
}
