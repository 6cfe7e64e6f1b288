/* Routes as one table, put together from the resources' own. */
#ifndef CONTROL_ROUTE_H
#define CONTROL_ROUTE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "control/field.h"
#include "policy/principal.h"

struct call;

enum { ROUTE_PARAMS_MAX = 4, ROUTE_PARAM_BYTES = 256, ROUTE_FAULTS_MAX = 12 };

/* Who may use a route: by the matrix of roles and the scopes of the key (policy/roles.c). */
enum permission {
    PERMIT_UNSAID,  /* a route that says nothing: the server doesn't start */
    PERMIT_ANYBODY, /* without a credential */
    PERMIT_SELF,    /* every credential, for what is its own */
    PERMIT_QUERY,   /* every credential: each statement is decided by itself */
    PERMIT_MANAGE,  /* policies, users, keys */
    PERMIT_READ_AUDIT,
    PERMIT_BILLING,
    PERMIT_OPERATOR, /* of the installation: no role of an organization, whichever it is */
    PERMIT_COUNT
};

struct route {
    const char *method;
    const char
        *path; /* "/v1/organizations/{org}/users/{user}"; {org} and {env} must be one's own */
    enum permission permission;
    int success; /* the status of what went well: 200, 201 */
    enum status (*handle)(struct call *c, struct error *e);
    const char *name;           /* of the operation: "invite_user" */
    const char *help;           /* a line */
    const struct field *query;  /* NULL: none */
    const struct field *body;   /* NULL: a body isn't read */
    const struct field *answer; /* its fields, or those of each row of a list */
    bool operators;             /* is for an operator's key, too, whatever the permission */
    bool list;                  /* the answer is a page; the query takes limit and cursor, too */
    bool deferred; /* a handler that gives OK has taken the call over, for call_end() */
    int faults[ROUTE_FAULTS_MAX]; /* statuses that it refuses with beside those that follow from the
                                     above (fault.h); 0 ends them */
};

/* The route after `r` in the whole table; NULL gives the first, the last gives NULL. The order says
 * which of two that match goes first. */
const struct route *route_next(const struct route *r);

/* Is the table whole? ERR_CONFIG names the route. */
MUST_USE enum status routes_check(struct error *e);

/* The route; its parameters percent-decoded, in the arena. Where there is none: ERR_NOT_FOUND, or
 * ERR_METHOD with the methods that the path has in `allow`. */
MUST_USE enum status route_find(const char *method, const char *path, struct arena *a,
                                const struct route **out, struct str params[ROUTE_PARAMS_MAX],
                                const char **allow, struct error *e);

/* "org" for the first parameter of /v1/organizations/{org}/...; STR_NULL past the last. */
struct str route_param_name(const struct route *r, size_t i);

/* What a parameter of that name is; NULL for a name that no route may have. */
const struct field *route_param_field(struct str name);

bool permission_holds(enum permission p, const struct principal *who);
const char *permission_name(enum permission p); /* "manage" */

#endif
