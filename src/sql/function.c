/* The list is data (function_list.h); here is only the search: names hashed once a process into a
 * table that never changes afterwards. */
#include "sql/function.h"

#include <pthread.h>
#include <stdlib.h>

#include "sql/function_list.h"

#define TOTAL    FUNCTION_TOTAL
#define VOLATILE FUNCTION_VOLATILE
#define COUNTS   FUNCTION_COUNTS
#define SUMS     FUNCTION_SUMS
#define SESSION  FUNCTION_SESSION
#define SPELLED  FUNCTION_SPELLED
static const struct function functions[] = {
#define X(name, kind, min, max, rule, result, args, flags, engine)                                 \
    {name, FUNCTION_##kind, min, max, RESULT_##rule, TYPE_##result, args, flags, engine},
    FUNCTIONS(X)
#undef X
};
#undef TOTAL
#undef VOLATILE
#undef COUNTS
#undef SUMS
#undef SESSION
#undef SPELLED

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])
#define LONGEST_NAME   64

static const struct function *by_name[FUNCTION_COUNT];
static pthread_once_t sorted = PTHREAD_ONCE_INIT;

static int compare(const void *x, const void *y)
{
    const struct function *a = *(const struct function *const *)x;
    const struct function *b = *(const struct function *const *)y;
    int d = strcmp(a->name, b->name);
    return d ? d : (a->kind == FUNCTION_TABLE) - (b->kind == FUNCTION_TABLE);
}

static void sort(void)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        by_name[i] = &functions[i];
    }
    qsort(by_name, FUNCTION_COUNT, sizeof by_name[0], compare);
}

static const struct function *find(struct str name, bool is_table)
{
    char folded[LONGEST_NAME];
    if (name.n >= sizeof folded) {
        return NULL;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    folded[name.n] = 0;
    struct function wanted = {.name = folded, .kind = is_table ? FUNCTION_TABLE : FUNCTION_SCALAR};
    const struct function *key = &wanted;
    pthread_once(&sorted, sort);
    const struct function *const *at =
        bsearch(&key, by_name, FUNCTION_COUNT, sizeof by_name[0], compare);
    return at && strlen((*at)->name) == name.n ? *at : NULL;
}

const struct function *function_find(struct str name)
{
    return find(name, false);
}

const struct function *function_find_table(struct str name)
{
    return find(name, true);
}

enum type_kind function_arg(const struct function *f, size_t i)
{
    if (i >= strlen(f->args)) {
        return TYPE_UNKNOWN;
    }
    switch (f->args[i]) {
    case 't':
        return TYPE_TEXT;
    case 'l':
        return TYPE_INT8;
    case 'i':
        return TYPE_INT4;
    case 'd':
        return TYPE_FLOAT8;
    case 'b':
        return TYPE_BOOL;
    case 'x':
        return TYPE_BYTES;
    case 'v':
        return TYPE_INTERVAL;
    case 'u':
        return TYPE_UUID;
    default:
        return TYPE_UNKNOWN;
    }
}

size_t function_count(void)
{
    return FUNCTION_COUNT;
}

const struct function *function_at(size_t i)
{
    return &functions[i];
}
