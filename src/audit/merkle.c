#include "audit/merkle.h"

#include <stdlib.h>
#include <string.h>

void merkle_leaf(struct hasher *h, struct str data, uint8_t out[MERKLE_SIZE])
{
    hasher_digest(h, (struct str){"\0", 1}, data, out);
}

void merkle_node(struct hasher *h, const uint8_t left[MERKLE_SIZE],
                 const uint8_t right[MERKLE_SIZE], uint8_t out[MERKLE_SIZE])
{
    char both[1 + MERKLE_SIZE] = {1};
    memcpy(both + 1, left, MERKLE_SIZE);
    hasher_digest(h, (struct str){both, sizeof both},
                  (struct str){(const char *)right, MERKLE_SIZE}, out);
}

static bool has_peak(const struct merkle *t, unsigned height)
{
    return t->size >> height & 1;
}

/* --- growing --- */

void merkle_push(struct merkle *t, struct hasher *h, unsigned height,
                 const uint8_t hash[MERKLE_SIZE])
{
    uint8_t top[MERKLE_SIZE];
    unsigned at = height;
    memcpy(top, hash, sizeof top);
    for (; has_peak(t, at); at++) {
        merkle_node(h, t->peak[at], top, top);
    }
    memcpy(t->peak[at], top, sizeof top);
    t->size += (uint64_t)1 << height;
}

void merkle_root(const struct merkle *t, struct hasher *h, uint8_t out[MERKLE_SIZE])
{
    bool begun = false;
    for (unsigned at = 0; at < MERKLE_HEIGHT; at++) {
        if (has_peak(t, at) && begun) {
            merkle_node(h, t->peak[at], out, out);
        } else if (has_peak(t, at)) {
            memcpy(out, t->peak[at], MERKLE_SIZE);
            begun = true;
        }
    }
    if (!begun) {
        hasher_digest(h, STR_NULL, STR_NULL, out);
    }
}

/* --- proofs --- */

/* The largest power of two below n, which is above 1. */
static uint64_t split_of(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static void add_span(struct merkle_proof *p, uint64_t begin, uint64_t end)
{
    p->span[p->count].begin = begin;
    p->span[p->count++].end = end;
}

/* They are met from the root down; the RFC has them from the bottom up. */
static void turn_round(struct merkle_proof *p)
{
    for (size_t i = 0; i < p->count / 2; i++) {
        struct merkle_span kept = p->span[i];
        p->span[i] = p->span[p->count - 1 - i];
        p->span[p->count - 1 - i] = kept;
    }
}

void merkle_inclusion(uint64_t index, uint64_t size, struct merkle_proof *out)
{
    uint64_t begin = 0, end = size;
    out->count = 0;
    while (end - begin > 1) {
        uint64_t middle = begin + split_of(end - begin);
        if (index < middle) {
            add_span(out, middle, end);
            end = middle;
        } else {
            add_span(out, begin, middle);
            begin = middle;
        }
    }
    turn_round(out);
}

/* SUBPROOF of section 2.1.4.1. */
void merkle_consistency(uint64_t old, uint64_t size, struct merkle_proof *out)
{
    uint64_t begin = 0, end = size;
    out->count = 0;
    while (old < end) {
        uint64_t middle = begin + split_of(end - begin);
        if (old <= middle) {
            add_span(out, middle, end);
            end = middle;
        } else {
            add_span(out, begin, middle);
            begin = middle;
        }
    }
    if (begin > 0) {
        add_span(out, begin, end); /* else it is the old tree, whose root the verifier has */
    }
    turn_round(out);
}

void merkle_gather_begin(struct merkle_gathering *g, struct merkle_proof *proof)
{
    *g = (struct merkle_gathering){.proof = proof};
    for (size_t i = 0; i < proof->count; i++) {
        size_t at = i;
        for (; at > 0 && proof->span[g->order[at - 1]].begin > proof->span[i].begin; at--) {
            g->order[at] = g->order[at - 1];
        }
        g->order[at] = i;
    }
}

void merkle_gather(struct merkle_gathering *g, struct hasher *h, unsigned height,
                   const uint8_t hash[MERKLE_SIZE])
{
    uint64_t leaf = g->next;
    g->next += (uint64_t)1 << height;
    if (g->done == g->proof->count) {
        return;
    }
    struct merkle_span *span = &g->proof->span[g->order[g->done]];
    if (leaf < span->begin) {
        return;
    }
    merkle_push(&g->part, h, height, hash);
    if (g->next == span->end) {
        merkle_root(&g->part, h, span->hash);
        g->part.size = 0;
        g->done++;
    }
}

/* --- checking --- */

static bool is_equal(const uint8_t a[MERKLE_SIZE], const uint8_t b[MERKLE_SIZE])
{
    return memcmp(a, b, MERKLE_SIZE) == 0;
}

/* To the ancestor that is a right child, or the root. */
static void climb(uint64_t *fn, uint64_t *sn)
{
    while (*fn != 0 && !(*fn & 1)) {
        *fn >>= 1;
        *sn >>= 1;
    }
}

bool merkle_is_included(struct hasher *h, uint64_t index, uint64_t size,
                        const uint8_t leaf[MERKLE_SIZE], const uint8_t (*proof)[MERKLE_SIZE],
                        size_t count, const uint8_t root[MERKLE_SIZE])
{
    uint64_t fn = index, sn = size - 1;
    uint8_t r[MERKLE_SIZE];
    if (index >= size) {
        return false;
    }
    memcpy(r, leaf, sizeof r);
    for (size_t i = 0; i < count; i++) {
        if (sn == 0) {
            return false;
        }
        if (fn & 1 || fn == sn) {
            merkle_node(h, proof[i], r, r);
            climb(&fn, &sn);
        } else {
            merkle_node(h, r, proof[i], r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && is_equal(r, root);
}

bool merkle_is_consistent(struct hasher *h, uint64_t old, uint64_t size,
                          const uint8_t (*proof)[MERKLE_SIZE], size_t count,
                          const uint8_t old_root[MERKLE_SIZE], const uint8_t root[MERKLE_SIZE])
{
    if (old == 0 || old > size) {
        return false;
    }
    if (old == size) {
        return count == 0 && is_equal(old_root, root);
    }
    uint64_t fn = old - 1, sn = size - 1;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    size_t at = 0;
    uint8_t fr[MERKLE_SIZE], sr[MERKLE_SIZE];
    if (fn != 0 && count == 0) {
        return false;
    }
    memcpy(fr, fn == 0 ? old_root : proof[at++], sizeof fr);
    memcpy(sr, fr, sizeof sr);
    for (; at < count; at++) {
        if (sn == 0) {
            return false;
        }
        if (fn & 1 || fn == sn) {
            merkle_node(h, proof[at], fr, fr);
            merkle_node(h, proof[at], sr, sr);
            climb(&fn, &sn);
        } else {
            merkle_node(h, sr, proof[at], sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && is_equal(fr, old_root) && is_equal(sr, root);
}
