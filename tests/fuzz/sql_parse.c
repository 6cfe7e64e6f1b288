/* Any bytes, in each dialect: the parser ends, and what it accepts prints to text that it reads
 * back as an equal tree. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, const struct node *n)
{
    struct parse_limits limits = {.text = 1 << 24, .nodes = 1000000, .depth = 400};
    struct buf text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e)) {
        abort();
    }
    if (sql_parse(a, buf_str(&text), DIALECT_POSTGRES, &limits, &again, &e) || again.n != 1 ||
        !node_equal(n, again.at[0])) {
        abort();
    }
    buf_clear(&text);
    (void)!sql_print(n, PRINT_DUCKDB, &text, &e);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct parse_limits limits = {.text = 1 << 20, .nodes = 100000, .depth = 200};
    if (size < 1) {
        return 0;
    }
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct node_list list;
    struct str text = {(const char *)data + 1, size - 1};
    if (sql_parse(a, text, (enum dialect)(data[0] % 3), &limits, &list, &e) == OK) {
        for (uint32_t i = 0; i < list.n; i++) {
            check(a, list.at[i]);
        }
    } else if (e.position > (int64_t)text.n) {
        abort();
    }
    arena_free(a);
    return 0;
}
