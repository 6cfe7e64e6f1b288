/* SELECT of functions that act on the session (sql/session_call.h): what they are given comes of a
 * query like any other, which policy decides on and the log tells; then the session acts. */
#ifndef SESSION_CALLS_H
#define SESSION_CALLS_H

#include "session/state.h"

/* The plan of the query of arguments, with the statement's own text. */
MUST_USE enum status calls_plan(struct session *s, const struct node *stmt, struct str text,
                                const struct type *const *hints, size_t hint_count,
                                struct plan **out, struct error *e);

/* The columns that the statement returns. Text is of the arena. */
size_t calls_columns(const struct node *stmt, const struct plan *plan, const int16_t *formats,
                     size_t format_count, struct arena *a, struct wire_column **out);

MUST_USE enum status calls_run(struct session *s, const struct node *stmt, struct plan *plan,
                               const struct value *params, size_t param_count,
                               const int16_t *formats, size_t format_count, struct result *out,
                               struct error *e);

#endif
