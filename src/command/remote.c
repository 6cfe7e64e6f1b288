#include "command/remote.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "command/credential.h"
#include "net/http_client.h"

enum { TIMEOUT_MS = 60000, ANSWER_MAX = 64 << 20, SPARE_SECONDS = 30 };

struct remote {
    struct arena *a; /* the caller's */
    struct saved who;
    struct http_client *http;
    const char *authorization; /* the header; NULL: not known yet */
};

struct remote *remote_new(const struct saved *who, struct arena *a)
{
    struct http_client_config config = {.authority = who->ca,
                                        .certificate = who->fingerprint,
                                        .newest_tls = true,
                                        .timeout_ms = TIMEOUT_MS};
    struct remote *r = ARENA_NEW(a, struct remote);
    r->a = a;
    r->who = *who;
    r->http = http_client_new(&config);
    return r;
}

enum status remote_open(const char *url, struct arena *a, struct remote **out, struct error *e)
{
    struct saved who;
    const char *wanted = NULL;
    if ((url && remote_url(url, a, &wanted, e) != OK) || saved_load(a, &who, e) != OK) {
        return FAIL;
    }
    if (wanted && strcmp(wanted, who.url) != 0) {
        error_set(e, ERR_AUTH_REQUIRED, "the saved sign-in is at %s, not at %s", who.url, wanted);
        return error_hint(e, "Sign in with: hatidata login %s --user E-MAIL", wanted);
    }
    *out = remote_new(&who, a);
    return OK;
}

void remote_close(struct remote *r)
{
    if (r) {
        http_client_free(r->http);
    }
}

const struct saved *remote_saved(const struct remote *r)
{
    return &r->who;
}

/* ---- one exchange ---- */

static void advise(struct remote *r, struct error *e)
{
    if (strstr(e->message, "certificate") || strstr(e->message, "SSL")) {
        (void)!error_hint(e, "Sign in with --ca-file FILE, the authority that signed the server's "
                             "certificate (ca.pem of its data folder), or --fingerprint.");
    } else {
        (void)!error_hint(e, "Is a control plane listening at %s? It speaks TLS 1.3.", r->who.url);
    }
}

static enum status exchange(struct remote *r, const char *authorization, const char *method,
                            const char *path, struct str body, struct remote_answer *out,
                            struct error *e)
{
    const char *headers[] = {"Content-Type: application/json", "Accept: application/json",
                             authorization};
    char *text = body.p ? mem_strndup(body.p, body.n) : NULL;
    struct http_request request = {.url = arena_printf(r->a, "%s%s", r->who.url, path),
                                   .method = method,
                                   .headers = headers,
                                   .header_count = authorization ? 3 : 2,
                                   .body = text,
                                   .status = &out->status};
    struct buf answer = BUF_INIT(ANSWER_MAX);
    enum status status = http_client_fetch(r->http, &request, &answer, e);
    out->json = NULL;
    if (status == OK) {
        out->json = json_loadb(answer.p ? (const char *)answer.p : "", answer.n, 0, NULL);
    } else {
        advise(r, e);
    }
    mem_wipe(answer.p, answer.n);
    buf_free(&answer);
    if (text) {
        mem_wipe(text, body.n);
        free(text);
    }
    return status;
}

enum status remote_ask(struct remote *r, const char *method, const char *path, struct str body,
                       struct remote_answer *out, struct error *e)
{
    return exchange(r, NULL, method, path, body, out, e);
}

/* ---- errors ---- */

static const char *text_of(const json_t *object, const char *name, struct arena *a)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? arena_strdup(a, str_of(text)) : NULL;
}

static enum error_code code_of(const char *name)
{
    for (int code = 1; name && code < ERR_COUNT; code++) {
        if (strcmp(error_info((enum error_code)code)->name, name) == 0) {
            return (enum error_code)code;
        }
    }
    return ERR_INTERNAL;
}

static bool is_signed_in(const struct remote *r)
{
    return r->who.refresh_token || r->who.api_key_file;
}

enum status remote_judge(struct remote *r, const struct remote_answer *answer,
                         struct remote_fault *fault, struct error *e)
{
    const json_t *error = json_object_get(answer->json, "error");
    const json_t *details = json_object_get(error, "details");
    const char *message = text_of(error, "message", r->a), *hint = text_of(details, "hint", r->a);
    *fault = (struct remote_fault){0};
    if (answer->status >= 200 && answer->status < 300 && answer->json) {
        return OK;
    }
    if (!message) {
        error_set(e, ERR_IO, "the server answered with HTTP status %d and no error of its own form",
                  answer->status);
        return error_hint(e, "Is it a control plane of HatiData?");
    }
    *fault =
        (struct remote_fault){text_of(error, "request_id", r->a), text_of(details, "field", r->a),
                              text_of(details, "constraint", r->a)};
    error_set(e, code_of(text_of(details, "code", r->a)), "%s", message);
    if (json_is_integer(json_object_get(details, "position"))) {
        e->position = json_integer_value(json_object_get(details, "position"));
    }
    if (answer->status == 401 && is_signed_in(r)) {
        return error_hint(e, "Sign in again with: hatidata login %s", r->who.url);
    }
    return hint ? error_hint(e, "%s", hint) : FAIL;
}

