/* COPY ... TO STDOUT: rows of Arrow batches as CopyData messages, one a row, in PostgreSQL's text,
 * CSV and binary formats (PostgreSQL manual, "COPY", File Formats). */
#ifndef WIRE_COPY_OUT_H
#define WIRE_COPY_OUT_H

#include "base/array.h"
#include "wire/copy_options.h"
#include "wire/format.h"

struct copy_out;

/* In the arena; columns and options are copied, their types and texts must live as long. */
struct copy_out *copy_out_new(struct arena *a, const struct copy_options *o,
                              const struct copy_column *columns, size_t count,
                              const struct format_style *style);

/* 0 for text and CSV, 1 for binary: the format code in CopyOutResponse, for all columns. */
int copy_out_format(const struct copy_out *c);

/* What comes before the first row and after the last: nothing, or one CopyData message. The binary
 * signature comes with the first row, or with the end where there is none. */
MUST_USE enum status copy_out_begin(struct copy_out *c, struct buf *out, struct error *e);
MUST_USE enum status copy_out_end(struct copy_out *c, struct buf *out, struct error *e);

/* Appends one row. ERR_TOO_LARGE where it passes the buffer's maximum; nothing of it stays then. */
MUST_USE enum status copy_out_row(struct copy_out *c, struct buf *out,
                                  const struct ArrowArray *batch, int64_t row, struct error *e);

#endif
