#include "wire/format.h"

const struct format_style format_plain = {.float_digits = 1};

format_put *format_writer(const struct type *t, int16_t format)
{
    return format == FORMAT_BINARY ? binary_writer(t) : text_writer(t);
}

struct format_plan *format_plan_new(struct arena *a, const struct format_column *columns, size_t n,
                                    const struct format_style *style)
{
    struct format_plan *plan = ARENA_NEW(a, struct format_plan);
    plan->n = n;
    plan->style = *style;
    plan->columns = ARENA_ARRAY(a, struct format_writer, n);
    for (size_t i = 0; i < n; i++) {
        plan->columns[i].type = columns[i].type;
        plan->columns[i].put = format_writer(columns[i].type, columns[i].format);
    }
    return plan;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_field(struct buf *out, const struct format_writer *w,
                             const struct ArrowArray *column, int64_t row,
                             const struct format_style *style)
{
    uint8_t *length = buf_reserve(out, 4);
    if (!length) {
        return;
    }
    size_t at = out->n;
    out->n += 4;
    if (arrow_is_null(column, row)) {
        put_be32(length, UINT32_MAX);
        return;
    }
    w->put(out, w->type, column, row, style);
    size_t n = out->n - at - 4;
    if (n > INT32_MAX) {
        out->failed = true;
    } else {
        put_be32(out->p + at, (uint32_t)n);
    }
}

enum status format_row(struct buf *out, const struct format_plan *plan,
                       const struct ArrowArray *batch, int64_t row, struct error *e)
{
    size_t start = out->n;
    uint8_t *head = buf_reserve(out, 7);
    if (head) {
        head[0] = 'D';
        head[5] = (uint8_t)(plan->n >> 8);
        head[6] = (uint8_t)plan->n;
        out->n += 7;
    }
    for (size_t i = 0; i < plan->n; i++) {
        put_field(out, &plan->columns[i], batch->children[i], row + batch->offset, &plan->style);
    }
    if (out->failed || out->n - start - 1 > INT32_MAX) {
        out->n = start;
        out->failed = false;
        return error_set(e, ERR_TOO_LARGE, "a row of the result is too large to be sent");
    }
    put_be32(out->p + start + 1, (uint32_t)(out->n - start - 1));
    return OK;
}
