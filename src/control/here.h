/* The API without a server: one request, answered in this process, for the operator of the
 * installation, who has its data folder, or for a person whom he has verified. Roles, fields and
 * rules are those of any request; there is no connection, so that there is no rate. */
#ifndef CONTROL_HERE_H
#define CONTROL_HERE_H

#include <jansson.h>

#include "control/control.h"
#include "control/field.h"
#include "policy/principal.h"

struct here_request {
    const char *method, *path; /* the path percent-encoded */
    const char *query;         /* NULL: none */
    struct str body;           /* JSON; wiped by the call */
    const struct principal *who;
    bool is_operator;
    struct str actor; /* for the IAM trail: "cli:root" */
};

/* Gives the answer, which is the caller's to free. Of the configuration store, identity (where the
 * route needs it), pipeline (statements), trials and jit_minutes_max are read. `about` has the
 * field that an error is about, in the arena, or NULLs. */
MUST_USE enum status control_here(const struct control_config *config, const struct here_request *r,
                                  struct arena *a, json_t **answer, struct complaint *about,
                                  struct error *e);

#endif
