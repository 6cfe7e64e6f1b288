/* What the files of the COPY reader share. */
#ifndef WIRE_COPY_IN_INTERNAL_H
#define WIRE_COPY_IN_INTERNAL_H

#include "base/buf.h"
#include "wire/copy_in.h"

enum copy_line_end { COPY_END_UNKNOWN, COPY_END_LF, COPY_END_CRLF };

struct copy_in {
    struct copy_options options;
    struct copy_column *columns;
    size_t column_count;
    const struct zone *zone;
    struct buf pending; /* from the start of the line (row) that is not complete */
    struct buf scratch; /* one field, its escapes undone */
    size_t scanned;     /* how far of `pending` the search for the line's end has come */
    uint64_t line;      /* of what is read now, from 1; of a row where binary */
    bool in_quotes, after_escape, is_header_due, is_done;
    bool has_head; /* binary: the signature was read */
    uint64_t skip; /* binary: bytes of the header's extension still to come */
    enum copy_line_end line_end;
};

/* The error of this line, with the column where `column` is below column_count. */
enum status copy_in_error(const struct copy_in *c, size_t column, const char *what,
                          struct error *e);

/* As `e` but with line and column in front of its message; FAIL. */
enum status copy_in_blame(const struct copy_in *c, size_t column, struct error *e);

/* One whole line without its end. */
MUST_USE enum status copy_in_text_line(struct copy_in *c, struct str line, struct arena *a,
                                       struct copy_rows *rows, struct error *e);
MUST_USE enum status copy_in_csv_line(struct copy_in *c, struct str line, struct arena *a,
                                      struct copy_rows *rows, struct error *e);

/* As many whole rows as there are in `pending`. */
MUST_USE enum status copy_in_binary(struct copy_in *c, struct arena *a, struct copy_rows *rows,
                                    struct error *e);

/* Where a line's fields go: each put is the next column's. */
struct copy_row {
    struct copy_in *in;
    struct arena *arena;
    struct value *values; /* NULL: the header line, compared with the columns' names or skipped */
    size_t n;
    struct error *error;
};
MUST_USE enum status copy_row_put(struct copy_row *r, struct str field, bool is_null);

#endif
