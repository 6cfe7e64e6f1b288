/* The options of a COPY statement, checked: FORMAT, DELIMITER, NULL, HEADER, QUOTE, ESCAPE,
 * FORCE_QUOTE and ENCODING as PostgreSQL 15 defines them. Anything else is refused by name. */
#ifndef WIRE_COPY_OPTIONS_H
#define WIRE_COPY_OPTIONS_H

#include "base/error.h"
#include "base/type.h"

enum copy_format { COPY_TEXT, COPY_CSV, COPY_BINARY };
enum copy_header { COPY_HEADER_OFF, COPY_HEADER_ON, COPY_HEADER_MATCH };

struct copy_column {
    struct str name;
    const struct type *type;
};

struct copy_options {
    enum copy_format format;
    char delimiter, quote, escape;
    struct str null;
    enum copy_header header;
    bool *force_quote; /* [column]; NULL: none. Only TO, only CSV */
    /* The same, only FROM: NULL's text is text without quotes, and is NULL within them. */
    bool *force_not_null, *force_null;
};

/* `values[i]` belongs to `names[i]`; STR_NULL where the statement gives none (HEADER alone). A list
 * of columns is comma-separated, or "*". All memory is the arena's; the columns are needed only
 * here. */
MUST_USE enum status copy_options_parse(const struct str *names, const struct str *values,
                                        size_t count, const struct copy_column *columns,
                                        size_t column_count, bool is_from, struct arena *a,
                                        struct copy_options *out, struct error *e);

#endif
