#include "net/refusal.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 4096 };

/* The status of an answer's first line, which libevent writes in one piece; 0: it is none. */
static int status_at(struct evbuffer *out, size_t at)
{
    char line[16] = {0};
    struct evbuffer_ptr from;
    if (evbuffer_ptr_set(out, &from, at, EVBUFFER_PTR_SET) != 0 ||
        evbuffer_copyout_from(out, &from, line, sizeof line - 1) < 12 ||
        strncmp(line, "HTTP/1.", 7) != 0) {
        return 0;
    }
    return atoi(line + 9);
}

/* Takes all but the first `n` bytes away. */
static void cut(struct evbuffer *out, size_t n)
{
    struct evbuffer *kept = evbuffer_new();
    if (kept) {
        evbuffer_remove_buffer(out, kept, n);
        evbuffer_drain(out, evbuffer_get_length(out));
        evbuffer_add_buffer(out, kept);
        evbuffer_free(kept);
    }
}

static void put_answer(struct refusal *r, struct evbuffer *out, int status)
{
    struct buf body = BUF_INIT(BODY_MAX);
    r->write(r->ctx, &status, &body);
    evbuffer_add_printf(out,
                        "HTTP/1.1 %d Refused\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\nCache-Control: no-store\r\n"
                        "X-Content-Type-Options: nosniff\r\n\r\n",
                        status, body.n);
    evbuffer_add(out, body.p, body.n);
    buf_free(&body);
}

static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *ctx)
{
    struct refusal *r = ctx;
    if (r->ours || r->busy || info->n_added == 0) {
        return;
    }
    int status = r->refused ? 0 : status_at(out, info->orig_size);
    if (!r->refused && status < 400) { /* 100 Continue */
        return;
    }
    r->busy = true;
    cut(out, info->orig_size);
    if (!r->refused) {
        put_answer(r, out, status);
    }
    r->refused = true;
    r->busy = false;
}

void refusal_watch(struct refusal *r, struct bufferevent *bev)
{
    (void)evbuffer_add_cb(bufferevent_get_output(bev), on_output, r);
}
