/* The binary format: a signature, flags, an extension to be skipped, then rows: a count of fields
 * (-1 ends the data), each field a length (-1 is NULL) and its bytes. */
#include "wire/copy_in_internal.h"
#include "wire/param.h"

enum { HEAD_SIZE = 19 };

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum status read_head(struct copy_in *c, struct error *e)
{
    static const uint8_t signature[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};
    const uint8_t *p = c->pending.p;
    if (memcmp(p, signature, sizeof signature) != 0) {
        return copy_in_error(c, SIZE_MAX, "the signature of the binary format is missing", e);
    }
    if (word(p + 11) & 0xffff0000) {
        return copy_in_error(c, SIZE_MAX, "unknown critical flags in the header", e);
    }
    if (word(p + 15) > INT32_MAX) {
        return copy_in_error(c, SIZE_MAX, "a negative length in the header", e);
    }
    c->skip = word(p + 15);
    c->has_head = true;
    return OK;
}

/* The bytes of the row at `p`, 0 where it is not complete; FAIL where it can't be one. */
static enum status row_size(struct copy_in *c, const uint8_t *p, size_t n, size_t *size,
                            struct error *e)
{
    *size = 0;
    if (n < 2) {
        return OK;
    }
    unsigned fields = (unsigned)p[0] << 8 | p[1];
    if (fields == UINT16_MAX) {
        *size = 2;
        return OK;
    }
    if (fields != c->column_count) {
        return copy_in_error(c, SIZE_MAX, "the number of fields is not that of the columns", e);
    }
    size_t at = 2;
    for (size_t i = 0; i < fields; i++) {
        if (n - at < 4) {
            return OK;
        }
        int32_t length = (int32_t)word(p + at);
        if (length < -1 || length > COPY_MAX_LINE) {
            return copy_in_error(c, i, "impossible field size", e);
        }
        at += 4;
        if (length > 0 && n - at < (size_t)length) {
            return OK;
        }
        at += length > 0 ? (size_t)length : 0;
    }
    *size = at;
    return OK;
}

static enum status read_row(struct copy_in *c, const uint8_t *p, struct arena *a,
                            struct copy_rows *rows, struct error *e)
{
    struct value *values = ARENA_ARRAY(a, struct value, c->column_count);
    p += 2;
    for (size_t i = 0; i < c->column_count; i++) {
        const struct type *t = c->columns[i].type;
        int32_t n = (int32_t)word(p);
        p += 4;
        if (n < 0) {
            values[i] = (struct value){.type = t, .is_null = true};
            continue;
        }
        struct str bytes = {(const char *)p, (size_t)n};
        if (param_from_binary(t, bytes, a, &values[i], e) != OK) {
            return copy_in_blame(c, i, e);
        }
        p += n;
    }
    VEC_PUSH(a, *rows, values);
    return OK;
}

/* Reads the row at `*at` where it is complete; `*more` says whether it was, and not the end. */
static enum status next_row(struct copy_in *c, size_t *at, struct arena *a, struct copy_rows *rows,
                            bool *more, struct error *e)
{
    const uint8_t *p = c->pending.p + *at;
    size_t size;
    *more = false;
    if (row_size(c, p, c->pending.n - *at, &size, e) != OK) {
        return FAIL;
    }
    if (size == 0) {
        return OK;
    }
    *at += size;
    if (p[0] == 0xff && p[1] == 0xff) {
        c->is_done = true;
        return OK;
    }
    *more = true;
    if (read_row(c, p, a, rows, e) != OK) {
        return FAIL;
    }
    c->line++;
    return OK;
}

enum status copy_in_binary(struct copy_in *c, struct arena *a, struct copy_rows *rows,
                           struct error *e)
{
    size_t at = 0;
    if (!c->has_head) {
        if (c->pending.n < HEAD_SIZE) {
            return OK;
        }
        if (read_head(c, e) != OK) {
            return FAIL;
        }
        at = HEAD_SIZE;
    }
    size_t rest = c->pending.n - at, skipped = c->skip < rest ? (size_t)c->skip : rest;
    at += skipped;
    c->skip -= skipped;
    for (bool more = c->skip == 0; more;) {
        if (next_row(c, &at, a, rows, &more, e) != OK) {
            return FAIL;
        }
    }
    buf_consume(&c->pending, at);
    return OK;
}
