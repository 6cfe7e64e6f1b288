/* The tree: against its recursive definition, and against the vectors of the transparency.dev
 * project, where they are at hand. */
#include "audit/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <unistd.h>

enum { LEAVES = 70 };

static struct hasher *hasher;
static uint8_t leaves[LEAVES][MERKLE_SIZE];

static int set_up(void **state)
{
    (void)state;
    hasher = hasher_new();
    for (int i = 0; i < LEAVES; i++) {
        char data[16];
        int n = snprintf(data, sizeof data, "leaf %d", i);
        merkle_leaf(hasher, (struct str){data, (size_t)n}, leaves[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hasher_free(hasher);
    return 0;
}

/* MTH of RFC 9162, section 2.1.1, word by word. */
static void defined_root(uint64_t begin, uint64_t end, uint8_t out[MERKLE_SIZE])
{
    uint8_t left[MERKLE_SIZE], right[MERKLE_SIZE];
    uint64_t k = 1;
    if (end - begin == 1) {
        memcpy(out, leaves[begin], MERKLE_SIZE);
        return;
    }
    while (2 * k < end - begin) {
        k *= 2;
    }
    defined_root(begin, begin + k, left);
    defined_root(begin + k, end, right);
    merkle_node(hasher, left, right, out);
}

static void a_growing_tree_has_the_defined_root(void **state)
{
    struct merkle tree = {0};
    uint8_t grown[MERKLE_SIZE], defined[MERKLE_SIZE];
    (void)state;
    for (uint64_t n = 1; n <= LEAVES; n++) {
        merkle_push(&tree, hasher, 0, leaves[n - 1]);
        merkle_root(&tree, hasher, grown);
        defined_root(0, n, defined);
        assert_int_equal(tree.size, n);
        assert_memory_equal(grown, defined, MERKLE_SIZE);
    }
}

/* The hashes of a proof, from the leaves one by one. */
static size_t hashes_of(struct merkle_proof *proof, uint64_t size, uint8_t (*out)[MERKLE_SIZE])
{
    struct merkle_gathering g;
    merkle_gather_begin(&g, proof);
    for (uint64_t i = 0; i < size; i++) {
        merkle_gather(&g, hasher, 0, leaves[i]);
    }
    assert_int_equal(g.done, proof->count);
    for (size_t i = 0; i < proof->count; i++) {
        memcpy(out[i], proof->span[i].hash, MERKLE_SIZE);
    }
    return proof->count;
}

#define HASHES(p) ((const uint8_t(*)[MERKLE_SIZE])(p))

static void every_leaf_of_every_size_is_proven(void **state)
{
    uint8_t root[MERKLE_SIZE], hashes[MERKLE_PROOF_MAX][MERKLE_SIZE];
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        defined_root(0, size, root);
        for (uint64_t i = 0; i < size; i++) {
            struct merkle_proof proof;
            merkle_inclusion(i, size, &proof);
            size_t n = hashes_of(&proof, size, hashes);
            assert_true(merkle_is_included(hasher, i, size, leaves[i], HASHES(hashes), n, root));
            uint64_t other = (i + 1) % size;
            assert_true(size == 1 || !merkle_is_included(hasher, other, size, leaves[i],
                                                         HASHES(hashes), n, root));
            assert_false(
                n && merkle_is_included(hasher, i, size, leaves[i], HASHES(hashes), n - 1, root));
            assert_false(merkle_is_included(hasher, i, size, root, HASHES(hashes), n + 1, root));
        }
    }
}

static void every_older_tree_is_proven(void **state)
{
    uint8_t root[MERKLE_SIZE], old_root[MERKLE_SIZE], hashes[MERKLE_PROOF_MAX][MERKLE_SIZE];
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        defined_root(0, size, root);
        for (uint64_t old = 1; old <= size; old++) {
            struct merkle_proof proof;
            merkle_consistency(old, size, &proof);
            size_t n = hashes_of(&proof, size, hashes);
            defined_root(0, old, old_root);
            assert_true(merkle_is_consistent(hasher, old, size, HASHES(hashes), n, old_root, root));
            old_root[0] ^= 1;
            assert_false(
                merkle_is_consistent(hasher, old, size, HASHES(hashes), n, old_root, root));
        }
    }
}

/* A log whose oldest part is gone is known by its whole subtrees, and still proves. */
static void subtrees_prove_as_their_leaves_do(void **state)
{
    uint8_t root[MERKLE_SIZE];
    struct merkle tree = {0};
    (void)state;
    for (uint64_t gone = 1; gone < LEAVES; gone++) {
        struct merkle_proof proof;
        struct merkle_gathering g;
        merkle_push(&tree, hasher, 0, leaves[gone - 1]);
        for (uint64_t i = gone; i < LEAVES; i++) {
            merkle_inclusion(i, LEAVES, &proof);
            merkle_gather_begin(&g, &proof);
            for (unsigned h = MERKLE_HEIGHT; h-- > 0;) {
                if (tree.size >> h & 1) {
                    merkle_gather(&g, hasher, h, tree.peak[h]);
                }
            }
            for (uint64_t k = gone; k < LEAVES; k++) {
                merkle_gather(&g, hasher, 0, leaves[k]);
            }
            uint8_t hashes[MERKLE_PROOF_MAX][MERKLE_SIZE];
            for (size_t k = 0; k < proof.count; k++) {
                memcpy(hashes[k], proof.span[k].hash, MERKLE_SIZE);
            }
            defined_root(0, LEAVES, root);
            assert_true(merkle_is_included(hasher, i, LEAVES, leaves[i], HASHES(hashes),
                                           proof.count, root));
        }
    }
}

/* --- vectors --- */

static size_t decode(const json_t *text, uint8_t *out, size_t max)
{
    uint8_t bytes[256];
    size_t n = json_string_length(text);
    if (n == 0 || n % 4 || n >= sizeof bytes) {
        return 0;
    }
    int got = EVP_DecodeBlock(bytes, (const unsigned char *)json_string_value(text), (int)n);
    const char *end = json_string_value(text) + n;
    got -= (end[-1] == '=') + (end[-2] == '=');
    memcpy(out, bytes, got > 0 && (size_t)got <= max ? (size_t)got : 0);
    return got > 0 ? (size_t)got : 0;
}

/* What our types can't even say, as a hash of another size, is refused before; but for trees of one
 * size, whose roots are compared and no more: there some vectors have words. */
static bool decode_hash(const json_t *j, const char *name, uint8_t out[MERKLE_SIZE])
{
    const json_t *old = json_object_get(j, "size1"), *size = json_object_get(j, "size2");
    memset(out, 0, MERKLE_SIZE);
    size_t n = decode(json_object_get(j, name), out, MERKLE_SIZE);
    return n == MERKLE_SIZE || (old && json_equal(old, size) && n > 0);
}

static bool holds(const json_t *v)
{
    uint8_t hashes[MERKLE_PROOF_MAX][MERKLE_SIZE], a[MERKLE_SIZE], b[MERKLE_SIZE];
    const json_t *proof = json_object_get(v, "proof");
    size_t n = json_array_size(proof);
    bool inclusion = json_object_get(v, "leafIdx") != NULL;
    for (size_t i = 0; i < n; i++) {
        if (n > MERKLE_PROOF_MAX ||
            decode(json_array_get(proof, i), hashes[i], MERKLE_SIZE) != MERKLE_SIZE) {
            return false;
        }
    }
    if (!decode_hash(v, inclusion ? "leafHash" : "root1", a) ||
        !decode_hash(v, inclusion ? "root" : "root2", b)) {
        return false;
    }
#define NUMBER(name) (uint64_t) json_integer_value(json_object_get(v, name))
    return inclusion ? merkle_is_included(hasher, NUMBER("leafIdx"), NUMBER("treeSize"), a,
                                          HASHES(hashes), n, b)
                     : merkle_is_consistent(hasher, NUMBER("size1"), NUMBER("size2"),
                                            HASHES(hashes), n, a, b);
}

/* An old tree of no leaves, which the vectors take with an empty proof, proves nothing to us. */
static bool is_of_nothing(const json_t *v)
{
    const json_t *size = json_object_get(v, "size1");
    return size && json_integer_value(size) == 0;
}

static unsigned run_folder(const char *path)
{
    unsigned n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        char below[1024];
        if (d->d_name[0] == '.') {
            continue;
        }
        snprintf(below, sizeof below, "%s/%s", path, d->d_name);
        if (!strstr(d->d_name, ".json")) {
            n += run_folder(below);
            continue;
        }
        json_error_t error;
        json_t *v = json_load_file(below, 0, &error);
        if (!v) { /* a number that doesn't fit is refused by the reader */
            continue;
        }
        bool wanted = !json_is_true(json_object_get(v, "wantErr")) && !is_of_nothing(v);
        if (holds(v) != wanted) {
            print_message("%s\n", below);
        }
        assert_int_equal(holds(v), wanted);
        json_decref(v);
        n++;
    }
    closedir(dir);
    return n;
}

static void the_vectors_hold(void **state)
{
    const char *dir = getenv("HATIDATA_CORPORA");
    char path[1024];
    (void)state;
    snprintf(path, sizeof path, "%s/merkle", dir ? dir : "../shared/corpora");
    if (access(path, R_OK) != 0) {
        skip();
    }
    unsigned n = run_folder(path);
    print_message("%u vectors\n", n);
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_growing_tree_has_the_defined_root),
        cmocka_unit_test(every_leaf_of_every_size_is_proven),
        cmocka_unit_test(every_older_tree_is_proven),
        cmocka_unit_test(subtrees_prove_as_their_leaves_do),
        cmocka_unit_test(the_vectors_hold),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
