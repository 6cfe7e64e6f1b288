#include "control/page.h"

#include <stddef.h>
#include <stdlib.h>

static const struct field own_fields[] = {
    {"limit", OF_INT, .least = 1, .most = PAGE_MAX, .help = "rows of the page; 50 without it"},
    {"cursor", OF_TEXT, .least = 1, .most = 256, .help = "of the page before"},
    {0}};

const struct field *page_fields(const struct field *own, struct arena *a)
{
    VEC_OF(struct field) all = {0};
    for (const struct field *f = own_fields; f->kind != OF_END; f++) {
        VEC_PUSH(a, all, *f);
    }
    for (const struct field *f = own; f && f->kind != OF_END; f++) {
        VEC_PUSH(a, all, *f);
    }
    VEC_PUSH(a, all, (struct field){0});
    return all.at;
}

static const struct field pagination[] = {
    {"cursor", OF_TEXT, .help = "for the next page; null: this is the last"},
    {"has_more", OF_BOOL, true},
    {"total", OF_INT, .help = "rows of all pages; null: they weren't counted"},
    {0}};

const struct field *page_of(const struct field *row, struct arena *a)
{
    struct field *page = ARENA_ARRAY(a, struct field, 3);
    page[0] = (struct field){"data", OF_ARRAY, true, .of = row};
    page[1] = (struct field){"pagination", OF_OBJECT, true, .of = pagination};
    page[2] = (struct field){0};
    return page;
}

void page_open(struct call *c)
{
    json_open(&c->json, '{');
    json_key(&c->json, "data");
    json_open(&c->json, '[');
}

void page_close(struct call *c, struct str cursor, int64_t total)
{
    struct json *j = &c->json;
    json_close(j, ']');
    json_key(j, "pagination");
    json_open(j, '{');
    json_kv_str(j, "cursor", cursor);
    json_kv_bool(j, "has_more", cursor.p != NULL);
    json_kv_i64(j, "total", total);
    json_close(j, '}');
    json_close(j, '}');
}

struct ordered {
    struct str id;
    const void *row;
};

static int by_id(const void *a, const void *b)
{
    return str_cmp(((const struct ordered *)a)->id, ((const struct ordered *)b)->id);
}

void page_answer(struct call *c, const void *rows, size_t n, size_t size, size_t id_offset,
                 void (*write)(struct json *j, const void *row))
{
    struct ordered *all = ARENA_ARRAY(c->arena, struct ordered, n);
    struct str cursor = given_text(c->query, "cursor");
    size_t most = (size_t)given_int(c->query, "limit", PAGE_STANDARD), from = 0, to;
    for (size_t i = 0; i < n; i++) {
        const char *row = (const char *)rows + i * size;
        all[i] = (struct ordered){*(const struct str *)(const void *)(row + id_offset), row};
    }
    if (n > 0) {
        qsort(all, n, sizeof *all, by_id);
    }
    while (cursor.p && from < n && str_cmp(all[from].id, cursor) <= 0) {
        from++;
    }
    to = n - from > most ? from + most : n;
    page_open(c);
    for (size_t i = from; i < to; i++) {
        write(&c->json, all[i].row);
    }
    page_close(c, to < n ? all[to - 1].id : STR_NULL, (int64_t)n);
}
