/* What functions of constants give: as much of them as redaction needs to judge the value. */
#ifndef AUDIT_REDACT_FUNCTION_H
#define AUDIT_REDACT_FUNCTION_H

#include "base/buf.h"

enum { FUNCTION_ARGUMENTS_MAX = 16, FUNCTION_VALUE_MAX = 1 << 20 };

enum redact_function {
    FUNCTION_NONE,
    FUNCTION_CAST,   /* CAST(x AS type): read by the caller */
    FUNCTION_CONCAT, /* any number of arguments: joined by the caller */
    FUNCTION_CONCAT_WS,
    FUNCTION_SAME, /* the first argument, as far as redaction goes */
    FUNCTION_CHR,
    FUNCTION_REVERSE,
    FUNCTION_REPLACE,
    FUNCTION_HEX,
    FUNCTION_BASE64,
    FUNCTION_DECODE, /* the second argument says from what */
    FUNCTION_FORMAT,
    FUNCTION_LEFT,
    FUNCTION_RIGHT,
    FUNCTION_SUBSTR,
    FUNCTION_URL_DECODE
};

/* Letters of either case. */
enum redact_function redact_function_of(struct str name);

/* Appends the value. False: it can't be told. */
bool redact_function_apply(enum redact_function f, const struct str *arguments, size_t n,
                           struct buf *out);

#endif
