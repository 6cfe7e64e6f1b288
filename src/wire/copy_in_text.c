/* One line of the text or CSV format into fields. */
#include "wire/copy_in_internal.h"

static struct copy_row row_begin(struct copy_in *c, struct arena *a, struct error *e)
{
    struct copy_row r = {.in = c, .arena = a, .error = e};
    if (!c->is_header_due) {
        r.values = ARENA_ARRAY(a, struct value, c->column_count);
    }
    return r;
}

static enum status row_end(struct copy_row *r, struct copy_rows *rows)
{
    struct copy_in *c = r->in;
    if (!r->values) {
        c->is_header_due = false;
        bool is_wrong = c->options.header == COPY_HEADER_MATCH && r->n != c->column_count;
        return is_wrong
                   ? copy_in_error(c, SIZE_MAX, "the header has not one name a column", r->error)
                   : OK;
    }
    if (r->n < c->column_count) {
        return copy_in_error(c, r->n, "data for this column is missing", r->error);
    }
    VEC_PUSH(r->arena, *rows, r->values);
    return OK;
}

static int hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }
    ch = (char)(ch | 32);
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* The byte that a backslash sequence stands for; *at is behind the backslash and moves past it. */
static uint8_t unescape(struct str s, size_t *at)
{
    static const char letters[] = "bfnrtv", bytes[] = "\b\f\n\r\t\v";
    char ch = s.p[(*at)++];
    const char *letter = ch ? strchr(letters, ch) : NULL;
    if (letter) {
        return (uint8_t)bytes[letter - letters];
    }
    if (ch >= '0' && ch <= '7') {
        int v = ch - '0';
        for (int i = 0; i < 2 && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '7'; i++) {
            v = v * 8 + (s.p[(*at)++] - '0');
        }
        return (uint8_t)v;
    }
    if (ch == 'x' && *at < s.n && hex_digit(s.p[*at]) >= 0) {
        int v = hex_digit(s.p[(*at)++]);
        if (*at < s.n && hex_digit(s.p[*at]) >= 0) {
            v = v * 16 + hex_digit(s.p[(*at)++]);
        }
        return (uint8_t)v;
    }
    return (uint8_t)ch;
}

/* The field from *at up to a delimiter that no backslash escapes, or the end. */
static struct str raw_field(const struct copy_in *c, struct str line, size_t *at, bool *has_escape)
{
    size_t start = *at;
    *has_escape = false;
    while (*at < line.n && line.p[*at] != c->options.delimiter) {
        bool is_escape = line.p[*at] == '\\';
        *has_escape |= is_escape;
        *at += is_escape && *at + 1 < line.n ? 2 : 1;
    }
    return (struct str){line.p + start, *at - start};
}

static enum status put_text_field(struct copy_row *r, struct str raw, bool has_escape)
{
    struct copy_in *c = r->in;
    if (str_eq(raw, c->options.null)) {
        return copy_row_put(r, raw, true);
    }
    if (!has_escape) {
        return copy_row_put(r, raw, false);
    }
    buf_clear(&c->scratch);
    for (size_t i = 0; i < raw.n;) {
        bool is_escape = raw.p[i] == '\\' && i + 1 < raw.n;
        i += is_escape;
        buf_u8(&c->scratch, is_escape ? unescape(raw, &i) : (uint8_t)raw.p[i++]);
    }
    return copy_row_put(r, buf_str(&c->scratch), false);
}

enum status copy_in_text_line(struct copy_in *c, struct str line, struct arena *a,
                              struct copy_rows *rows, struct error *e)
{
    struct copy_row r = row_begin(c, a, e);
    if (line.n && memchr(line.p, '\r', line.n)) {
        return copy_in_error(c, SIZE_MAX, "a carriage return must be written as \\r", e);
    }
    for (size_t at = 0;; at++) {
        bool has_escape;
        struct str raw = raw_field(c, line, &at, &has_escape);
        if (put_text_field(&r, raw, has_escape) != OK) {
            return FAIL;
        }
        if (at >= line.n) {
            return row_end(&r, rows);
        }
    }
}

/* One CSV field into the scratch buffer; quotes may open and close anywhere within it. */
static enum status read_csv_field(struct copy_in *c, struct str line, size_t *at, bool *was_quoted,
                                  struct error *e)
{
    const struct copy_options *o = &c->options;
    bool in_quotes = false;
    *was_quoted = false;
    buf_clear(&c->scratch);
    for (; *at < line.n; ++*at) {
        char ch = line.p[*at];
        if (!in_quotes && ch == o->delimiter) {
            return OK;
        }
        if (!in_quotes && ch == '\r') {
            return copy_in_error(c, SIZE_MAX, "a carriage return must be within quotes", e);
        }
        if (!in_quotes && ch == o->quote) {
            in_quotes = *was_quoted = true;
            continue;
        }
        if (in_quotes && ch == o->escape && *at + 1 < line.n &&
            (line.p[*at + 1] == o->escape || line.p[*at + 1] == o->quote)) {
            ch = line.p[++*at];
        } else if (in_quotes && ch == o->quote) {
            in_quotes = false;
            continue;
        }
        buf_u8(&c->scratch, (uint8_t)ch);
    }
    return in_quotes ? copy_in_error(c, SIZE_MAX, "a quoted field is not closed", e) : OK;
}

static bool is_forced(const struct copy_row *r, const bool *columns)
{
    return columns && r->values && r->n < r->in->column_count && columns[r->n];
}

/* Whether the next column's field is NULL. */
static bool is_null_field(const struct copy_row *r, struct str field, bool was_quoted)
{
    const struct copy_options *o = &r->in->options;
    return str_eq(field, o->null) &&
           (was_quoted ? is_forced(r, o->force_null) : !is_forced(r, o->force_not_null));
}

enum status copy_in_csv_line(struct copy_in *c, struct str line, struct arena *a,
                             struct copy_rows *rows, struct error *e)
{
    struct copy_row r = row_begin(c, a, e);
    for (size_t at = 0;; at++) {
        bool was_quoted;
        if (read_csv_field(c, line, &at, &was_quoted, e) != OK) {
            return FAIL;
        }
        struct str field = buf_str(&c->scratch);
        if (copy_row_put(&r, field, is_null_field(&r, field, was_quoted)) != OK) {
            return FAIL;
        }
        if (at >= line.n) {
            return row_end(&r, rows);
        }
    }
}
