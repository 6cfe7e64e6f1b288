#include "command/api.h"

#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/datadir.h"
#include "control/here.h"
#include "identity/identity.h"
#include "store/org.h"

enum { EVERY_SCOPE = SCOPE_ADMIN * 2 - 1 };

/* ---- beginning ---- */

static bool is_remote(const struct admin *ad)
{
    const char *dir = getenv("HATIDATA_DATA_DIR");
    return ad->control || (!ad->data && !(dir && *dir) && saved_exists());
}

static enum status open_remote(struct admin *ad)
{
    if (ad->data && ad->control) {
        return error_set(&ad->e, ERR_VALIDATION, "--data and --control are two places");
    }
    if (remote_open(ad->control, ad->a, &ad->remote, &ad->e) != OK) {
        return FAIL;
    }
    ad->org_part = ad->org_name ? ad->org_name : remote_saved(ad->remote)->organization_id;
    return OK;
}

/* Who is signed in with an operator's key is of no organization. */
static enum status check_org(struct admin *ad, const struct option *known)
{
    return admin_takes_org(ad, known) && !*ad->org_part
               ? error_set(&ad->e, ERR_VALIDATION,
                           "--org NAME is missing: an operator's key is of no organization")
               : OK;
}

/* The operator has the whole installation in his hands already: nothing is refused to him but what
 * would break it. */
static void act_as_operator(struct admin *ad)
{
    ad->is_operator = true;
    ad->org_part = arena_strdup(ad->a, ad->org.id);
    ad->who = (struct principal){.org_id = ad->org.id,
                                 .org_name = ad->org.name,
                                 .user_id = STR(""),
                                 .environment = STR(STORE_DEFAULT_ENVIRONMENT),
                                 .role = ROLE_OWNER,
                                 .base_role = ROLE_OWNER,
                                 .scopes = EVERY_SCOPE};
}

/* What JSON can't carry would be left out of a request: an address of a list, say. */
static bool is_text(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!str_is_utf8(str_of(argv[i]))) {
            fprintf(stderr, "%s: argument %d isn't UTF-8\n", argv[0], i);
            return false;
        }
    }
    return true;
}

bool api_begin_upto(struct admin *ad, int argc, char **argv, const struct option *known,
                    const char **rest, size_t least, size_t most)
{
    ad->code = EXIT_USAGE;
    if (!is_text(argc, argv) || !admin_parse(ad, argc, argv, known, rest, least, most)) {
        return false;
    }
    ad->answers = json_array();
    if (!is_remote(ad)) {
        if (!admin_open(ad, known, argv[0])) {
            return false;
        }
        act_as_operator(ad);
    } else if (open_remote(ad) != OK || check_org(ad, known) != OK) {
        ad->code = admin_end(ad, FAIL);
        return false;
    }
    return true;
}

bool api_begin(struct admin *ad, int argc, char **argv, const struct option *known,
               const char **rest, size_t rest_count)
{
    return api_begin_upto(ad, argc, argv, known, rest, rest_count, rest_count);
}

enum status api_org(struct admin *ad, const char *name)
{
    if (ad->remote) {
        ad->org_part = name;
        return OK;
    }
    if (store_org_find(ad->store, str_of(name), ad->a, &ad->org, &ad->e) != OK) {
        return FAIL;
    }
    act_as_operator(ad);
    return OK;
}

/* ---- what a data folder has ---- */

enum status api_seal(struct admin *ad)
{
    return ad->remote ? OK : admin_seal(ad);
}

enum status api_identity(struct admin *ad, bool secrets)
{
    struct identity_config config = IDENTITY_CONFIG_DEFAULT;
    uint8_t key[KMS_KEY_SIZE];
    enum status status = OK;
    if (ad->remote) {
        return OK;
    }
    if (secrets) {
        struct datadir d;
        struct keyring *keys;
        datadir_paths(ad->a, ad->dir, &d);
        if (datadir_keyring(d.kms_uri, d.keyring, &keys, &ad->e) != OK) {
            return FAIL;
        }
        keyring_store_key(keys, key);
        keyring_close(keys);
        config.secret_key = key;
    }
    status = identity_open(ad->store, &config, &ad->identity, &ad->e);
    mem_wipe(key, sizeof key);
    return status;
}

enum status api_act_as(struct admin *ad, const struct credential *c)
{
    struct principal *who;
    if (ad->remote) {
        return c->user || c->key_file || c->environment
                   ? error_set(&ad->e, ERR_VALIDATION,
                               "--as, --key-file and --env are for a data folder: here it is who "
                               "is signed in")
                   : OK;
    }
    if (credential_verify(ad, c, &who) != OK) {
        return FAIL;
    }
    ad->who = *who;
    ad->is_operator = false;
    return OK;
}

/* ---- paths ---- */

const char *api_escape(struct admin *ad, struct str raw)
{
    char *text = evhttp_uriencode(raw.p, (ev_ssize_t)raw.n, 0);
    const char *out = arena_strdup(ad->a, str_of(text ? text : ""));
    free(text);
    return out;
}

static const char *make_path(struct admin *ad, const char *root, const char *of, va_list segments)
{
    struct buf b = BUF_INIT(0);
    buf_printf(&b, "%s/%s", root, api_escape(ad, str_of(of)));
    for (const char *s; (s = va_arg(segments, const char *));) {
        buf_printf(&b, "/%s", api_escape(ad, str_of(s)));
    }
    const char *path = arena_strdup(ad->a, buf_str(&b));
    buf_free(&b);
    return path;
}

