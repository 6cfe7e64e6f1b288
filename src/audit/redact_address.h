/* Addresses of the internet: of version 4 (four numbers) and 6 (RFC 4291, section 2.2). */
#ifndef AUDIT_REDACT_ADDRESS_H
#define AUDIT_REDACT_ADDRESS_H

#include <stdbool.h>

#include "base/str.h"

/* Whether one of version 4 begins at `at`, a digit. */
bool redact_ipv4(struct str text, size_t at, size_t *end);

/* Whether the colon at `at` is in one of version 6 that doesn't begin before `least`; with its
 * zone. */
bool redact_ipv6(struct str text, size_t at, size_t least, size_t *begin, size_t *end);

#endif
