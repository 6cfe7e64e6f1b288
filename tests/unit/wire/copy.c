/* COPY in both directions. The data of the readers is fed cut at every position: the result must
 * not depend on where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format_arrays.h"
#include "wire/copy_in.h"
#include "wire/copy_out.h"

enum { MOST_OPTIONS = 4 };

/* {name, value, name, value, NULL} */
static enum status parse(const char *const *list, const struct copy_column *columns, size_t n,
                         bool is_from, struct arena *a, struct copy_options *out, struct error *e)
{
    struct str names[MOST_OPTIONS], values[MOST_OPTIONS];
    size_t count = 0;
    for (; list && list[2 * count]; count++) {
        names[count] = str_of(list[2 * count]);
        values[count] = str_of(list[2 * count + 1]);
    }
    return copy_options_parse(names, values, count, columns, n, is_from, a, out, e);
}
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct copy_column columns[2];

static int set_up(void **state)
{
    columns[0] = (struct copy_column){STR("a"), type_simple(TYPE_INT4)};
    columns[1] = (struct copy_column){STR("b"), type_simple(TYPE_TEXT)};
    return 0;
}

static void show_row(struct buf *out, const struct value *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i ? "|" : "");
        if (row[i].is_null) {
            buf_puts(out, "-");
        } else if (row[i].type->kind == TYPE_INT4) {
            buf_printf(out, "%d", (int)row[i].as.integer);
        } else {
            buf_printf(out, "[%.*s]", STR_ARG(row[i].as.text));
        }
    }
    buf_puts(out, ";");
}

/* Feeds `data` in two pieces, cut at `at`, or byte for byte where `at` is past the end; gives the
 * rows as text, or the error's message. */
static char *feed(const struct copy_options *o, struct str data, size_t at, struct arena *a,
                  size_t column_count)
{
    struct copy_in *in = copy_in_new(o, columns, column_count, NULL);
    struct copy_rows rows = {0};
    struct error e = ERROR_INIT;
    struct buf out = BUF_INIT(0);
    enum status s = OK;
    size_t step = at > data.n ? 1 : at;
    for (size_t done = 0; s == OK && done < data.n;) {
        size_t n = step && done + step <= data.n ? step : data.n - done;
        s = copy_in_feed(in, (struct str){data.p + done, n}, a, &rows, &e);
        done += n;
        step = at > data.n ? 1 : 0;
    }
    if (s == OK) {
        s = copy_in_end(in, a, &rows, &e);
    }
    for (size_t i = 0; i < rows.n && s == OK; i++) {
        show_row(&out, rows.at[i], column_count);
    }
    char *text = s == OK ? arena_strdup(a, buf_str(&out)) : arena_strdup(a, str_of(e.message));
    assert_true(s == OK || e.code == ERR_BAD_COPY);
    copy_in_free(in);
    buf_free(&out);
    return text;
}

static void reads_n(const char *const *list, struct str data, const char *expected, size_t n)
{
    struct arena *a = arena_new(0);
    struct copy_options o;
    struct error e = ERROR_INIT;
    assert_int_equal(parse(list, columns, n, true, a, &o, &e), OK);
    for (size_t at = 0; at <= data.n + 1; at++) {
        assert_string_equal(feed(&o, data, at, a, n), expected);
    }
    arena_free(a);
}

static void reads(const char *const *list, const char *data, const char *expected)
{
    reads_n(list, str_of(data), expected, 2);
}

static void text_in(void **state)
{
    reads(NULL, "1\tx\n2\t\\N\n\\N\t\n", "1|[x];2|-;-|[];");
    reads(NULL, "1\tx\n2\ty", "1|[x];2|[y];");
    reads(NULL, "1\tx\r\n2\ty\r\n", "1|[x];2|[y];");
    reads(NULL, "1\tx\n\\.\ngarbage", "1|[x];");
    reads(NULL, "1\tx\n\\.", "1|[x];");
    reads(NULL, "1\ta\\tb\\\\c\\n\\101\\x41\\q\\\nd\n", "1|[a\tb\\c\nAAq\nd];");
    reads(NULL, "1\t\\\\N\n", "1|[\\N];");
    reads(OPTIONS("delimiter", "|", "null", ""), "1|\n|\\|\n", "1|-;-|[|];");
    reads(OPTIONS("header", NULL), "x\ty\n1\tz\n", "1|[z];");
    reads(OPTIONS("header", "match"), "a\tb\n1\tz\n", "1|[z];");
    reads(NULL, "", "");
}

