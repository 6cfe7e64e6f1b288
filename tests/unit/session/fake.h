/* A pipeline and an identity for tests of the session alone, in place of the real ones at link
 * time.
 *
 * Statements are told apart by a word in their text:
 *   one            one row: n int4 = 1, t text = "one"
 *   many_N         N rows: n int4, t text of 100 bytes
 *   late_N         N rows, and then an error: nothing of them may be seen
 *   slow           runs until it is cancelled
 *   refused        plan_make fails with ERR_DENIED at the statement's offset + 7
 *   echo           one row with the first parameter as text
 *   anything else  a change of one row
 * COPY ... FROM keeps its rows' texts, COPY ... TO gives them back. */
#ifndef SESSION_FAKE_H
#define SESSION_FAKE_H

#include <stdatomic.h>
#include <stdbool.h>

struct fake_counts {
    atomic_int begins, commits, rollbacks, cancels, runs, governors, recorded;
    atomic_bool revoked;
    atomic_bool fail_commit;
};
extern struct fake_counts fake;

#endif
