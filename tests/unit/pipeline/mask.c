/* Masks: what is shown, what never is, and who owns what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/mem.h"
#include "pipeline/mask.h"

static const uint8_t key[MASK_KEY_SIZE] = "0123456789abcdef0123456789abcde";

static void release_batch(struct ArrowArray *a)
{
    for (int64_t i = 0; i < a->n_children; i++) {
        arrow_array_release(a->children[i]);
        free(a->children[i]);
    }
    free(a->children);
    free(a->private_data);
    a->release = NULL;
    a->private_data = NULL;
}

static int batches_released;

static void release_counted(struct ArrowArray *a)
{
    batches_released++;
    release_batch(a);
}

/* Column 0: texts (NULL pointers are NULL), column 1: the row's number as a bigint with NULL at 1.
 */
static struct ArrowArray batch_of(const char *const *texts, int64_t n)
{
    struct ArrowArray b = {.length = n, .n_children = 2, .release = release_counted};
    b.children = mem_calloc(2, sizeof(struct ArrowArray *));
    for (int i = 0; i < 2; i++) {
        b.children[i] = mem_alloc(sizeof(struct ArrowArray));
    }
    struct array_builder t;
    array_builder_init(&t, n);
    for (int64_t i = 0; i < n; i++) {
        if (texts[i]) {
            array_builder_put(&t, str_of(texts[i]));
        } else {
            array_builder_null(&t);
        }
    }
    array_builder_finish(&t, b.children[0]);
    array_make_nulls(b.children[1], type_simple(TYPE_INT8), n);
    for (int64_t i = 0; i < n; i++) {
        if (i != 1) {
            ((int64_t *)(uintptr_t)b.children[1]->buffers[1])[i] = i + 100;
            *(uint8_t *)(uintptr_t)b.children[1]->buffers[0] |= (uint8_t)(1 << i);
        }
    }
    return b;
}

static struct engine_column columns[2];
static struct masker *m;

static int set_up(void **state)
{
    m = NULL;
    columns[0] = (struct engine_column){STR("name"), type_simple(TYPE_TEXT)};
    columns[1] = (struct engine_column){STR("amount"), type_simple(TYPE_INT8)};
    batches_released = 0;
    return 0;
}

static int tear_down(void **state)
{
    masker_free(m);
    return 0;
}

/* By a masker of its own, `m`. */
static struct ArrowArray masked(const struct mask *first, const struct mask *second,
                                const char *const *texts, int64_t n)
{
    static const struct mask *masks[2];
    struct error e = ERROR_INIT;
    struct ArrowArray b = batch_of(texts, n);
    masker_free(m);
    masks[0] = first;
    masks[1] = second;
    assert_int_equal(masker_new(key, columns, 2, masks, &m, &e), OK);
    assert_non_null(m);
    assert_int_equal(masker_apply(m, &b, &e), OK);
    return b;
}

static void shows(const struct ArrowArray *column, int64_t i, const char *expected)
{
    assert_false(arrow_is_null(column, i));
    struct str s = array_text(column, i);
    assert_int_equal(s.n, strlen(expected));
    assert_memory_equal(s.p, expected, s.n);
}

static void full(void **state)
{
    struct mask one = {.function = MASK_FULL};
    struct ArrowArray b = masked(&one, NULL, (const char *const[]){"secret", NULL, ""}, 3);
    shows(b.children[0], 0, "***");
    assert_true(arrow_is_null(b.children[0], 1));
    shows(b.children[0], 2, "***");
    assert_int_equal(array_i64(b.children[1], 2), 102);
    arrow_array_release(&b);
    assert_null(b.release);
    assert_int_equal(batches_released, 1);
}

