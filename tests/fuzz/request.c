/* Any bytes as a request: method, path and query on the first line, then a body. The route is found
 * or not; the query and the body hold to its tables, and to all others', or are refused with the
 * field's name. */
#include <stdlib.h>
#include <string.h>

#include "control/page.h"
#include "control/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void want(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A refusal names the field; what holds has nothing that its table hasn't. */
static void check_outcome(enum status status, const struct field *known, const json_t *object,
                          const struct complaint *why, const struct error *e)
{
    const char *name;
    json_t *value;
    if (status != OK) {
        want(e->code == ERR_VALIDATION && why->field && why->constraint);
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const struct field *f = known;
        while (f && f->kind != OF_END && strcmp(f->name, name) != 0) {
            f++;
        }
        want(f && f->kind != OF_END);
        want(f->kind != OF_TEXT || json_is_null(value) ||
             (json_is_string(value) && json_string_length(value) <= (size_t)f->most * 4));
    }
}

static void check_query(const struct field *known, const char *query, struct arena *a)
{
    struct complaint why = {0};
    struct error e = ERROR_INIT;
    json_t *object = NULL;
    enum status status = fields_read_query(known, query, a, &object, &why, &e);
    check_outcome(status, known, object, &why, &e);
    json_decref(object);
}

static void check_body(const struct field *known, const json_t *body, struct arena *a)
{
    struct complaint why = {0};
    struct error e = ERROR_INIT;
    enum status status = fields_check(known, body, a, &why, &e);
    check_outcome(status, known, body, &why, &e);
}

static void check_route(const char *method, const char *path, struct arena *a)
{
    struct str params[ROUTE_PARAMS_MAX];
    const struct route *route = NULL;
    const char *allow = NULL;
    struct error e = ERROR_INIT;
    if (route_find(method, path, a, &route, params, &allow, &e) != OK) {
        want(e.code == ERR_NOT_FOUND || e.code == ERR_NOT_HERE || (e.code == ERR_METHOD && allow));
        return;
    }
    want(strcmp(route->method, method) == 0);
    for (size_t i = 0; route_param_name(route, i).p; i++) {
        want(params[i].n > 0 && params[i].n <= ROUTE_PARAM_BYTES && str_is_utf8(params[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct str rest = arena_str(a, (struct str){(const char *)data, n}),
               line = str_cut(&rest, '\n');
    struct str method = str_cut(&line, ' '), path = str_cut(&line, '?');
    const char *query = arena_strdup(a, line.p ? line : STR(""));
    json_t *body = json_loadb(rest.p ? rest.p : "", rest.n, JSON_REJECT_DUPLICATES, NULL);

    check_route(arena_strdup(a, method), arena_strdup(a, path.p ? path : STR("")), a);
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        check_query(r->list ? page_fields(r->query, a) : r->query, query, a);
        if (r->body && json_is_object(body)) {
            check_body(r->body, body, a);
        }
    }
    json_decref(body);
    arena_free(a);
    return 0;
}
