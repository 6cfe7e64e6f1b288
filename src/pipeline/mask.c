/* A masked batch wraps the engine's: its children are the originals but for the masked columns,
 * whose children are made here. Releasing it releases both. What most columns need is lent instead
 * of made: stars are the same for every batch, and the ends of texts are written over those of the
 * batch before. Which rows are NULL is told by the engine's own bitmap, which lives as long. */
#include "pipeline/mask.h"

#include <endian.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "wire/format.h"

enum { TAIL_SLACK = 8 };
static const struct str STARS = {"***", 3};

/* Texts lent to a batch in the place of a column's. */
struct lent {
    int64_t *offsets; /* room for `rows` values and the end of the last */
    size_t rows;
    struct buf bytes;
    const void *buffers[3]; /* of the array, as Arrow has them */
};

struct masker {
    const struct engine_column *columns;
    const struct mask **masks;
    size_t count;
    struct lent *lent; /* [column] */
    struct mac *mac;   /* NULL where no column is hashed */
    struct buf text;   /* one value rendered */
};

static enum mask_function function_of(const struct mask **masks, size_t i)
{
    return masks && masks[i] ? masks[i]->function : MASK_NONE;
}

enum status masker_new(const uint8_t *key, const struct engine_column *columns, size_t count,
                       const struct mask **masks, struct masker **out, struct error *e)
{
    bool has_mask = false, has_hash = false;
    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        enum mask_function f = function_of(masks, i);
        if ((unsigned)f > MASK_NULL) {
            return error_set(e, ERR_INTERNAL, "a column has an unknown mask");
        }
        has_mask |= f != MASK_NONE;
        has_hash |= f == MASK_HASH;
    }
    if (!has_mask) {
        return OK;
    }
    if (has_hash && !key) {
        return error_set(e, ERR_INTERNAL, "a hash mask has no key");
    }
    struct masker *m = mem_alloc(sizeof *m);
    *m = (struct masker){.columns = columns, .masks = masks, .count = count};
    m->lent = mem_calloc(count, sizeof *m->lent);
    m->mac = has_hash ? mac_new(key) : NULL;
    *out = m;
    return OK;
}

void masker_free(struct masker *m)
{
    if (m) {
        mac_free(m->mac);
        mem_wipe(m->text.p, m->text.cap);
        buf_free(&m->text);
        for (size_t i = 0; i < m->count; i++) {
            free(m->lent[i].offsets);
            buf_free(&m->lent[i].bytes);
        }
        free(m->lent);
        free(m);
    }
}

/* ---- lent ---- */

static bool lent_grow(struct lent *l, size_t rows)
{
    if (rows <= l->rows) {
        return false;
    }
    l->offsets = mem_realloc(l->offsets, (rows + 1) * sizeof *l->offsets);
    l->rows = rows;
    return true;
}

/* In the place of `a`, NULL where it is. */
static void lend(struct lent *l, const struct ArrowArray *a, struct ArrowArray *out)
{
    l->buffers[0] = a->n_buffers > 0 ? a->buffers[0] : NULL;
    l->buffers[1] = l->offsets;
    l->buffers[2] = l->bytes.p;
    *out = (struct ArrowArray){.length = a->length,
                               .null_count = a->null_count,
                               .offset = a->offset,
                               .n_buffers = 3,
                               .buffers = l->buffers};
}

/* Stars for all rows, those that are NULL included. */
static void lend_stars(struct lent *l, const struct ArrowArray *a, struct ArrowArray *out)
{
    if (lent_grow(l, (size_t)(a->offset + a->length))) {
        buf_clear(&l->bytes);
        l->offsets[0] = 0;
        for (size_t i = 1; i <= l->rows; i++) {
            buf_put_str(&l->bytes, STARS);
            l->offsets[i] = (int64_t)l->bytes.n;
        }
    }
    lend(l, a, out);
}

/* Where the last `n` code points of `s` begin; 0 where it has no more than `n`. */
static size_t tail_start(struct str s, int n)
{
    size_t at = s.n;
    while (n > 0 && at > 0) {
        at--;
        n -= ((unsigned char)s.p[at] & 0xC0) != 0x80;
    }
    return n > 0 ? 0 : at;
}

/* The last `visible` characters where all of the last eight bytes are ASCII and the value has more;
 * they are moved as one number. Writes eight bytes. */
static bool put_ascii_tail(uint8_t *to, struct str value, int visible)
{
    uint64_t last;
    if (value.n <= sizeof last || visible <= 0 || (size_t)visible > sizeof last) {
        return false;
    }
    memcpy(&last, value.p + value.n - sizeof last, sizeof last);
    last = le64toh(last);
    if (last & 0x8080808080808080) {
        return false;
    }
    last = htole64(last >> 8 * (sizeof last - (size_t)visible));
    memcpy(to, &last, sizeof last);
    return true;
}

/* What is shown of `value`, at `to`, which has room for it, the stars and TAIL_SLACK; gives its
 * end.
 */
static uint8_t *put_partial(uint8_t *to, struct str value, int visible)
{
    memcpy(to, STARS.p, STARS.n);
    to += STARS.n;
    if (put_ascii_tail(to, value, visible)) {
        return to + visible;
    }
    size_t start = visible > 0 ? tail_start(value, visible) : 0;
    if (start > 0) {
        memcpy(to, value.p + start, value.n - start);
        to += value.n - start;
    }
    return to;
}

