/* An organization's own patterns: what is to be redacted besides what redaction knows.
 *
 * A pattern is a regular expression as PCRE2 reads it, without what makes matching costly or tells
 * more than the text: back references, looking around, conditions, recursion, verbs. It takes a
 * bounded number of steps for each byte of a text; where that isn't enough, the rest of the text
 * counts as found. So a pattern can hide too much, but never shows what would be hidden without it.
 */
#ifndef AUDIT_PATTERN_H
#define AUDIT_PATTERN_H

#include "base/buf.h"
#include "base/error.h"

enum {
    PATTERNS_MAX = 32,       /* of an organization */
    PATTERN_NAME_MAX = 32,   /* bytes */
    PATTERN_TEXT_MAX = 256,  /* bytes */
    PATTERN_PARTS_MAX = 2000 /* as regex_cost_of() counts them */
};
#define PATTERN_NAME "^[a-z][a-z0-9_]*$" /* and none of redaction's own kinds */

struct pattern_source {
    struct str org_id, name, text;
};

/* ERR_VALIDATION, with the byte where a pattern is wrong. */
MUST_USE enum status pattern_check(struct str name, struct str text, struct error *e);

/* The patterns of all organizations: immutable and counted. */
struct patterns;
struct pattern_set; /* of one */

/* FAIL where one can't be read: nothing may be written then. */
MUST_USE enum status patterns_new(const struct pattern_source *rows, size_t n,
                                  struct patterns **out, struct error *e);
struct patterns *patterns_ref(struct patterns *p); /* NULL is allowed, as in what follows */
void patterns_unref(struct patterns *p);

/* NULL: the organization has none. Valid as long as `p`. */
const struct pattern_set *patterns_of(const struct patterns *p, struct str org_id);

/* A place in a text. */
struct span {
    size_t begin, end;
    struct str kind; /* what is written in its place, between < and > */
    bool is_own;     /* of a pattern */
};
struct spans {
    struct span *at; /* of the heap */
    size_t n, cap;
};
void spans_push(struct spans *s, struct span span);

/* Adds what the patterns find, in no order; they may overlap. */
void pattern_find(const struct pattern_set *set, struct str text, struct spans *out);

/* Sorts them; those that overlap or touch become one, with the name of one that isn't a pattern's
 * where there is such. */
void spans_merge(struct spans *s);

#endif
