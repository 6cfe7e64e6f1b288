/* Errors as REST shows them: {"error":{"code","message","details","request_id"}}. */
#ifndef CONTROL_FAULT_H
#define CONTROL_FAULT_H

#include "control/call.h"

/* The HTTP status of an error: that of the table in base/error.h, but that policy refuses with 422
 * where a statement was refused (`c->route` runs statements). */
int fault_status(const struct call *c, const struct error *e);

/* The word of a status: "VALIDATION_ERROR". Every status that the API gives has one. */
const char *fault_code(int status);

/* The answer: status and body. What is the operator's alone goes to his log instead. */
void fault_write(struct call *c, const struct error *e);

#endif