/* ---- the credential ---- */

static int64_t now_s(void)
{
    return clock_wall_us() / 1000000;
}

static bool is_fresh(const struct saved *who)
{
    return who->access_token && who->access_ends - SPARE_SECONDS > now_s();
}

static enum status take_tokens(struct remote *r, const json_t *answer, struct error *e)
{
    const char *access = text_of(answer, "access_token", r->a);
    const char *fresh = text_of(answer, "refresh_token", r->a);
    if (!access || !fresh) {
        return error_set(e, ERR_IO, "the server's answer has no tokens");
    }
    r->who.access_token = access;
    r->who.refresh_token = fresh;
    r->who.access_ends = now_s() + json_integer_value(json_object_get(answer, "expires_in"));
    return saved_store(&r->who, e);
}

static enum status refresh(struct remote *r, struct error *e)
{
    json_t *body = json_pack("{s:s}", "refresh_token", r->who.refresh_token);
    char *text = json_dumps(body, JSON_COMPACT);
    struct remote_answer answer;
    struct remote_fault fault;
    json_decref(body);
    enum status status = exchange(r, NULL, "POST", "/v1/auth/refresh", str_of(text), &answer, e);
    mem_wipe(text, strlen(text));
    free(text);
    if (status != OK) {
        return FAIL;
    }
    status = remote_judge(r, &answer, &fault, e);
    if (status == OK) {
        status = take_tokens(r, answer.json, e);
    } else if (answer.status == 401) {
        error_set(e, e->code, "the sign-in at %s is over", r->who.url);
        (void)!error_hint(e, "Sign in again with: hatidata login %s", r->who.url);
    }
    json_decref(answer.json);
    return status;
}

/* A refresh token is good once: of two commands that find the access token over, one exchanges it,
 * and the other takes what that one has saved. */
static enum status renew(struct remote *r, struct error *e)
{
    struct saved now;
    int lock;
    if (saved_lock(&lock, e) != OK) {
        return FAIL;
    }
    enum status status = saved_load(r->a, &now, e);
    if (status == OK && (strcmp(now.url, r->who.url) != 0 || !now.refresh_token)) {
        status = error_set(e, ERR_AUTH_REQUIRED, "the saved sign-in is another by now");
    }
    if (status == OK) {
        r->who = now;
        status = is_fresh(&now) ? OK : refresh(r, e);
    }
    saved_unlock(lock);
    return status;
}

static enum status use_key(struct remote *r, struct error *e)
{
    char key[CREDENTIAL_LINE];
    if (credential_read_file(r->who.api_key_file, key, e) != OK) {
        return FAIL;
    }
    r->authorization = arena_printf(r->a, "Authorization: ApiKey %s", key);
    mem_wipe(key, sizeof key);
    return OK;
}

static enum status authorize(struct remote *r, struct error *e)
{
    if (r->authorization) {
        return OK;
    }
    if (r->who.api_key_file) {
        return use_key(r, e);
    }
    if (!is_fresh(&r->who) && renew(r, e) != OK) {
        return FAIL;
    }
    r->authorization = arena_printf(r->a, "Authorization: Bearer %s", r->who.access_token);
    return OK;
}

enum status remote_call(struct remote *r, const char *method, const char *path, struct str body,
                        struct remote_answer *out, struct error *e)
{
    return authorize(r, e) == OK ? exchange(r, r->authorization, method, path, body, out, e) : FAIL;
}

/* ---- addresses ---- */

static bool has_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(u, part, &text, 0) == CURLUE_OK && text && *text;
    curl_free(text);
    return there;
}

enum status remote_url(const char *given, struct arena *a, const char **out, struct error *e)
{
    CURLU *u = curl_url();
    struct str text = str_of(given);
    bool good = u && curl_url_set(u, CURLUPART_URL, given, 0) == CURLUE_OK &&
                str_starts(text, "https://") && !has_part(u, CURLUPART_USER) &&
                !has_part(u, CURLUPART_PASSWORD) && !has_part(u, CURLUPART_QUERY) &&
                !has_part(u, CURLUPART_FRAGMENT);
    curl_url_cleanup(u);
    while (text.n && text.p[text.n - 1] == '/') {
        text.n--;
    }
    if (!good || (text.n > 8 && memchr(text.p + 8, '/', text.n - 8))) {
        return error_set(e, ERR_VALIDATION,
                         "the control plane's address must be as in https://host:8443");
    }
    *out = arena_strdup(a, text);
    return OK;
}
