/* Randomness of the system, and identifiers made from it. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Fills with bytes of getrandom(2); ends the process where the system has none. */
void id_random(void *out, size_t n);

enum { ID_UUID_SIZE = 37 };

/* A UUID of version 7 (RFC 9562): 48 bits of time, then random; text with NUL. Sorts by time. */
void id_uuid(char out[ID_UUID_SIZE]);

/* Whether a text is one as id_uuid() writes it: lower case, version 7. */
bool id_is_uuid(struct str text);

/* `n` characters of A-Z, a-z, 0-9, uniformly, and a NUL: out holds n + 1. */
void id_alnum(char *out, size_t n);

#endif
