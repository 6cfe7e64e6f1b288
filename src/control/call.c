/* The way of a request. Each step either goes on or ends it with an error; nothing after a refusal
 * is looked at, so that who may not use a route learns nothing from it. */
#include "control/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "control/fault.h"
#include "control/page.h"
#include "control/server.h"
#include "identity/identity.h"
#include "identity/operator.h"
#include "net/web.h"
#include "store/iam.h"
#include "store/org.h"

/* ---- what came ---- */

static const char *header(struct call *c, const char *name)
{
    const char *value = web_header(c->request, name);
    return value ? arena_strdup(c->arena, str_of(value)) : NULL;
}

/* The client's own id where it is letters, digits, '.', '_' and '-'; else one of ours. */
static void set_id(struct call *c)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *given_id = web_header(c->request, "X-Request-ID");
    size_t n = given_id ? strlen(given_id) : 0;
    if (n > 0 && n <= CALL_ID_MAX && strspn(given_id, allowed) == n) {
        memcpy(c->id, given_id, n + 1);
    } else {
        id_uuid(c->id);
    }
}

struct call *call_blank(struct control *control, const struct control_config *config)
{
    struct arena *a = arena_new(0);
    struct call *c = ARENA_NEW(a, struct call);
    c->control = control;
    c->config = config;
    c->arena = a;
    c->answer.max = CALL_ANSWER_MAX;
    c->json = (struct json)JSON_INIT(&c->answer);
    return c;
}

struct call *call_new(struct control *control, const struct control_config *config,
                      struct web_request *r)
{
    struct call *c = call_blank(control, config);
    struct arena *a = c->arena;
    const char *query = web_query(r);
    c->request = r;
    c->method = web_method(r);
    c->path = arena_strdup(a, str_of(web_path(r)));
    c->query_text = query ? arena_strdup(a, str_of(query)) : NULL;
    c->authorization = header(c, "Authorization");
    c->api_key = header(c, "X-API-Key");
    c->environment = header(c, "X-Environment");
    c->content_type = header(c, "Content-Type");
    c->body_text = arena_str(a, web_body(r));
    c->source_ip = arena_str(a, str_of(web_peer(r)));
    set_id(c);
    return c;
}

/* ---- who ---- */

/* What follows the scheme's name and a space; STR_NULL where it is another scheme. */
static struct str after_scheme(const char *authorization, const char *scheme)
{
    struct str rest = str_of(authorization), word = str_cut(&rest, ' ');
    return str_iis(word, scheme) && rest.p ? str_trim(rest) : STR_NULL;
}

/* A token of another provider says no environment: it is the path's, or the header's, which both
 * must be one that the provider opens. STR_NULL: the default one. */
static struct str wanted_environment(const struct call *c)
{
    for (size_t i = 0; i < ROUTE_PARAMS_MAX && c->params[i].p; i++) {
        if (str_is(route_param_name(c->route, i), "env")) {
            return c->params[i];
        }
    }
    return str_of(c->environment);
}

/* An operator's key is of no organization, and of no role: routes that are for it say so. */
static enum status admit_operator(struct call *c, struct str secret, struct error *e)
{
    struct store_operator_key key;
    if (identity_verify_operator(c->config->identity, secret, c->source_ip, c->arena, &key, e) !=
        OK) {
        return FAIL;
    }
    struct principal who = {.key_id = key.id, .key_prefix = key.prefix, .source_ip = c->source_ip};
    c->who = principal_copy(c->arena, &who);
    c->is_operator = true;
    c->operator_name = key.name;
    c->actor =
        str_of(arena_printf(c->arena, "operator:%.*s via request %s", STR_ARG(key.name), c->id));
    return OK;
}

static enum status authenticate(struct call *c, struct error *e)
{
    struct principal *who = NULL;
    struct str secret = after_scheme(c->authorization, "Bearer");
    if (c->authorization && c->api_key) {
        return error_set(e, ERR_AUTH, "there are two credentials: Authorization and X-API-Key");
    }
    secret = secret.p ? secret : after_scheme(c->authorization, "ApiKey");
    secret = secret.p ? secret : str_of(c->api_key);
    if (!secret.n) {
        error_set(e, ERR_AUTH_REQUIRED, "this needs a credential");
        return error_hint(e, "Send Authorization: ApiKey hd_..., or Authorization: Bearer TOKEN.");
    }
    if (identity_is_operator_key(secret)) {
        return admit_operator(c, secret, e);
    }
    if (identity_verify_bearer(c->config->identity, secret, wanted_environment(c), c->source_ip,
                               c->arena, &who, e) != OK) {
        return FAIL;
    }
    c->who = who;
    c->actor =
        str_of(arena_printf(c->arena, "user:%.*s via request %s", STR_ARG(who->user_id), c->id));
    return OK;
}

