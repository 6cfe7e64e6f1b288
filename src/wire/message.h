/* Messages of the PostgreSQL protocol, version 3 ("Frontend/Backend Protocol", chapter 55 of its
 * manual): framing, readers and writers. Values inside rows are the formats' work.
 *
 * A reader checks every length before it reads: after the first that doesn't fit `failed` is set,
 * all later reads give zero or empty, and the caller asks wire_read_end() once. */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include "base/buf.h"
#include "base/error.h"

/* ---- framing ---- */

enum { WIRE_HEADER = 5 }; /* type and length */

enum wire_frame { FRAME_WHOLE, FRAME_MORE, FRAME_BAD };

struct wire_message {
    char type;
    struct str body;
};

/* The message at the start of `in`. FRAME_WHOLE: *out is filled and *size is its length, header
 * included. FRAME_MORE: *size is how long it will be, or 0 while even the header is not there.
 * FRAME_BAD: a length under 4, or a body over `max_body` bytes, or a type that no frontend sends.
 */
enum wire_frame wire_frame(struct str in, size_t max_body, struct wire_message *out, size_t *size);

/* ---- reading a body ---- */

struct wire_reader {
    const uint8_t *p;
    size_t n; /* left */
    bool failed;
};

struct wire_reader wire_reader(struct str body);
uint8_t wire_read_u8(struct wire_reader *r);
int16_t wire_read_i16(struct wire_reader *r);
int32_t wire_read_i32(struct wire_reader *r);
struct str wire_read_cstr(struct wire_reader *r); /* without its NUL; it must have one */
struct str wire_read_bytes(struct wire_reader *r, size_t n);

/* A count of things that take at least `each` bytes: an unsigned 16-bit number, checked against
 * what is left, so that nobody allocates for a count that can't be true. */
size_t wire_read_count(struct wire_reader *r, size_t each);

/* True when nothing failed and nothing is left over. */
bool wire_read_end(const struct wire_reader *r);

struct wire_parse {
    struct str name, sql;
    size_t type_count;
    struct wire_reader types; /* type_count oids: wire_read_i32() */
};
struct wire_bind {
    struct str portal, statement;
    size_t format_count; /* 0: all text; 1: for all; else one each */
    struct wire_reader formats;
    size_t value_count;
    struct wire_reader values; /* wire_read_value() */
    size_t result_format_count;
    struct wire_reader result_formats;
};
struct wire_target { /* Describe, Close */
    char kind;       /* 'S' or 'P' */
    struct str name;
};
struct wire_execute {
    struct str portal;
    int32_t max_rows; /* 0 or less: all */
};

/* ERR_PROTOCOL where the body isn't of that form. Text points into the body. */
MUST_USE enum status wire_get_parse(struct str body, struct wire_parse *out, struct error *e);
MUST_USE enum status wire_get_bind(struct str body, struct wire_bind *out, struct error *e);
MUST_USE enum status wire_get_target(struct str body, struct wire_target *out, struct error *e);
MUST_USE enum status wire_get_execute(struct str body, struct wire_execute *out, struct error *e);
/* Query, PasswordMessage, CopyFail: one string. */
MUST_USE enum status wire_get_text(struct str body, const char *what, struct str *out,
                                   struct error *e);

/* One value of Bind: STR_NULL for NULL. */
struct str wire_read_value(struct wire_reader *r);

/* The format code of item `i` (0 text, 1 binary) of `count` codes in `codes`, by the rule of Bind.
 */
int wire_format_of(struct wire_reader codes, size_t count, size_t i);

/* ---- writing ---- */

/* Any message: begin gives the place that end needs. A body over 2^31 bytes fails the buffer. */
size_t wire_begin(struct buf *b, char type);
void wire_end(struct buf *b, size_t at);

void wire_put_auth_ok(struct buf *b);
void wire_put_auth_cleartext(struct buf *b);
/* The version that is spoken, as 3.`minor`: the documentation says the minor number, PostgreSQL
 * sends both, and libpq wants both. */
void wire_put_negotiate(struct buf *b, int32_t minor, const struct str *unknown, size_t n);
void wire_put_parameter(struct buf *b, const char *name, const char *value);
void wire_put_key_data(struct buf *b, int32_t pid, struct str key);
void wire_put_ready(struct buf *b, char transaction); /* 'I', 'T' or 'E' */
void wire_put_complete(struct buf *b, const char *tag);
void wire_put_empty_query(struct buf *b);
void wire_put_parse_complete(struct buf *b);
void wire_put_bind_complete(struct buf *b);
void wire_put_close_complete(struct buf *b);
void wire_put_no_data(struct buf *b);
void wire_put_suspended(struct buf *b);
void wire_put_copy_done(struct buf *b);
/* 'G' (in) or 'H' (out); `binary` for the whole and each column. */
void wire_put_copy_response(struct buf *b, char type, bool binary, size_t columns);
void wire_put_parameter_description(struct buf *b, const uint32_t *oids, size_t n);

struct wire_column {
    struct str name;
    uint32_t oid;
    int16_t size;     /* of the type; -1: variable */
    int32_t modifier; /* -1: none */
    int16_t format;   /* 0 text, 1 binary */
};
void wire_put_row_description(struct buf *b, const struct wire_column *columns, size_t n);

/* A row of text fields; STR_NULL is NULL. For the few rows that we make ourselves. */
void wire_put_text_row(struct buf *b, const struct str *fields, size_t n);

/* ErrorResponse and NoticeResponse. Fields that are NULL or 0 are left out. */
struct wire_report {
    const char *severity; /* ERROR, FATAL, WARNING */
    const char *sqlstate;
    const char *message;
    const char *detail, *hint;
    size_t position; /* in characters, from 1 */
    const char *schema, *table, *column, *constraint;
};
void wire_put_report(struct buf *b, bool notice, const struct wire_report *r);

/* The same from an error: DETAIL is its stable code and the request id where there is one, position
 * is counted in `text` (STR_NULL: none). */
void wire_put_error(struct buf *b, const char *severity, const struct error *e, struct str text,
                    const char *request_id);

/* The 1-based position in characters of a byte offset; 0 where the offset is outside of the text.
 */
size_t wire_char_position(struct str utf8, int64_t offset);

#endif
