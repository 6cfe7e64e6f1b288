/* The pipeline over a data folder that no server has open, for asking what would be decided: it has
 * no ledger and no log, so nothing is reserved, run or on record (pipeline/explanation.h). */
#ifndef COMMAND_OFFLINE_H
#define COMMAND_OFFLINE_H

#include "command/admin.h"
#include "pipeline/pipeline.h"

struct offline {
    struct engine *engine;
    struct pipeline *pipeline; /* NULL: not open */
};

/* `hint` is for where a server has the folder. The error is the admin's. */
MUST_USE enum status offline_open(struct admin *ad, const char *hint, struct offline *out);
void offline_close(struct offline *o);

#endif
