/* Errors as REST shows them: {"error":{"code","message","details","request_id"}}. */
#ifndef CONTROL_FAULT_H
#define CONTROL_FAULT_H

#include "control/call.h"

/* One row a status that the API refuses with. */
struct fault {
    int status;
    const char *code; /* "VALIDATION_ERROR" */
    const char *help;
};
size_t fault_count(void);
const struct fault *fault_at(size_t i); /* by status */

/* The form of every error. */
extern const struct field fault_answer[];

/* May the route refuse with it? What any may: 400 413 429 500 503. Where it needs a credential: 401
 * 403; where its path has a parameter: 404; where it isn't GET: 409 507; where it reads a body:
 * 415. The rest it says itself. */
bool fault_is_of(const struct route *r, int status);

/* The HTTP status of an error: that of the table in base/error.h, but that policy refuses with 422
 * where a statement was refused (`c->route` runs statements). */
int fault_status(const struct call *c, const struct error *e);

/* The answer: status and body. What is the operator's alone goes to his log instead. */
void fault_write(struct call *c, const struct error *e);

/* The body of a refusal of what never became a request (net/web.h). */
void fault_refuse(void *ctx, int *status, struct buf *body);

#endif
