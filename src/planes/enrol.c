#include "planes/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/authority.h"
#include "crypto/keyfile.h"
#include "net/http_client.h"
#include "planes/message.h"

enum { ENROL_TIMEOUT_MS = 15000 };

/* ---- one call ---- */

enum status enrol_call(struct http_client *http, const char *node, const char *name,
                       const char *body, int timeout_ms, const atomic_bool *abandon,
                       struct buf *out, struct error *e)
{
    static const char *const headers[] = {"Content-Type: application/json", "Expect:"};
    struct error why = ERROR_INIT;
    char url[128];
    int status = 0;
    snprintf(url, sizeof url, "https://%s/planes/%s", AUTHORITY_SERVER_NAME, name);
    const struct http_request r = {.url = url,
                                   .headers = headers,
                                   .header_count = sizeof headers / sizeof *headers,
                                   .body = body,
                                   .connect = node,
                                   .timeout_ms = timeout_ms,
                                   .abandon = abandon,
                                   .status = &status};
    if (http_client_fetch(http, &r, out, &why) != OK) {
        return error_set(e, ERR_NOT_READY, "the control plane at %s can't be reached: %s", node,
                         why.message);
    }
    return status == 200 ? OK : message_read_error(buf_str(out), status, e);
}

/* ---- the files ---- */

static const char *state_path(const char *dir, struct arena *a)
{
    return arena_printf(a, "%s/proxy.json", dir);
}

enum status enrol_nodes(const char *text, struct arena *a, struct enrolment *out, struct error *e)
{
    struct str rest = str_of(text);
    out->node_count = 0;
    while (rest.p) {
        struct str node = str_trim(str_cut(&rest, ','));
        if (str_starts(node, "https://")) {
            node = (struct str){node.p + 8, node.n - 8};
        }
        if (!node.n) {
            continue;
        }
        if (out->node_count == ENROL_NODES_MAX || !memchr(node.p, ':', node.n)) {
            return error_set(e, ERR_VALIDATION,
                             "control nodes are as in host:port, at most %d, not \"%s\"",
                             ENROL_NODES_MAX, text);
        }
        out->nodes[out->node_count++] = arena_strdup(a, node);
    }
    return out->node_count ? OK : error_set(e, ERR_VALIDATION, "no control node is named");
}

enum status enrol_finish(const char *dir, const struct enrolment *x, struct arena *a,
                         struct error *e)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    const char *nodes = "";
    for (size_t i = 0; i < x->node_count; i++) {
        nodes = arena_printf(a, "%s%s%s", nodes, i ? "," : "", x->nodes[i]);
    }
    json_open(&j, '{');
    json_kv_str(&j, "proxy", x->proxy);
    json_kv_str(&j, "name", x->name);
    json_kv_str(&j, "store", x->store);
    json_kv_str(&j, "authority", x->authority);
    json_kv_str(&j, "control", str_of(nodes));
    json_close(&j, '}');
    enum status status = keyfile_create(state_path(dir, a), 0600, buf_str(&text), e);
    buf_free(&text);
    return status;
}

enum status enrol_read(const char *dir, struct arena *a, struct enrolment *out, struct error *e)
{
    char *text = arena_alloc(a, MESSAGE_MAX);
    const char *path = state_path(dir, a);
    struct error why = ERROR_INIT;
    struct reading m;
    size_t n;
    *out = (struct enrolment){.identity_file = arena_printf(a, "%s/proxy.pem", dir)};
    if (keyfile_read(path, text, MESSAGE_MAX, &n, e) != OK) {
        return e->code == ERR_NOT_FOUND
                   ? error_hint(e, "Enrol this host with `hatidata proxy enrol`.")
                   : FAIL;
    }
    reading_open(&m, (struct str){text, n}, a, &why);
    out->proxy = read_text(&m, "proxy", MESSAGE_ID_MAX);
    out->name = read_text(&m, "name", MESSAGE_ID_MAX);
    out->store = read_text(&m, "store", MESSAGE_ID_MAX);
    out->authority = read_text(&m, "authority", AUTHORITY_PEM_MAX);
    struct str nodes = read_text(&m, "control", MESSAGE_MAX);
    if (reading_close(&m) != OK || enrol_nodes(arena_strdup(a, nodes), a, out, &why) != OK) {
        return error_set(e, ERR_CORRUPT, "%s: %s", path, why.message);
    }
    return OK;
}

static enum status write_identity(const char *path, struct str certificate, struct str key,
                                  struct error *e)
{
    struct buf text = BUF_INIT(0);
    buf_put_str(&text, certificate);
    buf_put_str(&text, key);
    enum status status = keyfile_replace(path, buf_str(&text), e);
    mem_wipe(text.p, text.n);
    buf_free(&text);
    return status;
}

enum status enrol_ends(const struct enrolment *x, int64_t *wall_us, struct error *e)
{
    char text[AUTHORITY_PEM_MAX];
    size_t n = 0;
    enum status status = keyfile_read(x->identity_file, text, sizeof text, &n, e);
    if (status == OK) {
        status = certificate_ends((struct str){text, n}, wall_us, e);
    }
    mem_wipe(text, sizeof text);
    return status;
}

/* ---- enrolling ---- */

