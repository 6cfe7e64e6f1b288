/* A log, or a part of it, in the form of others: for an auditor's tools and a SIEM. */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include <stdio.h>

#include "audit/verify.h"

enum export_format {
    EXPORT_JSONL, /* the log's own lines */
    EXPORT_OCSF   /* events of the Open Cybersecurity Schema Framework, one a line */
};

/* Which entries; what is empty or 0 doesn't matter. */
struct export_wish {
    int64_t from_us, to_us; /* from this time, and before this one */
    struct str org_id;
    const enum audit_kind *kind;
};

/* Writes them to `out`, and verifies the log meanwhile: where it is broken `report` says so, and
 * what was written ends before that. `count` are the entries written. ERR_IO where `out` can't be
 * written. */
MUST_USE enum status export_write(const char *path, const struct audit_known *known,
                                  enum export_format format, const struct export_wish *wish,
                                  FILE *out, struct audit_report *report, uint64_t *count,
                                  struct error *e);

#endif
