/* What the session's dialect calls a type, and the numbers that information_schema tells of it. */
#ifndef PGCATALOG_TYPE_WORDS_H
#define PGCATALOG_TYPE_WORDS_H

#include "base/type.h"
#include "sql/parse.h"

struct type_words {
    struct str name;  /* "NUMBER", "timestamp without time zone", "INTEGER[]" */
    struct str whole; /* the same with its parts: "NUMBER(10,2)" */
    int characters;   /* -1 where a number isn't told */
    int precision, radix, scale;
    int fraction; /* digits of a second */
};

struct type_words type_words(struct arena *a, const struct type *t, enum dialect d);

#endif
