#include "session/scroll.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "wire/message.h"

struct scroll {
    struct buf rows;
    size_t *starts;    /* of each row, and the end of the last */
    int64_t count, at; /* 0: before the first; count + 1: behind the last */
    size_t *counted, bytes;
};

static enum status read_all(struct held *rows, struct buf *out, size_t room, struct error *e)
{
    while (held_size(rows) > 0) {
        struct str piece;
        if (held_peek(rows, &piece, e)) {
            return FAIL;
        }
        if (piece.n > room - out->n) {
            error_set(e, ERR_UNSUPPORTED,
                      "the rows of a cursor that scrolls are more than a session keeps");
            return error_hint(e, "Declare it without SCROLL, or add a LIMIT.");
        }
        buf_put_str(out, piece);
        held_consume(rows, piece.n);
    }
    return OK;
}

static void find_rows(struct scroll *r)
{
    size_t cap = 0;
    for (size_t at = 0;; r->count++) {
        struct wire_message m;
        size_t size = 0;
        struct str rest = {(const char *)r->rows.p + at, r->rows.n - at};
        if ((size_t)r->count == cap) {
            cap = cap ? 2 * cap : 64;
            r->starts = mem_realloc(r->starts, cap * sizeof *r->starts);
        }
        r->starts[r->count] = at;
        if (rest.n < WIRE_HEADER || wire_frame(rest, rest.n, &m, &size) != FRAME_WHOLE) {
            return;
        }
        at += size;
    }
}

enum status scroll_new(struct held *rows, size_t *counted, size_t most, struct scroll **out,
                       struct error *e)
{
    struct scroll *r = mem_alloc(sizeof *r);
    r->counted = counted;
    r->rows = (struct buf)BUF_INIT(0);
    if (read_all(rows, &r->rows, most > *counted ? most - *counted : 0, e)) {
        scroll_free(r);
        return FAIL;
    }
    find_rows(r);
    r->bytes = r->rows.n;
    *counted += r->bytes;
    *out = r;
    return OK;
}

void scroll_free(struct scroll *r)
{
    if (r) {
        *r->counted -= r->bytes;
        buf_free(&r->rows);
        free(r->starts);
        free(r);
    }
}

static bool is_row(const struct scroll *r, int64_t at)
{
    return at >= 1 && at <= r->count;
}

static enum status put(struct scroll *r, struct held *out, int64_t *count, struct error *e)
{
    size_t from = r->starts[r->at - 1], to = r->starts[r->at];
    ++*count;
    return held_append(out, r->rows.p + from, to - from, e);
}

/* The place, at most one off the rows. */
static void go_to(struct scroll *r, int64_t at)
{
    r->at = at < 0 ? 0 : at > r->count ? r->count + 1 : at;
}

static int64_t plus(int64_t at, int64_t n)
{
    int64_t sum;
    return __builtin_add_overflow(at, n, &sum) ? n < 0 ? INT64_MIN : INT64_MAX : sum;
}

static enum status step(struct scroll *r, int64_t n, int direction, struct held *out,
                        int64_t *count, struct error *e)
{
    int64_t end = direction > 0 ? r->count + 1 : 0;
    for (; n > 0 && r->at != end; n--) {
        r->at += direction;
        if (is_row(r, r->at) && put(r, out, count, e)) {
            return FAIL;
        }
    }
    return OK;
}

enum status scroll_fetch(struct scroll *r, enum fetch_direction direction, int64_t n,
                         struct held *out, int64_t *count, struct error *e)
{
    bool steps = direction == FETCH_FORWARD || direction == FETCH_BACKWARD;
    *count = 0;
    if (steps && n != 0) {
        bool forward = (direction == FETCH_FORWARD) == (n > 0);
        return step(r,
                    n > 0            ? n
                    : n == INT64_MIN ? INT64_MAX
                                     : -n,
                    forward ? 1 : -1, out, count, e);
    }
    if (direction == FETCH_ABSOLUTE) {
        go_to(r, n < 0 ? plus(r->count + 1, n) : n);
    } else if (direction == FETCH_RELATIVE) {
        go_to(r, plus(r->at, n));
    }
    return is_row(r, r->at) ? put(r, out, count, e) : OK;
}
