/* JSON's text (RFC 8259), read one value at a time: what jansson can't give, numbers with all of
 * their digits and a value's own text. Nothing recurses: depth is the caller's. */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include "base/arena.h"
#include "base/str.h"

struct json_text {
    const char *p, *end;
    struct arena *arena;
};

enum json_text_value {
    JSON_TEXT_NULL,
    JSON_TEXT_BOOL,   /* its text: true, false */
    JSON_TEXT_NUMBER, /* its text, as it is written */
    JSON_TEXT_STRING, /* its text, without quotes and escapes */
    JSON_TEXT_ARRAY,  /* its values are what comes next */
    JSON_TEXT_OBJECT, /* its keys and values are what comes next */
    JSON_TEXT_BAD
};

enum json_text_more { JSON_TEXT_MORE, JSON_TEXT_DONE, JSON_TEXT_BROKEN };

/* `s` is UTF-8 and must outlive it; texts that had escapes are the arena's. */
struct json_text json_text_of(struct str s, struct arena *a);

/* The next value, which must be there; of an array or object what opens it alone. Not to be called
 * again behind BAD. */
enum json_text_value json_text_next(struct json_text *t, struct str *out);

/* Within an array or object: does another value (or key) follow? DONE takes what closes it. `n`
 * says how many came before. */
enum json_text_more json_text_more(struct json_text *t, char close, size_t n);

/* A key and the colon behind it. */
bool json_text_key(struct json_text *t, struct str *out);

/* The next value's own text, whatever it is. That its brackets fit each other, and no more, is
 * checked: for who reads it by itself. */
bool json_text_skip(struct json_text *t, struct str *out);

/* Nothing but spaces is left. */
bool json_text_at_end(struct json_text *t);

#endif
