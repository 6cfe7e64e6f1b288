#include "audit/parameter.h"

#include <stdio.h>

#include "audit/redact_text.h"

/* Types whose values are numbers may hold a card's or a telephone's. */
static unsigned kinds_of(const struct value *v)
{
    char digits[24];
    unsigned kinds = 0;
    if (v->is_null) {
        return 0;
    }
    switch (v->type->kind) {
    case TYPE_INT8:
    case TYPE_UINT4:
        snprintf(digits, sizeof digits, "%lld", (long long)v->as.integer);
        return redact_kinds_of(str_of(digits));
    case TYPE_TEXT:
    case TYPE_JSON:
    case TYPE_ENUM:
    case TYPE_DECIMAL:
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_OTHER:
    case TYPE_UNKNOWN:
        return redact_kinds_of(v->as.text);
    case TYPE_BYTES:
        return redact_kinds_of(v->as.bytes);
    case TYPE_LIST:
    case TYPE_ARRAY:
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
        for (uint32_t i = 0; i < v->as.list.n; i++) {
            kinds |= kinds_of(&v->as.list.items[i]);
        }
        return kinds;
    default:
        return 0;
    }
}

struct str parameter_shown(struct arena *a, const struct type *type, const struct value *v)
{
    struct buf out = BUF_INIT(0);
    unsigned kinds = kinds_of(v);
    buf_put_str(&out, type_name(a, type));
    if (v->is_null) {
        buf_puts(&out, " null");
    }
    for (int k = REDACT_NONE + 1; k < REDACT_KIND_COUNT; k++) {
        if (kinds & 1U << k) {
            buf_printf(&out, " <%s>", redact_kind_name((enum redact_kind)k));
        }
    }
    struct str shown = arena_str(a, buf_str(&out));
    buf_free(&out);
    return shown;
}
