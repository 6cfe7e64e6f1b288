/* Numbers that identify a person: US social security numbers, payment cards, telephone numbers. */
#ifndef AUDIT_REDACT_NUMBER_H
#define AUDIT_REDACT_NUMBER_H

#include "base/str.h"

/* Judges the digits that begin at `at` (a digit, '+' or '('). On a match *end is behind it and the
 * kind is given; otherwise NULL, and *end is where to go on. */
const char *redact_number(struct str text, size_t at, size_t *end);

#endif
