/* Environments of the organization, each with tables of its own. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "pipeline/pipeline.h"
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

/* On this server's engine; a control plane alone has none. */
static enum status clear(const struct call *c, struct str name, bool drop, struct error *e)
{
    struct space space = {c->who->org_id, name};
    return c->config->pipeline ? pipeline_clear_environment(c->config->pipeline, space, drop, e)
                               : OK;
}

/* What one of that name has left behind isn't the new one's. */
static enum status create(struct call *c, struct error *e)
{
    struct str name = given_text(c->body, "name");
    if (!str_is(name, STORE_DEFAULT_ENVIRONMENT) &&
        store_environment_check(c->config->store, c->who->org_id, name,
                                &(struct error)ERROR_INIT) != OK &&
        clear(c, name, true, e) != OK) {
        return FAIL;
    }
    if (store_environment_create(c->config->store, c->actor, c->who->org_id, name, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "name", name);
    json_close(&c->json, '}');
    return OK;
}

/* The row goes between the look and the schemas: from then on nobody signs in to it, and sessions
 * of it end. What one of these makes meanwhile is found by the last step, or by the next create. */
static enum status discard(struct call *c, struct error *e)
{
    struct str org = c->who->org_id, name = c->params[1];
    if (!c->config->pipeline) {
        error_set(e, ERR_NOT_HERE,
                  "this control plane can't see whether the environment has tables");
        return error_hint(e, "Ask a server that has them (`hatidata serve`).");
    }
    if (store_environment_removable(c->config->store, org, name, e) != OK ||
        clear(c, name, false, e) != OK ||
        store_environment_remove(c->config->store, c->actor, org, name, e) != OK ||
        clear(c, name, true, e) != OK) {
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
    {"DELETE", ENVIRONMENTS "/{env}", PERMIT_MANAGE, 200, discard, "remove_environment",
     "Removes an environment in which nothing is left", .answer = answer, .faults = {501}},
    {0}};
