/* Patterns over the names of columns, as COLUMNS('..') and * LIKE '..' have them. Names and
 * patterns are short; what a match costs is bounded by their product. */
#ifndef SQL_PATTERN_H
#define SQL_PATTERN_H

#include <stdbool.h>

#include "base/str.h"

enum { PATTERN_GROUPS = 10, PATTERN_LONGEST = 256 };

enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_BAD };

/* A regular expression: literals, . [..] \d \w \s ^ $ | ( ) (?: ) * + ? and lazy forms. Finds the
 * leftmost match, or with `whole` one of the whole text. groups[0] is what matched, the others what
 * stands in parentheses. PATTERN_BAD for what isn't of that grammar or too long. */
enum pattern_result pattern_regex(struct str text, struct str pattern, bool whole,
                                  struct str groups[PATTERN_GROUPS]);

#endif
