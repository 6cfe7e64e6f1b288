/* The data plane, with the control plane in the same process or behind a link. */
#ifndef COMMAND_SERVE_H
#define COMMAND_SERVE_H

#include "config/config.h"
#include "planes/uplink.h"

/* Runs until a signal ends it, and gives the exit code. `proxy` NULL: both planes. */
int serve_run(const struct config *c, struct arena *a, const struct enrolment *proxy);

#endif
