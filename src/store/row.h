/* Shapes that several of the store's resources share. Rows and their text belong to the arena that
 * the caller passed. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "base/arena.h"
#include "base/str.h"

/* A list of text; kept in the database as a JSON array. */
struct store_list {
    const struct str *at;
    size_t n;
};

struct store_pair {
    struct str name, value;
};

/* Attributes; kept in the database as a JSON object of text. */
struct store_pairs {
    const struct store_pair *at;
    size_t n;
};

/* Names: organizations, environments, keys, agents, policies, tags. 1 to 64 of a-z A-Z 0-9 _ - .
 * and space inside, beginning with a letter or digit. */
enum { STORE_NAME_MAX = 64, STORE_LIST_MAX = 256, STORE_JSON_MAX = 256 * 1024 };

/* "a,b,c" as a list, whose texts are parts of `text`; white space around them and empty ones are
 * left out. STR_NULL gives an empty list. */
struct store_list list_of_words(struct arena *a, struct str text);

#endif
