/* Functions of PostgreSQL's that do something with the session or the server: SELECT
 * set_config(..). They are no expressions, whose number of runs and order only the engine knows: a
 * SELECT may have them as outputs of its own, and the session runs them, row by row in the order
 * that the rows come in, from left to right. */
#ifndef SQL_SESSION_CALL_H
#define SQL_SESSION_CALL_H

#include "base/error.h"
#include "sql/ast.h"

enum session_function {
    CALL_SET_CONFIG,
    CALL_LOCK,
    CALL_LOCK_SHARED,
    CALL_XACT_LOCK,
    CALL_XACT_LOCK_SHARED,
    CALL_TRY_LOCK,
    CALL_TRY_LOCK_SHARED,
    CALL_TRY_XACT_LOCK,
    CALL_TRY_XACT_LOCK_SHARED,
    CALL_UNLOCK,
    CALL_UNLOCK_SHARED,
    CALL_UNLOCK_ALL,
    CALL_CANCEL_BACKEND,
    CALL_TERMINATE_BACKEND,
    SESSION_FUNCTIONS /* none of them */
};

/* Types by letters: t text, b boolean, l bigint, i integer, v void. */
struct session_signature {
    const char *name;
    const char *params; /* in a second form of the function: after a blank */
    char result;
};

const struct session_signature *session_signature(enum session_function f);

/* What an output calls, written plainly; SESSION_FUNCTIONS where it is any other expression. */
enum session_function session_call_of(const struct node *expr);

/* By its name alone. */
enum session_function session_function_find(struct str name);

/* The outputs, where the statement is a SELECT; NULL: it isn't. */
const struct node_list *session_call_targets(const struct node *stmt);

/* Is it a SELECT with such outputs? */
bool session_calls_in(const struct node *stmt);

/* The query of what these outputs need, to be bound in its place: each such output is replaced by
 * its arguments, cast to their parameters' types, and the rest is as it was; of the arena. FAIL
 * where a call has other arguments, where the engine would need what it gives (DISTINCT, GROUP BY,
 * ORDER BY), beside *, and where another output could show what set_config() has set before it. */
MUST_USE enum status session_call_query(struct arena *a, const struct node *stmt, struct node **out,
                                        struct error *e);

#endif
