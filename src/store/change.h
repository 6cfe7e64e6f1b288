/* Inside the store: one administrator's change, with its IAM entry, in one transaction.
 *
 * It fails once and is checked once: after a failure the other functions do nothing, and
 * change_close rolls back and gives the status. What a rule refused (ERR_DENIED, ERR_CONSTRAINT)
 * has an entry of its own then, "ACTION.refuse" (store/iam.h). */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/db.h"

struct change {
    struct db *db;   /* NULL: the change has failed */
    struct arena *a; /* lives as long as the change */
    struct str actor;
    struct error *e;
    enum status status;
    bool begun;
    struct str org_id, resource; /* of the entry that a change that failed would have had */
    const char *action;
};

void change_open(struct change *c, struct store *s, struct str actor, struct error *e);
void change_open_replica(struct change *c, struct store *s, struct error *e); /* by a snapshot */
MUST_USE enum status change_close(struct change *c);
MUST_USE enum status change_cancel(struct change *c); /* rolls back what went well, too */

/* Fails the change where `status` is FAIL; true while the change is good. */
bool change_check(struct change *c, enum status status);

/* Runs a statement; gives the number of rows that it changed. `kinds` as for query_begin. */
int change_run(struct change *c, const char *sql, const char *kinds, ...);

/* The row as a JSON object (kinds as for query_object), by a query that takes the id as ?1; empty
 * where there is none. */
struct str change_image(struct change *c, const char *kinds, const char *sql, struct str id);

/* The one text that such a query gives. */
struct str change_text(struct change *c, const char *sql, struct str id);

/* The IAM entry: "kind/id", before and after. */
void change_note(struct change *c, struct str org_id, const char *action, const char *kind,
                 struct str id, struct str before, struct str after);

#endif
