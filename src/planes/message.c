#include "planes/message.h"

#include <stdio.h>

#include "base/json.h"

/* ---- reading ---- */

static void wrong(struct reading *r, const char *name, const char *what)
{
    if (r->status == OK) {
        r->status = error_set(r->e, ERR_VALIDATION, "the message's %s %s", name, what);
    }
}

void reading_open(struct reading *r, struct str text, struct arena *a, struct error *e)
{
    *r = (struct reading){.a = a, .e = e, .status = OK};
    r->root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(r->root)) {
        wrong(r, "body", "isn't a JSON object");
    }
}

static const json_t *find(struct reading *r, const char *name)
{
    const json_t *value = r->status == OK ? json_object_get(r->root, name) : NULL;
    if (!value) {
        wrong(r, name, "is missing");
    }
    return value;
}

struct str read_text(struct reading *r, const char *name, size_t max)
{
    const json_t *value = find(r, name);
    struct str text = {json_string_value(value), json_string_length(value)};
    if (!text.p || text.n > max || memchr(text.p, 0, text.n)) {
        wrong(r, name, "isn't a text, or is too long");
        return STR("");
    }
    return arena_str(r->a, text);
}

int64_t read_number(struct reading *r, const char *name, int64_t least, int64_t most)
{
    const json_t *value = find(r, name);
    int64_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < least || n > most) {
        wrong(r, name, "isn't a number that can be");
        return least;
    }
    return n;
}

bool read_bool(struct reading *r, const char *name)
{
    const json_t *value = find(r, name);
    if (!json_is_boolean(value)) {
        wrong(r, name, "isn't true or false");
    }
    return json_is_true(value);
}

const json_t *read_object(struct reading *r, const char *name)
{
    const json_t *value = find(r, name);
    if (!json_is_object(value)) {
        wrong(r, name, "isn't an object");
        return NULL;
    }
    return value;
}

enum status reading_close(struct reading *r)
{
    json_decref(r->root);
    r->root = NULL;
    return r->status;
}

/* ---- errors ---- */

void message_write_error(const struct error *why, struct buf *out)
{
    struct json j = JSON_INIT(out);
    json_open(&j, '{');
    json_key(&j, "error");
    json_open(&j, '{');
    json_kv_str(&j, "code", str_of(error_info(why->code)->name));
    json_kv_str(&j, "message", str_of(why->message));
    json_kv_str(&j, "hint", str_of(why->hint));
    json_kv_i64(&j, "retry_s", why->retry_s);
    json_close(&j, '}');
    json_close(&j, '}');
}

static enum error_code code_of(const char *name)
{
    int code = ERR_NONE + 1;
    while (code < ERR_COUNT && strcmp(error_info((enum error_code)code)->name, name) != 0) {
        code++;
    }
    return code < ERR_COUNT ? (enum error_code)code : ERR_IO;
}

enum status message_read_error(struct str text, int http_status, struct error *e)
{
    enum { RETRY_MAX_S = 24 * 3600 };
    json_t *root = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
    const json_t *error = json_object_get(root, "error");
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *hint = json_string_value(json_object_get(error, "hint"));
    int64_t retry_s = json_integer_value(json_object_get(error, "retry_s"));
    if (code && message) {
        error_set(e, code_of(code), "%s", message);
        if (hint && *hint) {
            error_hint(e, "%s", hint);
        }
        e->retry_s = retry_s > 0 && retry_s <= RETRY_MAX_S ? (int)retry_s : 0;
    } else {
        error_set(e, ERR_IO, "the control plane answered with HTTP status %d", http_status);
    }
    json_decref(root);
    return FAIL;
}

/* ---- logins ---- */

static const char *const proofs[] = {
    [PROOF_KEY] = "key",
    [PROOF_SIGN_IN] = "sign_in",
    [PROOF_PASSWORD] = "password",
    [PROOF_FEDERATED] = "federated",
};
enum { PROOFS = sizeof proofs / sizeof *proofs, SCOPES_ALL = 2 * SCOPE_ADMIN - 1 };

void message_write_login(const struct principal *p, uint64_t position, struct buf *out)
{
    struct json j = JSON_INIT(out);
    json_open(&j, '{');
    json_kv_str(&j, "proof", str_of(proofs[p->proof]));
    json_kv_str(&j, "user_id", p->user_id);
    json_kv_str(&j, "key_id", p->key_id);
    json_kv_str(&j, "provider_id", p->provider_id.p ? p->provider_id : STR(""));
    json_kv_str(&j, "environment", p->environment);
    json_kv_str(&j, "role", str_of(role_name(p->base_role)));
    json_kv_i64(&j, "scopes", (int64_t)p->scopes);
    json_kv_i64(&j, "expires_us", p->expires_us);
    json_kv_bool(&j, "second_factor", p->second_factor);
    json_kv_i64(&j, "position", (int64_t)position);
    json_close(&j, '}');
}

enum status message_read_login(struct str text, struct arena *a, struct principal *p,
                               uint64_t *position, struct error *e)
{
    struct reading r;
    int proof = 0;
    *p = (struct principal){0};
    reading_open(&r, text, a, e);
    struct str how = read_text(&r, "proof", MESSAGE_ID_MAX);
    while (proof < PROOFS && !str_is(how, proofs[proof])) {
        proof++;
    }
    p->proof = (enum proof)proof;
    p->user_id = read_text(&r, "user_id", MESSAGE_ID_MAX);
    p->key_id = read_text(&r, "key_id", 2 * MESSAGE_ID_MAX);
    p->provider_id = read_text(&r, "provider_id", MESSAGE_ID_MAX);
    p->environment = read_text(&r, "environment", MESSAGE_ID_MAX);
    struct str role = read_text(&r, "role", MESSAGE_ID_MAX);
    p->scopes = (unsigned)read_number(&r, "scopes", 0, SCOPES_ALL);
    p->expires_us = read_number(&r, "expires_us", 0, INT64_MAX);
    p->second_factor = read_bool(&r, "second_factor");
    *position = (uint64_t)read_number(&r, "position", 0, INT64_MAX);
    if ((proof != PROOF_PASSWORD && proof != PROOF_FEDERATED) || !role_parse(role, &p->base_role)) {
        wrong(&r, "proof or role", "isn't known");
    }
    return reading_close(&r);
}
