/* How long the organization's audit entries are kept, and its legal holds. */
#include "base/retention.h"
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "store/retention.h"

static enum status show(struct call *c, struct error *e)
{
    struct json *j = &c->json;
    int64_t days;
    if (store_retention_get(c->config->store, c->who->org_id, &days, e) != OK) {
        return FAIL;
    }
    json_open(j, '{');
    json_kv_i64(j, "days", days > RETENTION_LAW_DAYS ? days : RETENTION_LAW_DAYS);
    json_kv_i64(j, "least_days", RETENTION_LAW_DAYS);
    json_close(j, '}');
    return OK;
}

static enum status set(struct call *c, struct error *e)
{
    int64_t days = given_int(c->body, "days", 0);
    return store_retention_set(c->config->store, c->actor, c->who->org_id, days, e) == OK
               ? show(c, e)
               : FAIL;
}

static void write_hold(struct json *j, const void *row)
{
    const struct store_hold *h = row;
    json_open(j, '{');
    json_kv_str(j, "id", h->id);
    json_kv_str(j, "reason", h->reason);
    json_kv_str(j, "placed_by", h->placed_by);
    call_time(j, "placed_at", h->placed_us);
    json_close(j, '}');
}

static enum status list_holds(struct call *c, struct error *e)
{
    struct store_hold *rows;
    size_t n = 0;
    if (store_holds(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_hold, id, write_hold);
    return OK;
}

static enum status place(struct call *c, struct error *e)
{
    struct store_hold hold;
    if (store_hold_place(c->config->store, c->actor, c->who->org_id, given_text(c->body, "reason"),
                         c->arena, &hold, e) != OK) {
        return FAIL;
    }
    write_hold(&c->json, &hold);
    return OK;
}

static enum status lift(struct call *c, struct error *e)
{
    if (store_hold_lift(c->config->store, c->actor, c->who->org_id, c->params[1],
                        given_text(c->body, "reason"), e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "id", c->params[1]);
    json_kv_bool(&c->json, "lifted", true);
    json_close(&c->json, '}');
    return OK;
}

static const struct field days_fields[] = {
    {"days", OF_INT, true, RETENTION_LAW_DAYS, RETENTION_MAX_DAYS,
     .help = "that entries are kept; the log keeps them for the longest of all organizations"},
    {0}};
static const struct field days_answer[] = {
    {"days", OF_INT, true},
    {"least_days", OF_INT, true, .help = "what the law wants: seven years"},
    {0}};
static const struct field reason_fields[] = {{"reason", OF_TEXT, true, 1, STORE_HOLD_REASON_MAX},
                                             {0}};
static const struct field hold_answer[] = {{"id", OF_TEXT, true},
                                           {"reason", OF_TEXT, true},
                                           {"placed_by", OF_TEXT, true},
                                           {"placed_at", OF_TIME, true},
                                           {0}};
static const struct field lifted[] = {{"id", OF_TEXT, true}, {"lifted", OF_BOOL, true}, {0}};

#define OF_ORG "/v1/organizations/{org}"
const struct route retention_routes[] = {
    {"GET", OF_ORG "/audit-retention", PERMIT_READ_AUDIT, 200, show, "get_audit_retention",
     "How long audit entries are kept", .answer = days_answer},
    {"PUT", OF_ORG "/audit-retention", PERMIT_MANAGE, 200, set, "set_audit_retention",
     "Keeps audit entries for longer than the law wants", .body = days_fields,
     .answer = days_answer},
    {"GET", OF_ORG "/legal-holds", PERMIT_READ_AUDIT, 200, list_holds, "list_legal_holds",
     "The legal holds that stand", .answer = hold_answer, .list = true},
    {"POST", OF_ORG "/legal-holds", PERMIT_MANAGE, 201, place, "place_legal_hold",
     "Nothing of the audit log is deleted until it is lifted", .body = reason_fields,
     .answer = hold_answer},
    {"POST", OF_ORG "/legal-holds/{hold}/lift", PERMIT_MANAGE, 200, lift, "lift_legal_hold",
     "Ends a legal hold", .body = reason_fields, .answer = lifted, .faults = {404}},
    {0}};
