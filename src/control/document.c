/* The API's own description, for clients and their generators. It says nothing of anybody's data,
 * so that nobody needs a credential for it. */
#include "control/call.h"
#include "control/openapi.h"
#include "control/resources.h"

static enum status document(struct call *c, struct error *e)
{
    (void)e;
    openapi_write(&c->json, c->config->version, c->arena);
    return OK;
}

static const struct field answer[] = {{"openapi", OF_TEXT, true, .help = "3.1.0"},
                                      {"info", OF_OBJECT, true},
                                      {"servers", OF_ARRAY, true},
                                      {"security", OF_ARRAY, true},
                                      {"paths", OF_OBJECT, true},
                                      {"components", OF_OBJECT, true},
                                      {0}};

const struct route document_routes[] = {{"GET", "/v1/openapi.json", PERMIT_ANYBODY, 200, document,
                                         "openapi", "This API as an OpenAPI document",
                                         .answer = answer},
                                        {0}};
