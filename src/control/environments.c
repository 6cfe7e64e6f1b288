/* Environments of the organization, each with tables of its own. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "store/org.h"

static void write_environment(struct json *j, const void *row)
{
    const struct store_environment *env = row;
    json_open(j, '{');
    json_kv_str(j, "name", env->name);
    call_time(j, "created_at", env->created_us);
    json_close(j, '}');
}

static enum status list(struct call *c, struct error *e)
{
    struct store_environment *rows;
    size_t n = 0;
    if (store_environments(c->config->store, c->who->org_id, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_environment, name, write_environment);
    return OK;
}

static enum status create(struct call *c, struct error *e)
{
    struct str name = given_text(c->body, "name");
    if (store_environment_create(c->config->store, c->actor, c->who->org_id, name, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "name", name);
    json_close(&c->json, '}');
    return OK;
}

static const struct field body[] = {{"name", OF_TEXT, true, 1, STORE_NAME_MAX,
                                     .help = "the database that clients connect to",
                                     .pattern = FIELD_NAME},
                                    {0}};
static const struct field answer[] = {{"name", OF_TEXT, true}, {"created_at", OF_TIME}, {0}};

#define ENVIRONMENTS "/v1/organizations/{org}/environments"
const struct route environment_routes[] = {
    {"GET", ENVIRONMENTS, PERMIT_MANAGE, 200, list, "list_environments",
     "Environments of the organization", .answer = answer, .list = true, .operators = true},
    {"POST", ENVIRONMENTS, PERMIT_MANAGE, 201, create, "create_environment", "Adds an environment",
     .body = body, .answer = answer},
    {0}};
