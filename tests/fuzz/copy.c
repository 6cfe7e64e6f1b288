/* COPY FROM: the first byte picks format and options, the second where the data is cut. The rows
 * must be the same in one piece and cut. */
#include <stdlib.h>

#include "wire/copy_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { COLUMNS = 3 };

static size_t read_all(const struct copy_options *o, const struct copy_column *columns,
                       struct str data, size_t step, struct arena *a, enum status *s)
{
    struct copy_in *in = copy_in_new(o, columns, COLUMNS, NULL);
    struct copy_rows rows = {0};
    struct error e = ERROR_INIT;
    *s = OK;
    for (size_t at = 0; at < data.n && *s == OK; at += step) {
        size_t part = data.n - at < step ? data.n - at : step;
        *s = copy_in_feed(in, (struct str){data.p + at, part}, a, &rows, &e);
    }
    if (*s == OK) {
        *s = copy_in_end(in, a, &rows, &e);
    }
    if (*s == FAIL && e.code == ERR_NONE) {
        abort();
    }
    copy_in_free(in);
    return rows.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct type list = {.kind = TYPE_LIST};
    struct type ints = list;
    ints.child = type_simple(TYPE_INT4);
    const struct copy_column columns[COLUMNS] = {
        {STR("a"), type_simple(TYPE_INT4)}, {STR("b"), type_simple(TYPE_TEXT)}, {STR("c"), &ints}};
    if (n < 2) {
        return 0;
    }
    struct copy_options o = {.format = (enum copy_format)(data[0] % 3),
                             .delimiter = data[0] & 4 ? ',' : '|',
                             .quote = '"',
                             .escape = data[0] & 8 ? '\\' : '"',
                             .null = data[0] & 16 ? STR("") : STR("\\N"),
                             .header = (enum copy_header)(data[0] / 32 % 3)};
    struct arena *a = arena_new(0);
    struct str rest = {(const char *)data + 2, n - 2};
    enum status whole, cut;
    size_t rows = read_all(&o, columns, rest, n, a, &whole);
    size_t rows_cut = read_all(&o, columns, rest, data[1] % 16 + 1, a, &cut);
    if (whole != cut || rows != rows_cut) {
        abort();
    }
    arena_free(a);
    return 0;
}
