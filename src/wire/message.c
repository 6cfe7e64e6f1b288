#include "wire/message.h"

#include <stdio.h>

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Query, Parse, Bind, Execute, Describe, Close, Flush, Sync, function call, password, copy
 * messages, Terminate. */
static bool is_frontend(char type)
{
    return type != '\0' && strchr("QPBEDCHSFpdcfX", type) != NULL;
}

enum wire_frame wire_frame(struct str in, size_t max_body, struct wire_message *out, size_t *size)
{
    *size = 0;
    if (in.n >= 1 && !is_frontend(in.p[0])) {
        return FRAME_BAD;
    }
    if (in.n < WIRE_HEADER) {
        return FRAME_MORE;
    }
    uint32_t length = be32((const uint8_t *)in.p + 1);
    if (length < 4 || length - 4 > max_body) {
        return FRAME_BAD;
    }
    *size = (size_t)length + 1;
    if (in.n < *size) {
        return FRAME_MORE;
    }
    *out = (struct wire_message){in.p[0], {in.p + WIRE_HEADER, length - 4}};
    return FRAME_WHOLE;
}

/* ---- reading ---- */

struct wire_reader wire_reader(struct str body)
{
    return (struct wire_reader){.p = (const uint8_t *)body.p, .n = body.n};
}

