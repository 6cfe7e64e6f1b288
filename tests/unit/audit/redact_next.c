/* What may begin something is found wherever it stands, however long the text is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "audit/redact_next.h"

enum { LONGEST = 1200 };

static const struct sought {
    enum redact_sought sought;
    size_t before, after; /* bytes of the text that stand before and behind the one that is found */
    const char *text;
} all[] = {
    {SOUGHT_TOKEN, 0, 0, "'"},           {SOUGHT_TOKEN, 0, 0, "\""},
    {SOUGHT_TOKEN, 0, 0, "$"},           {SOUGHT_TOKEN, 0, 0, "-"},
    {SOUGHT_TOKEN, 0, 0, "/"},           {SOUGHT_TOKEN, 0, 0, "("},
    {SOUGHT_TOKEN, 0, 0, "|"},           {SOUGHT_ANCHOR, 0, 0, "@"},
    {SOUGHT_ANCHOR, 0, 0, "="},          {SOUGHT_ANCHOR, 0, 0, ":"},
    {SOUGHT_ANCHOR, 0, 0, "5"},          {SOUGHT_ANCHOR, 0, 1, "(("},
    {SOUGHT_ANCHOR, 2, 0, "hp_"},        {SOUGHT_ANCHOR, 2, 0, "at-"},
    {SOUGHT_ANCHOR, 2, 0, "rk_"},        {SOUGHT_ANCHOR, 2, 0, "sk-"},
    {SOUGHT_ANCHOR, 2, 0, "pi-"},        {SOUGHT_ANCHOR, 2, 0, "op_"},
    {SOUGHT_ANCHOR, 1, 0, "yJ"},         {SOUGHT_ANCHOR, 1, 0, "KI"},
    {SOUGHT_ANCHOR, 0, 1, "Be"},         {SOUGHT_SECRET_LETTERS, 0, 1, "ss"},
    {SOUGHT_SECRET_LETTERS, 0, 1, "wD"}, {SOUGHT_SECRET_LETTERS, 0, 1, "CR"},
    {SOUGHT_SECRET_LETTERS, 0, 1, "ke"}, {SOUGHT_SECRET_LETTERS, 0, 1, "au"},
    {SOUGHT_SECRET_LETTERS, 0, 1, "ig"}, {SOUGHT_SECRET_LETTERS, 0, 1, "nn"},
};

/* The first that stands at `least` or later in a text of `n` bytes; those at its very ends may be
 * found though nothing begins there. */
static size_t first_within(const char *text, size_t n, enum redact_sought sought, size_t least)
{
    struct redact_cursor c;
    redact_cursor_init(&c, (struct str){text, n}, sought);
    size_t at = redact_next(&c, 0);
    while (at < least && at < n) {
        at = redact_next(&c, at + 1);
    }
    return at;
}

static void is_found_wherever_it_stands(void **state)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t length = strlen(all[i].text);
        for (size_t n = length; n < LONGEST; n += n < 200 ? 1 : 97) {
            char *text = malloc(n); /* a sanitizer sees what is read beyond */
            for (size_t begin = 0; begin + length <= n; begin++) {
                memset(text, 'z', n);
                memcpy(text + begin, all[i].text, length);
                assert_int_equal(first_within(text, n, all[i].sought, begin + all[i].before),
                                 begin + all[i].before);
            }
            free(text);
        }
    }
}

static void what_begins_nothing_is_passed_over(void **state)
{
    static const char dull[] = "SELECT a_b, c.d FROM x, y WHERE z < q AND l LIKE ? ";
    enum { ENDS = 2 };
    for (size_t n = 0; n < LONGEST; n++) {
        char *text = malloc(n + 1);
        for (size_t i = 0; i < n; i++) {
            text[i] = dull[i % (sizeof dull - 1)];
        }
        assert_int_equal(first_within(text, n, SOUGHT_TOKEN, 0), n);
        size_t anchor = first_within(text, n, SOUGHT_ANCHOR, ENDS);
        assert_true(anchor == n || anchor + 1 == n);
        free(text);
    }
}

/* Forward over a part that was looked at, over several, and back. */
static void a_cursor_goes_where_it_is_sent(void **state)
{
    char text[LONGEST];
    struct redact_cursor c;
    memset(text, 'z', sizeof text);
    text[700] = text[703] = text[1100] = '\'';
    redact_cursor_init(&c, (struct str){text, sizeof text}, SOUGHT_TOKEN);
    static const struct {
        size_t at, next;
    } steps[] = {{0, 700},        {690, 700},         {701, 703},        {704, 1100},
                 {1101, LONGEST}, {LONGEST, LONGEST}, {5, 700},          {702, 703},
                 {0, 700},        {1100, 1100},       {LONGEST, LONGEST}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(redact_next(&c, steps[i].at), steps[i].next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_found_wherever_it_stands),
        cmocka_unit_test(what_begins_nothing_is_passed_over),
        cmocka_unit_test(a_cursor_goes_where_it_is_sent),
    };
    return cmocka_run_group_tests_name("redact_next", tests, NULL, NULL);
}
