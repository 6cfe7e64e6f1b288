/* Statements over the whole grammar, each choice made by a byte: what parses must print to text
 * that is read back as an equal tree, and printing for the engine ends, with text or with an error.
 * Random bytes seldom get past the parser; these nearly all do, so the time is the printer's. */
#include <stdint.h>
#include <stdlib.h>

#include "random_text.h"
#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, const struct node *n, const struct parse_limits *limits)
{
    struct buf text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e) ||
        sql_parse(a, buf_str(&text), DIALECT_POSTGRES, limits, &again, &e) || again.n != 1 ||
        !node_equal(n, again.at[0])) {
        abort();
    }
    buf_clear(&text);
    (void)!sql_print(n, PRINT_DUCKDB, &text, &e);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    if (size < 2) {
        return 0;
    }
    struct random_text from = {.dialect = (enum dialect)(data[0] % 3),
                               .choices = {(const char *)data + 1, size - 1}};
    struct arena *a = arena_new(0);
    struct buf text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct node_list list;
    random_statement(from, &text);
    if (sql_parse(a, buf_str(&text), from.dialect, &limits, &list, &e) == OK) {
        for (uint32_t i = 0; i < list.n; i++) {
            check(a, list.at[i], &limits);
        }
    } else if (e.code != ERR_STATEMENT_TOO_COMPLEX) {
        abort(); /* the grammar and the parser disagree */
    }
    buf_free(&text);
    arena_free(a);
    return 0;
}
