#include "session/replies.h"

#include <stdlib.h>

#include "base/mem.h"

enum { SMALL = 16 << 10 };

struct reply {
    struct held *held; /* or, where NULL: */
    struct buf buf;
    size_t taken; /* of buf */
    struct reply *next;
};

static struct reply *add(struct replies *r)
{
    struct reply *item = mem_alloc(sizeof *item);
    if (r->last) {
        r->last->next = item;
    } else {
        r->first = item;
    }
    r->last = item;
    return item;
}

struct buf *replies_buf(struct replies *r)
{
    if (!r->last || r->last->held) {
        add(r);
    }
    return &r->last->buf;
}

static enum status copy_small(struct replies *r, struct held *h, struct error *e)
{
    struct buf *out = replies_buf(r);
    while (held_size(h) > 0) {
        struct str piece;
        if (held_peek(h, &piece, e)) {
            return FAIL;
        }
        buf_put_str(out, piece);
        held_consume(h, piece.n);
    }
    return OK;
}

enum status replies_held(struct replies *r, struct held *h, struct error *e)
{
    if (held_size(h) <= SMALL) {
        enum status s = copy_small(r, h, e);
        held_free(h);
        return s;
    }
    r->bytes += held_size(h);
    add(r)->held = h;
    return OK;
}

static void drop_first(struct replies *r)
{
    struct reply *item = r->first;
    r->first = item->next;
    if (!r->first) {
        r->last = NULL;
        r->bytes = 0;
    }
    held_free(item->held);
    buf_free(&item->buf);
    free(item);
}

static bool is_spent(const struct reply *item)
{
    return item->held ? held_size(item->held) == 0 : item->taken == item->buf.n;
}

bool replies_empty(const struct replies *r)
{
    for (const struct reply *item = r->first; item; item = item->next) {
        if (!is_spent(item)) {
            return false;
        }
    }
    return true;
}

enum status replies_peek(struct replies *r, struct str *out, struct error *e)
{
    while (r->first && is_spent(r->first)) {
        drop_first(r);
    }
    if (!r->first) {
        *out = STR("");
        return OK;
    }
    if (r->first->held) {
        return held_peek(r->first->held, out, e);
    }
    *out = (struct str){(const char *)r->first->buf.p + r->first->taken,
                        r->first->buf.n - r->first->taken};
    return OK;
}

void replies_consume(struct replies *r, size_t n)
{
    if (r->first->held) {
        held_consume(r->first->held, n);
    } else {
        r->first->taken += n;
    }
}

void replies_clear(struct replies *r)
{
    while (r->first) {
        drop_first(r);
    }
}
