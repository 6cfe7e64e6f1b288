/* The fingerprint of a statement: equal for statements that differ in literals, white space,
 * comments and the case of unquoted words alone; tells nothing to who lacks the key. */
#ifndef AUDIT_FINGERPRINT_H
#define AUDIT_FINGERPRINT_H

#include "base/buf.h"

enum { FINGERPRINT_TEXT = 65 };

/* HMAC-SHA-256 of the normalized statement, 64 hexadecimal digits and NUL. Any bytes may come. */
void fingerprint_sql(const uint8_t key[32], struct str sql, bool snowflake,
                     char out[FINGERPRINT_TEXT]);

/* What it is made of: tokens (as `snowflake` says: audit/token.h) with a space after each, words in
 * lower case, literals and parameters as "?". */
void fingerprint_normalize(struct str sql, bool snowflake, struct buf *out);

#endif
