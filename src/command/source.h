/* What `hatidata transpile` and `hatidata parse` share: statements from a file, errors with a
 * caret. */
#ifndef COMMAND_SOURCE_H
#define COMMAND_SOURCE_H

#include "base/buf.h"
#include "sql/parse.h"

/* A dialect by its name; false, after a message, where there is none such. */
bool source_dialect(const char *name, enum dialect *out);

/* The whole of a file, or of standard input for NULL and "-". */
MUST_USE enum status source_read(const char *path, struct buf *out, struct error *e);

/* The error with the line it points at, a caret under the place, and the hint, on standard error.
 * Gives EXIT_FAILED. */
int source_fail(const char *path, struct str text, const struct error *e);

#endif
