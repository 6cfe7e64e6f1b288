/* The resources' tables of routes, one file each. */
#ifndef CONTROL_RESOURCES_H
#define CONTROL_RESOURCES_H

#include "control/route.h"

#define ROUTES(name)                                                                               \
    extern const struct route name[];                                                              \
    extern const size_t name##_count

ROUTES(health_routes);
ROUTES(organization_routes);
ROUTES(user_routes);

#define ROUTES_COUNT(name) const size_t name##_count = sizeof name / sizeof *name

#endif
