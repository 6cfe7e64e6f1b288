/* Numbers that identify a person: US social security numbers, payment cards, telephone numbers. */
#ifndef AUDIT_REDACT_NUMBER_H
#define AUDIT_REDACT_NUMBER_H

#include "audit/redact_kind.h"
#include "base/str.h"

/* Judges the digits that begin at `at` (a digit, '+' or '('). On a match *end is behind it and the
 * kind is given; otherwise REDACT_NONE, and *end is where to go on. */
enum redact_kind redact_number(struct str text, size_t at, size_t *end);

#endif
