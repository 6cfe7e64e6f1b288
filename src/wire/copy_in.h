/* COPY ... FROM STDIN: CopyData payloads, cut anywhere, into rows of values.
 *
 * Text and CSV as PostgreSQL 15 reads them: a line that is only "\." ends the data; lines end in LF
 * or CR LF, all alike. Memory is bounded by one line (or binary row) of COPY_MAX_LINE and one
 * chunk. Errors are ERR_BAD_COPY with line and column, never with the field; after one the reader
 * is of no further use. */
#ifndef WIRE_COPY_IN_H
#define WIRE_COPY_IN_H

#include "base/value.h"
#include "wire/copy_options.h"
#include "wire/zone.h"

enum { COPY_MAX_LINE = 64 << 20 };

struct copy_in;

/* Columns and options are copied, their texts and types must live as long; `zone` as for
 * parameters. Free with copy_in_free. */
struct copy_in *copy_in_new(const struct copy_options *o, const struct copy_column *columns,
                            size_t count, const struct zone *zone);
void copy_in_free(struct copy_in *c); /* NULL is allowed */

/* Rows read so far: at[i][column]. All memory is that of the arena given to copy_in_feed. */
struct copy_rows {
    const struct value **at;
    size_t n, cap;
};

/* Takes one chunk and appends the rows that it completes. `arena` may be reset between calls, once
 * the rows are used and `rows` is set to zero again. What follows the end marker is ignored. */
MUST_USE enum status copy_in_feed(struct copy_in *c, struct str chunk, struct arena *a,
                                  struct copy_rows *rows, struct error *e);

/* At CopyDone: the last line where it has no line end; an error where the data stops within a row.
 */
MUST_USE enum status copy_in_end(struct copy_in *c, struct arena *a, struct copy_rows *rows,
                                 struct error *e);

#endif
