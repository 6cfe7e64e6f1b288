/* How much work a regular expression can be for an engine of RE2's kind, from above: it takes each
 * byte of the text through all parts of the pattern at once, and nothing interrupts it. Reads the
 * pattern as RE2 does (its syntax page); what isn't a pattern gets some cost. Linear in the
 * pattern. */
#ifndef BASE_REGEX_COST_H
#define BASE_REGEX_COST_H

#include <stdbool.h>

#include "base/str.h"

struct regex_cost {
    double size;  /* parts: characters, classes; what is repeated counts so many times */
    bool rescans; /* after a match it may look on to the end of the text for a longer one: looking
                     for all matches then takes time by the square of the text */
};

struct regex_cost regex_cost_of(struct str pattern);

/* Steps over `bytes` of text, for one match or for all; one takes some nanoseconds. */
double regex_steps(struct regex_cost cost, size_t bytes, bool all);

#endif
