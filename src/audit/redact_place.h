/* Constants that a statement gives to, or compares with, a column or argument whose name says that
 * it holds a secret, wherever the name stands: INSERT INTO t (name, password) VALUES ('x', 'y'),
 * SET password = CASE ... END, 'y' = password, api_key IN ('y', 'z'), f(password => 'y'),
 * 'y' AS password, {'password': 'y'}. A constant that stands right behind the name is redact.c's.
 */
#ifndef AUDIT_REDACT_PLACE_H
#define AUDIT_REDACT_PLACE_H

#include "audit/redact.h"

/* Whether a name of a secret is in `sql` at all, or in `columns`, which may also be unknown. Most
 * statements have none. */
bool redact_has_place(struct str sql, const struct redact_columns *columns);

/* Appends `sql` with each such literal as '<secret>' and each such number as <secret>.
 * `snowflake`: audit/token.h. The work is linear in the length, and any bytes may come. */
void redact_place(struct str sql, bool snowflake, const struct redact_columns *columns,
                  struct buf *out);

#endif
