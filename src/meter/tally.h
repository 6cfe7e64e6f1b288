/* Usage data: how many statements, how long they took, what they cost, an organization at a time.
 * It is all that a data plane tells of them to anybody: no text, name or value of a statement, no
 * user, no table. What is sent and what `hatidata usage show` prints is one text, of tally_write().
 */
#ifndef METER_TALLY_H
#define METER_TALLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "metrics/metrics.h"

enum {
    TALLY_ORGANIZATIONS_MAX = 400, /* told apart; those past it count together, as "" */
    TALLY_ID_MAX = 64,
    TALLY_TEXT_MAX = 255 * 1024, /* bytes of the document */
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *u); /* NULL is allowed */

/* One statement that ended. Safe from any thread. */
struct tally_statement {
    struct str org_id;
    enum metrics_kind kind;
    bool failed;
    int64_t rows, duration_us, millicredits;
};
void tally_count(struct tally *u, const struct tally_statement *s);

/* Appends the document: what was counted since tally_new(), as JSON (docs/two-planes.md, Usage
 * data). */
void tally_write(struct tally *u, struct buf *out);

/* ERR_VALIDATION where the text isn't such a document: a member too many, a text that is no id or
 * time. */
MUST_USE enum status tally_check(struct str document, struct error *e);

#endif
