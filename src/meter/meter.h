/* What a statement costs, and who can still pay. */
#ifndef METER_METER_H
#define METER_METER_H

#include "base/error.h"
#include "base/str.h"
#include "policy/principal.h"

struct store;
struct ledger;

struct cost_input {
    size_t tables;  /* distinct base tables */
    bool full_scan; /* no selective predicate */
    bool selects_star;
    int64_t rows; /* estimated before, actual after */
};

/* Credits in thousandths: 1.0 a statement; +0.5 a table beyond the first; +2.0 a full scan; +1.0
 * for SELECT *; +1.0 for every 10,000 rows (begun) beyond 10,000. */
int64_t cost_millicredits(const struct cost_input *in);

/* What one statement may take. 0: no limit of its own. */
struct limits {
    int64_t statement_ms, max_rows;
};
enum { LIMITS_ROLES = ROLE_SERVICE_ACCOUNT + 1 };

struct quota {
    int64_t monthly_millicredits;         /* default 10,000 credits */
    int64_t max_concurrent;               /* default 100 */
    int64_t max_rows;                     /* of one statement: default 1,000,000 */
    struct limits of_roles[LIMITS_ROLES]; /* by enum role; [ROLE_NONE] is everybody's */
};
#define QUOTA_DEFAULT                                                                              \
    {                                                                                              \
        .monthly_millicredits = 10000000, .max_concurrent = 100, .max_rows = 1000000               \
    }

/* The lowest of what holds for a statement of this role. */
struct limits quota_limits(const struct quota *q, enum role role);

/* What holds for the organization: its own, or the standard. */
MUST_USE enum status quota_read(struct store *s, struct str org_id, struct quota *out,
                                struct error *e);

/* The quota ledger over the control store. Credits are leased from the store in blocks that are
 * durable before they are spent: a crash can waste part of a block and never overspends.
 * Thread-safe. */
MUST_USE enum status ledger_open(struct store *s, struct ledger **out, struct error *e);
void ledger_close(struct ledger *l); /* gives unspent leases back; NULL is allowed */

struct reservation {
    uint64_t id;
    int64_t millicredits;
    struct quota quota; /* the limits that hold for this statement */
};

/* Takes the credits and a place among the organization's running statements, or nothing:
 * ERR_QUOTA_EXCEEDED (the message begins with QUOTA_EXCEEDED and says used, limit and when the
 * period ends) or ERR_TOO_MANY_STATEMENTS. */
MUST_USE enum status ledger_reserve(struct ledger *l, struct str org_id, int64_t millicredits,
                                    struct reservation *out, struct error *e);

/* Settles with what was really used: gives back the rest, or takes more (past the limit too: the
 * work is done; the next reservation then fails). Also frees the place. */
void ledger_settle(struct ledger *l, struct str org_id, const struct reservation *r,
                   int64_t used_millicredits);

/* How many statements the organization may run at once; the standard where the store can't tell. */
int64_t ledger_max_concurrent(struct ledger *l, struct str org_id);

struct quota_use {
    struct quota quota;
    int64_t used_millicredits; /* this period, settled and reserved */
    int64_t running;
    char period[8]; /* "2026-11", UTC */
};
MUST_USE enum status ledger_use(struct ledger *l, struct str org_id, struct quota_use *out,
                                struct error *e);

/* The highest share of its credits that an organization has used this period, in thousandths (past
 * 1000 where statements took more than estimated). Counts those that ran a statement since the
 * ledger was opened; reads the store once for each. */
int64_t ledger_utilization(struct ledger *l);

/* Drops what is remembered of quotas, after an administrator's change. */
void ledger_refresh(struct ledger *l);

/* For tests: time is what `wall_us` says. Call it before the first reservation. */
void ledger_set_clock(struct ledger *l, int64_t (*wall_us)(void));

#endif
