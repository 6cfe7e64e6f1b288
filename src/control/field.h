/* Fields of a request's body or query, and of answers, as tables: what is checked is what the
 * OpenAPI document (schema.h) says. */
#ifndef CONTROL_FIELD_H
#define CONTROL_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum field_of {
    OF_END,    /* of a table */
    OF_TEXT,   /* least to most characters, none of them a control character */
    OF_SCRIPT, /* as TEXT, with line ends and tabs */
    OF_TIME,   /* text as RFC 3339 writes a time; of answers alone */
    OF_INT,    /* least to most */
    OF_NUMBER, /* of answers alone */
    OF_BOOL,
    OF_TEXTS,  /* least to most texts of 1 to 256 characters */
    OF_PAIRS,  /* an object of texts */
    OF_OBJECT, /* with the fields `of`; NULL: any */
    OF_ARRAY,  /* least to most objects with the fields `of`; NULL: of anything */
    OF_ANY,
    OF_REFUSED /* clients send it, and nothing here means it: `help` says why not */
};

struct field {
    const char *name;
    enum field_of kind;
    bool required;
    int64_t least, most;
    const char *words; /* TEXT: "a|b|c", one of which it must be; NULL: any */
    const char *help;  /* for the OpenAPI document */
    const char
        *pattern; /* TEXT: an extended regular expression (POSIX) that ECMA-262 reads alike */
    const struct field *of;
};

/* Of e-mail addresses and of names: what store/check.h looks at more closely. */
#define FIELD_EMAIL "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]+$"
#define FIELD_NAME  "^[A-Za-z0-9]([A-Za-z0-9_. -]*[A-Za-z0-9_.-])?$"

/* What an error is about. */
struct complaint {
    const char *field, *constraint;
};

/* Does the object hold to the table? Each field of it must be known, of its kind and within its
 * bounds, and what is required be there: what isn't known isn't ignored, for it may be a slip of
 * something that mattered. null is as if it weren't there. ERR_VALIDATION. Texts of `complaint` are
 * the table's or the arena's. */
MUST_USE enum status fields_check(const struct field *known, const json_t *object, struct arena *a,
                                  struct complaint *complaint, struct error *e);

/* The object of a query string (a=1&b=x, percent-encoded), each value read as its field's kind. */
MUST_USE enum status fields_read_query(const struct field *known, const char *text, struct arena *a,
                                       json_t **out, struct complaint *complaint, struct error *e);

/* What a field must be, in words, in the arena: "text of 1 to 64 characters". */
const char *field_constraint(const struct field *f, struct arena *a);

bool fields_any_required(const struct field *known); /* NULL: none */

enum { FIELD_LISTED_MAX = 256 }; /* characters of a text in a list */

#endif
