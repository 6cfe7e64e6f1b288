/* STRUCT, MAP and lists of lists as the engine shows them: {'a': 1, 'b': x}, {k=v}, [[1, 2], [3]],
 * a struct without names (1, a). A value within that could be misread is quoted with ' and escaped
 * with a backslash. Depth is bounded by the type, which the engine bounds. */
#include "wire/format.h"

static void put_inner(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style);

static void put_quoted(struct buf *out, struct str s)
{
    buf_u8(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\') {
            buf_u8(out, '\\');
        }
        buf_u8(out, (uint8_t)s.p[i]);
    }
    buf_u8(out, '\'');
}

static bool needs_quotes(struct str s)
{
    if (s.n == 0 || str_iis(s, "null") || str_trim(s).n != s.n) {
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(",[](){}'\"=:", s.p[i])) {
            return true;
        }
    }
    return false;
}

static bool is_whole(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '-' && (s.p[i] < '0' || s.p[i] > '9')) {
            return false;
        }
    }
    return true;
}

static void put_scalar(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                       const struct format_style *style)
{
    struct buf text = {0};
    format_writer(t, FORMAT_TEXT)(&text, t, a, i, style);
    struct str s = buf_str(&text);
    if (t->kind != TYPE_JSON && needs_quotes(s)) {
        put_quoted(out, s);
    } else {
        buf_put_str(out, s);
    }
    bool is_float = t->kind == TYPE_FLOAT4 || t->kind == TYPE_FLOAT8;
    if (is_float && is_whole(s)) {
        buf_puts(out, ".0");
    }
    buf_free(&text);
}

static void put_list(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                     const struct format_style *style)
{
    struct array_span s = array_elements(t, a, i);
    buf_u8(out, '[');
    for (int64_t k = 0; k < s.n && !out->failed; k++) {
        buf_puts(out, k ? ", " : "");
        put_inner(out, t->child, s.child, s.start + k, style);
    }
    buf_u8(out, ']');
}

static void put_map(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                    const struct format_style *style)
{
    struct array_span s = array_elements(t, a, i);
    buf_u8(out, '{');
    for (int64_t k = 0; k < s.n && !out->failed; k++) {
        int64_t at = s.start + k + s.child->offset;
        buf_puts(out, k ? ", " : "");
        put_inner(out, t->fields[0].type, array_field(s.child, 0), at, style);
        buf_u8(out, '=');
        put_inner(out, t->fields[1].type, array_field(s.child, 1), at, style);
    }
    buf_u8(out, '}');
}

static void put_struct(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                       const struct format_style *style)
{
    bool is_named = t->field_count > 0 && t->fields[0].name.n > 0;
    buf_u8(out, is_named ? '{' : '(');
    for (uint32_t k = 0; k < t->field_count; k++) {
        buf_puts(out, k ? ", " : "");
        if (is_named) {
            put_quoted(out, t->fields[k].name);
            buf_puts(out, ": ");
        }
        put_inner(out, t->fields[k].type, array_field(a, k), i + a->offset, style);
    }
    buf_u8(out, is_named ? '}' : ')');
}

static void put_inner(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i,
                      const struct format_style *style)
{
    if (arrow_is_null(a, i)) {
        buf_puts(out, "NULL");
        return;
    }
    switch (t->kind) {
    case TYPE_LIST:
    case TYPE_ARRAY:
        put_list(out, t, a, i, style);
        break;
    case TYPE_STRUCT:
        put_struct(out, t, a, i, style);
        break;
    case TYPE_MAP:
        put_map(out, t, a, i, style);
        break;
    case TYPE_BOOL:
        buf_puts(out, array_bool(a, i) ? "true" : "false");
        break;
    case TYPE_NULL:
        buf_puts(out, "NULL");
        break;
    default:
        put_scalar(out, t, a, i, style);
    }
}

format_put *nested_text_writer(const struct type *t)
{
    (void)t;
    return put_inner;
}
