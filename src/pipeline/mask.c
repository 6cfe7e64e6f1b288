/* A masked batch wraps the engine's: its children are the originals but for the masked columns,
 * whose children are made here. Releasing it releases both. */
#include "pipeline/mask.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "wire/format.h"

static const struct str STARS = {"***", 3};

struct masker {
    const struct engine_column *columns;
    const struct mask **masks;
    size_t count;
    struct mac *mac; /* NULL where no column is hashed */
    struct buf text; /* one value rendered */
};

const struct type *mask_type(const struct type *t, const struct mask *m)
{
    bool keeps = !m || m->function == MASK_NONE || m->function == MASK_NULL ||
                 (!type_is_text(t) && !m->as_text);
    return keeps ? t : type_simple(TYPE_TEXT);
}

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
        free(m);
    }
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

static void show_partial(struct str value, int visible, struct buf *out)
{
    size_t start = visible > 0 ? tail_start(value, visible) : 0;
    buf_put_str(out, STARS);
    if (start > 0) {
        buf_put(out, value.p + start, value.n - start);
    }
}

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
    switch (mask->function) {
    case MASK_PARTIAL:
        show_partial(value_text(m, t, a, i), mask->visible_chars, out);
        break;
    case MASK_HASH:
        show_hash(m, value_text(m, t, a, i), out);
        break;
    default:
        buf_put_str(out, STARS);
    }
}

/* A child in the place of `a`, of the same length and without an offset. */
static void make_child(struct masker *m, size_t column, const struct ArrowArray *a,
                       struct ArrowArray *out)
{
    const struct type *t = m->columns[column].type;
    const struct mask *mask = m->masks[column];
    if (mask->function == MASK_NULL || (!type_is_text(t) && !mask->as_text)) {
        array_make_nulls(out, t, a->length);
        return;
    }
    struct array_builder b;
    array_builder_init(&b, a->length);
    buf_reserve(&b.bytes, (size_t)a->length * (STARS.n + (size_t)mask->visible_chars));
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

/* What a masked batch owns. */
struct wrapper {
    struct ArrowArray inner;      /* the engine's */
    struct ArrowArray **children; /* some of inner's, some of ours */
    struct ArrowArray *ours;      /* [column]; release is NULL where the column is inner's */
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
