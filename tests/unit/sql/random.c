/* Random statements over the whole grammar (random_grammar.h): each must be read in its dialect,
 * and what is printed of it must be read as an equal tree. RANDOM_SEED and RANDOM_COUNT widen it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "random_grammar.h"
#include "sql/parse.h"
#include "sql/print.h"

enum { MOST_DEEP = 7, COUNT = 2000 };

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

struct writer {
    uint64_t state;
    unsigned dialect; /* S, P or D */
    struct buf out;
};

static uint32_t draw(struct writer *w, uint32_t below)
{
    w->state = w->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->state >> 33) % below);
}

/* The productions of a name that the dialect has. */
static size_t candidates(const struct writer *w, struct str name, const struct production **out)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof productions / sizeof *productions; i++) {
        if ((productions[i].dialects & w->dialect) && str_is(name, productions[i].name)) {
            out[n++] = &productions[i];
        }
    }
    if (n == 0) {
        fail_msg("no production %.*s", STR_ARG(name));
    }
    return n;
}

static void write_any(struct writer *w, struct str name, int depth);

static void write_text(struct writer *w, const char *text, int depth)
{
    for (const char *at = text; *at; at++) {
        if (*at != '%') {
            buf_u8(&w->out, (uint8_t)*at);
        } else if (at[1] == '%') {
            buf_u8(&w->out, '%');
            at++;
        } else {
            size_t n = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
            write_any(w, (struct str){at + 1, n}, depth + 1);
            at += n;
        }
    }
}

static void write_any(struct writer *w, struct str name, int depth)
{
    const struct production *of_name[sizeof productions / sizeof *productions];
    size_t n = candidates(w, name, of_name);
    /* Deep down what only ends is still drawn among all. */
    bool ends = depth > MOST_DEEP && strchr(of_name[0]->text, '%') == NULL;
    size_t choice = depth <= MOST_DEEP ? draw(w, (uint32_t)n) : 0;
    if (ends) {
        size_t other = draw(w, (uint32_t)n);
        choice = strchr(of_name[other]->text, '%') ? 0 : other;
    }
    write_text(w, of_name[choice]->text, depth);
}

static enum dialect dialect_of(unsigned dialect)
{
    return dialect == S ? DIALECT_SNOWFLAKE : dialect == P ? DIALECT_POSTGRES : DIALECT_DUCKDB;
}

static void assert_round_trip(struct arena *a, const struct node *n, const char *source)
{
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0), x = BUF_INIT(0), y = BUF_INIT(0);
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e)) {
        fail_msg("can't print: %s\n%s", e.message, source);
    }
    if (sql_parse(a, buf_str(&text), DIALECT_POSTGRES, &limits, &again, &e)) {
        size_t from = e.position > 50 ? (size_t)e.position - 50 : 0;
        fail_msg("can't read again: %s: ... %.100s\n%s", e.message, buf_cstr(&text) + from, source);
    }
    if (again.n != 1 || !node_equal(n, again.at[0])) {
        node_dump(n, &x);
        node_dump(again.at[0], &y);
        size_t at = 0;
        while (at < x.n && at < y.n && x.p[at] == y.p[at]) {
            at++;
        }
        at = at > 80 ? at - 80 : 0;
        fail_msg("differs: ... %.160s\n ... %.160s\n%s\n%s", buf_cstr(&x) + at, buf_cstr(&y) + at,
                 source, buf_cstr(&text));
    }
    buf_free(&text);
}

static void check_one(struct writer *w, uint64_t seed)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct node_list list;
    w->state = seed;
    buf_clear(&w->out);
    write_any(w, STR("statement"), 0);
    const char *text = buf_cstr(&w->out);
    if (sql_parse(a, buf_str(&w->out), dialect_of(w->dialect), &limits, &list, &e)) {
        if (e.code != ERR_STATEMENT_TOO_COMPLEX) {
            size_t from = e.position > 50 ? (size_t)e.position - 50 : 0;
            fail_msg("%s: ... %.100s\n%s", e.message, text + from, text);
        }
    } else {
        assert_int_equal(list.n, 1);
        assert_round_trip(a, list.at[0], text);
    }
    arena_free(a);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void check_dialect(unsigned dialect)
{
    struct writer w = {.dialect = dialect, .out = BUF_INIT(0)};
    uint64_t first = setting("RANDOM_SEED", 1), count = setting("RANDOM_COUNT", COUNT);
    for (uint64_t i = 0; i < count; i++) {
        check_one(&w, (first + i) * 2654435761u + dialect);
    }
    buf_free(&w.out);
}

static void test_snowflake(void **state)
{
    check_dialect(S);
}

static void test_postgres(void **state)
{
    check_dialect(P);
}

static void test_duckdb(void **state)
{
    check_dialect(D);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_snowflake),
        cmocka_unit_test(test_postgres),
        cmocka_unit_test(test_duckdb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
