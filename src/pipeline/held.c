/* Chunks of one size: those at the start stay in memory, later ones lie sealed in the file at a
 * slot of their own number, the one being written is always in memory. The first grows by doubling,
 * so that a small result takes little. */
#include "pipeline/held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/id.h"
#include "base/mem.h"
#include "crypto/aead.h"

enum { CHUNK = 64 << 10, FIRST = 1 << 10, SLOT = CHUNK + AEAD_TAG_SIZE };

struct chunk {
    uint8_t *p; /* NULL: in the file */
};

struct held {
    struct held_limits *limits;
    struct chunk *chunks;
    size_t chunk_count, chunk_cap;
    size_t tail, tail_cap; /* bytes in the last chunk, and its room */
    size_t in_memory;      /* rooms of all chunks in memory */
    uint64_t written, taken;
    int fd; /* -1: no file yet */
    uint8_t key[AEAD_KEY_SIZE];
    uint8_t *opened; /* the chunk that was read from the file last */
    size_t opened_number;
};

static void count_memory(struct held *h, int64_t bytes)
{
    h->in_memory += (size_t)bytes;
    atomic_fetch_add(&h->limits->in_memory, (size_t)bytes);
}

struct held *held_new(struct held_limits *limits)
{
    struct held *h = mem_alloc(sizeof *h);
    h->limits = limits;
    h->fd = -1;
    h->opened_number = SIZE_MAX;
    return h;
}

static void drop_chunk(struct held *h, size_t i)
{
    if (h->chunks[i].p) {
        free(h->chunks[i].p);
        h->chunks[i].p = NULL;
        count_memory(h, -(int64_t)(i + 1 == h->chunk_count ? h->tail_cap : CHUNK));
    }
}

void held_free(struct held *h)
{
    if (!h) {
        return;
    }
    for (size_t i = 0; i < h->chunk_count; i++) {
        drop_chunk(h, i);
    }
    if (h->opened) {
        count_memory(h, -CHUNK);
    }
    if (h->fd >= 0) {
        close(h->fd);
    }
    mem_wipe(h->key, sizeof h->key);
    free(h->opened);
    free(h->chunks);
    free(h);
}

/* ---- the file ---- */

static enum status io_error(const char *what, int why, struct error *e)
{
    if (why == ENOSPC || why == EDQUOT || why == EFBIG) {
        return error_set(e, ERR_DISK_FULL, "no disk space left to hold the result");
    }
    return error_set(e, ERR_IO, "can't %s the file of a held result: %s", what, strerror(why));
}