/* A credential has its own limit, by its organization's tier; without one the address has. */
static enum status take_rate(struct call *c, struct error *e)
{
    struct rates *r = c->who ? c->control->credentials : c->control->addresses;
    struct str name = !c->who ? c->source_ip : c->who->key_id.n ? c->who->key_id : c->who->user_id;
    struct control_rate limit =
        c->who && c->who->rate_tier.n ? control_rate_of(c->who->rate_tier) : c->config->rate;
    struct rate_state s = rates_take(r, name, limit, clock_mono_ns());
    char text[32];
    snprintf(text, sizeof text, "%d", limit.per_minute);
    web_add_header(c->request, "X-RateLimit-Limit", text);
    snprintf(text, sizeof text, "%d", s.remaining);
    web_add_header(c->request, "X-RateLimit-Remaining", text);
    snprintf(text, sizeof text, "%lld", (long long)(clock_wall_us() / 1000000 + s.reset_seconds));
    web_add_header(c->request, "X-RateLimit-Reset", text);
    if (s.allowed) {
        return OK;
    }
    c->retry_seconds = s.retry_seconds;
    return error_set(e, ERR_RATE_LIMITED, "too many requests: %d a minute are allowed",
                     limit.per_minute);
}

static enum status check_role(struct call *c, struct error *e)
{
    bool operators = c->route->operators || c->route->permission == PERMIT_OPERATOR;
    if (permission_holds(c->route->permission, c->who) || (c->is_operator && operators)) {
        return OK;
    }
    if (c->route->permission == PERMIT_OPERATOR) {
        error_set(e, ERR_DENIED, "this is the operator's of the installation");
        error_hint(e, "He does it on the server's machine, or with a key of `hatidata operator "
                      "add`.");
        return call_refused(c, e);
    }
    if (c->is_operator) {
        error_set(e, ERR_DENIED,
                  "an operator's key is for the installation, not for what is an "
                  "organization's own");
        error_hint(e, "Ask an owner or admin of the organization.");
        return call_refused(c, e);
    }
    error_set(e, ERR_DENIED, "this needs the permission \"%s\", which role %s with this key lacks",
              permission_name(c->route->permission), role_name(c->who->role));
    error_hint(e, "Ask an owner or admin of the organization.");
    return call_refused(c, e);
}

/* An environment is one's own; who manages the organization manages all that it has. */
static enum status check_environment(struct call *c, struct str name, struct error *e)
{
    bool manages = c->route->permission == PERMIT_MANAGE;
    if (str_eq(name, c->who->environment) ||
        (manages && store_environment_check(c->config->store, c->who->org_id, name, e) == OK)) {
        return OK;
    }
    return error_set(e, ERR_NOT_FOUND, "the credential is of no such environment");
}

/* An operator's key is for whichever organization the path names. */
static enum status choose_org(struct call *c, struct error *e)
{
    struct principal *who = principal_copy(c->arena, c->who);
    struct store_org org;
    if (!str_is(route_param_name(c->route, 0), "org")) {
        return OK;
    }
    if (store_org_find(c->config->store, c->params[0], c->arena, &org, e) != OK) {
        return FAIL;
    }
    who->org_id = org.id;
    who->org_name = org.name;
    c->who = who;
    return OK;
}

