/* What a data plane asks the control plane for. Where the answer doesn't come, nobody knows whether
 * the question did: a lease is then lost, credits that were given back stay given back, and what is
 * owed is owed still. Each way it is never the limit that gives. */
#include <inttypes.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "planes/message.h"
#include "planes/uplinkstate.h"

/* ---- credits ---- */

static void write_credits(struct buf *b, struct str org_id, struct str period, int64_t millicredits)
{
    struct json j = JSON_INIT(b);
    json_open(&j, '{');
    json_kv_str(&j, "org", org_id);
    json_kv_str(&j, "period", period);
    json_kv_i64(&j, "millicredits", millicredits);
    json_close(&j, '}');
}

/* A call whose answer is one number. */
static enum status ask_number(struct uplink *l, const char *name, const struct buf *body,
                              bool again, const char *field, int64_t least, int64_t most,
                              int64_t *out, struct error *e)
{
    struct arena *a = arena_new(0);
    struct buf answer = BUF_INIT(MESSAGE_MAX);
    enum status status = uplink_call(l, name, body, again, &answer, e);
    if (status == OK) {
        struct reading m;
        reading_open(&m, buf_str(&answer), a, e);
        *out = read_number(&m, field, least, most);
        status = reading_close(&m);
    }
    buf_free(&answer);
    arena_free(a);
    return status;
}

static enum status usage_lease(void *ctx, struct str org_id, struct str period, int64_t want,
                               int64_t *granted, struct error *e)
{
    struct buf body = BUF_INIT(0);
    write_credits(&body, org_id, period, want);
    enum status status = ask_number(ctx, "lease", &body, true, "granted", 0, want, granted, e);
    if (status != OK) {
        *granted = 0;
    }
    buf_free(&body);
    return status;
}

static enum status usage_add(void *ctx, struct str org_id, struct str period, int64_t millicredits,
                             struct error *e)
{
    struct buf body = BUF_INIT(0);
    int64_t added;
    write_credits(&body, org_id, period, millicredits);
    enum status status =
        ask_number(ctx, "usage-add", &body, false, "added", millicredits, millicredits, &added, e);
    buf_free(&body);
    if (status != OK && millicredits < 0) {
        log_warn("link", "%" PRId64 " millicredits of %.*s may be lost: %s", -millicredits,
                 STR_ARG(period), e->message);
        return OK;
    }
    return status;
}

static enum status usage_get(void *ctx, struct str org_id, struct str period, int64_t *leased,
                             struct error *e)
{
    struct buf body = BUF_INIT(0);
    write_credits(&body, org_id, period, 0);
    enum status status =
        ask_number(ctx, "usage-get", &body, true, "leased", 0, INT64_MAX, leased, e);
    buf_free(&body);
    return status;
}

/* ---- usage data ---- */

enum status uplink_tell_usage(struct uplink *l, struct str document, struct error *e)
{
    struct buf body = BUF_INIT(0), answer = BUF_INIT(MESSAGE_MAX);
    buf_put_str(&body, document);
    enum status status = uplink_call(l, "usage", &body, true, &answer, e);
    buf_free(&body);
    buf_free(&answer);
    return status;
}

/* ---- just-in-time grants ---- */

static enum status jit_request(void *ctx, struct str actor, struct store_jit *r, struct arena *a,
                               struct error *e)
{
    struct buf body = BUF_INIT(0), answer = BUF_INIT(MESSAGE_MAX);
    struct json j = JSON_INIT(&body);
    json_open(&j, '{');
    json_kv_str(&j, "actor", actor);
    json_kv_str(&j, "org", r->org_id);
    json_kv_str(&j, "user", r->user_id);
    json_kv_str(&j, "role", r->role);
    json_kv_str(&j, "reason", r->reason);
    json_kv_i64(&j, "minutes", r->minutes);
    json_close(&j, '}');
    enum status status = uplink_call(ctx, "jit-request", &body, false, &answer, e);
    if (status == OK) {
        struct reading m;
        reading_open(&m, buf_str(&answer), a, e);
        r->id = read_text(&m, "id", MESSAGE_ID_MAX);
        status = reading_close(&m);
    }
    buf_free(&body);
    buf_free(&answer);
    return status;
}

static enum status jit_decide(void *ctx, enum store_jit_verb verb, struct str actor,
                              struct str org_id, struct str id, struct str user_id, struct error *e)
{
    static const char *const verbs[] = {
        [STORE_JIT_APPROVE] = "approve", [STORE_JIT_DENY] = "deny", [STORE_JIT_REVOKE] = "revoke"};
    struct buf body = BUF_INIT(0), answer = BUF_INIT(MESSAGE_MAX);
    struct json j = JSON_INIT(&body);
    json_open(&j, '{');
    json_kv_str(&j, "actor", actor);
    json_kv_str(&j, "verb", str_of(verbs[verb]));
    json_kv_str(&j, "org", org_id);
    json_kv_str(&j, "id", id);
    json_kv_str(&j, "user", user_id);
    json_close(&j, '}');
    enum status status = uplink_call(ctx, "jit-decide", &body, false, &answer, e);
    buf_free(&body);
    buf_free(&answer);
    return status;
}

/* ---- logins ---- */

static enum status current(void *ctx, struct error *e)
{
    return uplink_current(ctx, e);
}

/* A password is sent over the link and kept nowhere. */
static enum status prove(void *ctx, struct str user, struct str secret, struct str environment,
                         struct str source_ip, struct arena *a, struct principal *out,
                         struct error *e)
{
    struct buf body = BUF_INIT(0), answer = BUF_INIT(MESSAGE_MAX);
    struct json j = JSON_INIT(&body);
    uint64_t position;
    if (!str_is_utf8(user) || !str_is_utf8(secret) || !str_is_utf8(environment)) {
        return error_set(e, ERR_AUTH, "the user, the API key or the database is wrong");
    }
    json_open(&j, '{');
    json_kv_str(&j, "user", user);
    json_kv_str(&j, "secret", secret);
    json_kv_str(&j, "environment", environment);
    json_kv_str(&j, "source_ip", source_ip);
    json_close(&j, '}');
    enum status status = uplink_call(ctx, "login", &body, false, &answer, e);
    if (status == OK) {
        status = message_read_login(buf_str(&answer), a, out, &position, e);
    }
    mem_wipe(body.p, body.n);
    buf_free(&body);
    buf_free(&answer);
    return status == OK ? uplink_wait(ctx, position, e) : FAIL;
}

void upstream_init(struct uplink *l)
{
    l->upstream = (struct store_upstream){.ctx = l,
                                          .usage_lease = usage_lease,
                                          .usage_add = usage_add,
                                          .usage_get = usage_get,
                                          .jit_request = jit_request,
                                          .jit_decide = jit_decide};
    l->remote = (struct identity_remote){.ctx = l, .current = current, .prove = prove};
}
