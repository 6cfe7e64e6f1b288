/* The end of entries: whole segments that are older than the law, the operator and every
 * organization want are deleted, the oldest first, and a signed checkpoint is kept for them. */
#ifndef AUDIT_RETENTION_H
#define AUDIT_RETENTION_H

#include "audit/audit_priv.h"

/* Begins or goes on with what may be deleted now. Without the log's lock; of the notary's thread.
 * What fails is logged, and tried again by the next call. */
void retention_run(struct audit *a, struct notary *n, const struct audit_retention *r);

#endif
