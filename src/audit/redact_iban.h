/* International bank account numbers (ISO 13616): by their country's length and check digits. */
#ifndef AUDIT_REDACT_IBAN_H
#define AUDIT_REDACT_IBAN_H

#include <stdbool.h>

#include "base/str.h"

/* Whether one has its first digit at `at`. Letters of either case; one space or hyphen may stand
 * between any two characters behind the check digits, as numbers are printed in groups. */
bool redact_iban(struct str text, size_t at, size_t *begin, size_t *end);

#endif
