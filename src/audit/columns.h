/* The closed segments of the log a second time, as columns that the engine searches fast: a Parquet
 * file each, in a folder beside them. They are made from the log, in the background, and can be
 * deleted at any time: what is missing, or isn't what the log's segments say it must be, is made
 * anew. They prove nothing; that is the log's. */
#ifndef AUDIT_COLUMNS_H
#define AUDIT_COLUMNS_H

#include "engine/engine.h"

/* The folder for a log in `dir`, made when absent; the arena's. NULL with an error where it can't
 * be. */
const char *audit_columns_folder(struct arena *a, const char *dir, struct error *e);

struct audit_columns;

/* Starts the thread. `dir` is the log's folder, `source` that of audit_source() for it and for
 * audit_columns_folder(), given to engine_open(). All must last until audit_columns_stop(). */
MUST_USE enum status audit_columns_start(const char *dir, struct engine *g,
                                         const struct engine_source *source,
                                         struct audit_columns **out, struct error *e);

/* Waits for a file that is being written. NULL is allowed. */
void audit_columns_stop(struct audit_columns *c);

#endif
