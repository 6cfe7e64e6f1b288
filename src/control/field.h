/* Fields of a request's body or query, and of answers, as tables: what is checked is what the
 * OpenAPI document says. */
#ifndef CONTROL_FIELD_H
#define CONTROL_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum field_of {
    OF_END,    /* of a table */
    OF_TEXT,   /* least to most bytes, of UTF-8 without control characters */
    OF_SCRIPT, /* as TEXT, with line ends and tabs */
    OF_INT,    /* least to most */
    OF_BOOL,
    OF_TEXTS, /* least to most texts of at most 256 bytes */
    OF_OBJECT,
    OF_ARRAY, /* least to most of anything */
    OF_ANY
};

struct field {
    const char *name;
    enum field_of kind;
    bool required;
    int64_t least, most;
    const char *words; /* TEXT: "a|b|c", one of which it must be; NULL: any */
    const char *help;  /* for the OpenAPI document */
};

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

/* What a field must be, in words, in the arena: "text of 1 to 64 bytes". */
const char *field_constraint(const struct field *f, struct arena *a);

#endif
