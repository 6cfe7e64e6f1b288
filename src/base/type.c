#include "base/type.h"

#include "base/buf.h"

static const struct type simple_types[TYPE_KIND_COUNT] = {
#define X(type_kind, name) [type_kind] = {.kind = type_kind},
    TYPE_KINDS(X)
#undef X
};

static const char *const names[TYPE_KIND_COUNT] = {
#define X(kind, name) [kind] = name,
    TYPE_KINDS(X)
#undef X
};

const struct type *type_simple(enum type_kind kind)
{
    static const struct type decimal = {.kind = TYPE_DECIMAL, .width = 18, .scale = 3};
    return kind == TYPE_DECIMAL ? &decimal : &simple_types[kind];
}

const struct type *type_aliased(enum type_alias alias)
{
    static const struct type aliased[TYPE_ALIAS_COUNT] = {
#define X(type_alias, type_kind)                                                                   \
    [type_alias] = {.kind = type_kind,                                                             \
                    .alias = type_alias,                                                           \
                    .child = type_alias == ALIAS_INT2VECTOR  ? &simple_types[TYPE_INT2]            \
                             : type_alias == ALIAS_OIDVECTOR ? &aliased[ALIAS_OID]                 \
                                                             : NULL},
        TYPE_ALIASES(X)
#undef X
    };
    return &aliased[alias];
}

const struct type *type_decimal(struct arena *a, int width, int scale)
{
    struct type *t = ARENA_NEW(a, struct type);
    *t = (struct type){.kind = TYPE_DECIMAL, .width = (uint8_t)width, .scale = (uint8_t)scale};
    return t;
}

const struct type *type_list(struct arena *a, const struct type *child)
{
    struct type *t = ARENA_NEW(a, struct type);
    *t = (struct type){.kind = TYPE_LIST, .child = child};
    return t;
}

const struct type *type_other(struct arena *a, struct str name)
{
    struct type *t = ARENA_NEW(a, struct type);
    *t = (struct type){.kind = TYPE_OTHER, .other_name = name};
    return t;
}

const struct type *type_enum(struct arena *a, const struct str *labels, uint32_t n)
{
    struct type *t = ARENA_NEW(a, struct type);
    *t = (struct type){.kind = TYPE_ENUM, .labels = labels, .label_count = n};
    return t;
}

static const struct str *copy_labels(struct arena *a, const struct type *t)
{
    struct str *labels = ARENA_ARRAY(a, struct str, t->label_count);
    for (uint32_t i = 0; i < t->label_count; i++) {
        labels[i] = arena_str(a, t->labels[i]);
    }
    return labels;
}

const struct type *type_copy(struct arena *a, const struct type *t)
{
    if (t == type_simple(t->kind)) {
        return t;
    }
    struct type *copy = ARENA_NEW(a, struct type);
    *copy = *t;
    copy->child = t->child ? type_copy(a, t->child) : NULL;
    struct type_field *fields = ARENA_ARRAY(a, struct type_field, t->field_count);
    for (uint32_t i = 0; i < t->field_count; i++) {
        fields[i].name = arena_str(a, t->fields[i].name);
        fields[i].type = type_copy(a, t->fields[i].type);
    }
    copy->fields = t->field_count ? fields : NULL;
    copy->labels = t->labels ? copy_labels(a, t) : NULL;
    copy->other_name = t->other_name.n ? arena_str(a, t->other_name) : STR_NULL;
    return copy;
}

bool type_same(const struct type *a, const struct type *b)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind || a->width != b->width || a->scale != b->scale ||
        a->size != b->size || a->field_count != b->field_count ||
        a->label_count != b->label_count || !a->labels != !b->labels ||
        !str_eq(a->other_name, b->other_name)) {
        return false;
    }
    if ((a->child || b->child) && !type_same(a->child, b->child)) {
        return false;
    }
    for (uint32_t i = 0; i < a->label_count; i++) {
        if (!str_eq(a->labels[i], b->labels[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->field_count; i++) {
        if (!str_eq(a->fields[i].name, b->fields[i].name) ||
            !type_same(a->fields[i].type, b->fields[i].type)) {
            return false;
        }
    }
    return true;
}

bool type_is_text(const struct type *t)
{
    return t->kind == TYPE_TEXT || t->kind == TYPE_ENUM || t->kind == TYPE_JSON;
}

bool type_is_integer(const struct type *t)
{
    return t->kind >= TYPE_INT1 && t->kind <= TYPE_UINT16;
}

bool type_is_number(const struct type *t)
{
    return t->kind >= TYPE_INT1 && t->kind <= TYPE_DECIMAL;
}

bool type_is_list(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY;
}

bool type_is_row(const struct type *t)
{
    return t->kind == TYPE_STRUCT && t->field_count > 0 && t->fields[0].name.n == 0;
}

bool type_is_nested(const struct type *t)
{
    if (type_is_list(t)) {
        return type_is_list(t->child) || type_is_nested(t->child);
    }
    return (t->kind == TYPE_STRUCT || t->kind == TYPE_MAP || t->kind == TYPE_UNION) &&
           !type_is_row(t);
}

static void put_name(struct buf *b, const struct type *t);

static void put_quoted(struct buf *b, struct str s, char quote)
{
    buf_u8(b, (uint8_t)quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == quote) {
            buf_u8(b, (uint8_t)quote);
        }
        buf_u8(b, (uint8_t)s.p[i]);
    }
    buf_u8(b, (uint8_t)quote);
}

static void put_field(struct buf *b, const struct type_field *f)
{
    put_quoted(b, f->name, '"');
    buf_puts(b, " ");
    put_name(b, f->type);
}

static void put_labels(struct buf *b, const struct type *t)
{
    buf_puts(b, "ENUM(");
    for (uint32_t i = 0; i < t->label_count; i++) {
        buf_puts(b, i ? ", " : "");
        put_quoted(b, t->labels[i], '\'');
    }
    buf_puts(b, ")");
}

static void put_name(struct buf *b, const struct type *t)
{
    switch (t->kind) {
    case TYPE_DECIMAL:
        buf_printf(b, "DECIMAL(%d,%d)", t->width, t->scale);
        break;
    case TYPE_LIST:
        put_name(b, t->child);
        buf_puts(b, "[]");
        break;
    case TYPE_ARRAY:
        put_name(b, t->child);
        buf_printf(b, "[%u]", t->size);
        break;
    case TYPE_STRUCT:
    case TYPE_UNION:
        buf_printf(b, "%s(", names[t->kind]);
        for (uint32_t i = 0; i < t->field_count; i++) {
            buf_puts(b, i ? ", " : "");
            put_field(b, &t->fields[i]);
        }
        buf_puts(b, ")");
        break;
    case TYPE_MAP:
        buf_puts(b, "MAP(");
        put_name(b, t->fields[0].type);
        buf_puts(b, ", ");
        put_name(b, t->fields[1].type);
        buf_puts(b, ")");
        break;
    case TYPE_ENUM:
        if (t->labels) {
            put_labels(b, t);
        } else {
            buf_puts(b, names[t->kind]);
        }
        break;
    case TYPE_OTHER:
        buf_put_str(b, t->other_name.n ? t->other_name : str_of(names[t->kind]));
        break;
    default:
        buf_puts(b, names[t->kind]);
    }
}

struct str type_name(struct arena *a, const struct type *t)
{
    struct buf b = BUF_INIT(TYPE_LONGEST_NAME);
    put_name(&b, t);
    struct str name = b.failed ? STR("a type of too many parts") : arena_str(a, buf_str(&b));
    buf_free(&b);
    return name;
}
