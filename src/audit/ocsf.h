/* An entry as an event of the Open Cybersecurity Schema Framework, version 1.3.0
 * (https://schema.ocsf.io). docs/audit-format.md has the mapping. */
#ifndef AUDIT_OCSF_H
#define AUDIT_OCSF_H

#include <jansson.h>

#include "audit/line.h"

/* Appends one JSON object without a newline. `entry` is the line, parsed. */
void ocsf_write(const struct line *line, const json_t *entry, struct buf *out);

#endif
