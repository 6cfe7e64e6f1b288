/* The organization of the credential. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
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

static enum status list(struct call *c, struct error *e)
{
    struct store_org org;
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

static const struct field answer[] = {
    {"id", OF_TEXT, true}, {"name", OF_TEXT, true}, {"created_at", OF_TIME, true}, {0}};

const struct route organization_routes[] = {
    {"GET", "/v1/organizations", PERMIT_SELF, 200, list, "list_organizations",
     "The organizations of the credential: one", .answer = answer, .list = true},
    {"GET", "/v1/organizations/{org}", PERMIT_SELF, 200, show, "get_organization",
     "The organization, by id or name", .answer = answer},
    {0}};
