/* Patterns of LIKE and GLOB, matched without backtracking over more than the last wildcard: the
 * earliest place where the part between two wildcards fits leaves the most text to the rest, so it
 * never has to be given up. Time is linear in text and pattern where the parts between % have no
 * wildcard themselves; else their product bounds it, and `stop` can end it on the way. */
#ifndef BASE_WILDCARD_H
#define BASE_WILDCARD_H

#include <stdbool.h>

#include "base/str.h"

enum wildcard { WILDCARD_NO, WILDCARD_YES, WILDCARD_STOPPED };

/* Asked now and then; true ends the match with WILDCARD_STOPPED. */
struct wildcard_stop {
    bool (*ask)(void *ctx);
    void *ctx;
};

/* LIKE: % any text, _ one character of UTF-8, `escape` (one character, or empty: none) takes away
 * the meaning of what follows and fits the pattern. `stop` may be NULL. */
enum wildcard wildcard_like(struct str text, struct str pattern, struct str escape,
                            const struct wildcard_stop *stop);

/* Whether it is one character or none, with something behind it wherever it stands. */
bool wildcard_escape_fits(struct str pattern, struct str escape);

/* GLOB as the engine has it, byte by byte: * any text, ? a byte, [a-z] and [!a-z] a byte of a set,
 * \ before one that stands for itself. */
enum wildcard wildcard_glob(struct str text, struct str pattern, const struct wildcard_stop *stop);

#endif
