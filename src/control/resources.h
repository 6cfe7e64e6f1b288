/* The resources' tables of routes, one file each. */
#ifndef CONTROL_RESOURCES_H
#define CONTROL_RESOURCES_H

#include "control/route.h"

extern const struct route auth_routes[];
extern const struct route health_routes[];
extern const struct route organization_routes[];
extern const struct route environment_routes[];
extern const struct route user_routes[];
extern const struct route user_access_routes[];
extern const struct route key_routes[];
extern const struct route api_key_routes[];
extern const struct route agent_key_routes[];
extern const struct route policy_routes[];
extern const struct route policy_set_routes[];
extern const struct route policy_test_routes[];
extern const struct route provider_routes[];
extern const struct route jit_routes[];
extern const struct route query_routes[];
extern const struct route audit_routes[];
extern const struct route billing_routes[];
extern const struct route pattern_routes[];
extern const struct route document_routes[];

#endif
