/* What the routes share that read the audit log's files. */
#ifndef CONTROL_AUDIT_H
#define CONTROL_AUDIT_H

#include "audit/search.h"
#include "control/call.h"

/* One more that reads the log; ERR_RATE_LIMITED where too many do, ERR_NOT_HERE without a log. */
MUST_USE enum status audit_enter(struct call *c, struct error *e);
void audit_leave(struct call *c);

/* Only entries whose member has the value are wanted; STR_NULL: any. */
void audit_same(struct audit_search *s, const char *column, struct str value);

/* start_date and end_date of the query. */
void audit_read_range(struct call *c, struct audit_search *s);

#define AUDIT_TIME                                                                                 \
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"                                           \
    "(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z)?$"
#define AUDIT_RANGE                                                                                \
    {"start_date",                                                                                 \
     OF_TEXT,                                                                                      \
     false,                                                                                        \
     10,                                                                                           \
     27,                                                                                           \
     .pattern = AUDIT_TIME,                                                                        \
     .help = "a day or a time in UTC; from then on"},                                              \
    {                                                                                              \
        "end_date", OF_TEXT, false, 10, 27,                                                        \
            .pattern = AUDIT_TIME, .help = "a day, which counts, or a time in UTC, which doesn't"  \
    }

#endif
