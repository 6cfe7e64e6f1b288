/* Lists: {"data":[...],"pagination":{"cursor","has_more","total"}}.
 *
 * Rows go by their id; the cursor is the last id of the page, so that rows which come or go
 * meanwhile make no other appear twice or not at all. */
#ifndef CONTROL_PAGE_H
#define CONTROL_PAGE_H

#include "control/call.h"

enum { PAGE_STANDARD = 50, PAGE_MAX = 200 };

/* The fields of a list's query: the route's own, limit and cursor. */
const struct field *page_fields(const struct field *own, struct arena *a);

/* The fields of a list's answer, whose rows have the fields `row`. */
const struct field *page_of(const struct field *row, struct arena *a);

/* Around the rows of a page that the store has cut already, by id: `cursor` is the last row's id
 * where there are more, else STR_NULL. */
void page_open(struct call *c);
void page_close(struct call *c, struct str cursor, int64_t total);

/* Answers with one page of `n` rows of `size` bytes, whose id (a struct str) is at `id_offset`;
 * `write` gives one. */
void page_answer(struct call *c, const void *rows, size_t n, size_t size, size_t id_offset,
                 void (*write)(struct json *j, const void *row));

#define PAGE_ANSWER(c, rows, n, type, id, write)                                                   \
    page_answer((c), (rows), (n), sizeof(type), offsetof(type, id), (write))

#endif
