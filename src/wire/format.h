/* Result rows in PostgreSQL's text and binary formats.
 *
 * What a column needs is looked up once a result, in a plan; a row then is one indirect call a
 * column. Text forms are those of a PostgreSQL with the settings of a format_style. A type that
 * PostgreSQL lacks goes as oid_of() says. Nanoseconds are cut to microseconds. A date or time
 * before the range of PostgreSQL's binary form is sent there as -infinity. */
#ifndef WIRE_FORMAT_H
#define WIRE_FORMAT_H

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "wire/datetime.h"

enum { FORMAT_TEXT = 0, FORMAT_BINARY = 1 };

/* What of a session's settings the text forms depend on. */
struct format_style {
    struct datetime_style time;
    bool bytes_escaped; /* bytea_output escape, else hex */
    int float_digits;   /* extra_float_digits: -15 to 3 */
};

/* DateStyle ISO, IntervalStyle postgres, bytea_output hex, extra_float_digits 1, TimeZone UTC: what
 * doesn't go to a client has this form, whatever a session says. */
extern const struct format_style format_plain;

struct format_column {
    const struct type *type;
    int16_t format; /* FORMAT_TEXT, FORMAT_BINARY */
};

/* Appends the value at `i`, which is not NULL, without its length. */
typedef void format_put(struct buf *out, const struct type *t, const struct ArrowArray *a,
                        int64_t i, const struct format_style *style);

/* The writer for a type; never NULL. */
format_put *format_writer(const struct type *t, int16_t format);

struct format_plan {
    size_t n;
    struct format_style style;
    struct format_writer {
        format_put *put;
        const struct type *type;
    } * columns;
};

/* In the arena; the types must live as long, and the style's zone. */
struct format_plan *format_plan_new(struct arena *a, const struct format_column *columns, size_t n,
                                    const struct format_style *style);

/* Appends row `row` of a batch (a struct array of plan->n children) as a whole DataRow message.
 * FAIL with ERR_TOO_LARGE where it passes the buffer's maximum or the protocol's 2 GiB; what was
 * written of the row is then taken back. */
MUST_USE enum status format_row(struct buf *out, const struct format_plan *plan,
                                const struct ArrowArray *batch, int64_t row, struct error *e);

/* Any value, NULL too, as the next one of `j`: as PostgreSQL's to_json() makes JSON of it, whatever
 * the style's DateStyle. A number keeps all its digits. */
void format_json(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                 const struct format_style *style);

/* What field `k` of a STRUCT is called in JSON; of one without names f1, f2 ..., as PostgreSQL
 * calls them. In `room`, or the type's. */
enum { FORMAT_FIELD_NAME = 12 };
struct str format_field_name(const struct type *t, uint32_t k, char room[FORMAT_FIELD_NAME]);

/* As text that stands for itself, in the plain style. */
static inline void format_text(struct buf *out, const struct type *t, const struct ArrowArray *a,
                               int64_t i)
{
    format_writer(t, FORMAT_TEXT)(out, t, a, i, &format_plain);
}

/* The tables behind format_writer(). */
format_put *text_writer(const struct type *t);
format_put *binary_writer(const struct type *t);

#endif
