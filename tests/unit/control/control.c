/* Fields, routes, and the document that is made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "control/fault.h"
#include "control/openapi.h"
#include "control/route.h"

static const struct field inner[] = {{"n", OF_INT, true, 0, 9}, {0}};
static const struct field fields[] = {{"text", OF_TEXT, false, 1, 3},
                                      {"script", OF_SCRIPT, false, 0, 5},
                                      {"word", OF_TEXT, false, 1, 8, "one|two"},
                                      {"name", OF_TEXT, false, 1, 8, .pattern = FIELD_NAME},
                                      {"texts", OF_TEXTS, false, 1, 2},
                                      {"pairs", OF_PAIRS},
                                      {"flag", OF_BOOL},
                                      {"old", OF_REFUSED, .help = "it has no meaning"},
                                      {"one", OF_OBJECT, .of = inner},
                                      {"many", OF_ARRAY, false, 0, 2, .of = inner},
                                      {0}};

/* The field that the error is about; NULL where there is none. */
static const char *wrong_in(const char *json)
{
    static char shown[80];
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    struct complaint why = {0};
    json_t *object = json_loads(json, 0, NULL);
    assert_non_null(object);
    enum status status = fields_check(fields, object, a, &why, &e);
    assert_true((status == OK) == (why.field == NULL));
    snprintf(shown, sizeof shown, "%s", why.field ? why.field : "");
    json_decref(object);
    arena_free(a);
    return status == OK ? NULL : shown;
}

static void fields_hold_or_are_named(void **state)
{
    static const struct {
        const char *json, *wrong;
    } cases[] = {
        {"{}", NULL},
        {"{\"text\":null,\"one\":null}", NULL},
        {"{\"text\":\"\xc3\xa9\xc3\xa9\xc3\xa9\"}", NULL}, /* three characters, six bytes */
        {"{\"text\":\"abcd\"}", "text"},
        {"{\"old\":null}", NULL},
        {"{\"old\":\"\"}", "old"},
        {"{\"text\":\"\"}", "text"},
        {"{\"text\":\"a\\n\"}", "text"},
        {"{\"script\":\"a\\n\\t\"}", NULL},
        {"{\"script\":\"a\\u0007\"}", "script"},
        {"{\"word\":\"two\"}", NULL},
        {"{\"word\":\"one|two\"}", "word"},
        {"{\"name\":\"a b-c.d\"}", NULL},
        {"{\"name\":\"a \"}", "name"},
        {"{\"name\":\"_a\"}", "name"},
        {"{\"texts\":[\"a\"]}", NULL},
        {"{\"texts\":[]}", "texts"},
        {"{\"texts\":[1]}", "texts"},
        {"{\"texts\":[\"\"]}", "texts"},
        {"{\"pairs\":{\"a\":\"b\"}}", NULL},
        {"{\"pairs\":{\"a\":1}}", "pairs"},
        {"{\"flag\":1}", "flag"},
        {"{\"one\":{\"n\":3}}", NULL},
        {"{\"one\":{}}", "n"},
        {"{\"one\":{\"n\":10}}", "n"},
        {"{\"one\":{\"n\":1,\"m\":1}}", "m"},
        {"{\"many\":[{\"n\":1},{\"n\":2}]}", NULL},
        {"{\"many\":[{\"n\":1},{\"n\":true}]}", "n"},
        {"{\"many\":[1]}", "many"},
        {"{\"many\":[{\"n\":1},{\"n\":1},{\"n\":1}]}", "many"},
        {"{\"more\":1}", "more"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *wrong = wrong_in(cases[i].json);
        if (!wrong != !cases[i].wrong || (wrong && strcmp(wrong, cases[i].wrong) != 0)) {
            fail_msg("%s: %s", cases[i].json, wrong ? wrong : "holds");
        }
    }
}

static json_t *document(void)
{
    struct arena *a = arena_new(0);
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    openapi_write(&j, "1", a);
    json_t *d = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    buf_free(&text);
    arena_free(a);
    assert_non_null(d);
    return d;
}

static json_t *operation_of(json_t *document, const struct route *r)
{
    char method[16];
    size_t n = strlen(r->method);
    for (size_t i = 0; i <= n; i++) {
        method[i] = (char)(r->method[i] ? r->method[i] | 0x20 : 0);
    }
    return json_object_get(json_object_get(json_object_get(document, "paths"), r->path), method);
}

static void each_route_is_in_the_document_and_nothing_else(void **state)
{
    json_t *d = document(), *path;
    const char *name;
    size_t routes = 0, operations = 0;
    (void)state;
    for (const struct route *r = route_next(NULL); r; r = route_next(r), routes++) {
        json_t *operation = operation_of(d, r);
        json_t *id = json_object_get(operation, "operationId");
        if (!id || strcmp(json_string_value(id), r->name) != 0) {
            fail_msg("%s %s isn't in the document", r->method, r->path);
        }
        assert_int_equal(r->body != NULL, json_object_get(operation, "requestBody") != NULL);
        for (size_t i = 0; i < fault_count(); i++) {
            char status[8];
            snprintf(status, sizeof status, "%d", fault_at(i)->status);
            assert_int_equal(fault_is_of(r, fault_at(i)->status),
                             json_object_get(json_object_get(operation, "responses"), status) !=
                                 NULL);
        }
    }
    json_object_foreach(json_object_get(d, "paths"), name, path)
    {
        operations += json_object_size(path);
    }
    assert_int_equal(operations, routes);
    assert_true(routes > 40);
    json_decref(d);
}

/* A route that takes a path away from a later one would be a row that nobody ever reaches. */
static void each_route_is_found_by_its_path(void **state)
{
    struct arena *a = arena_new(0);
    (void)state;
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        struct error e = ERROR_INIT;
        struct str params[ROUTE_PARAMS_MAX];
        const struct route *found = NULL;
        const char *allow = NULL;
        assert_int_equal(route_find(r->method, r->path, a, &found, params, &allow, &e), OK);
        assert_ptr_equal(found, r);
    }
    arena_free(a);
}

static void every_status_of_an_error_has_a_row(void **state)
{
    (void)state;
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        bool found = false;
        for (size_t i = 0; i < fault_count(); i++) {
            found = found || fault_at(i)->status == error_info((enum error_code)code)->http;
        }
        if (!found) {
            fail_msg("%s has no row", error_info((enum error_code)code)->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_hold_or_are_named),
        cmocka_unit_test(each_route_is_in_the_document_and_nothing_else),
        cmocka_unit_test(each_route_is_found_by_its_path),
        cmocka_unit_test(every_status_of_an_error_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
