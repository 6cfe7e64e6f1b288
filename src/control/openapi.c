#include "control/openapi.h"

#include "control/fault.h"
#include "control/page.h"
#include "control/resources.h"
#include "control/schema.h"

static void put_ref(struct json *j, struct arena *a, const char *kind, const char *name)
{
    json_open(j, '{');
    json_kv_str(j, "$ref", str_of(arena_printf(a, "#/components/%s/%s", kind, name)));
    json_close(j, '}');
}

/* ---- what all have in common ---- */

static const struct {
    const char *name, *type, *help;
    bool well, refused; /* in which answers; what went well has each of its own always */
} headers[] = {
    {"X-Request-ID", "string", "The request's id: the client's, or ours. The audit log has it.",
     true, true},
    {"X-RateLimit-Limit", "integer", "Requests a minute.", true, false},
    {"X-RateLimit-Remaining", "integer", "Requests that may come at once now.", true, false},
    {"X-RateLimit-Reset", "integer", "When they are all there again: seconds since 1970.", true,
     false},
    {"Retry-After", "integer", "Seconds after which to try again.", false, true},
    {"WWW-Authenticate", "string", "The ways to send a credential.", false, true},
};
enum { HEADERS = sizeof headers / sizeof *headers };

static void put_header_components(struct json *j)
{
    json_key(j, "headers");
    json_open(j, '{');
    for (size_t i = 0; i < HEADERS; i++) {
        json_key(j, headers[i].name);
        json_open(j, '{');
        json_kv_str(j, "description", str_of(headers[i].help));
        json_kv_bool(j, "required", headers[i].well);
        json_key(j, "schema");
        json_open(j, '{');
        json_kv_str(j, "type", str_of(headers[i].type));
        json_close(j, '}');
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_headers(struct json *j, bool well, struct arena *a)
{
    json_key(j, "headers");
    json_open(j, '{');
    for (size_t i = 0; i < HEADERS; i++) {
        if (well ? headers[i].well : headers[i].refused) {
            json_key(j, headers[i].name);
            put_ref(j, a, "headers", headers[i].name);
        }
    }
    json_close(j, '}');
}

static void open_json_content(struct json *j)
{
    json_key(j, "content");
    json_open(j, '{');
    json_key(j, "application/json");
    json_open(j, '{');
    json_key(j, "schema");
}

static void close_json_content(struct json *j)
{
    json_close(j, '}');
    json_close(j, '}');
}

/* "Error404" */
static const char *fault_name(struct arena *a, int status)
{
    return arena_printf(a, "Error%d", status);
}

static void put_fault_responses(struct json *j, struct arena *a)
{
    json_key(j, "responses");
    json_open(j, '{');
    for (size_t i = 0; i < fault_count(); i++) {
        const struct fault *f = fault_at(i);
        json_key(j, fault_name(a, f->status));
        json_open(j, '{');
        json_kv_str(j, "description", str_of(arena_printf(a, "`%s`: %s", f->code, f->help)));
        put_headers(j, false, a);
        open_json_content(j);
        put_ref(j, a, "schemas", "Error");
        close_json_content(j);
        json_close(j, '}');
    }
    json_close(j, '}');
}

/* A scheme of HTTP's own, or one header. */
static const struct {
    const char *name, *type, *key, *value, *help;
} schemes[] = {
    {"bearer", "http", "scheme", "bearer",
     "`Authorization: Bearer TOKEN`: of a sign-in, or of another identity provider."},
    {"apiKey", "http", "scheme", "ApiKey", "`Authorization: ApiKey hd_live_...`"},
    {"xApiKey", "apiKey", "name", "X-API-Key", "`X-API-Key: hd_live_...`"},
};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

static void put_schemes(struct json *j)
{
    json_key(j, "securitySchemes");
    json_open(j, '{');
    for (size_t i = 0; i < SCHEMES; i++) {
        json_key(j, schemes[i].name);
        json_open(j, '{');
        json_kv_str(j, "type", str_of(schemes[i].type));
        json_kv_str(j, schemes[i].key, str_of(schemes[i].value));
        if (str_is(str_of(schemes[i].type), "apiKey")) {
            json_kv_str(j, "in", STR("header"));
        }
        json_kv_str(j, "description", str_of(schemes[i].help));
        json_close(j, '}');
    }
    json_close(j, '}');
}

/* Headers that any request may have, by what the document calls them. */
static const struct {
    const char *name, *header, *help;
} parameters[] = {
    {"RequestId", "X-Request-ID",
     "1 to 64 of A-Z a-z 0-9 . _ -; what isn't is replaced by an id of ours."},
    {"Environment", "X-Environment",
     "With another provider's token, where the path has none: the environment, else `hatidata`."},
};
enum { PARAMETERS = sizeof parameters / sizeof *parameters };

static void put_header_parameters(struct json *j)
{
    json_key(j, "parameters");
    json_open(j, '{');
    for (size_t i = 0; i < PARAMETERS; i++) {
        json_key(j, parameters[i].name);
        json_open(j, '{');
        json_kv_str(j, "name", str_of(parameters[i].header));
        json_kv_str(j, "in", STR("header"));
        json_kv_str(j, "description", str_of(parameters[i].help));
        json_key(j, "schema");
        json_open(j, '{');
        json_kv_str(j, "type", STR("string"));
        json_close(j, '}');
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_components(struct json *j, struct arena *a)
{
    json_key(j, "components");
    json_open(j, '{');
    put_schemes(j);
    put_header_parameters(j);
    put_header_components(j);
    json_key(j, "schemas");
    json_open(j, '{');
    json_key(j, "Error");
    schema_write_object(j, fault_answer, SCHEMA_ANSWER, false);
    json_close(j, '}');
    put_fault_responses(j, a);
    json_close(j, '}');
}

/* ---- one operation ---- */

static void put_parameter(struct json *j, const char *in, const struct field *f,
                          enum schema_side side)
{
    json_open(j, '{');
    json_kv_str(j, "name", str_of(f->name));
    json_kv_str(j, "in", str_of(in));
    json_kv_bool(j, "required", f->required);
    json_key(j, "schema");
    schema_write_field(j, f, side, false);
    json_close(j, '}');
}

static void put_parameters(struct json *j, const struct route *r, struct arena *a)
{
    const struct field *query = r->list ? page_fields(r->query, a) : r->query;
    json_key(j, "parameters");
    json_open(j, '[');
    for (size_t i = 0; route_param_name(r, i).p; i++) {
        put_parameter(j, "path", route_param_field(route_param_name(r, i)), SCHEMA_ANSWER);
    }
    for (const struct field *f = query; f && f->kind != OF_END; f++) {
        put_parameter(j, "query", f, SCHEMA_GIVEN);
    }
    for (size_t i = 0; i < PARAMETERS; i++) {
        put_ref(j, a, "parameters", parameters[i].name);
    }
    json_close(j, ']');
}

/* A body may be left out where it may be empty. */
static void put_body(struct json *j, const struct route *r)
{
    json_key(j, "requestBody");
    json_open(j, '{');
    json_kv_bool(j, "required", fields_any_required(r->body));
    open_json_content(j);
    schema_write_object(j, r->body, SCHEMA_GIVEN, false);
    close_json_content(j);
    json_close(j, '}');
}

static void put_responses(struct json *j, const struct route *r, struct arena *a)
{
    json_key(j, "responses");
    json_open(j, '{');
    json_key(j, arena_printf(a, "%d", r->success));
    json_open(j, '{');
    json_kv_str(j, "description", str_of(r->help));
    put_headers(j, true, a);
    open_json_content(j);
    schema_write_object(j, r->list ? page_of(r->answer, a) : r->answer, SCHEMA_ANSWER, false);
    close_json_content(j);
    json_close(j, '}');
    for (size_t i = 0; i < fault_count(); i++) {
        int status = fault_at(i)->status;
        if (fault_is_of(r, status)) {
            json_key(j, arena_printf(a, "%d", status));
            put_ref(j, a, "responses", fault_name(a, status));
        }
    }
    json_close(j, '}');
}

/* The roles that have the permission with a key of all scopes. */
static const char *roles_of(const struct route *r, struct arena *a)
{
    const char *all = NULL;
    for (enum role role = ROLE_OWNER; role <= ROLE_SERVICE_ACCOUNT; role++) {
        struct principal who = {.role = role, .base_role = role, .scopes = ~0u};
        if (permission_holds(r->permission, &who)) {
            all = all ? arena_printf(a, "%s, %s", all, role_name(role)) : role_name(role);
        }
    }
    return all;
}

static const char *needs_of(const struct route *r, struct arena *a)
{
    if (r->permission == PERMIT_ANYBODY) {
        return "Needs no credential.";
    }
    if (r->permission == PERMIT_OPERATOR) {
        return "Needs a key of the installation's operator, `hd_oper_...`: no role may.";
    }
    return arena_printf(a, "Needs the permission `%s`, which these roles may have: %s.%s",
                        permission_name(r->permission), roles_of(r, a),
                        r->operators ? " An operator's key may, too." : "");
}

static void put_permission(struct json *j, const struct route *r, struct arena *a)
{
    const char *name = permission_name(r->permission);
    bool open = r->permission == PERMIT_ANYBODY;
    json_kv_str(j, "x-permission", str_of(name));
    json_kv_str(j, "description", str_of(needs_of(r, a)));
    if (open) {
        json_key(j, "security");
        json_open(j, '[');
        json_close(j, ']');
    }
}

/* "users" of "/v1/organizations/{org}/users/{user}": what follows the version, and the organization
 * or environment. */
static struct str tag_of(const struct route *r)
{
    struct str rest = str_of(r->path), tag = STR_NULL, part;
    while (rest.p) {
        part = str_cut(&rest, '/');
        bool scope = str_is(tag, "organizations") || str_is(tag, "environments");
        bool named = part.n && part.p[0] != '{';
        if (named && !str_is(part, "v1") && (!tag.p || scope)) {
            tag = part;
        }
    }
    return tag;
}

static void put_operation(struct json *j, const struct route *r, struct arena *a)
{
    char method[16] = {0};
    for (size_t i = 0; r->method[i] && i + 1 < sizeof method; i++) {
        method[i] = (char)(r->method[i] | 0x20);
    }
    json_key(j, method);
    json_open(j, '{');
    json_kv_str(j, "operationId", str_of(r->name));
    json_kv_str(j, "summary", str_of(r->help));
    json_key(j, "tags");
    json_open(j, '[');
    json_str(j, tag_of(r));
    json_close(j, ']');
    put_permission(j, r, a);
    put_parameters(j, r, a);
    if (r->body) {
        put_body(j, r);
    }
    put_responses(j, r, a);
    json_close(j, '}');
}

/* ---- the document ---- */

/* The routes of one path, from `first` on. */
static void put_path(struct json *j, const struct route *first, struct arena *a)
{
    json_key(j, first->path);
    json_open(j, '{');
    for (const struct route *r = first; r; r = route_next(r)) {
        if (str_eq(str_of(r->path), str_of(first->path))) {
            put_operation(j, r, a);
        }
    }
    json_close(j, '}');
}

static bool is_first_of_path(const struct route *r)
{
    const struct route *first = route_next(NULL);
    while (!str_eq(str_of(first->path), str_of(r->path))) {
        first = route_next(first);
    }
    return first == r;
}

static void put_info(struct json *j, const char *version)
{
    json_key(j, "info");
    json_open(j, '{');
    json_kv_str(j, "title", STR("HatiData"));
    json_kv_str(j, "version", str_of(version));
    json_kv_str(
        j, "description",
        STR("The control plane of a governed SQL warehouse. Fields that a route doesn't name "
            "are refused; null is as if the field weren't there."));
    json_key(j, "license");
    json_open(j, '{');
    json_kv_str(j, "name", STR("Apache 2.0"));
    json_kv_str(j, "identifier", STR("Apache-2.0"));
    json_close(j, '}');
    json_close(j, '}');
}

static void put_security(struct json *j)
{
    json_key(j, "security");
    json_open(j, '[');
    for (size_t i = 0; i < SCHEMES; i++) {
        json_open(j, '{');
        json_key(j, schemes[i].name);
        json_open(j, '[');
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

void openapi_write(struct json *j, const char *version, struct arena *a)
{
    json_open(j, '{');
    json_kv_str(j, "openapi", STR("3.1.0"));
    put_info(j, version);
    json_key(j, "servers");
    json_raw(j, STR("[{\"url\":\"/\"}]"));
    put_security(j);
    json_key(j, "paths");
    json_open(j, '{');
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        if (is_first_of_path(r)) {
            put_path(j, r, a);
        }
    }
    json_close(j, '}');
    put_components(j, a);
    json_close(j, '}');
}
