/* PostgreSQL's arrays: the text {1,NULL,"a b"} of one dimension into a LIST value, and the binary
 * form of any. */
#ifndef WIRE_PARAM_ARRAY_H
#define WIRE_PARAM_ARRAY_H

#include "base/error.h"
#include "base/value.h"
#include "wire/zone.h"

/* `t` is a LIST or ARRAY of a plain type. An explicit lower bound ("[0:1]={1,2}") and more
 * dimensions are refused. */
MUST_USE enum status param_array_text(const struct type *t, const struct zone *zone, struct str s,
                                      struct arena *a, struct value *out, struct error *e);

/* The binary form (array_recv), element by element. */
enum { PARAM_MAX_DIMENSIONS = 6 }; /* PostgreSQL's MAXDIM */
struct param_array {
    uint32_t oid, element; /* of the array, and of its elements */
    uint32_t dimensions;   /* 0: it is empty */
    uint32_t
        lengths[PARAM_MAX_DIMENSIONS]; /* above 0; in all at most PARAM_MAX_ELEMENTS elements */
    struct str rest;                   /* the elements: `bytes`, which must outlive it */
};
MUST_USE enum status param_array_open(uint32_t oid, struct str bytes, struct param_array *out,
                                      struct error *e);
/* The next element's bytes, off the front of the rest; STR_NULL where it is NULL. */
MUST_USE enum status param_array_next(struct param_array *from, struct str *out, struct error *e);

/* A numeric[] parameter has numbers of many scales: gives all the DECIMAL that holds each of them.
 * Does nothing where the list's type says which DECIMAL. */
MUST_USE enum status param_array_unify(struct value *list, struct arena *a, struct error *e);

/* The value of an ARRAY must have as many elements as its type. */
MUST_USE enum status param_array_length(const struct type *t, struct value *v, struct error *e);

#endif
