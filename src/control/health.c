/* Is the server there? For load balancers and clients, without a credential. */
#include "control/call.h"
#include "control/resources.h"
#include "store/store.h"

static enum status health(struct call *c, struct error *e)
{
    uint64_t version;
    struct json *j = &c->json;
    if (store_version(c->config->store, &version, e) != OK) {
        return FAIL;
    }
    json_open(j, '{');
    json_kv_str(j, "status", STR("healthy"));
    json_kv_str(j, "version", str_of(c->config->version));
    json_close(j, '}');
    return OK;
}

static const struct field answer[] = {
    {"status", OF_TEXT, true, .help = "\"healthy\": the store can be read"},
    {"version", OF_TEXT, true, .help = "of the server"},
    {0}};

const struct route health_routes[] = {{"GET", "/health", PERMIT_ANYBODY, 200, health, "health",
                                       "Is the server there?", .answer = answer},
                                      {"GET", "/v1/health", PERMIT_ANYBODY, 200, health,
                                       "health_v1", "Is the server there?", .answer = answer},
                                      {0}};
