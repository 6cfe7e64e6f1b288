/* Personal data and secrets that show by their own shape, wherever they stand in a text. */
#ifndef AUDIT_REDACT_TEXT_H
#define AUDIT_REDACT_TEXT_H

#include "audit/redact_kind.h"
#include "audit/redact_next.h"
#include "base/buf.h"

struct pattern_set;

/* Appends `text` with each match replaced by its kind: <email>, <ssn>, <card>, <phone>, <iban>,
 * <ip>, <secret>, or the name of an own pattern (NULL: there are none). Gives the number of
 * matches. `literal` says that the text is the inside of a literal, where name=value stands for a
 * connection string or URL and not for SQL. Bytes that aren't UTF-8 become U+FFFD. */
size_t redact_text(struct str text, bool literal, const struct pattern_set *own, struct buf *out);

/* The same for a piece of a longer text, whose anchors `anchors` goes through: what stands from
 * *from on, which is before `text` in the same memory or at its begin, is written as far as the
 * last match goes; *from is then behind it. */
size_t redact_piece(struct redact_cursor *anchors, struct str text, bool literal,
                    const struct pattern_set *own, const char **from, struct buf *out);

/* Which kinds a text that stands by itself holds: 1 << enum redact_kind, each or'ed. */
unsigned redact_kinds_of(struct str text);

/* True when a value that stands beside this name is a secret: password, token, key_id and the like,
 * alone or after an underscore. Letters of either case. */
bool redact_is_secret_name(struct str name);

/* Whether any word of the text is such a name. */
bool redact_has_secret_name(struct str text);

/* Appends the text, with U+FFFD for what isn't UTF-8 and for NUL. */
void redact_put_utf8(struct str text, struct buf *out);

#endif
