#include "control/here.h"

#include "base/id.h"
#include "control/call.h"
#include "control/route.h"

static enum status answer(struct call *c, json_t **out, struct error *e)
{
    const char *allow = NULL;
    if (route_find(c->method, c->path, c->arena, &c->route, c->params, &allow, e) != OK ||
        call_prepare(c, e) != OK) {
        return FAIL;
    }
    if (c->route->deferred) {
        return error_set(e, ERR_NOT_HERE, "%s isn't answered without a server", c->route->name);
    }
    if (c->route->handle(c, e) != OK) {
        return FAIL;
    }
    *out = json_loadb((const char *)c->answer.p, c->answer.n, 0, NULL);
    return *out ? OK : error_set(e, ERR_INTERNAL, "the answer isn't JSON");
}

enum status control_here(const struct control_config *config, const struct here_request *r,
                         struct arena *a, json_t **out, struct complaint *about, struct error *e)
{
    struct call *c = call_blank(NULL, config);
    c->method = r->method;
    c->path = arena_strdup(c->arena, str_of(r->path));
    c->query_text = r->query;
    c->content_type = "application/json";
    c->body_text = r->body;
    c->source_ip = STR("127.0.0.1");
    c->who = r->who;
    c->is_operator = r->is_operator;
    c->actor = r->actor;
    id_uuid(c->id);
    enum status status = answer(c, out, e);
    *about = (struct complaint){0};
    if (c->complaint.field) {
        about->field = arena_strdup(a, str_of(c->complaint.field));
        about->constraint = arena_strdup(a, str_of(c->complaint.constraint));
    }
    call_forget(c);
    return status;
}