static void partial(void **state)
{
    struct mask one = {.function = MASK_PARTIAL, .visible_chars = 4};
    const char *texts[] = {"4111111111111111",
                           "1234",
                           "12345",
                           "",
                           NULL,
                           "gr\u00fc\u00df\u20ac!",
                           "\u00e9\u00e9\u00e9\u00e9",
                           "12345678",
                           "123456789",
                           "12345\u00e96789",
                           "\u00e9\u00e9\u00e9\u00e912345"};
    struct ArrowArray b = masked(&one, NULL, texts, 11);
    const char *expected[] = {
        "***1111", "***",     "***2345", "***",     NULL,     "***\u00fc\u00df\u20ac!",
        "***",     "***5678", "***6789", "***6789", "***2345"};
    for (int64_t i = 0; i < 11; i++) {
        if (expected[i]) {
            shows(b.children[0], i, expected[i]);
        } else {
            assert_true(arrow_is_null(b.children[0], i));
        }
    }
    arrow_array_release(&b);
    one.visible_chars = 0;
    b = masked(&one, NULL, texts, 1);
    shows(b.children[0], 0, "***");
    arrow_array_release(&b);
}

/* The same whatever number of characters is shown, about where they no longer are one number. */
static void any_number(void **state)
{
    static const char digits[] = "12345678901234567890";
    for (int n = 0; n <= 20; n++) {
        struct mask one = {.function = MASK_PARTIAL, .visible_chars = n};
        struct ArrowArray b = masked(&one, NULL, (const char *const[]){digits}, 1);
        char expected[32];
        snprintf(expected, sizeof expected, "***%s", n < 20 ? digits + 20 - n : "");
        shows(b.children[0], 0, expected);
        arrow_array_release(&b);
    }
}

/* What is lent to a batch serves the next: shorter, longer, other values, other NULLs. */
static void batches(void **state)
{
    struct mask stars = {.function = MASK_FULL};
    struct mask tail = {.function = MASK_PARTIAL, .visible_chars = 1};
    const struct mask *both[] = {&stars, &tail};
    struct error e = ERROR_INIT;
    columns[1] = columns[0];
    assert_int_equal(masker_new(key, columns, 2, both, &m, &e), OK);
    for (int64_t n = 1; n < 3000; n = n * 3 % 4001) {
        struct ArrowArray b = {.length = n, .n_children = 2, .release = release_counted};
        b.children = mem_calloc(2, sizeof(struct ArrowArray *));
        for (int c = 0; c < 2; c++) {
            struct array_builder t;
            b.children[c] = mem_alloc(sizeof(struct ArrowArray));
            array_builder_init(&t, n);
            for (int64_t i = 0; i < n; i++) {
                char text[32];
                snprintf(text, sizeof text, "%lld", (long long)(n * 1000 + i));
                if ((i + n) % 3) {
                    array_builder_put(&t, str_of(text));
                } else {
                    array_builder_null(&t);
                }
            }
            array_builder_finish(&t, b.children[c]);
        }
        assert_int_equal(masker_apply(m, &b, &e), OK);
        for (int64_t i = 0; i < n; i++) {
            char last[] = {'*', '*', '*', (char)('0' + i % 10), '\0'};
            for (int c = 0; c < 2; c++) {
                if ((i + n) % 3) {
                    shows(b.children[c], i, c ? last : "***");
                } else {
                    assert_true(arrow_is_null(b.children[c], i));
                }
            }
        }
        arrow_array_release(&b);
    }
}

/* The vectors come from `openssl dgst -sha256 -mac HMAC` under the same key. */
static void hash(void **state)
{
    struct mask one = {.function = MASK_HASH, .as_text = true};
    struct ArrowArray b = masked(&one, &one, (const char *const[]){"secret", NULL, "secret"}, 3);
    shows(b.children[0], 0, "c65b42021254e42d7d2ea163cfee0a3ea5a4fdd4eb4fb3d2a41f7fef5b61d261");
    shows(b.children[0], 2, "c65b42021254e42d7d2ea163cfee0a3ea5a4fdd4eb4fb3d2a41f7fef5b61d261");
    assert_true(arrow_is_null(b.children[0], 1));
    shows(b.children[1], 0, "095f9acdf4f8626e66a7fee219370fb7ab8f049b27bda6fc17b6536d91f678a7");
    assert_true(arrow_is_null(b.children[1], 1));
    arrow_array_release(&b);
    assert_int_equal(batches_released, 1);
}

