/* The audit log as a table: hatidata.audit_log, which every organization has and nobody writes. The
 * engine has no such table: it asks the program for the rows (audit/source.h). */
#ifndef CATALOG_AUDIT_LOG_H
#define CATALOG_AUDIT_LOG_H

#include "catalog/catalog.h"

#define CATALOG_SYSTEM_SCHEMA "hatidata"
#define CATALOG_AUDIT_LOG     "audit_log"
/* What gives the entries of all organizations on the engine (engine.h, struct engine_source), by
 * names that no client can write. */
#define CATALOG_AUDIT_LOG_RELATION "hatidata_audit_log"
#define CATALOG_AUDIT_LOG_FUNCTION "hatidata_audit_entries"

/* The table, of scope SCOPE_AUDIT, with a column for each member of an entry
 * (docs/audit-format.md), of the member's name. It and its columns are the arena's. */
struct table *catalog_audit_log(struct arena *a);

#endif
