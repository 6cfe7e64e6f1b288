/* The log as rows: the table hatidata.audit_log (catalog/audit_log.h) for the engine. */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include "engine/engine.h"

/* The entries in `dir`, of all organizations, numbered by seq, in their order, up to the last that
 * was whole when the reading began; and behind an entry's members where its line is (line_segment,
 * line_offset). A member that an entry doesn't have is NULL, and so is one of another shape
 * than the column's. The chain isn't checked here (audit_verify()). All is the arena's; `dir` and
 * `columns_dir` must outlive it: the folder of columns.h, NULL where there is none. */
const struct engine_source *audit_source(struct arena *a, const char *dir, const char *columns_dir);

#endif
