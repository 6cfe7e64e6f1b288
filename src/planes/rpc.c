#include "planes/rpc.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "identity/identity.h"
#include "meter/meter.h"
#include "meter/tally.h"
#include "net/web.h"
#include "store/jit.h"
#include "store/org.h"
#include "store/proxies.h"
#include "store/quota.h"

static const int64_t second_us = 1000000, ms_ns = 1000000;

/* ---- becoming a proxy, and staying one ---- */

static enum status give_certificate(struct rpc *r, struct str request, const char *id,
                                    struct str *out, struct error *e)
{
    const struct listener *l = r->listener;
    return authority_sign(l->ca.authority, request, id, l->config.certificate_seconds, r->arena,
                          out, e);
}

static int64_t certificate_end(const struct listener *l)
{
    return clock_wall_us() + l->config.certificate_seconds * second_us;
}

/* So that a value has the same digest on each proxy. It leaves the control plane here alone: for
 * whoever has a token, on TLS. */
static void put_mask_key(struct json *j, const uint8_t *key)
{
    char digits[KMS_KEY_SIZE * 2 + 1];
    text_hex(key, KMS_KEY_SIZE, digits);
    json_kv_str(j, "mask_key", str_of(digits));
    mem_wipe(digits, sizeof digits);
}

static enum status enrol(struct rpc *r, struct error *e)
{
    const struct listener *l = r->listener;
    char id[ID_UUID_SIZE];
    struct store_proxy row = {.id = {id, sizeof id - 1}, .ends_us = certificate_end(l)};
    struct str certificate;
    struct reading m;
    id_uuid(id);
    reading_open(&m, r->body, r->arena, e);
    struct str token = read_text(&m, "token", MESSAGE_ID_MAX);
    struct str request = read_text(&m, "request", AUTHORITY_PEM_MAX);
    if (reading_close(&m) != OK || give_certificate(r, request, id, &certificate, e) != OK ||
        store_proxy_enrol(l->config.store, planeca_token_digest(token, r->arena), clock_wall_us(),
                          r->arena, &row, e) != OK) {
        log_warn("planes", "nobody was enrolled from %s: %s", web_peer(r->request), e->message);
        return FAIL;
    }
    log_info("planes", "proxy %.*s is %s, enrolled from %s", STR_ARG(row.name), id,
             web_peer(r->request));
    struct json j = JSON_INIT(&r->answer);
    json_open(&j, '{');
    json_kv_str(&j, "proxy", row.id);
    json_kv_str(&j, "name", row.name);
    json_kv_str(&j, "store", l->ca.store_id);
    json_kv_str(&j, "authority", l->ca.certificate);
    json_kv_str(&j, "certificate", certificate);
    put_mask_key(&j, l->config.mask_key);
    json_close(&j, '}');
    return OK;
}

static enum status renew(struct rpc *r, struct error *e)
{
    const struct listener *l = r->listener;
    struct str certificate;
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    struct str request = read_text(&m, "request", AUTHORITY_PEM_MAX);
    if (reading_close(&m) != OK || give_certificate(r, request, r->proxy, &certificate, e) != OK ||
        store_proxy_renew(l->config.store, str_of(r->proxy), certificate_end(l), e) != OK) {
        return FAIL;
    }
    struct json j = JSON_INIT(&r->answer);
    json_open(&j, '{');
    json_kv_str(&j, "certificate", certificate);
    json_close(&j, '}');
    return OK;
}

/* ---- the snapshot ---- */

/* No answer yet where the proxy has all: the request then waits. */
static enum status answer_snapshot(struct rpc *r, const json_t *held, struct error *e)
{
    struct feed *f = r->listener->feed;
    struct held_snapshot *now;
    if (feed_snapshot(f, &now, e) != OK) {
        return FAIL;
    }
    r->position = now->snapshot.position;
    bool news = !snapshot_is_held(&now->snapshot, held);
    if (news || clock_mono_ns() >= r->until_ns) {
        snapshot_write(&now->snapshot, r->listener->ca.store_id, held, &r->answer);
    }
    feed_release(f, now);
    return OK;
}

static enum status snapshot(struct rpc *r, struct error *e)
{
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    int64_t wait_ms = read_number(&m, "wait_ms", 0, MESSAGE_WAIT_MAX_MS);
    const json_t *held = read_object(&m, "held");
    if (r->until_ns == 0) {
        r->until_ns = clock_mono_ns() + wait_ms * ms_ns;
    }
    enum status status = m.status == OK ? answer_snapshot(r, held, e) : FAIL;
    return reading_close(&m) == OK ? status : FAIL;
}