static void lend_tails(struct lent *l, const struct ArrowArray *a, int visible,
                       struct ArrowArray *out)
{
    const int64_t *from = (const int64_t *)a->buffers[1] + a->offset;
    size_t rows = (size_t)a->length;
    (void)lent_grow(l, (size_t)a->offset + rows);
    buf_clear(&l->bytes);
    uint8_t *start =
        buf_reserve(&l->bytes, rows * STARS.n + (size_t)(from[rows] - from[0]) + TAIL_SLACK);
    uint8_t *end = start;
    int64_t *offsets = l->offsets + a->offset;
    for (size_t i = 0; i < rows; i++) {
        offsets[i] = end - start;
        if (!arrow_is_null(a, (int64_t)i)) {
            end = put_partial(end, array_text(a, (int64_t)i), visible);
        }
    }
    offsets[rows] = end - start;
    l->bytes.n = (size_t)(end - start);
    lend(l, a, out);
}

/* ---- made ---- */

static void show_hash(struct masker *m, struct str value, struct buf *out)
{
    char *hex = buf_reserve(out, DIGEST_HEX_SIZE);
    mac_hex(m->mac, value, hex);
    out->n += DIGEST_HEX_SIZE;
}

static struct str value_text(struct masker *m, const struct type *t, const struct ArrowArray *a,
                             int64_t i)
{
    if (type_is_text(t)) {
        return array_text(a, i);
    }
    buf_clear(&m->text);
    format_text(&m->text, t, a, i);
    return buf_str(&m->text);
}

/* What is shown of value `i`, at the end of `out`. */
static void show(struct masker *m, size_t column, const struct ArrowArray *a, int64_t i,
                 struct buf *out)
{
    const struct mask *mask = m->masks[column];
    const struct type *t = m->columns[column].type;
    struct str value = value_text(m, t, a, i);
    if (mask->function == MASK_HASH) {
        show_hash(m, value, out);
        return;
    }
    uint8_t *to = buf_reserve(out, value.n + STARS.n + TAIL_SLACK);
    out->n += (size_t)(put_partial(to, value, mask->visible_chars) - to);
}

static void make_texts(struct masker *m, size_t column, const struct ArrowArray *a,
                       struct ArrowArray *out)
{
    struct array_builder b;
    array_builder_init(&b, a->length);
    for (int64_t i = 0; i < a->length; i++) {
        if (arrow_is_null(a, i)) {
            array_builder_null(&b);
            continue;
        }
        show(m, column, a, i, &b.bytes);
        array_builder_end_value(&b);
    }
    array_builder_finish(&b, out);
}

/* A child in the place of `a`, of the same length; release is NULL where it is lent. */
static void make_child(struct masker *m, size_t column, const struct ArrowArray *a,
                       struct ArrowArray *out)
{
    const struct type *t = m->columns[column].type;
    const struct mask *mask = m->masks[column];
    if (mask->function == MASK_NULL || (!type_is_text(t) && !mask->as_text)) {
        array_make_nulls(out, t, a->length);
    } else if (mask->function == MASK_FULL) {
        lend_stars(&m->lent[column], a, out);
    } else if (mask->function == MASK_PARTIAL && type_is_text(t)) {
        lend_tails(&m->lent[column], a, mask->visible_chars, out);
    } else {
        make_texts(m, column, a, out);
    }
}

/* What a masked batch owns. */
struct wrapper {
    struct ArrowArray inner;      /* the engine's */
    struct ArrowArray **children; /* some of inner's, some of ours */
    struct ArrowArray *ours; /* [column]; release is NULL where the column is inner's or lent */
};

static void release_wrapper(struct ArrowArray *batch)
{
    struct wrapper *w = batch->private_data;
    for (int64_t i = 0; i < batch->n_children; i++) {
        arrow_array_release(&w->ours[i]);
    }
    arrow_array_release(&w->inner);
    free(w->ours);
    free(w->children);
    free(w);
    batch->release = NULL;
}

static void wrap(struct ArrowArray *batch)
{
    size_t n = (size_t)batch->n_children;
    struct wrapper *w = mem_alloc(sizeof *w);
    w->inner = *batch;
    w->ours = mem_calloc(n, sizeof *w->ours);
    w->children = mem_calloc(n, sizeof(struct ArrowArray *));
    for (size_t i = 0; i < n; i++) {
        w->children[i] = batch->children[i];
    }
    batch->children = w->children;
    batch->private_data = w;
    batch->release = release_wrapper;
}

enum status masker_apply(struct masker *m, struct ArrowArray *batch, struct error *e)
{
    if (batch->n_children != (int64_t)m->count) {
        arrow_array_release(batch);
        return error_set(e, ERR_INTERNAL, "the result has other columns than its masks");
    }
    wrap(batch);
    struct wrapper *w = batch->private_data;
    for (size_t i = 0; i < m->count; i++) {
        if (function_of(m->masks, i) == MASK_NONE) {
            continue;
        }
        make_child(m, i, batch->children[i], &w->ours[i]);
        batch->children[i] = &w->ours[i];
    }
    return OK;
}
