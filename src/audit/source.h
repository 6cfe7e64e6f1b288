/* The log as rows: the table hatidata.audit_log (catalog/audit_log.h) for the engine. */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include "engine/engine.h"

/* The entries in `dir`, of all organizations, in their order, up to the last that was whole when
 * the reading began. A member that an entry doesn't have is NULL, and so is one of another shape
 * than the column's. The chain isn't checked here (audit_verify()). All is the arena's; `dir` must
 * outlive it. */
const struct engine_source *audit_source(struct arena *a, const char *dir);

#endif
