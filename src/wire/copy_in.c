/* Lines out of chunks. The search for a line's end keeps its state between chunks, so each byte is
 * looked at once however the data is cut. */
#include "wire/copy_in_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/param.h"

struct copy_in *copy_in_new(const struct copy_options *o, const struct copy_column *columns,
                            size_t count, const struct zone *zone)
{
    struct copy_in *c = mem_alloc(sizeof *c);
    c->options = *o;
    c->columns = mem_calloc(count, sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        c->columns[i] = columns[i];
    }
    c->column_count = count;
    c->zone = zone;
    c->line = 1;
    c->is_header_due = o->header != COPY_HEADER_OFF;
    return c;
}

void copy_in_free(struct copy_in *c)
{
    if (c) {
        buf_free(&c->pending);
        buf_free(&c->scratch);
        free(c->columns);
        free(c);
    }
}

enum status copy_in_error(const struct copy_in *c, size_t column, const char *what, struct error *e)
{
    const char *unit = c->options.format == COPY_BINARY ? "row" : "line";
    if (column >= c->column_count) {
        return error_set(e, ERR_BAD_COPY, "COPY %s %llu: %s", unit, (unsigned long long)c->line,
                         what);
    }
    struct str name = c->columns[column].name;
    return error_set(e, ERR_BAD_COPY, "COPY %s %llu, column %.*s: %s", unit,
                     (unsigned long long)c->line, STR_ARG(name), what);
}

enum status copy_in_blame(const struct copy_in *c, size_t column, struct error *e)
{
    char what[sizeof e->message];
    if (!e) {
        return FAIL;
    }
    memcpy(what, e->message, sizeof what);
    return copy_in_error(c, column, what, e);
}

static enum status put_header(struct copy_row *r, struct str field)
{
    const struct copy_in *c = r->in;
    bool matches = c->options.header != COPY_HEADER_MATCH ||
                   (r->n < c->column_count && str_eq(field, c->columns[r->n].name));
    r->n++;
    return matches ? OK : copy_in_error(c, r->n - 1, "the header has another name here", r->error);
}

enum status copy_row_put(struct copy_row *r, struct str field, bool is_null)
{
    struct copy_in *c = r->in;
    if (!r->values) {
        return put_header(r, field);
    }
    if (r->n == c->column_count) {
        return copy_in_error(c, SIZE_MAX, "extra data after the last column", r->error);
    }
    size_t at = r->n++;
    const struct type *t = c->columns[at].type;
    if (is_null) {
        r->values[at] = (struct value){.type = t, .is_null = true};
        return OK;
    }
    if (param_from_text(t, r->in->zone, field, r->arena, &r->values[at], r->error) != OK) {
        return copy_in_blame(c, at, r->error);
    }
    return OK;
}

static enum status read_line(struct copy_in *c, struct str line, struct arena *a,
                             struct copy_rows *rows, struct error *e)
{
    if (str_is(line, "\\.")) {
        c->is_done = true;
        return OK;
    }
    return c->options.format == COPY_CSV ? copy_in_csv_line(c, line, a, rows, e)
                                         : copy_in_text_line(c, line, a, rows, e);
}

/* Takes one byte into the state; true where it is the line feed that ends the line. */
static bool ends_line(struct copy_in *c, char byte)
{
    if (c->options.format == COPY_TEXT) {
        bool is_end = byte == '\n' && !c->after_escape;
        c->after_escape = byte == '\\' && !c->after_escape;
        return is_end;
    }
    if (byte == '\n' && !c->in_quotes) {
        return true;
    }
    bool is_own_escape = c->options.escape != c->options.quote;
    if (c->in_quotes && is_own_escape && byte == c->options.escape) {
        c->after_escape = !c->after_escape;
    } else if (byte == c->options.quote && !c->after_escape) {
        c->in_quotes = !c->in_quotes;
    }
    if (!is_own_escape || byte != c->options.escape) {
        c->after_escape = false;
    }
    return false;
}

/* Takes the CR off, which all lines have or none. */
static enum status trim_line_end(struct copy_in *c, struct str *line, struct error *e)
{
    bool has_cr = line->n && line->p[line->n - 1] == '\r';
    if (c->line_end == COPY_END_UNKNOWN) {
        c->line_end = has_cr ? COPY_END_CRLF : COPY_END_LF;
    }
    if (has_cr != (c->line_end == COPY_END_CRLF)) {
        return copy_in_error(c, SIZE_MAX, "the line's end differs from that of the first line", e);
    }
    line->n -= has_cr;
    return OK;
}

static uint64_t count_lines(struct str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == '\n';
    }
    return n;
}

/* All complete lines of `pending`, which then holds the rest. */
static enum status read_lines(struct copy_in *c, struct arena *a, struct copy_rows *rows,
                              struct error *e)
{
    size_t start = 0;
    for (; c->scanned < c->pending.n && !c->is_done; c->scanned++) {
        if (!ends_line(c, (char)c->pending.p[c->scanned])) {
            continue;
        }
        struct str line = {(const char *)c->pending.p + start, c->scanned - start};
        uint64_t within = count_lines(line);
        if (trim_line_end(c, &line, e) != OK || read_line(c, line, a, rows, e) != OK) {
            return FAIL;
        }
        c->line += within + 1;
        start = c->scanned + 1;
    }
    buf_consume(&c->pending, start);
    c->scanned -= start;
    return OK;
}

enum status copy_in_feed(struct copy_in *c, struct str chunk, struct arena *a,
                         struct copy_rows *rows, struct error *e)
{
    if (c->is_done) {
        return OK;
    }
    buf_put_str(&c->pending, chunk);
    enum status s = c->options.format == COPY_BINARY ? copy_in_binary(c, a, rows, e)
                                                     : read_lines(c, a, rows, e);
    if (s == OK && c->pending.n > COPY_MAX_LINE && !c->is_done) {
        return copy_in_error(c, SIZE_MAX, "longer than 64 MiB", e);
    }
    return s;
}

enum status copy_in_end(struct copy_in *c, struct arena *a, struct copy_rows *rows, struct error *e)
{
    if (c->is_done) {
        return OK;
    }
    if (c->options.format == COPY_BINARY) {
        /* The end marker may be missing, as with PostgreSQL: pgx doesn't send it. */
        return c->has_head && c->skip == 0 && c->pending.n == 0
                   ? OK
                   : copy_in_error(c, SIZE_MAX, "the data ends within a row", e);
    }
    if (c->in_quotes) {
        return copy_in_error(c, SIZE_MAX, "a quoted field is not closed", e);
    }
    struct str line = buf_str(&c->pending);
    if (line.n == 0) {
        return OK;
    }
    if (c->line_end == COPY_END_CRLF && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    c->is_done = true;
    return read_line(c, line, a, rows, e);
}
