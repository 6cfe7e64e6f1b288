/* An organization's own patterns: which are taken, what they find, and that they only hide more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/pattern.h"
#include "audit/redact.h"

static struct patterns *patterns_for(const char *const *texts, size_t n)
{
    static const char *const names[] = {"first", "second", "third"};
    struct pattern_source rows[3];
    struct patterns *p = NULL;
    struct error e = ERROR_INIT;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct pattern_source){STR("o-1"), str_of(names[i]), str_of(texts[i])};
        assert_int_equal(pattern_check(rows[i].name, rows[i].text, &e), OK);
    }
    assert_int_equal(patterns_new(rows, n, &p, &e), OK);
    return p;
}

static void redacted(const char *const *texts, size_t n, const char *sql, const char *want)
{
    struct patterns *p = patterns_for(texts, n);
    struct buf out = BUF_INIT(0);
    redact_sql(str_of(sql), &(struct redact_rules){.own = patterns_of(p, STR("o-1"))}, &out);
    assert_string_equal(buf_cstr(&out), want);
    assert_null(patterns_of(p, STR("o-2")));
    patterns_unref(p);
    buf_free(&out);
}

static void what_they_find_goes(void **state)
{
    static const char *const one[] = {"EMP-[0-9]{6}"};
    redacted(one, 1, "WHERE e = 'EMP-123456' -- EMP-654321", "WHERE e = '<first>' -- <first>");
    redacted(one, 1, "WHERE e = 'EMP-' || 123 || '456'", "WHERE e = '<first>'");
    redacted(one, 1, "WHERE e = E'\\x45MP-123456'", "WHERE e = '<first>'");
    redacted(one, 1, "SELECT 1 AS \"EMP-123456\"", "SELECT 1 AS \"<first>\"");
    redacted(one, 1, "SELECT $$EMP-123456$$, 'EMP-12'", "SELECT $$<first>$$, 'EMP-12'");
    static const char *const folded[] = {"(?i)project (tulip|rose)"};
    redacted(folded, 1, "'about Project TULIP'", "'about <first>'");
    static const char *const two[] = {"[0-9]{4}", "AB[0-9]{4}"};
    redacted(two, 2, "'AB12345678, 4711'", "'<second>, <first>'");
}

/* Where they overlap with what redaction knows, all of both is hidden under its name. */
static void they_only_hide_more(void **state)
{
    static const char *const within[] = {"ann"};
    redacted(within, 1, "'ann@example.com'", "'<email>'");
    static const char *const around[] = {"mail [a-z]+@"};
    redacted(around, 1, "'my mail ann@example.com now'", "'my <email> now'");
    static const char *const after[] = {"com and more"};
    redacted(after, 1, "'ann@example.com and more'", "'<email>'");
    static const char *const marks[] = {"<(email|secret)>"};
    redacted(marks, 1, "PASSWORD = 'x', 'a@b.com'", "PASSWORD = '<secret>', '<email>'");
    static const char *const of_all[] = {"."};
    redacted(of_all, 1, "'123-45-6789'", "'<ssn>'");
}

/* Whatever a pattern is: what is hidden without it is hidden with it. */
static void none_shows_what_was_hidden(void **state)
{
    static const char *const secrets[] = {"ann@example.com", "123-45-6789", "4111111111111111",
                                          "hd_live_0123456789abcdef"};
    static const char *const shapes[] = {"@",      "[^x]",      "n@e", "-",   "1{1,3}", "\\d+",
                                         "(a|b)+", "live_.{4}", "^.",  ".$",  "\\w",    "[a-z]@",
                                         "'",      "4111",      "6",   "...", "\\b\\w", "ample"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++) {
            struct patterns *p = patterns_for(&shapes[i], 1);
            struct buf sql = BUF_INIT(0), out = BUF_INIT(0);
            buf_printf(&sql, "SELECT '%s', 'x %s y' -- %s", secrets[k], secrets[k], secrets[k]);
            redact_sql(buf_str(&sql), &(struct redact_rules){.own = patterns_of(p, STR("o-1"))},
                       &out);
            assert_null(strstr(buf_cstr(&out), secrets[k]));
            patterns_unref(p);
            buf_free(&sql);
            buf_free(&out);
        }
    }
}

static void wrong_ones_are_refused(void **state)
{
    static const struct {
        const char *name, *text, *message;
    } wrong[] = {
        {"p", "a(b", "at byte 4"},         {"p", "[z-a]", "at byte 4"},
        {"p", "ab\\1", "at byte 3"},       {"p", "x(?=y)", "at byte 2"},
        {"p", "(?<=y)x", "at byte 1"},     {"p", "(*COMMIT)x", "at byte 1"},
        {"p", "x(?R)", "at byte 2"},       {"p", "a\\Kb", "at byte 2"},
        {"p", "(?x) a", "at byte 1"},      {"p", "a*", "nothing"},
        {"p", "^", "nothing"},             {"p", "", "1 to 256"},
        {"email", "x", "kinds"},           {"Big", "x", "a-z"},
        {"p", "((a{100}){100}){9}", "too large"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error e = ERROR_INIT;
        assert_int_equal(pattern_check(str_of(wrong[i].name), str_of(wrong[i].text), &e), FAIL);
        if (!strstr(e.message, wrong[i].message)) {
            print_message("%s: %s\n", wrong[i].text, e.message);
            fail();
        }
    }
}

/* One that would take time by the power of the text ends after its steps, and hides the rest. */
static void a_costly_one_ends(void **state)
{
    static const char *const costly[] = {"(a+)+(a+)+[bc]"};
    struct patterns *p = patterns_for(costly, 1);
    struct buf sql = BUF_INIT(0), out = BUF_INIT(0);
    buf_puts(&sql, "SELECT 'x', '");
    for (int i = 0; i < 100000; i++) {
        buf_u8(&sql, 'a');
    }
    buf_puts(&sql, "', 'y'");
    redact_sql(buf_str(&sql), &(struct redact_rules){.own = patterns_of(p, STR("o-1"))}, &out);
    assert_string_equal(buf_cstr(&out), "SELECT 'x', '<first>', 'y'");
    patterns_unref(p);
    buf_free(&sql);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_they_find_goes),
        cmocka_unit_test(they_only_hide_more),
        cmocka_unit_test(none_shows_what_was_hidden),
        cmocka_unit_test(wrong_ones_are_refused),
        cmocka_unit_test(a_costly_one_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