/* {org} names one's own organization, or nothing. */
static enum status check_scope(struct call *c, struct error *e)
{
    if (c->operator_name.n && choose_org(c, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < ROUTE_PARAMS_MAX && c->params[i].p; i++) {
        struct str name = route_param_name(c->route, i), value = c->params[i];
        if (str_is(name, "org") && !str_eq(value, c->who->org_id) &&
            !str_eq(value, c->who->org_name)) {
            return error_set(e, ERR_NOT_FOUND, "the credential is of no such organization");
        }
        if (str_is(name, "env") && check_environment(c, value, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* ---- what is asked ---- */

static enum status read_body(struct call *c, struct error *e)
{
    struct str type = str_of(c->content_type ? c->content_type : "");
    json_error_t why;
    if (!c->route->body) {
        return OK;
    }
    if (c->body_text.n == 0 && !c->content_type && !fields_any_required(c->route->body)) {
        return OK;
    }
    if (!str_iis(str_trim(str_cut(&type, ';')), "application/json")) {
        return error_set(e, ERR_MEDIA_TYPE, "the body must be application/json");
    }
    c->body = json_loadb(c->body_text.p, c->body_text.n, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(c->body)) {
        c->complaint = (struct complaint){"(body)", "a JSON object"};
        return c->body ? error_set(e, ERR_VALIDATION, "the body must be a JSON object")
                       : error_set(e, ERR_VALIDATION, "the body isn't JSON: line %d, column %d",
                                   why.line, why.column);
    }
    return fields_check(c->route->body, c->body, c->arena, &c->complaint, e);
}

static enum status read_query(struct call *c, struct error *e)
{
    const struct field *known =
        c->route->list ? page_fields(c->route->query, c->arena) : c->route->query;
    return fields_read_query(known, c->query_text, c->arena, &c->query, &c->complaint, e);
}

enum status call_prepare(struct call *c, struct error *e)
{
    if (check_role(c, e) != OK || check_scope(c, e) != OK || read_query(c, e) != OK ||
        read_body(c, e) != OK) {
        return FAIL;
    }
    c->status = c->route->success;
    return OK;
}

/* All up to the handler. */
static enum status prepare(struct call *c, struct error *e)
{
    const char *allow = NULL;
    struct error nowhere = ERROR_INIT;
    bool found =
        route_find(c->method, c->path, c->arena, &c->route, c->params, &allow, &nowhere) == OK;
    bool open = !found || c->route->permission == PERMIT_ANYBODY;
    if (!found) {
        c->route = NULL;
    }
    if (allow) {
        web_add_header(c->request, "Allow", allow);
    }
    if ((!open && authenticate(c, e) != OK) || take_rate(c, e) != OK) {
        return FAIL;
    }
    if (!found) {
        *e = nowhere;
        return FAIL;
    }
    return call_prepare(c, e);
}

static void send_answer(struct call *c)
{
    char text[16];
    web_add_header(c->request, "X-Request-ID", c->id);
    if (c->status == 401) {
        web_add_header(c->request, "WWW-Authenticate", "ApiKey, Bearer");
    }
    if (c->status == 429 || c->retry_seconds) {
        snprintf(text, sizeof text, "%d", c->retry_seconds ? c->retry_seconds : 60);
        web_add_header(c->request, "Retry-After", text);
    }
    web_reply(c->request, c->status, buf_str(&c->answer));
}

/* A credential or a password may be in what came, a new key in what goes. */
void call_forget(struct call *c)
{
    json_decref(c->body);
    json_decref(c->query);
    mem_wipe(c->answer.p, c->answer.n);
    buf_free(&c->answer);
    arena_free_wiped(c->arena);
}

void call_end(struct call *c, enum status status, struct error *e)
{
    if (status == OK && c->answer.failed) {
        status = error_set(e, ERR_TOO_LARGE, "the answer passes %d bytes", CALL_ANSWER_MAX);
    }
    if (status != OK) {
        fault_write(c, e);
    }
    send_answer(c);
    call_forget(c);
}

void call_run(void *call)
{
    struct call *c = call;
    struct error e = ERROR_INIT;
    enum status status = prepare(c, &e);
    if (status == OK) {
        bool deferred = c->route->deferred; /* the call may be gone once its handler returns */
        status = c->route->handle(c, &e);
        if (deferred && status == OK) {
            return;
        }
    }
    call_end(c, status, &e);
}

void call_refuse_busy(struct call *c)
{
    struct error e = ERROR_INIT;
    error_set(&e, ERR_NOT_READY, "the server is busy");
    c->retry_seconds = 1;
    fault_write(c, &e);
    send_answer(c);
    call_forget(c);
}

/* ---- for handlers ---- */

enum status call_refused(const struct call *c, struct error *e)
{
    struct error unwritten = ERROR_INIT;
    const char *action = arena_printf(c->arena, "api.%s", c->route->name);
    if (store_iam_refuse(c->config->store, c->who->org_id, c->actor, action, str_of(c->path), e,
                         &unwritten) != OK) {
        *e = unwritten;
    }
    return FAIL;
}

bool given(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return v && !json_is_null(v);
}

struct str given_text(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : STR_NULL;
}

int64_t given_int(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(object, name);
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool given_bool(const json_t *object, const char *name, bool otherwise)
{
    const json_t *v = json_object_get(object, name);
    return json_is_boolean(v) ? json_boolean_value(v) : otherwise;
}

struct store_list given_texts(const json_t *object, const char *name, struct arena *a)
{
    const json_t *list = json_object_get(object, name);
    size_t n = json_array_size(list);
    struct str *at = ARENA_ARRAY(a, struct str, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, i);
        at[i] = (struct str){json_string_value(v), json_string_length(v)};
    }
    return (struct store_list){at, n};
}

enum status call_pairs(struct call *c, const char *name, struct store_pairs *out, struct error *e)
{
    json_t *object = json_object_get(c->body, name), *value;
    struct store_pair *at = ARENA_ARRAY(c->arena, struct store_pair, json_object_size(object));
    const char *key;
    size_t n = 0;
    json_object_foreach(object, key, value)
    {
        if (!json_is_string(value)) {
            return call_wrong(c, e, name, "an object of texts");
        }
        at[n++] =
            (struct store_pair){str_of(key), {json_string_value(value), json_string_length(value)}};
    }
    *out = (struct store_pairs){at, n};
    return OK;
}

void call_time(struct json *j, const char *key, int64_t wall_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (wall_us) {
        clock_format(wall_us, text);
    }
    json_kv_str(j, key, wall_us ? str_of(text) : STR_NULL);
}

enum status call_wrong(struct call *c, struct error *e, const char *field, const char *constraint)
{
    c->complaint = (struct complaint){field, constraint};
    return error_set(e, ERR_VALIDATION, "%s: must be %s", field, constraint);
}
