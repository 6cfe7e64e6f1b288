/* The OpenAPI 3.1 document of the API, made from the tables that the server itself goes by: routes,
 * their fields, their permissions, and what they refuse with. */
#ifndef CONTROL_OPENAPI_H
#define CONTROL_OPENAPI_H

#include "base/arena.h"
#include "base/json.h"

/* The document, one JSON value; `a` for what lies between. */
void openapi_write(struct json *j, const char *version, struct arena *a);

#endif