static const uint8_t *take(struct wire_reader *r, size_t n)
{
    if (r->failed || r->n < n) {
        r->failed = true;
        r->n = 0;
        return NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    r->n -= n;
    return p;
}

uint8_t wire_read_u8(struct wire_reader *r)
{
    const uint8_t *p = take(r, 1);
    return p ? *p : 0;
}

int16_t wire_read_i16(struct wire_reader *r)
{
    const uint8_t *p = take(r, 2);
    return p ? (int16_t)(uint16_t)(p[0] << 8 | p[1]) : 0;
}

int32_t wire_read_i32(struct wire_reader *r)
{
    const uint8_t *p = take(r, 4);
    return p ? (int32_t)be32(p) : 0;
}

struct str wire_read_cstr(struct wire_reader *r)
{
    const uint8_t *end = r->failed || r->n == 0 ? NULL : memchr(r->p, 0, r->n);
    if (!end) {
        r->failed = true;
        r->n = 0;
        return STR("");
    }
    size_t n = (size_t)(end - r->p);
    return (struct str){(const char *)take(r, n + 1), n};
}

struct str wire_read_bytes(struct wire_reader *r, size_t n)
{
    const uint8_t *p = take(r, n);
    return p ? (struct str){(const char *)p, n} : STR("");
}

size_t wire_read_count(struct wire_reader *r, size_t each)
{
    size_t count = (uint16_t)wire_read_i16(r);
    if (count * each > r->n) {
        r->failed = true;
        r->n = 0;
        return 0;
    }
    return count;
}

bool wire_read_end(const struct wire_reader *r)
{
    return !r->failed && r->n == 0;
}

struct str wire_read_value(struct wire_reader *r)
{
    int32_t n = wire_read_i32(r);
    if (n == -1) {
        return STR_NULL;
    }
    if (n < 0) {
        r->failed = true;
        r->n = 0;
        return STR_NULL;
    }
    return wire_read_bytes(r, (size_t)n);
}

/* A reader over the next `n` bytes. */
static struct wire_reader part(struct wire_reader *r, size_t n)
{
    return wire_reader(wire_read_bytes(r, n));
}

static enum status malformed(const char *what, struct error *e)
{
    return error_set(e, ERR_PROTOCOL, "malformed %s message", what);
}

enum status wire_get_parse(struct str body, struct wire_parse *out, struct error *e)
{
    struct wire_reader r = wire_reader(body);
    out->name = wire_read_cstr(&r);
    out->sql = wire_read_cstr(&r);
    out->type_count = wire_read_count(&r, 4);
    out->types = part(&r, out->type_count * 4);
    return wire_read_end(&r) ? OK : malformed("Parse", e);
}

/* Format codes: each 0 or 1. */
static struct wire_reader formats_part(struct wire_reader *r, size_t *count)
{
    *count = wire_read_count(r, 2);
    struct wire_reader codes = part(r, *count * 2);
    struct wire_reader each = codes;
    for (size_t i = 0; i < *count; i++) {
        int16_t code = wire_read_i16(&each);
        r->failed |= code != 0 && code != 1;
    }
    return codes;
}

/* The values, each checked to lie inside. */
static struct wire_reader values_part(struct wire_reader *r, size_t *count)
{
    *count = wire_read_count(r, 4);
    struct wire_reader values = *r;
    for (size_t i = 0; i < *count; i++) {
        wire_read_value(r);
    }
    values.n -= r->failed ? values.n : r->n;
    return values;
}

enum status wire_get_bind(struct str body, struct wire_bind *out, struct error *e)
{
    struct wire_reader r = wire_reader(body);
    out->portal = wire_read_cstr(&r);
    out->statement = wire_read_cstr(&r);
    out->formats = formats_part(&r, &out->format_count);
    out->values = values_part(&r, &out->value_count);
    out->result_formats = formats_part(&r, &out->result_format_count);
    if (!wire_read_end(&r)) {
        return malformed("Bind", e);
    }
    if (out->format_count > 1 && out->format_count != out->value_count) {
        return error_set(e, ERR_PROTOCOL, "Bind has %zu parameter formats for %zu parameters",
                         out->format_count, out->value_count);
    }
    return OK;
}

enum status wire_get_target(struct str body, struct wire_target *out, struct error *e)
{
    struct wire_reader r = wire_reader(body);
    out->kind = (char)wire_read_u8(&r);
    out->name = wire_read_cstr(&r);
    bool good = wire_read_end(&r) && (out->kind == 'S' || out->kind == 'P');
    return good ? OK : malformed("Describe or Close", e);
}

enum status wire_get_execute(struct str body, struct wire_execute *out, struct error *e)
{
    struct wire_reader r = wire_reader(body);
    out->portal = wire_read_cstr(&r);
    out->max_rows = wire_read_i32(&r);
    return wire_read_end(&r) ? OK : malformed("Execute", e);
}

enum status wire_get_text(struct str body, const char *what, struct str *out, struct error *e)
{
    struct wire_reader r = wire_reader(body);
    *out = wire_read_cstr(&r);
    return wire_read_end(&r) ? OK : malformed(what, e);
}

int wire_format_of(struct wire_reader codes, size_t count, size_t i)
{
    if (count == 0) {
        return 0;
    }
    wire_read_bytes(&codes, count == 1 ? 0 : 2 * i);
    return wire_read_i16(&codes);
}

/* ---- writing ---- */

size_t wire_begin(struct buf *b, char type)
{
    buf_u8(b, (uint8_t)type);
    size_t at = b->n;
    buf_u32(b, 0);
    return at;
}

void wire_end(struct buf *b, size_t at)
{
    if (b->failed || b->n - at > INT32_MAX) {
        b->failed = true;
        return;
    }
    buf_patch_u32(b, at, (uint32_t)(b->n - at));
}

static void put_bare(struct buf *b, char type)
{
    wire_end(b, wire_begin(b, type));
}

static void put_auth(struct buf *b, uint32_t code)
{
    size_t at = wire_begin(b, 'R');
    buf_u32(b, code);
    wire_end(b, at);
}

void wire_put_auth_ok(struct buf *b)
{
    put_auth(b, 0);
}

void wire_put_auth_cleartext(struct buf *b)
{
    put_auth(b, 3);
}

static void put_zstr(struct buf *b, struct str s)
{
    buf_put_str(b, s);
    buf_u8(b, 0);
}

void wire_put_negotiate(struct buf *b, int32_t minor, const struct str *unknown, size_t n)
{
    size_t at = wire_begin(b, 'v');
    buf_u32(b, 3U << 16 | (uint32_t)minor);
    buf_u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        put_zstr(b, unknown[i]);
    }
    wire_end(b, at);
}

void wire_put_parameter(struct buf *b, const char *name, const char *value)
{
    size_t at = wire_begin(b, 'S');
    buf_putz(b, name);
    buf_putz(b, value);
    wire_end(b, at);
}

void wire_put_key_data(struct buf *b, int32_t pid, struct str key)
{
    size_t at = wire_begin(b, 'K');
    buf_u32(b, (uint32_t)pid);
    buf_put_str(b, key);
    wire_end(b, at);
}

void wire_put_ready(struct buf *b, char transaction)
{
    size_t at = wire_begin(b, 'Z');
    buf_u8(b, (uint8_t)transaction);
    wire_end(b, at);
}

void wire_put_complete(struct buf *b, const char *tag)
{
    size_t at = wire_begin(b, 'C');
    buf_putz(b, tag);
    wire_end(b, at);
}

void wire_put_empty_query(struct buf *b)
{
    put_bare(b, 'I');
}

void wire_put_parse_complete(struct buf *b)
{
    put_bare(b, '1');
}

void wire_put_bind_complete(struct buf *b)
{
    put_bare(b, '2');
}

void wire_put_close_complete(struct buf *b)
{
    put_bare(b, '3');
}

void wire_put_no_data(struct buf *b)
{
    put_bare(b, 'n');
}

