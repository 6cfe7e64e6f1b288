/* What a token of a statement means: the value of a literal, the name in quotes. */
#ifndef AUDIT_REDACT_VALUE_H
#define AUDIT_REDACT_VALUE_H

#include "audit/token.h"
#include "base/buf.h"

/* Appends the value of a STRING, DOLLAR or QUOTED token, escapes resolved, and of any other its
 * text. X'6162' and '\x6162' count as the bytes that their digits name. Any bytes may come. */
void redact_value(const struct token *t, struct buf *out);

/* Whether the value isn't simply what stands between the quotes. */
bool redact_value_differs(const struct token *t);

/* Appends the bytes that pairs of hexadecimal digits name. False, and maybe some bytes: others. */
bool redact_unhex(struct str digits, struct buf *out);

/* Appends the code point as UTF-8; what is none counts as U+FFFD. */
void redact_put_rune(struct buf *out, uint32_t c);

#endif
