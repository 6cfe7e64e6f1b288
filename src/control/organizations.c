/* The organization of the credential; for the operator of the installation, all of them. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "store/factor.h"
#include "store/org.h"

static void write_org(struct json *j, const void *row)
{
    const struct store_org *o = row;
    json_open(j, '{');
    json_kv_str(j, "id", o->id);
    json_kv_str(j, "name", o->name);
    call_time(j, "created_at", o->created_us);
    json_close(j, '}');
}

static enum status list_all(struct call *c, struct error *e)
{
    struct store_org *rows;
    size_t n = 0;
    if (store_orgs(c->config->store, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_org, id, write_org);
    return OK;
}

static enum status list(struct call *c, struct error *e)
{
    struct store_org org;
    if (c->is_operator) {
        return list_all(c, e);
    }
    if (store_org_find(c->config->store, c->who->org_id, c->arena, &org, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, &org, 1, struct store_org, id, write_org);
    return OK;
}

static enum status show(struct call *c, struct error *e)
{
    struct store_org org;
    if (store_org_find(c->config->store, c->who->org_id, c->arena, &org, e) != OK) {
        return FAIL;
    }
    write_org(&c->json, &org);
    return OK;
}

static enum status require_factor(struct call *c, struct error *e)
{
    bool required = given_bool(c->body, "required", true);
    if (store_factor_require(c->config->store, c->actor, c->who->org_id, required, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_bool(&c->json, "required", required);
    json_close(&c->json, '}');
    return OK;
}

static const struct field factor_fields[] = {{"required", OF_BOOL, true}, {0}};
static const struct field answer[] = {
    {"id", OF_TEXT, true}, {"name", OF_TEXT, true}, {"created_at", OF_TIME, true}, {0}};

const struct route organization_routes[] = {
    {"GET", "/v1/organizations", PERMIT_SELF, 200, list, "list_organizations",
     "The organizations of the credential: one", .answer = answer, .list = true},
    {"GET", "/v1/organizations/{org}", PERMIT_SELF, 200, show, "get_organization",
     "The organization, by id or name", .answer = answer},
    {"PUT", "/v1/organizations/{org}/second-factor", PERMIT_MANAGE, 200, require_factor,
     "require_second_factor", "Whether its people need a second factor to sign in",
     .body = factor_fields, .answer = factor_fields},
    {0}};