static enum status open_file(struct held *h, struct error *e)
{
    h->fd = open(h->limits->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (h->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        char path[4096];
        int n = snprintf(path, sizeof path, "%s/held-XXXXXX", h->limits->dir);
        h->fd = n < (int)sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
        if (h->fd >= 0) {
            unlink(path);
        }
    }
    if (h->fd < 0) {
        return io_error("open", errno, e);
    }
    id_random(h->key, sizeof h->key);
    return OK;
}

static void make_nonce(size_t number, uint8_t nonce[AEAD_NONCE_SIZE])
{
    memset(nonce, 0, AEAD_NONCE_SIZE);
    for (int i = 0; i < 8; i++) {
        nonce[AEAD_NONCE_SIZE - 1 - i] = (uint8_t)((uint64_t)number >> (8 * i));
    }
}

static enum status write_all(int fd, const uint8_t *p, size_t n, off_t at, struct error *e)
{
    while (n > 0) {
        ssize_t done = pwrite(fd, p, n, at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return io_error("write", done < 0 ? errno : ENOSPC, e);
        }
        p += done;
        n -= (size_t)done;
        at += done;
    }
    return OK;
}

/* The full last chunk goes into the file. */
static enum status spill(struct held *h, struct error *e)
{
    if (h->fd < 0 && open_file(h, e)) {
        return FAIL;
    }
    size_t number = h->chunk_count - 1;
    uint8_t nonce[AEAD_NONCE_SIZE];
    make_nonce(number, nonce);
    uint8_t *sealed = mem_alloc(SLOT);
    enum status s = aead_seal(h->key, nonce, STR(""), h->chunks[number].p, CHUNK, sealed, e);
    if (s == OK) {
        s = write_all(h->fd, sealed, SLOT, (off_t)number * SLOT, e);
    }
    free(sealed);
    if (s == OK) {
        drop_chunk(h, number);
        atomic_fetch_add(&h->limits->spilled, (unsigned long long)CHUNK);
    }
    return s;
}

static enum status read_slot(struct held *h, size_t number, uint8_t *sealed, struct error *e)
{
    for (size_t done = 0; done < SLOT;) {
        ssize_t n = pread(h->fd, sealed + done, SLOT - done, (off_t)number * SLOT + (off_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return io_error("read", errno, e);
        }
        if (n == 0) {
            return error_set(e, ERR_CORRUPT, "the file of a held result is too short");
        }
        done += (size_t)n;
    }
    return OK;
}

static enum status open_chunk(struct held *h, size_t number, struct error *e)
{
    if (h->opened_number == number) {
        return OK;
    }
    if (!h->opened) {
        h->opened = mem_alloc(CHUNK);
        count_memory(h, CHUNK);
    }
    uint8_t nonce[AEAD_NONCE_SIZE];
    make_nonce(number, nonce);
    uint8_t *sealed = mem_alloc(SLOT);
    enum status s = read_slot(h, number, sealed, e);
    if (s == OK) {
        s = aead_open(h->key, nonce, STR(""), sealed, SLOT, h->opened, e);
    }
    free(sealed);
    h->opened_number = s == OK ? number : SIZE_MAX;
    return s;
}

/* ---- appending ---- */

static bool must_spill(const struct held *h)
{
    return h->in_memory + CHUNK > h->limits->memory ||
           atomic_load(&h->limits->in_memory) > h->limits->memory_of_all;
}

static enum status next_chunk(struct held *h, struct error *e)
{
    if (h->chunk_count > 0 && must_spill(h)) {
        if (!h->limits->dir) {
            return error_set(e, ERR_TOO_LARGE, "the result passes %zu bytes of memory",
                             h->limits->memory);
        }
        if (spill(h, e)) {
            return FAIL;
        }
    }
    if (h->chunk_count == h->chunk_cap) {
        h->chunk_cap = h->chunk_cap ? h->chunk_cap * 2 : 4;
        h->chunks = mem_realloc(h->chunks, h->chunk_cap * sizeof *h->chunks);
    }
    h->tail = 0;
    h->tail_cap = h->chunk_count == 0 ? FIRST : CHUNK;
    h->chunks[h->chunk_count++].p = mem_alloc(h->tail_cap);
    count_memory(h, (int64_t)h->tail_cap);
    return OK;
}

static void grow_first(struct held *h, size_t wanted)
{
    size_t cap = h->tail_cap;
    while (cap < wanted && cap < CHUNK) {
        cap *= 2;
    }
    h->chunks[0].p = mem_realloc(h->chunks[0].p, cap);
    count_memory(h, (int64_t)(cap - h->tail_cap));
    h->tail_cap = cap;
}

enum status held_append(struct held *h, const void *p, size_t n, struct error *e)
{
    if (h->written + n > h->limits->total) {
        return error_set(e, ERR_TOO_LARGE, "the result passes the limit of %llu bytes",
                         (unsigned long long)h->limits->total);
    }
    const uint8_t *from = p;
    while (n > 0) {
        if ((h->chunk_count == 0 || h->tail == CHUNK) && next_chunk(h, e)) {
            return FAIL;
        }
        if (h->tail + n > h->tail_cap && h->tail_cap < CHUNK) {
            grow_first(h, h->tail + n);
        }
        size_t fits = h->tail_cap - h->tail < n ? h->tail_cap - h->tail : n;
        memcpy(h->chunks[h->chunk_count - 1].p + h->tail, from, fits);
        h->tail += fits;
        h->written += fits;
        from += fits;
        n -= fits;
    }
    return OK;
}

/* ---- taking ---- */

uint64_t held_size(const struct held *h)
{
    return h->written - h->taken;
}

enum status held_peek(struct held *h, struct str *out, struct error *e)
{
    if (held_size(h) == 0) {
        *out = STR("");
        return OK;
    }
    size_t number = (size_t)(h->taken / CHUNK), at = (size_t)(h->taken % CHUNK);
    const uint8_t *p = h->chunks[number].p;
    if (!p) {
        if (open_chunk(h, number, e)) {
            return FAIL;
        }
        p = h->opened;
    }
    size_t end = number + 1 == h->chunk_count ? h->tail : CHUNK;
    *out = (struct str){(const char *)p + at, end - at};
    return OK;
}

void held_consume(struct held *h, size_t n)
{
    size_t number = (size_t)(h->taken / CHUNK);
    h->taken += n;
    if ((size_t)(h->taken / CHUNK) > number) {
        drop_chunk(h, number);
    }
}

/* The next `n` bytes go to `to`, or into `copy` too where it isn't NULL. */
static enum status move(struct held *h, struct held *to, uint64_t n, uint8_t *copy, struct error *e)
{
    while (n > 0) {
        struct str piece;
        if (held_peek(h, &piece, e)) {
            return FAIL;
        }
        if (piece.n == 0) {
            return error_set(e, ERR_INTERNAL, "a held result ends within a message");
        }
        piece.n = piece.n < n ? piece.n : (size_t)n;
        if (held_append(to, piece.p, piece.n, e)) {
            return FAIL;
        }
        if (copy) {
            memcpy(copy, piece.p, piece.n);
            copy += piece.n;
        }
        held_consume(h, piece.n);
        n -= piece.n;
    }
    return OK;
}

enum status held_move_messages(struct held *h, struct held *to, int64_t max, int64_t *moved,
                               struct error *e)
{
    *moved = 0;
    while (*moved < max && held_size(h) > 0) {
        uint8_t head[5];
        if (move(h, to, sizeof head, head, e)) {
            return FAIL;
        }
        uint32_t length =
            (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
        if (move(h, to, length - 4, NULL, e)) {
            return FAIL;
        }
        ++*moved;
    }
    return OK;
}
