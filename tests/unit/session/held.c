/* Held results: what goes in comes out, from memory or the disk; what lies there is not readable.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pipeline/held.h"

static char dir[] = "/tmp/hati-held-XXXXXX";

static struct held_limits limits(size_t memory)
{
    return (struct held_limits){
        .dir = dir, .memory = memory, .memory_of_all = 1 << 30, .total = 64 << 20};
}

/* Appends `n` bytes of a pattern in odd pieces and reads them back in others. */
static void round_trip(struct held_limits *l, size_t n)
{
    struct held *h = held_new(l);
    struct error e = ERROR_INIT;
    uint8_t piece[777];
    size_t at = 0;
    while (at < n) {
        size_t k = n - at < sizeof piece ? n - at : sizeof piece;
        for (size_t i = 0; i < k; i++) {
            piece[i] = (uint8_t)((at + i) * 31 >> 3);
        }
        assert_int_equal(held_append(h, piece, k, &e), OK);
        at += k;
    }
    assert_int_equal(held_size(h), n);
    for (at = 0; at < n;) {
        struct str s;
        assert_int_equal(held_peek(h, &s, &e), OK);
        size_t k = s.n < 1000 ? s.n : 1000;
        assert_true(k > 0);
        for (size_t i = 0; i < k; i++) {
            assert_int_equal((uint8_t)s.p[i], (uint8_t)((at + i) * 31 >> 3));
        }
        held_consume(h, k);
        at += k;
    }
    assert_int_equal(held_size(h), 0);
    held_free(h);
    assert_int_equal(atomic_load(&l->in_memory), 0);
}

static void test_round_trips(void **state)
{
    static const size_t sizes[] = {0, 1, 1023, 1024, 1025, 65535, 65536, 65537, 200000, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct held_limits much = limits(1 << 30), little = limits(100000), none = limits(0);
        round_trip(&much, sizes[i]);
        assert_int_equal(atomic_load(&much.spilled), 0);
        round_trip(&little, sizes[i]);
        round_trip(&none, sizes[i]);
    }
}

static void test_memory_stays(void **state)
{
    struct held_limits l = limits(256 << 10);
    struct held *h = held_new(&l);
    struct error e = ERROR_INIT;
    char *block = mem_alloc(1 << 20);
    for (int i = 0; i < 32; i++) {
        assert_int_equal(held_append(h, block, 1 << 20, &e), OK);
        assert_true(atomic_load(&l.in_memory) <= 256 << 10);
    }
    held_free(h);
    free(block);
}

static void test_limits(void **state)
{
    struct held_limits l = limits(1 << 30);
    struct error e = ERROR_INIT;
    struct held *h = held_new(&l);
    l.total = 10;
    assert_int_equal(held_append(h, "12345678901", 11, &e), FAIL);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    held_free(h);
    struct held_limits no_dir = limits(0);
    no_dir.dir = NULL;
    h = held_new(&no_dir);
    char *block = mem_alloc(1 << 20);
    assert_int_equal(held_append(h, block, 1 << 20, &e), FAIL);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    held_free(h);
    free(block);
}

/* A file size limit stands for the full disk: both end in the same branch. */
static void test_disk_full(void **state)
{
    struct rlimit before, little = {1 << 20, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    little.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    struct held_limits l = limits(0);
    struct held *h = held_new(&l);
    struct error e = ERROR_INIT;
    char *block = mem_alloc(4 << 20);
    enum status s = held_append(h, block, 4 << 20, &e);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(s, FAIL);
    assert_int_equal(e.code, ERR_DISK_FULL);
    held_free(h);
    free(block);
}

static void test_messages(void **state)
{
    struct held_limits l = limits(70000);
    struct error e = ERROR_INIT;
    struct held *h = held_new(&l);
    enum { ROWS = 5000, BODY = 95 };
    for (int i = 0; i < ROWS; i++) {
        uint8_t row[5 + BODY] = {'D', 0, 0, 0, 4 + BODY, (uint8_t)i, (uint8_t)(i >> 8)};
        assert_int_equal(held_append(h, row, sizeof row, &e), OK);
    }
    int64_t moved, all = 0;
    while (held_size(h) > 0) {
        struct held *part = held_new(&l);
        struct str s;
        assert_int_equal(held_move_messages(h, part, 700, &moved, &e), OK);
        assert_int_equal(held_size(part), (uint64_t)moved * (5 + BODY));
        assert_int_equal(held_peek(part, &s, &e), OK);
        assert_int_equal((uint8_t)s.p[5] | (uint8_t)s.p[6] << 8, all);
        all += moved;
        held_free(part);
    }
    assert_int_equal(all, ROWS);
    held_free(h);
}

static int make_dir(void **state)
{
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    return rmdir(dir); /* fails where a file was left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_memory_stays),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