static const char *object(struct arena *a, const char *field, struct str value, const char *other,
                          struct str text)
{
    struct buf b = BUF_INIT(0);
    struct json j = JSON_INIT(&b);
    json_open(&j, '{');
    json_kv_str(&j, field, value);
    if (other) {
        json_kv_str(&j, other, text);
    }
    json_close(&j, '}');
    const char *copy = arena_strdup(a, buf_str(&b));
    buf_free(&b);
    return copy;
}

static enum status read_mask_key(struct reading *m, uint8_t out[KMS_KEY_SIZE], struct error *e)
{
    struct str digits = read_text(m, "mask_key", KMS_KEY_SIZE * 2);
    bool good = m->status == OK && text_unhex(digits, out, KMS_KEY_SIZE);
    mem_wipe((char *)digits.p, digits.n);
    return good || m->status != OK
               ? m->status
               : error_set(e, ERR_VALIDATION, "the message's mask_key isn't a key");
}

static enum status read_enrolment(struct str answer, const char *fingerprint, struct arena *a,
                                  struct enrolment *out, struct str *certificate,
                                  uint8_t mask_key[KMS_KEY_SIZE], struct error *e)
{
    char found[FINGERPRINT_SIZE];
    struct reading m;
    reading_open(&m, answer, a, e);
    out->proxy = read_text(&m, "proxy", MESSAGE_ID_MAX);
    out->name = read_text(&m, "name", MESSAGE_ID_MAX);
    out->store = read_text(&m, "store", MESSAGE_ID_MAX);
    out->authority = read_text(&m, "authority", AUTHORITY_PEM_MAX);
    *certificate = read_text(&m, "certificate", AUTHORITY_PEM_MAX);
    enum status status = read_mask_key(&m, mask_key, e);
    if (reading_close(&m) != OK || status != OK ||
        certificate_fingerprint(out->authority, found, e) != OK) {
        return FAIL;
    }
    return str_iis(str_of(fingerprint), found)
               ? OK
               : error_set(e, ERR_DENIED,
                           "the control plane names another authority than it proved");
}

static enum status ask(const char *fingerprint, struct str token, struct str request,
                       struct arena *a, struct enrolment *out, struct str *certificate,
                       uint8_t mask_key[KMS_KEY_SIZE], struct error *e)
{
    const struct http_client_config config = {.fingerprint = fingerprint,
                                              .timeout_ms = ENROL_TIMEOUT_MS};
    struct http_client *http = http_client_new(&config);
    const char *body = object(a, "token", token, "request", request);
    enum status status = FAIL;
    *e = (struct error){.code = ERR_NOT_READY};
    for (size_t i = 0; i < out->node_count && status != OK && e->code == ERR_NOT_READY; i++) {
        struct buf answer = BUF_INIT(MESSAGE_MAX);
        status = enrol_call(http, out->nodes[i], "enrol", body, ENROL_TIMEOUT_MS, NULL, &answer, e);
        if (status == OK) {
            status =
                read_enrolment(buf_str(&answer), fingerprint, a, out, certificate, mask_key, e);
        }
        mem_wipe(answer.p, answer.n);
        buf_free(&answer);
    }
    http_client_free(http);
    return status;
}

enum status enrol_proxy(const char *dir, const char *nodes, const char *fingerprint,
                        struct str token, struct arena *a, struct enrolment *out,
                        uint8_t mask_key[KMS_KEY_SIZE], struct error *e)
{
    struct str request, key, certificate;
    *out = (struct enrolment){.identity_file = arena_printf(a, "%s/proxy.pem", dir)};
    if (access(state_path(dir, a), F_OK) == 0) {
        error_set(e, ERR_EXISTS, "%s is a proxy's data folder already", dir);
        return error_hint(e, "To enrol anew, remove its proxy.json, proxy.pem and replica.db*.");
    }
    if (strlen(fingerprint) != FINGERPRINT_SIZE - 1) {
        return error_set(e, ERR_VALIDATION, "a fingerprint has %d hexadecimal digits",
                         FINGERPRINT_SIZE - 1);
    }
    if (enrol_nodes(nodes, a, out, e) != OK || authority_request(a, &request, &key, e) != OK) {
        return FAIL;
    }
    enum status status = ask(fingerprint, token, request, a, out, &certificate, mask_key, e);
    if (status == OK) {
        status = write_identity(out->identity_file, certificate, key, e);
    }
    mem_wipe((char *)key.p, key.n);
    return status;
}

enum status enrol_renew(const struct enrolment *x, const char *node, struct http_client *http,
                        struct error *e)
{
    struct arena *a = arena_new(0);
    struct buf answer = BUF_INIT(MESSAGE_MAX);
    struct str request, key = STR("");
    enum status status = authority_request(a, &request, &key, e);
    if (status == OK) {
        status = enrol_call(http, node, "renew", object(a, "request", request, NULL, STR_NULL),
                            ENROL_TIMEOUT_MS, NULL, &answer, e);
    }
    if (status == OK) {
        struct reading m;
        reading_open(&m, buf_str(&answer), a, e);
        struct str certificate = read_text(&m, "certificate", AUTHORITY_PEM_MAX);
        status = reading_close(&m);
        if (status == OK) {
            status = write_identity(x->identity_file, certificate, key, e);
        }
    }
    mem_wipe((char *)key.p, key.n);
    buf_free(&answer);
    arena_free(a);
    return status;
}
