#include "wire/copy_out.h"

#include "wire/format.h"

struct copy_out {
    struct copy_options options;
    const struct copy_column *columns;
    struct format_plan *plan;
    bool csv_special[256]; /* bytes that make a CSV field be quoted */
    char text_escape[256]; /* the letter behind the backslash in text format, or 0 */
    bool signature_due;    /* binary: nothing was written yet */
};

static void set_tables(struct copy_out *c)
{
    static const char plain[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";
    for (int i = 0; plain[i]; i++) {
        c->text_escape[(unsigned char)plain[i]] = letters[i];
    }
    char delimiter = c->options.delimiter;
    if (!c->text_escape[(unsigned char)delimiter]) {
        c->text_escape[(unsigned char)delimiter] = delimiter;
    }
    const char special[] = {c->options.delimiter, c->options.quote, '\n', '\r'};
    for (size_t i = 0; i < sizeof special; i++) {
        c->csv_special[(unsigned char)special[i]] = true;
    }
}

struct copy_out *copy_out_new(struct arena *a, const struct copy_options *o,
                              const struct copy_column *columns, size_t count,
                              const struct format_style *style)
{
    struct copy_out *c = ARENA_NEW(a, struct copy_out);
    struct copy_column *own = ARENA_ARRAY(a, struct copy_column, count);
    struct format_column *formats = ARENA_ARRAY(a, struct format_column, count);
    for (size_t i = 0; i < count; i++) {
        own[i] = columns[i];
        formats[i].type = columns[i].type;
        formats[i].format = o->format == COPY_BINARY ? FORMAT_BINARY : FORMAT_TEXT;
    }
    c->options = *o;
    c->columns = own;
    c->plan = format_plan_new(a, formats, count, style);
    set_tables(c);
    return c;
}

int copy_out_format(const struct copy_out *c)
{
    return c->options.format == COPY_BINARY;
}

static size_t begin_message(struct buf *out)
{
    size_t start = out->n;
    buf_u8(out, 'd');
    buf_u32(out, 0);
    return start;
}

static enum status end_message(struct buf *out, size_t start, struct error *e)
{
    if (out->failed || out->n - start - 1 > INT32_MAX) {
        out->n = start;
        out->failed = false;
        return error_set(e, ERR_TOO_LARGE, "a row of the result is too large to be sent");
    }
    buf_patch_u32(out, start + 1, (uint32_t)(out->n - start - 1));
    return OK;
}

/* Both escapers work in place on out->p[at..]: nothing to do for most fields. */
static void escape_text(const struct copy_out *c, struct buf *out, size_t at)
{
    size_t n = out->n - at, extra = 0;
    for (size_t i = at; i < out->n; i++) {
        extra += c->text_escape[out->p[i]] != 0;
    }
    if (extra == 0 || !buf_reserve(out, extra)) {
        return;
    }
    uint8_t *from = out->p + out->n, *to = from + extra;
    out->n += extra;
    while (n-- > 0) {
        char letter = c->text_escape[*--from];
        *--to = letter ? (uint8_t)letter : *from;
        if (letter) {
            *--to = '\\';
        }
    }
}

static bool csv_needs_quotes(const struct copy_out *c, struct str s)
{
    if (str_eq(s, c->options.null) || (c->plan->n == 1 && str_is(s, "\\."))) {
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (c->csv_special[(unsigned char)s.p[i]]) {
            return true;
        }
    }
    return false;
}

static void escape_csv(const struct copy_out *c, struct buf *out, size_t at, bool is_forced)
{
    char quote = c->options.quote, escape = c->options.escape;
    size_t n = out->n - at, extra = 2;
    struct str s = {(const char *)out->p + at, n};
    if (!is_forced && !csv_needs_quotes(c, s)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        extra += s.p[i] == quote || s.p[i] == escape;
    }
    if (!buf_reserve(out, extra)) {
        return;
    }
    char *from = (char *)out->p + out->n, *to = from + extra;
    out->n += extra;
    *--to = quote;
    while (n-- > 0) {
        *--to = *--from;
        if (*to == quote || *to == escape) {
            *--to = escape;
        }
    }
    *--to = quote;
}

/* What stands behind out->p[at] is one field's text. */
static void finish_field(const struct copy_out *c, struct buf *out, size_t at, bool is_forced)
{
    if (out->failed) {
        return;
    }
    if (c->options.format == COPY_CSV) {
        escape_csv(c, out, at, is_forced);
    } else {
        escape_text(c, out, at);
    }
}

static void put_text_row(const struct copy_out *c, struct buf *out, const struct ArrowArray *batch,
                         int64_t row)
{
    const bool *force = c->options.force_quote;
    for (size_t i = 0; i < c->plan->n; i++) {
        const struct ArrowArray *column = batch->children[i];
        buf_put(out, &c->options.delimiter, i > 0);
        if (arrow_is_null(column, row)) {
            buf_put_str(out, c->options.null);
            continue;
        }
        size_t at = out->n;
        c->plan->columns[i].put(out, c->plan->columns[i].type, column, row, &c->plan->style);
        finish_field(c, out, at, force && force[i]);
    }
    buf_u8(out, '\n');
}

static void put_binary_row(const struct copy_out *c, struct buf *out,
                           const struct ArrowArray *batch, int64_t row)
{
    buf_u16(out, (uint16_t)c->plan->n);
    for (size_t i = 0; i < c->plan->n; i++) {
        const struct ArrowArray *column = batch->children[i];
        size_t at = out->n;
        buf_u32(out, UINT32_MAX);
        if (!arrow_is_null(column, row)) {
            c->plan->columns[i].put(out, c->plan->columns[i].type, column, row, &c->plan->style);
            buf_patch_u32(out, at, (uint32_t)(out->n - at - 4));
        }
    }
}

/* The binary signature stands in one message with what follows it, as PostgreSQL sends it: psycopg
 * takes a message for a row. */
static void put_signature(struct copy_out *c, struct buf *out)
{
    static const char signature[] = "PGCOPY\n\377\r\n\0"; /* with the NUL that it has of its own */
    if (c->signature_due) {
        buf_put(out, signature, 11);
        buf_u32(out, 0); /* flags */
        buf_u32(out, 0); /* length of the header's extension */
        c->signature_due = false;
    }
}

enum status copy_out_row(struct copy_out *c, struct buf *out, const struct ArrowArray *batch,
                         int64_t row, struct error *e)
{
    size_t start = begin_message(out);
    if (c->options.format == COPY_BINARY) {
        put_signature(c, out);
        put_binary_row(c, out, batch, row + batch->offset);
    } else {
        put_text_row(c, out, batch, row + batch->offset);
    }
    return end_message(out, start, e);
}

static void put_header(const struct copy_out *c, struct buf *out)
{
    for (size_t i = 0; i < c->plan->n; i++) {
        buf_put(out, &c->options.delimiter, i > 0);
        size_t at = out->n;
        buf_put_str(out, c->columns[i].name);
        finish_field(c, out, at, false);
    }
    buf_u8(out, '\n');
}

enum status copy_out_begin(struct copy_out *c, struct buf *out, struct error *e)
{
    c->signature_due = c->options.format == COPY_BINARY;
    if (c->signature_due || c->options.header == COPY_HEADER_OFF) {
        return OK;
    }
    size_t start = begin_message(out);
    put_header(c, out);
    return end_message(out, start, e);
}

enum status copy_out_end(struct copy_out *c, struct buf *out, struct error *e)
{
    if (c->options.format != COPY_BINARY) {
        return OK;
    }
    size_t start = begin_message(out);
    put_signature(c, out);
    buf_u16(out, UINT16_MAX);
    return end_message(out, start, e);
}
