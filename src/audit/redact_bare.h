/* Secrets that stand in a statement without quotes, where the grammar takes a word or number:
 * PASSWORD = hunter2, (TYPE s3, SECRET abc); and the constants of EXECUTE, which are bound values.
 */
#ifndef AUDIT_REDACT_BARE_H
#define AUDIT_REDACT_BARE_H

#include "base/buf.h"

/* Whether `sql` (`snowflake`: audit/token.h) may have such a place: anything but a single query or
 * statement about rows. */
bool redact_has_bare(struct str sql, bool snowflake);

/* Appends `sql` with each such value replaced by <secret>, and the constants of EXECUTE name(...)
 * by
 * '<text>' and <number>; other strings are left as they are. */
void redact_bare(struct str sql, bool snowflake, struct buf *out);

#endif
