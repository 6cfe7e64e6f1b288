/* How many rows of four columns (bigint, double, date, varchar) a core turns into DataRow messages.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/mem.h"
#include "wire/format.h"

enum { ROWS = 2048, BATCHES = 2000, COLUMNS = 4 };

struct table {
    int64_t numbers[ROWS];
    double reals[ROWS];
    int32_t days[ROWS];
    struct ArrowArray arrays[COLUMNS], *children[COLUMNS], batch;
    const void *buffers[3][2];
};

static void fill(struct table *t, bool hard_doubles)
{
    struct array_builder text;
    array_builder_init(&text, ROWS);
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < ROWS; i++) {
        char word[32];
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        t->numbers[i] = (int64_t)(x >> (x % 40));
        t->reals[i] = hard_doubles ? (double)x / 1e19 : (double)(x % 10000000) / 100;
        t->days[i] = (int32_t)(x % 20000);
        snprintf(word, sizeof word, "Customer#%09d", i);
        array_builder_put(&text, str_of(word));
    }
    const void *values[] = {t->numbers, t->reals, t->days};
    for (int i = 0; i < 3; i++) {
        t->buffers[i][1] = values[i];
        t->arrays[i] =
            (struct ArrowArray){.length = ROWS, .n_buffers = 2, .buffers = t->buffers[i]};
    }
    array_builder_finish(&text, &t->arrays[3]);
    for (int i = 0; i < COLUMNS; i++) {
        t->children[i] = &t->arrays[i];
    }
    t->batch = (struct ArrowArray){.length = ROWS, .n_children = COLUMNS, .children = t->children};
}

static void measure(const char *name, const struct table *t, int16_t format)
{
    struct arena *a = arena_new(0);
    struct format_column columns[] = {{type_simple(TYPE_INT8), format},
                                      {type_simple(TYPE_FLOAT8), format},
                                      {type_simple(TYPE_DATE), format},
                                      {type_simple(TYPE_TEXT), format}};
    struct format_plan *plan = format_plan_new(a, columns, COLUMNS, &format_plain);
    struct buf out = BUF_INIT(1 << 24);
    struct error e = ERROR_INIT;
    size_t bytes = 0;
    int64_t start = clock_mono_ns();
    for (int b = 0; b < BATCHES; b++) {
        buf_clear(&out);
        for (int64_t i = 0; i < ROWS; i++) {
            if (format_row(&out, plan, &t->batch, i, &e) != OK) {
                exit(1);
            }
        }
        bytes += out.n;
    }
    double seconds = (double)(clock_mono_ns() - start) / 1e9;
    double rows = (double)ROWS * BATCHES;
    printf("%-22s %6.2f million rows/s  %7.1f MB/s\n", name, rows / seconds / 1e6,
           (double)bytes / seconds / 1e6);
    buf_free(&out);
    arena_free(a);
}

int main(void)
{
    struct table *t = mem_alloc(sizeof *t);
    fill(t, false);
    measure("binary", t, FORMAT_BINARY);
    measure("text, short doubles", t, FORMAT_TEXT);
    arrow_array_release(&t->arrays[3]);
    fill(t, true);
    measure("text, 17-digit doubles", t, FORMAT_TEXT);
    arrow_array_release(&t->arrays[3]);
    free(t);
    return 0;
}
