/* The Merkle tree over the log's entries (RFC 9162, section 2.1), with SHA-256. Pure: no I/O. */
#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include <stdbool.h>

#include "audit/hasher.h"

enum {
    MERKLE_SIZE = HASHER_SIZE, /* bytes of a hash */
    MERKLE_HEIGHT = 60,        /* a tree has fewer than 2^60 leaves */
    MERKLE_PROOF_MAX = 2 * MERKLE_HEIGHT
};

/* The hash of a leaf, and of a node with these two below it. */
void merkle_leaf(struct hasher *h, struct str data, uint8_t out[MERKLE_SIZE]);
void merkle_node(struct hasher *h, const uint8_t left[MERKLE_SIZE],
                 const uint8_t right[MERKLE_SIZE], uint8_t out[MERKLE_SIZE]);

/* A tree that grows at its right end, as the roots of its whole subtrees: one of height i where bit
 * i of `size` is set. Begins as zeros. */
struct merkle {
    uint64_t size; /* leaves */
    uint8_t peak[MERKLE_HEIGHT][MERKLE_SIZE];
};

/* Adds a whole subtree of 2^height leaves at the right end; height 0: a leaf. The size must be a
 * multiple of 2^height. */
void merkle_push(struct merkle *t, struct hasher *h, unsigned height,
                 const uint8_t hash[MERKLE_SIZE]);

/* The root. Of an empty tree the digest of nothing. */
void merkle_root(const struct merkle *t, struct hasher *h, uint8_t out[MERKLE_SIZE]);

/* A proof: the roots of the subtrees over these leaves, in the RFC's order. */
struct merkle_proof {
    size_t count;
    struct merkle_span {
        uint64_t begin, end; /* leaves [begin, end) */
        uint8_t hash[MERKLE_SIZE];
    } span[MERKLE_PROOF_MAX];
};

/* Which subtrees prove that leaf `index` is in the tree of `size` leaves (index < size), or that
 * the tree of `size` leaves begins with those of the tree of `old` (0 < old <= size). Their hashes
 * are found by a gathering. */
void merkle_inclusion(uint64_t index, uint64_t size, struct merkle_proof *out);
void merkle_consistency(uint64_t old, uint64_t size, struct merkle_proof *out);

/* Finds a proof's hashes from the leaves in their order. */
struct merkle_gathering {
    struct merkle_proof *proof;
    struct merkle part;                   /* of the span at work */
    uint64_t next;                        /* the leaf that comes next */
    size_t order[MERKLE_PROOF_MAX], done; /* the spans by their begin; how many are there */
};
void merkle_gather_begin(struct merkle_gathering *g, struct merkle_proof *proof);

/* The next 2^height leaves as one whole subtree, which must lie in one span or in none. */
void merkle_gather(struct merkle_gathering *g, struct hasher *h, unsigned height,
                   const uint8_t hash[MERKLE_SIZE]);

/* What sections 2.1.3.2 and 2.1.4.2 check, of hashes from anywhere. An `old` of 0 proves nothing
 * and is refused. */
bool merkle_is_included(struct hasher *h, uint64_t index, uint64_t size,
                        const uint8_t leaf[MERKLE_SIZE], const uint8_t (*proof)[MERKLE_SIZE],
                        size_t count, const uint8_t root[MERKLE_SIZE]);
bool merkle_is_consistent(struct hasher *h, uint64_t old, uint64_t size,
                          const uint8_t (*proof)[MERKLE_SIZE], size_t count,
                          const uint8_t old_root[MERKLE_SIZE], const uint8_t root[MERKLE_SIZE]);

#endif
