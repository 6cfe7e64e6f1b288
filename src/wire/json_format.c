/* Values as JSON, in the forms of PostgreSQL's to_json() (src/backend/utils/adt/json.c): times as
 * ISO 8601 has them, what is no number of JSON (NaN, the infinities) and all else as strings of its
 * text form. A structure is an object, one without names has the keys f1, f2 ...; a map is an
 * object whose keys are texts; a union is an object of the one member that it has. Depth is bounded
 * by the type, which the engine bounds. */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "wire/format.h"

static void put_value(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style);

static void put_list(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                     const struct format_style *style)
{
    struct array_span s = array_elements(t, a, i);
    json_open(j, '[');
    for (int64_t k = 0; k < s.n && !j->out->failed; k++) {
        put_value(j, t->child, s.child, s.start + k, style);
    }
    json_close(j, ']');
}

static void put_struct(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                       const struct format_style *style)
{
    json_open(j, '{');
    for (uint32_t k = 0; k < t->field_count; k++) {
        char name[FORMAT_FIELD_NAME];
        json_name(j, format_field_name(t, k, name));
        put_value(j, t->fields[k].type, array_field(a, k), i + a->offset, style);
    }
    json_close(j, '}');
}

static void put_union(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style)
{
    uint32_t k = array_member(a, i);
    json_open(j, '{');
    if (k < t->field_count) {
        json_name(j, t->fields[k].name);
        put_value(j, t->fields[k].type, array_field(a, 1 + k), i + a->offset, style);
    }
    json_close(j, '}');
}

/* A key is never NULL. */
static void put_key(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                    const struct format_style *style, struct buf *scratch)
{
    buf_clear(scratch);
    if (t->kind == TYPE_BOOL) {
        buf_puts(scratch, array_bool(a, i) ? "true" : "false");
    } else {
        text_writer(t)(scratch, t, a, i, style);
    }
    json_name(j, buf_str(scratch));
    j->out->failed |= scratch->failed;
}

static void put_map(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                    const struct format_style *style)
{
    struct array_span s = array_elements(t, a, i);
    struct buf scratch = BUF_INIT(j->out->max);
    json_open(j, '{');
    for (int64_t k = 0; k < s.n && !j->out->failed; k++) {
        int64_t at = s.start + k + s.child->offset;
        put_key(j, t->fields[0].type, array_field(s.child, 0), at, style, &scratch);
        put_value(j, t->fields[1].type, array_field(s.child, 1), at, style);
    }
    json_close(j, '}');
    mem_wipe(scratch.p, scratch.cap);
    buf_free(&scratch);
}

static bool is_finite(const struct type *t, const struct ArrowArray *a, int64_t i)
{
    return t->kind == TYPE_FLOAT4   ? isfinite(array_f32(a, i))
           : t->kind == TYPE_FLOAT8 ? isfinite(array_f64(a, i))
                                    : true;
}

/* What its text form needs no escapes for. */
static void put_plain(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style)
{
    const char *quote = type_is_number(t) && is_finite(t, a, i) ? "" : "\"";
    json_raw(j, str_of(quote));
    text_writer(t)(j->out, t, a, i, style);
    buf_puts(j->out, quote);
}

/* In both of its forms there are backslashes. */
static void put_bytes(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style)
{
    struct buf text = BUF_INIT(j->out->max);
    text_writer(t)(&text, t, a, i, style);
    json_str(j, text.n ? buf_str(&text) : STR(""));
    j->out->failed |= text.failed;
    mem_wipe(text.p, text.cap);
    buf_free(&text);
}

static void put_value(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style)
{
    if (arrow_is_null(a, i)) {
        json_str(j, STR_NULL);
        return;
    }
    switch (t->kind) {
    case TYPE_LIST:
    case TYPE_ARRAY:
        put_list(j, t, a, i, style);
        break;
    case TYPE_STRUCT:
        put_struct(j, t, a, i, style);
        break;
    case TYPE_MAP:
        put_map(j, t, a, i, style);
        break;
    case TYPE_UNION:
        put_union(j, t, a, i, style);
        break;
    case TYPE_BOOL:
        json_bool(j, array_bool(a, i));
        break;
    case TYPE_JSON:
        json_raw(j, array_text(a, i));
        break;
    case TYPE_TEXT:
    case TYPE_ENUM:
        json_str(j, array_text(a, i));
        break;
    case TYPE_BYTES:
        put_bytes(j, t, a, i, style);
        break;
    default:
        put_plain(j, t, a, i, style);
    }
}

struct str format_field_name(const struct type *t, uint32_t k, char room[FORMAT_FIELD_NAME])
{
    if (!type_is_row(t)) {
        return t->fields[k].name;
    }
    snprintf(room, FORMAT_FIELD_NAME, "f%u", k + 1);
    return str_of(room);
}

void format_json(struct json *j, const struct type *t, const struct ArrowArray *a, int64_t i,
                 const struct format_style *style)
{
    struct format_style iso = *style;
    iso.time.date = DATE_XSD;
    put_value(j, t, a, i, &iso);
}
