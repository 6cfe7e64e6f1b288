/* Inside the store: what names, addresses and documents must look like. The error (ERR_VALIDATION)
 * says what is wrong and what is right. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "base/error.h"
#include "store/row.h"

/* As row.h says of names; `what` begins the message. */
MUST_USE enum status check_name(const char *what, struct str name, struct error *e);

/* local@domain, at most 254 bytes, lower-cased into the arena. */
MUST_USE enum status check_email(struct str email, struct arena *a, struct str *out,
                                 struct error *e);
MUST_USE enum status check_role(struct str role, struct error *e);

/* A table's or column's name: 1 to 63 of a-z 0-9 _, not beginning with a digit. */
MUST_USE enum status check_identifier(const char *what, struct str name, struct error *e);

/* What a person wrote for another to read: 1 to 256 bytes of UTF-8 on one line, nothing that moves
 * a terminal's cursor or turns the direction of writing. */
MUST_USE enum status check_sentence(const char *what, struct str text, struct error *e);

/* UTF-8 without control characters, bounded in number and length. */
MUST_USE enum status check_list(const char *what, struct store_list list, struct error *e);
MUST_USE enum status check_pairs(struct store_pairs pairs, struct error *e);

#endif