const char *api_path(struct admin *ad, ...)
{
    va_list segments;
    va_start(segments, ad);
    const char *path = make_path(ad, "/v1/organizations", ad->org_part, segments);
    va_end(segments);
    return path;
}

const char *api_env_path(struct admin *ad, const char *environment, ...)
{
    const char *own = ad->remote ? remote_saved(ad->remote)->environment
                                 : arena_strdup(ad->a, ad->who.environment);
    va_list segments;
    va_start(segments, environment);
    const char *path = make_path(ad, "/v1/environments", environment ? environment : own, segments);
    va_end(segments);
    return path;
}

/* ---- requests ---- */

static enum status call_here(struct admin *ad, const char *method, const char *path,
                             struct str body, json_t **answer)
{
    struct control_config config = CONTROL_CONFIG_DEFAULT;
    const char *query = strchr(path, '?');
    struct here_request r = {.method = method,
                             .path = query ? arena_printf(ad->a, "%.*s", (int)(query - path), path)
                                           : path,
                             .query = query ? query + 1 : NULL,
                             .body = body,
                             .who = &ad->who,
                             .is_operator = ad->is_operator,
                             .actor = ad->actor};
    struct complaint about;
    config.store = ad->store;
    config.identity = ad->identity;
    config.jit_minutes_max = ad->jit_minutes_max;
    config.pipeline = ad->pipeline;
    config.trials = ad->trials;
    enum status status = control_here(&config, &r, ad->a, answer, &about, &ad->e);
    ad->fault = (struct remote_fault){.field = about.field, .constraint = about.constraint};
    return status;
}

static enum status call_remote(struct admin *ad, const char *method, const char *path,
                               struct str body, json_t **out)
{
    struct remote_answer answer = {0};
    if (remote_call(ad->remote, method, path, body, &answer, &ad->e) != OK) {
        return FAIL;
    }
    *out = answer.json;
    return remote_judge(ad->remote, &answer, &ad->fault, &ad->e);
}

enum status api_call(struct admin *ad, const char *method, const char *path, json_t *body,
                     const json_t **out)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct str sent = str_of(text);
    json_t *answer = NULL;
    json_decref(body);
    enum status status = ad->remote ? call_remote(ad, method, path, sent, &answer)
                                    : call_here(ad, method, path, sent, &answer);
    if (text) {
        mem_wipe(text, sent.n);
        free(text);
    }
    if (answer) {
        json_array_append_new(ad->answers, answer);
    }
    if (out) {
        *out = answer;
    }
    return status;
}

static int by_field(const void *x, const void *y, void *field)
{
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    int order = str_cmp(api_text(a, field), api_text(b, field));
    return order ? order : str_cmp(api_text(a, "id"), api_text(b, "id"));
}

static const json_t *sorted(struct admin *ad, const json_t *rows, const char *field)
{
    size_t n = json_array_size(rows);
    json_t **at = ARENA_ARRAY(ad->a, json_t *, n), *all = json_array();
    for (size_t i = 0; i < n; i++) {
        at[i] = json_array_get(rows, i);
    }
    if (n > 1) {
        qsort_r(at, n, sizeof *at, by_field, (void *)(uintptr_t)field);
    }
    for (size_t i = 0; i < n; i++) {
        json_array_append(all, at[i]);
    }
    json_array_append_new(ad->answers, all);
    return all;
}

enum status api_list(struct admin *ad, const char *path, const char *field, const json_t **rows)
{
    json_t *all = json_array();
    struct str cursor = STR("");
    json_array_append_new(ad->answers, all);
    do {
        const char *page = arena_printf(ad->a, "%s?limit=200%s%s", path, cursor.n ? "&cursor=" : "",
                                        api_escape(ad, cursor));
        const json_t *answer;
        if (api_call(ad, "GET", page, NULL, &answer) != OK) {
            return FAIL;
        }
        json_array_extend(all, json_object_get(answer, "data"));
        cursor = api_text(json_object_get(answer, "pagination"), "cursor");
    } while (cursor.n);
    *rows = sorted(ad, all, field);
    return OK;
}

/* ---- values ---- */

int api_run_list(int argc, char **argv, const char *collection, const char *field,
                 void (*print)(const json_t *row))
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *rows = NULL;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = api_list(&ad, api_path(&ad, collection, NULL), field, &rows);
    for (size_t i = 0; status == OK && i < json_array_size(rows); i++) {
        print(json_array_get(rows, i));
    }
    return admin_end(&ad, status);
}

int api_run_change(int argc, char **argv, const char *method, const char *collection,
                   const char *action)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(
        &ad, api_call(&ad, method, api_path(&ad, collection, name, action, NULL), NULL, NULL));
}

struct str api_text(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : STR("");
}

int64_t api_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

bool api_bool(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

json_t *api_texts(struct admin *ad, const char *list)
{
    struct store_list parts = list_of_words(ad->a, str_of(list));
    json_t *array = list ? json_array() : NULL;
    for (size_t i = 0; i < parts.n; i++) {
        json_array_append_new(array, json_stringn(parts.at[i].p, parts.at[i].n));
    }
    return array;
}

enum status api_pairs(struct admin *ad, const struct option_values *values, json_t **out)
{
    json_t *object = json_object();
    for (size_t i = 0; i < values->n; i++) {
        struct str value = str_of(values->at[i]), name = str_cut(&value, '=');
        if (!value.p) {
            json_decref(object);
            return error_set(&ad->e, ERR_VALIDATION, "--attribute %s: it must be as in name=value",
                             values->at[i]);
        }
        json_object_setn_new(object, name.p, name.n, json_stringn(value.p, value.n));
    }
    *out = object;
    return OK;
}
