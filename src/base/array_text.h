/* PostgreSQL's array text, {1,NULL,"a b",{2,3}}, read one element at a time. */
#ifndef BASE_ARRAY_TEXT_H
#define BASE_ARRAY_TEXT_H

#include "base/arena.h"
#include "base/str.h"

struct array_text {
    const char *p, *end;
    struct arena *arena;
    bool has_begun;
};

enum array_text_item {
    ARRAY_TEXT_ELEMENT, /* its text, without quotes and escapes */
    ARRAY_TEXT_NULL,    /* the bare word NULL */
    ARRAY_TEXT_NESTED,  /* an array within: its own text, with the braces */
    ARRAY_TEXT_END,     /* behind the last, and nothing but spaces follows */
    ARRAY_TEXT_BAD      /* no array's text, or one with an explicit lower bound ("[0:1]={1,2}") */
};

/* `s` must outlive it; texts of elements are the arena's. */
struct array_text array_text_of(struct str s, struct arena *a);

/* The next element, its text in `*out` where it has one. Not to be called again behind END or BAD.
 */
enum array_text_item array_text_next(struct array_text *t, struct str *out);

#endif
