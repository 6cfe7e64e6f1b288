/* Where the next byte is that may begin something: most bytes of a statement begin nothing, and are
 * passed over many at a time. */
#ifndef AUDIT_REDACT_NEXT_H
#define AUDIT_REDACT_NEXT_H

#include "base/str.h"

enum redact_sought {
    /* In SQL, a string, a name in quotes, a comment, a constant expression: ' " $ - / ( | */
    SOUGHT_TOKEN,
    /* The anchor of a match, whose neighbours don't speak against it: '@', '=', ':', a digit, '+'
     * and '(' into a number, the '_' or '-' behind the first part of an issued key's prefix, the J
     * of eyJ, the I of AKIA, ASIA and AIza, the b of be. */
    SOUGHT_ANCHOR,
    /* Two letters as each name of redact_is_secret_name() has. */
    SOUGHT_SECRET_LETTERS
};

enum { REDACT_PARTS = 8 }; /* of 64 bytes, that are looked at together */

/* What is sought in a text, and where it is in the window that was looked at last. */
struct redact_cursor {
    struct str text;
    enum redact_sought sought;
    size_t from;                  /* there is none from here */
    size_t window, end;           /* to here */
    uint64_t found[REDACT_PARTS]; /* in the window, a bit for each byte, the first the lowest */
};

static inline void redact_cursor_init(struct redact_cursor *c, struct str text,
                                      enum redact_sought sought)
{
    c->text = text;
    c->sought = sought;
    c->from = c->window = c->end = 0;
}

/* Goes on to the next window that has any; what redact_next() gives. */
size_t redact_next_window(struct redact_cursor *c, size_t at);

/* The first such byte from `at` on; text.n: there is none. What is left out begins nothing, but not
 * all that is found does. Cheap while `at` rises. */
static inline size_t redact_next(struct redact_cursor *c, size_t at)
{
    size_t in_window = at - c->window;
    if (at >= c->window && at < c->end) {
        uint64_t found = c->found[in_window / 64] >> in_window % 64;
        if (found) {
            return at + (size_t)__builtin_ctzll(found);
        }
    }
    return redact_next_window(c, at);
}

#endif
