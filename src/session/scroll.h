/* The rows of a cursor that scrolls: all of them in memory, and a place among them as PostgreSQL
 * has it: before the first row, on one, or behind the last. */
#ifndef SESSION_SCROLL_H
#define SESSION_SCROLL_H

#include "pipeline/held.h"
#include "sql/ast.h"

struct scroll;

/* Takes the DataRow messages out of `rows`. Their bytes are added to `*counted`, which may not pass
 * `most`, and taken off by scroll_free(): ERR_UNSUPPORTED where there is no room for them. */
MUST_USE enum status scroll_new(struct held *rows, size_t *counted, size_t most,
                                struct scroll **out, struct error *e);
void scroll_free(struct scroll *r); /* NULL is allowed */

/* FETCH of the direction; INT64_MAX: all. The rows go to `out`, their number to `*count`. */
MUST_USE enum status scroll_fetch(struct scroll *r, enum fetch_direction direction, int64_t n,
                                  struct held *out, int64_t *count, struct error *e);

#endif