static void text_refused(void **state)
{
    reads(NULL, "1\tx\n2\n", "COPY line 2, column b: data for this column is missing");
    reads(NULL, "1\tx\ty\n", "COPY line 1: extra data after the last column");
    reads(NULL, "1\tx\nabc\ty\n", "COPY line 2, column a: invalid input for type integer");
    reads(NULL, "1\tx\\\nz\n9999999999\ty\n",
          "COPY line 3, column a: value out of range for type integer");
    reads(NULL, "1\tx\r\n2\ty\n",
          "COPY line 2: the line's end differs from that of the first line");
    reads(NULL, "1\tx\ry\n", "COPY line 1: a carriage return must be written as \\r");
    reads(NULL, "1\t\\xff\n", "COPY line 1, column b: text is not valid UTF-8, or contains a NUL");
    reads(OPTIONS("header", "match"), "a\tc\n",
          "COPY line 1, column b: the header has another name here");
    reads(OPTIONS("header", "match"), "a\n", "COPY line 1: the header has not one name a column");
}

static void csv_in(void **state)
{
    const char *const *csv = OPTIONS("format", "csv");
    reads(csv, "1,x\n2,\n,\"\"\n", "1|[x];2|-;-|[];");
    reads(csv, "1,\"a,\"\"b\"\"\nc\"\n2,y\n", "1|[a,\"b\"\nc];2|[y];");
    reads(csv, "1,\"a\r\nb\"\r\n2,y\r\n", "1|[a\r\nb];2|[y];");
    reads(csv, "1,a\"b,c\"d\n", "1|[ab,cd];");
    reads(csv, "1,x\n\\.\nrest", "1|[x];");
    reads(csv, "1,\"\n\\.\n\"\n", "1|[\n\\.\n];");
    reads(OPTIONS("format", "csv", "escape", "\\"), "1,\"a\\\"b\\\\c\"\n2,\"\\d\"\n",
          "1|[a\"b\\c];2|[\\d];");
    reads(OPTIONS("format", "csv", "quote", "'", "delimiter", ";"), "1;'a;''b'\n", "1|[a;'b];");
    reads(OPTIONS("format", "csv", "null", "NULL"), "1,NULL\n2,\"NULL\"\n3,\n",
          "1|-;2|[NULL];3|[];");
    reads(OPTIONS("format", "csv", "header", "true"), "\"a\nb\",c\n1,x\n", "1|[x];");
    reads(csv, "1,\"x\n", "COPY line 1: a quoted field is not closed");
    reads(csv, "1,x\n2,\"a\nb\"\nz,y\n", "COPY line 4, column a: invalid input for type integer");
    reads(csv, "1,x,\n", "COPY line 1: extra data after the last column");
}

#define SIGNATURE      "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define BYTES(literal) ((struct str){literal, sizeof(literal) - 1})

static void binary_in(void **state)
{
    const char *const *binary = OPTIONS("format", "binary");
    reads_n(binary,
            BYTES(SIGNATURE "\0\2\0\0\0\4\0\0\0\5\0\0\0\1x\0\2\377\377\377\377\0\0\0\0\377\377"),
            "5|[x];-|[];", 2);
    reads_n(binary, BYTES("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\3abc\377\377"), "", 2);
    reads_n(binary, BYTES(SIGNATURE "\0\2\0\0\0\4\0\0\0\5\0\0\0\1x"), "5|[x];", 2);
    reads_n(binary, BYTES(SIGNATURE "\0\2\0\0\0\4\0\0\0\5\0\0\0\1"),
            "COPY row 1: the data ends within a row", 2);
    reads_n(binary, BYTES("PGCOPY\n"), "COPY row 1: the data ends within a row", 2);
    reads_n(binary, BYTES(SIGNATURE "\0\1\0\0\0\4\0\0\0\5\377\377"),
            "COPY row 1: the number of fields is not that of the columns", 2);
    reads_n(binary, BYTES(SIGNATURE "\0\2\0\0\0\3\0\0\0\0\0\0\1x\377\377"),
            "COPY row 1, column a: invalid input for type integer", 2);
    reads_n(binary, BYTES(SIGNATURE "\0\2\377\377\377\376"),
            "COPY row 1, column a: impossible field size", 2);
    reads_n(binary, BYTES("PGCOPY\n\377\r\n\1\0\0\0\0\0\0\0\0"),
            "COPY row 1: the signature of the binary format is missing", 2);
    reads_n(binary, BYTES("PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0"),
            "COPY row 1: unknown critical flags in the header", 2);
}

static void long_lines_are_refused(void **state)
{
    struct copy_options o = {
        .format = COPY_CSV, .delimiter = ',', .quote = '"', .escape = '"', .null = STR("")};
    struct copy_in *in = copy_in_new(&o, columns, 2, NULL);
    struct arena *a = arena_new(0);
    struct copy_rows rows = {0};
    struct error e = ERROR_INIT;
    static char chunk[1 << 20];
    enum status s = copy_in_feed(in, STR("1,\""), a, &rows, &e);
    memset(chunk, 'x', sizeof chunk);
    for (int i = 0; i < 65 && s == OK; i++) {
        s = copy_in_feed(in, (struct str){chunk, sizeof chunk}, a, &rows, &e);
    }
    assert_int_equal(s, FAIL);
    assert_int_equal(e.code, ERR_BAD_COPY);
    copy_in_free(in);
    arena_free(a);
}