static void null(void **state)
{
    struct mask one = {.function = MASK_NULL, .as_text = true};
    struct ArrowArray b = masked(&one, &one, (const char *const[]){"x", "y"}, 2);
    for (int64_t i = 0; i < 2; i++) {
        assert_true(arrow_is_null(b.children[0], i));
        assert_true(arrow_is_null(b.children[1], i));
        assert_int_equal(array_text(b.children[0], i).n, 0); /* and nothing lies beneath */
        assert_int_equal(array_i64(b.children[1], i), 0);
    }
    arrow_array_release(&b);
}

static void not_text(void **state)
{
    struct mask one = {.function = MASK_PARTIAL, .visible_chars = 2};
    struct ArrowArray b = masked(NULL, &one, (const char *const[]){"x"}, 1);
    assert_true(arrow_is_null(b.children[1], 0));
    shows(b.children[0], 0, "x");
    arrow_array_release(&b);
    one.as_text = true;
    b = masked(NULL, &one, (const char *const[]){"x"}, 1);
    shows(b.children[1], 0, "***00");
    arrow_array_release(&b);
}

static void types(void **state)
{
    const struct type *number = type_simple(TYPE_INT8), *json = type_simple(TYPE_JSON);
    struct mask full_mask = {.function = MASK_FULL}, none = {.function = MASK_NONE};
    struct mask as_text = {.function = MASK_HASH, .as_text = true};
    struct mask null_mask = {.function = MASK_NULL, .as_text = true};
    assert_ptr_equal(mask_type(number, NULL), number);
    assert_ptr_equal(mask_type(number, &none), number);
    assert_ptr_equal(mask_type(number, &full_mask), number);
    assert_ptr_equal(mask_type(number, &null_mask), number);
    assert_int_equal(mask_type(number, &as_text)->kind, TYPE_TEXT);
    assert_int_equal(mask_type(json, &full_mask)->kind, TYPE_TEXT);
}

static void refused(void **state)
{
    struct mask odd = {.function = (enum mask_function)99}, h = {.function = MASK_HASH};
    const struct mask *unknown[] = {&odd, NULL}, *hashed[] = {NULL, &h}, *none[] = {NULL, NULL};
    struct masker *out;
    struct error e = ERROR_INIT;
    assert_int_equal(masker_new(key, columns, 2, unknown, &out, &e), FAIL);
    assert_null(out);
    assert_int_equal(masker_new(NULL, columns, 2, hashed, &out, &e), FAIL);
    assert_null(out);
    assert_int_equal(masker_new(NULL, columns, 2, none, &out, &e), OK);
    assert_null(out);
    assert_int_equal(masker_new(NULL, columns, 2, NULL, &out, &e), OK);
    /* A batch of another width is released, not passed on. */
    assert_int_equal(masker_new(key, columns, 1, hashed + 1, &out, &e), OK);
    struct ArrowArray b = batch_of((const char *const[]){"x"}, 1);
    assert_int_equal(masker_apply(out, &b, &e), FAIL);
    assert_null(b.release);
    assert_int_equal(batches_released, 1);
    masker_free(out);
}

static void nested_nulls(void **state)
{
    struct type_field fields[] = {{STR("a"), type_simple(TYPE_TEXT)},
                                  {STR("b"), type_simple(TYPE_BOOL)}};
    struct type row = {.kind = TYPE_STRUCT, .fields = fields, .field_count = 2};
    struct type map = {.kind = TYPE_MAP, .fields = fields, .field_count = 2};
    struct type list = {.kind = TYPE_LIST, .child = &row};
    struct type array = {.kind = TYPE_ARRAY, .size = 3, .child = &list};
    const struct type *all[] = {&row, &map, &list, &array, type_simple(TYPE_DECIMAL)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct ArrowArray a;
        array_make_nulls(&a, all[i], 9);
        assert_int_equal(a.null_count, 9);
        assert_true(arrow_is_null(&a, 8));
        arrow_array_release(&a);
        assert_null(a.release);
    }
}

int main(void)
{
#define WITH_SET_UP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SET_UP(full),       WITH_SET_UP(partial),
        WITH_SET_UP(any_number), WITH_SET_UP(batches),
        WITH_SET_UP(hash),       WITH_SET_UP(null),
        WITH_SET_UP(not_text),   WITH_SET_UP(types),
        WITH_SET_UP(refused),    cmocka_unit_test(nested_nulls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
