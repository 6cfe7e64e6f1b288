/* Result rows in PostgreSQL's text and binary formats.
 *
 * What a column needs is looked up once a result, in a plan; a row then is one indirect call a
 * column. Text forms are those of a PostgreSQL with DateStyle ISO, IntervalStyle postgres,
 * bytea_output hex, extra_float_digits 1 and TimeZone UTC. A type that PostgreSQL lacks goes as
 * oid_of() says; STRUCT, MAP and nested LISTs as the engine shows them: {'a': 1, 'b': x}, {k=v},
 * [[1, 2], [3]]. Nanoseconds are cut to microseconds. A date or time before the range of
 * PostgreSQL's binary form is sent there as -infinity. */
#ifndef WIRE_FORMAT_H
#define WIRE_FORMAT_H

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"

enum { FORMAT_TEXT = 0, FORMAT_BINARY = 1 };

struct format_column {
    const struct type *type;
    int16_t format; /* FORMAT_TEXT, FORMAT_BINARY */
};

/* Appends the value at `i`, which is not NULL, without its length. */
typedef void format_put(struct buf *out, const struct type *t, const struct ArrowArray *a,
                        int64_t i);

/* The writer for a type; never NULL. */
format_put *format_writer(const struct type *t, int16_t format);

struct format_plan {
    size_t n;
    struct format_writer {
        format_put *put;
        const struct type *type;
    } * columns;
};

/* In the arena; the types must live as long. */
struct format_plan *format_plan_new(struct arena *a, const struct format_column *columns, size_t n);

/* Appends row `row` of a batch (a struct array of plan->n children) as a whole DataRow message.
 * FAIL with ERR_TOO_LARGE where it passes the buffer's maximum or the protocol's 2 GiB; what was
 * written of the row is then taken back. */
MUST_USE enum status format_row(struct buf *out, const struct format_plan *plan,
                                const struct ArrowArray *batch, int64_t row, struct error *e);

/* As text that stands for itself (for masks, COPY and nested values): as the text format. */
static inline void format_text(struct buf *out, const struct type *t, const struct ArrowArray *a,
                               int64_t i)
{
    format_writer(t, FORMAT_TEXT)(out, t, a, i);
}

/* The tables behind format_writer(). */
format_put *text_writer(const struct type *t);
format_put *binary_writer(const struct type *t);
format_put *nested_text_writer(const struct type *t);

#endif