/* The payloads of all CopyData messages, one after another. */
static char *payloads(const struct buf *b, struct arena *a, size_t *n)
{
    char *out = arena_alloc(a, b->n + 1);
    *n = 0;
    for (size_t at = 0; at < b->n;) {
        assert_int_equal(b->p[at], 'd');
        size_t length = (size_t)b->p[at + 3] << 8 | b->p[at + 4];
        memcpy(out + *n, b->p + at + 5, length - 4);
        *n += length - 4;
        at += 1 + length;
    }
    return out;
}

static char *write_rows(const char *const *list, const char *const *words, size_t *n,
                        struct arena *a)
{
    int32_t numbers[] = {1, -2, 3};
    struct test_array x, y, batch;
    struct copy_options o;
    struct error e = ERROR_INIT;
    struct buf out = BUF_INIT(0);
    array_of_fixed(&x, 3, numbers);
    array_of_texts(&y, 3, words);
    array_of_struct(&batch, &x, &y);
    assert_int_equal(parse(list, columns, 2, false, a, &o, &e), OK);
    struct copy_out *c = copy_out_new(a, &o, columns, 2, &format_plain);
    assert_int_equal(copy_out_begin(c, &out, &e), OK);
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(copy_out_row(c, &out, &batch.array, i, &e), OK);
    }
    assert_int_equal(copy_out_end(c, &out, &e), OK);
    char *all = payloads(&out, a, n);
    buf_free(&out);
    return all;
}

static void writes(const char *const *list, const char *const *words, const char *expected)
{
    struct arena *a = arena_new(0);
    size_t n;
    assert_string_equal(write_rows(list, words, &n, a), expected);
    arena_free(a);
}

static void out(void **state)
{
    const char *words[] = {"a\tb\\\n", NULL, ""};
    writes(NULL, words, "1\ta\\tb\\\\\\n\n-2\t\\N\n3\t\n");
    writes(OPTIONS("header", "on", "delimiter", "|"), words, "a|b\n1|a\\tb\\\\\\n\n-2|\\N\n3|\n");
    const char *quoted[] = {"a,\"b\"", NULL, ""};
    writes(OPTIONS("format", "csv"), quoted, "1,\"a,\"\"b\"\"\"\n-2,\n3,\"\"\n");
    writes(OPTIONS("format", "csv", "force_quote", "a"), quoted,
           "\"1\",\"a,\"\"b\"\"\"\n\"-2\",\n\"3\",\"\"\n");
    writes(OPTIONS("format", "csv", "escape", "\\", "null", "NULL", "force_quote", "*"), quoted,
           "\"1\",\"a,\\\"b\\\"\"\n\"-2\",NULL\n\"3\",\"\"\n");
}

/* What is written reads back, in every format and cut anywhere. */
static void round_trips(void **state)
{
    static const char *const formats[] = {"text", "csv", "binary"};
    const char *words[] = {"\\.\r\n\t,\"'\\N", NULL, "\\N caf\u00e9\b\f\v"};
    for (int i = 0; i < 3; i++) {
        struct arena *a = arena_new(0);
        size_t n;
        const char *all = write_rows(OPTIONS("format", formats[i]), words, &n, a);
        reads_n(OPTIONS("format", formats[i]), (struct str){all, n},
                "1|[\\.\r\n\t,\"'\\N];-2|-;3|[\\N caf\u00e9\b\f\v];", 2);
        arena_free(a);
    }
}

static void options(void **state)
{
    static const struct {
        bool is_from;
        const char *list[5];
    } bad[] = {
        {true, {"freeze", "maybe"}},
        {false, {"freeze", "true"}},
        {true, {"on_error", "ignore"}},
        {false, {"on_error", "stop"}},
        {true, {"format", "xml"}},
        {true, {"delimiter", ",,"}},
        {true, {"delimiter", "a"}},
        {true, {"delimiter", "\n"}},
        {true, {"quote", "'"}},
        {true, {"format", "binary", "null", "x"}},
        {true, {"format", "csv", "delimiter", "\""}},
        {true, {"format", "csv", "null", "a,b"}},
        {true, {"format", "csv", "force_quote", "*"}},
        {false, {"format", "csv", "force_quote", "zzz"}},
        {false, {"header", "match"}},
        {true, {"header", "perhaps"}},
        {true, {"encoding", "latin1"}},
        {true, {"null", "a", "NULL", "b"}},
    };
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct copy_options o;
        struct error e = ERROR_INIT;
        assert_int_equal(parse(bad[i].list, columns, 2, bad[i].is_from, a, &o, &e), FAIL);
        assert_true(e.code == ERR_BAD_SETTING || e.code == ERR_UNSUPPORTED);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_in),
        cmocka_unit_test(text_refused),
        cmocka_unit_test(csv_in),
        cmocka_unit_test(binary_in),
        cmocka_unit_test(long_lines_are_refused),
        cmocka_unit_test(out),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(options),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
