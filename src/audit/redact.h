/* What must not be stored of a statement's text: personal data and secrets become <kind>. */
#ifndef AUDIT_REDACT_H
#define AUDIT_REDACT_H

#include "base/buf.h"

struct pattern_set;

/* Where they aren't known, as of a statement that was refused before its tables were, each constant
 * that an INSERT without a list gives is a secret. */
struct redact_columns {
    const struct str *names; /* in order */
    size_t count;
    bool unknown;
};

struct redact_rules {
    bool snowflake;                /* strings and comments as in that dialect */
    const struct pattern_set *own; /* the organization's; NULL: none */
    struct redact_columns columns; /* of the table that an INSERT without a list fills */
};

/* Appends `sql` with every recognised e-mail address, US social security number, payment card,
 * phone number, bank account, address of the internet and secret replaced (docs/audit-format.md,
 * SQL). Any bytes may come; valid UTF-8 goes out. */
void redact_sql(struct str sql, const struct redact_rules *rules, struct buf *out);

#endif