void wire_put_suspended(struct buf *b)
{
    put_bare(b, 's');
}

void wire_put_copy_done(struct buf *b)
{
    put_bare(b, 'c');
}

void wire_put_copy_response(struct buf *b, char type, bool binary, size_t columns)
{
    size_t at = wire_begin(b, type);
    buf_u8(b, binary);
    buf_u16(b, (uint16_t)columns);
    for (size_t i = 0; i < columns; i++) {
        buf_u16(b, binary);
    }
    wire_end(b, at);
}

void wire_put_parameter_description(struct buf *b, const uint32_t *oids, size_t n)
{
    size_t at = wire_begin(b, 't');
    buf_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        buf_u32(b, oids[i]);
    }
    wire_end(b, at);
}

void wire_put_row_description(struct buf *b, const struct wire_column *columns, size_t n)
{
    size_t at = wire_begin(b, 'T');
    buf_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        put_zstr(b, columns[i].name);
        buf_u32(b, 0); /* table and column number: a governed column has no address */
        buf_u16(b, 0);
        buf_u32(b, columns[i].oid);
        buf_u16(b, (uint16_t)columns[i].size);
        buf_u32(b, (uint32_t)columns[i].modifier);
        buf_u16(b, (uint16_t)columns[i].format);
    }
    wire_end(b, at);
}

void wire_put_text_row(struct buf *b, const struct str *fields, size_t n)
{
    size_t at = wire_begin(b, 'D');
    buf_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        buf_u32(b, fields[i].p ? (uint32_t)fields[i].n : UINT32_MAX);
        buf_put_str(b, fields[i]);
    }
    wire_end(b, at);
}

static void put_field(struct buf *b, char field, const char *text)
{
    if (text && *text) {
        buf_u8(b, (uint8_t)field);
        buf_putz(b, text);
    }
}

void wire_put_report(struct buf *b, bool notice, const struct wire_report *r)
{
    size_t at = wire_begin(b, notice ? 'N' : 'E');
    put_field(b, 'S', r->severity);
    put_field(b, 'V', r->severity);
    put_field(b, 'C', r->sqlstate);
    put_field(b, 'M', r->message && *r->message ? r->message : "no message");
    put_field(b, 'D', r->detail);
    put_field(b, 'H', r->hint);
    if (r->position) {
        char digits[24];
        snprintf(digits, sizeof digits, "%zu", r->position);
        put_field(b, 'P', digits);
    }
    put_field(b, 's', r->schema);
    put_field(b, 't', r->table);
    put_field(b, 'c', r->column);
    put_field(b, 'n', r->constraint);
    buf_u8(b, 0);
    wire_end(b, at);
}

/* Messages may quote what a client sent and be cut in the middle of a character: the wire promises
 * UTF-8, so a bad byte becomes '?'. */
static void clean_utf8(char *z)
{
    size_t n = strlen(z);
    if (str_is_utf8((struct str){z, n})) {
        return;
    }
    for (size_t i = 0; i < n;) {
        size_t good = 0;
        for (size_t k = 1; k <= 4 && i + k <= n && !good; k++) {
            good = str_is_utf8((struct str){z + i, k}) ? k : 0;
        }
        if (!good) {
            z[i] = '?';
            good = 1;
        }
        i += good;
    }
}

void wire_put_error(struct buf *b, const char *severity, const struct error *e, struct str text,
                    const char *request_id)
{
    const struct error_info *info = error_info(e->code);
    char message[sizeof e->message], hint[sizeof e->hint], detail[160];
    snprintf(message, sizeof message, "%s", e->message);
    snprintf(hint, sizeof hint, "%s", error_advice(e));
    if (request_id && *request_id) {
        snprintf(detail, sizeof detail, "%s (request %s)", info->name, request_id);
    } else {
        snprintf(detail, sizeof detail, "%s", info->name);
    }
    clean_utf8(message);
    clean_utf8(hint);
    clean_utf8(detail);
    wire_put_report(b, false,
                    &(struct wire_report){.severity = severity,
                                          .sqlstate = info->sqlstate,
                                          .message = message,
                                          .detail = detail,
                                          .hint = hint,
                                          .position = wire_char_position(text, e->position),
                                          .schema = e->object.schema,
                                          .table = e->object.table,
                                          .column = e->object.column,
                                          .constraint = e->object.constraint});
}

size_t wire_char_position(struct str utf8, int64_t offset)
{
    if (!utf8.p || offset < 0 || (uint64_t)offset > utf8.n) {
        return 0;
    }
    return 1 + str_chars((struct str){utf8.p, (size_t)offset});
}
