/* How many rows and bytes each role of each organization was given, by days (UTC), and whether
 * today's are far more than they used to be. docs/alerts.md has the rule. Of at most
 * EXPORTS_ROLES_MAX roles; others aren't watched. Used by one thread at a time. */
#ifndef ALERT_EXPORTS_H
#define ALERT_EXPORTS_H

#include "base/buf.h"
#include "base/error.h"

enum { EXPORTS_ROLES_MAX = 4096, EXPORTS_DAYS = 7 };

struct exports;

struct exports_given {
    int64_t rows, bytes;
};

struct exports_rule {
    int64_t factor; /* today's are too many past the mean of the days before, that many times */
    struct exports_given least; /* and past this */
};

struct exports *exports_new(const struct exports_rule *rule); /* never NULL */
void exports_free(struct exports *x);                         /* NULL is allowed */

/* What the rule found. */
struct exports_found {
    struct exports_given today, usual; /* usual: a day, rounded; -1: nothing is yet */
    bool by_rows;                      /* rows are too many, whatever bytes are */
};

/* So many more. True the first time on a day that rows or bytes are too many. */
bool exports_add(struct exports *x, struct str org_id, struct str role,
                 const struct exports_given *given, int64_t wall_us, struct exports_found *out);

/* As JSON, and back, also from before bytes were counted. ERR_CORRUPT: it isn't what was written;
 * `x` is then as it was. */
void exports_write(const struct exports *x, struct buf *out);
MUST_USE enum status exports_read(struct exports *x, struct str json, struct error *e);

#endif