/* ---- who is it ---- */

/* A proxy judges keys and our own tokens itself. */
static enum status login(struct rpc *r, struct error *e)
{
    const struct listener_config *c = &r->listener->config;
    struct principal *who;
    uint64_t position;
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    struct str user = read_text(&m, "user", MESSAGE_ID_MAX);
    struct str secret = read_text(&m, "secret", MESSAGE_MAX);
    struct str environment = read_text(&m, "environment", MESSAGE_ID_MAX);
    struct str source_ip = read_text(&m, "source_ip", MESSAGE_ID_MAX);
    enum status status = reading_close(&m);
    if (status == OK) {
        status =
            identity_verify(c->identity, user, secret, environment, source_ip, r->arena, &who, e);
    }
    mem_wipe((char *)secret.p, secret.n);
    if (status != OK || store_position(c->store, &position, e) != OK) {
        return FAIL;
    }
    if (who->proof != PROOF_PASSWORD && who->proof != PROOF_FEDERATED) {
        return error_set(e, ERR_VALIDATION, "a proxy judges keys and tokens of ours itself");
    }
    message_write_login(who, position, &r->answer);
    return OK;
}

/* ---- credits ---- */

struct credits {
    struct store_org org;
    struct str period;
    int64_t millicredits;
};

static bool is_period(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (i == 4 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return s.n == 7;
}

static enum status read_credits(struct rpc *r, struct credits *out, struct error *e)
{
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    struct str org = read_text(&m, "org", MESSAGE_ID_MAX);
    out->period = read_text(&m, "period", MESSAGE_ID_MAX);
    out->millicredits = read_number(&m, "millicredits", INT64_MIN / 4, INT64_MAX / 4);
    if (reading_close(&m) != OK) {
        return FAIL;
    }
    if (!is_period(out->period)) {
        return error_set(e, ERR_VALIDATION, "the message's period isn't a month");
    }
    return store_org_find(r->listener->config.store, org, r->arena, &out->org, e);
}

static void answer_number(struct rpc *r, const char *name, int64_t n)
{
    struct json j = JSON_INIT(&r->answer);
    json_open(&j, '{');
    json_kv_i64(&j, name, n);
    json_close(&j, '}');
}

/* The limit is read here, whatever a proxy believes: credits leave the store before it hears of
 * them. */
static enum status lease(struct rpc *r, struct error *e)
{
    struct store *s = r->listener->config.store;
    struct quota quota;
    struct credits c;
    int64_t granted;
    if (read_credits(r, &c, e) != OK || quota_read(s, c.org.id, &quota, e) != OK ||
        store_usage_lease(s, c.org.id, c.period, quota.monthly_millicredits, c.millicredits,
                          &granted, e) != OK) {
        return FAIL;
    }
    answer_number(r, "granted", granted);
    return OK;
}

static enum status add_usage(struct rpc *r, struct error *e)
{
    struct credits c;
    if (read_credits(r, &c, e) != OK ||
        store_usage_add(r->listener->config.store, c.org.id, c.period, c.millicredits, e) != OK) {
        return FAIL;
    }
    answer_number(r, "added", c.millicredits);
    return OK;
}

static enum status get_usage(struct rpc *r, struct error *e)
{
    struct credits c;
    int64_t leased;
    if (read_credits(r, &c, e) != OK ||
        store_usage_get(r->listener->config.store, c.org.id, c.period, &leased, e) != OK) {
        return FAIL;
    }
    answer_number(r, "leased", leased);
    return OK;
}

/* The newest stands for all before it: a proxy counts from its start on. */
static enum status usage(struct rpc *r, struct error *e)
{
    if (tally_check(r->body, e) != OK ||
        store_proxy_usage(r->listener->config.store, str_of(r->proxy), r->body, clock_wall_us(),
                          e) != OK) {
        return FAIL;
    }
    buf_puts(&r->answer, "{}");
    return OK;
}

/* ---- just-in-time grants ---- */

static struct str actor_of(struct rpc *r, struct str said)
{
    return str_of(arena_printf(r->arena, "%.*s by proxy %s", STR_ARG(said), r->proxy));
}

static enum status jit_request(struct rpc *r, struct error *e)
{
    const struct listener_config *c = &r->listener->config;
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    struct str actor = read_text(&m, "actor", 2 * MESSAGE_ID_MAX);
    struct store_jit g = {.org_id = read_text(&m, "org", MESSAGE_ID_MAX),
                          .user_id = read_text(&m, "user", MESSAGE_ID_MAX),
                          .role = read_text(&m, "role", MESSAGE_ID_MAX),
                          .reason = read_text(&m, "reason", MESSAGE_MAX),
                          .minutes = read_number(&m, "minutes", INT64_MIN, INT64_MAX)};
    if (reading_close(&m) != OK ||
        store_jit_request(c->store, actor_of(r, actor), &g, c->jit_minutes_max, clock_wall_us(),
                          r->arena, e) != OK) {
        return FAIL;
    }
    struct json j = JSON_INIT(&r->answer);
    json_open(&j, '{');
    json_kv_str(&j, "id", g.id);
    json_close(&j, '}');
    return OK;
}

static enum status jit_decide(struct rpc *r, struct error *e)
{
    const struct listener_config *c = &r->listener->config;
    int64_t now = clock_wall_us();
    struct reading m;
    reading_open(&m, r->body, r->arena, e);
    struct str actor = read_text(&m, "actor", 2 * MESSAGE_ID_MAX);
    struct str verb = read_text(&m, "verb", MESSAGE_ID_MAX);
    struct str org = read_text(&m, "org", MESSAGE_ID_MAX);
    struct str id = read_text(&m, "id", MESSAGE_ID_MAX);
    struct str user = read_text(&m, "user", MESSAGE_ID_MAX);
    if (reading_close(&m) != OK) {
        return FAIL;
    }
    if (!user.n) { /* would be the operator of the installation */
        return error_set(e, ERR_VALIDATION, "the message's user is empty");
    }
    actor = actor_of(r, actor);
    buf_puts(&r->answer, "{}");
    if (str_is(verb, "approve")) {
        return store_jit_approve(c->store, actor, org, id, user, c->jit_minutes_max, now, e);
    }
    if (str_is(verb, "deny")) {
        return store_jit_deny(c->store, actor, org, id, user, now, e);
    }
    return str_is(verb, "revoke") ? store_jit_revoke(c->store, actor, org, id, user, now, e)
                                  : error_set(e, ERR_VALIDATION, "the message's verb isn't known");
}

/* ---- the way of a request ---- */

static const struct rpc_kind kinds[] = {
    {"enrol", false, enrol},          {"renew", true, renew},
    {"snapshot", true, snapshot},     {"login", true, login},
    {"lease", true, lease},           {"usage-add", true, add_usage},
    {"usage-get", true, get_usage},   {"jit-request", true, jit_request},
    {"jit-decide", true, jit_decide}, {"usage", true, usage},
};

const struct rpc_kind *rpc_kind_of(const char *path)
{
    static const char head[] = "/planes/";
    if (strncmp(path, head, sizeof head - 1) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(path + sizeof head - 1, kinds[i].name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static void finish(struct rpc *r, int status)
{
    web_reply(r->request, status, buf_str(&r->answer));
    if (r->body.n) {
        mem_wipe((char *)r->body.p, r->body.n); /* it may have a password */
    }
    if (!r->kind->enrolled) {
        mem_wipe(r->answer.p, r->answer.n); /* it has the key of masks */
    }
    buf_free(&r->answer);
    arena_free(r->arena);
}

void rpc_refuse(struct rpc *r, const struct error *why)
{
    buf_free(&r->answer);
    message_write_error(why, &r->answer);
    finish(r, error_info(why->code)->http);
}

/* Who waits belongs to the feed, which may have it run again at once. */
static void wait_or_end(struct rpc *r)
{
    struct error e = ERROR_INIT;
    if (!feed_wait(r->listener->feed, r, r->position)) {
        error_set(&e, ERR_SHUTDOWN, "the control plane is stopping");
        rpc_refuse(r, &e);
    }
}

void rpc_run(void *rpc)
{
    struct rpc *r = rpc;
    struct error e = ERROR_INIT;
    if ((r->kind->enrolled &&
         store_proxy_check(r->listener->config.store, str_of(r->proxy), &e) != OK) ||
        r->kind->run(r, &e) != OK) {
        rpc_refuse(r, &e);
    } else if (r->answer.n) {
        finish(r, 200);
    } else {
        wait_or_end(r);
    }
}
