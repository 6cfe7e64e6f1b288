/* DuckDB's rules, as measured of 1.5.5; tests/unit/sql_bind compares them with the engine's own
 * answers. */
#include "sql/bind_type.h"

#define DECIMAL_MAX   38
#define DECIMAL_INT64 18 /* widths up to this are kept in 64 bits, and products stay there */

static const struct type *unknown(void)
{
    return type_simple(TYPE_UNKNOWN);
}

bool type_is_open(const struct type *t)
{
    return t->kind == TYPE_UNKNOWN || t->kind == TYPE_NULL;
}

static int at_most(int x, int limit)
{
    return x < limit ? x : limit;
}

static int larger(int x, int y)
{
    return x > y ? x : y;
}

static bool is_float(const struct type *t)
{
    return t->kind == TYPE_FLOAT4 || t->kind == TYPE_FLOAT8;
}

/* Decimal digits that an integer type needs; 0 for other types. */
static int integer_digits(enum type_kind kind)
{
    switch (kind) {
    case TYPE_INT1:
    case TYPE_UINT1:
        return 3;
    case TYPE_INT2:
    case TYPE_UINT2:
        return 5;
    case TYPE_INT4:
    case TYPE_UINT4:
        return 10;
    case TYPE_INT8:
        return 19;
    case TYPE_UINT8:
        return 20;
    case TYPE_INT16:
    case TYPE_UINT16:
        return 38;
    default:
        return 0;
    }
}

struct decimal {
    int width, scale;
};

static struct decimal as_decimal(const struct type *t)
{
    if (t->kind == TYPE_DECIMAL) {
        return (struct decimal){t->width, t->scale};
    }
    return (struct decimal){integer_digits(t->kind), 0};
}

static bool is_unsigned(const struct type *t)
{
    return t->kind >= TYPE_UINT1 && t->kind <= TYPE_UINT16;
}

/* The smallest signed type that holds both; UINT8 with a signed type needs INT16. */
static const struct type *common_integer(const struct type *x, const struct type *y)
{
    if (is_unsigned(x) == is_unsigned(y)) {
        return type_simple(x->kind > y->kind ? x->kind : y->kind);
    }
    const struct type *u = is_unsigned(x) ? x : y, *i = is_unsigned(x) ? y : x;
    int next = (int)u->kind - TYPE_UINT1 + TYPE_INT2;
    if (next > TYPE_INT16) {
        return unknown();
    }
    return type_simple(larger(next, (int)i->kind));
}

static const struct type *common_number(struct arena *a, const struct type *x, const struct type *y)
{
    if (is_float(x) || is_float(y)) {
        bool is_double = x->kind == TYPE_FLOAT8 || y->kind == TYPE_FLOAT8;
        return type_simple(is_double ? TYPE_FLOAT8 : TYPE_FLOAT4);
    }
    if (x->kind != TYPE_DECIMAL && y->kind != TYPE_DECIMAL) {
        return common_integer(x, y);
    }
    struct decimal p = as_decimal(x), q = as_decimal(y);
    int scale = larger(p.scale, q.scale);
    int width = larger(p.width - p.scale, q.width - q.scale) + scale;
    return width > DECIMAL_MAX ? unknown() : type_decimal(a, width, scale);
}

static bool is_moment(const struct type *t)
{
    return t->kind == TYPE_DATE || (t->kind >= TYPE_TIMESTAMP && t->kind <= TYPE_TIMESTAMPTZ);
}

static const struct type *common_moment(const struct type *x, const struct type *y)
{
    if (x->kind == TYPE_TIMESTAMPTZ || y->kind == TYPE_TIMESTAMPTZ) {
        return type_simple(TYPE_TIMESTAMPTZ);
    }
    if (x->kind == TYPE_DATE || y->kind == TYPE_DATE) {
        return x->kind == TYPE_DATE ? y : x;
    }
    return unknown();
}

/* Of structures with the same fields in the same order. */
static const struct type *common_struct(struct arena *a, const struct type *x, const struct type *y)
{
    struct type *t = ARENA_NEW(a, struct type);
    struct type_field *fields = ARENA_ARRAY(a, struct type_field, x->field_count);
    if (x->field_count != y->field_count) {
        return unknown();
    }
    for (uint32_t i = 0; i < x->field_count; i++) {
        fields[i] = (struct type_field){x->fields[i].name,
                                        type_common(a, x->fields[i].type, y->fields[i].type)};
        if (fields[i].type->kind == TYPE_UNKNOWN ||
            !str_ieq(x->fields[i].name, y->fields[i].name)) {
            return unknown();
        }
    }
    *t = (struct type){.kind = x->kind, .fields = fields, .field_count = x->field_count};
    return t;
}

/* name and text meet as text. */
static const struct type *without_alias(const struct type *x, const struct type *y)
{
    bool is_plain = x->alias == y->alias || !y->alias;
    return is_plain ? y : !x->alias || x->child ? x : type_simple(x->kind);
}

const struct type *type_common(struct arena *a, const struct type *x, const struct type *y)
{
    if (x->kind == TYPE_UNKNOWN || y->kind == TYPE_UNKNOWN) {
        return unknown();
    }
    if (x->kind == TYPE_NULL || type_same(x, y)) {
        return x->kind == TYPE_NULL ? y : without_alias(x, y);
    }
    if (y->kind == TYPE_NULL) {
        return x;
    }
    if (type_is_number(x) && type_is_number(y)) {
        return common_number(a, x, y);
    }
    if (is_moment(x) && is_moment(y)) {
        return common_moment(x, y);
    }
    if (x->kind == TYPE_LIST && y->kind == TYPE_LIST) {
        const struct type *child = type_common(a, x->child, y->child);
        return child->kind == TYPE_UNKNOWN ? unknown() : type_list(a, child);
    }
    if (x->kind == y->kind && (x->kind == TYPE_STRUCT || x->kind == TYPE_MAP)) {
        return common_struct(a, x, y);
    }
    return unknown();
}

static const struct type *decimal_result(struct arena *a, enum op op, const struct type *x,
                                         const struct type *y)
{
    struct decimal p = as_decimal(x), q = as_decimal(y);
    int scale = op == OP_MUL ? p.scale + q.scale : larger(p.scale, q.scale);
    int width =
        op == OP_MUL ? p.width + q.width : larger(p.width - p.scale, q.width - q.scale) + scale + 1;
    int widest = larger(p.width, q.width);
    if (scale > DECIMAL_MAX) {
        return unknown();
    }
    if (width > DECIMAL_INT64 && widest <= DECIMAL_INT64 && scale < DECIMAL_INT64) {
        width = DECIMAL_INT64;
    }
    return type_decimal(a, at_most(width, DECIMAL_MAX), scale);
}

static const struct type *arithmetic(struct arena *a, enum op op, const struct type *x,
                                     const struct type *y)
{
    if (is_float(x) || is_float(y)) {
        return common_number(a, x, y);
    }
    bool has_decimal = x->kind == TYPE_DECIMAL || y->kind == TYPE_DECIMAL;
    if (op == OP_DIV || (op == OP_INT_DIV && has_decimal)) {
        return type_simple(TYPE_FLOAT8);
    }
    if (!has_decimal) {
        return is_unsigned(x) != is_unsigned(y) ? unknown() : common_integer(x, y);
    }
    return op == OP_MOD ? common_number(a, x, y) : decimal_result(a, op, x, y);
}

static const struct type *moments(enum op op, const struct type *x, const struct type *y)
{
    enum type_kind k = TYPE_UNKNOWN;
    if (op == OP_SUB && x->kind == TYPE_DATE && y->kind == TYPE_DATE) {
        k = TYPE_INT8;
    } else if (op == OP_SUB && is_moment(x) && is_moment(y)) {
        k = TYPE_INTERVAL;
    } else if (x->kind == TYPE_INTERVAL && y->kind == TYPE_INTERVAL) {
        k = op == OP_ADD || op == OP_SUB ? TYPE_INTERVAL : TYPE_UNKNOWN;
    } else if (x->kind == TYPE_INTERVAL && type_is_number(y)) {
        k = op == OP_MUL || op == OP_DIV ? TYPE_INTERVAL : TYPE_UNKNOWN;
    } else if (y->kind == TYPE_INTERVAL && type_is_number(x)) {
        k = op == OP_MUL ? TYPE_INTERVAL : TYPE_UNKNOWN;
    } else if (op == OP_ADD && x->kind == TYPE_INTERVAL) {
        return moments(OP_ADD, y, x);
    } else if (y->kind == TYPE_INTERVAL && (op == OP_ADD || op == OP_SUB)) {
        k = x->kind == TYPE_DATE                                             ? TYPE_TIMESTAMP
            : is_moment(x) || x->kind == TYPE_TIME || x->kind == TYPE_TIMETZ ? x->kind
                                                                             : TYPE_UNKNOWN;
    } else if (x->kind == TYPE_DATE && type_is_integer(y)) {
        k = op == OP_ADD || op == OP_SUB ? TYPE_DATE : TYPE_UNKNOWN;
    } else if (y->kind == TYPE_DATE && type_is_integer(x)) {
        k = op == OP_ADD ? TYPE_DATE : TYPE_UNKNOWN;
    } else if (op == OP_ADD && x->kind == TYPE_DATE && y->kind == TYPE_TIME) {
        k = TYPE_TIMESTAMP;
    }
    return type_simple(k);
}

static const struct type *concatenation(struct arena *a, const struct type *x, const struct type *y)
{
    if (x->kind == TYPE_NULL || y->kind == TYPE_NULL) {
        return unknown();
    }
    if (type_is_open(x) || type_is_open(y)) {
        return type_simple(x->kind == TYPE_TEXT || y->kind == TYPE_TEXT ? TYPE_TEXT : TYPE_UNKNOWN);
    }
    if (x->kind == TYPE_LIST || y->kind == TYPE_LIST) {
        return type_common(a, x, y);
    }
    if (x->kind == TYPE_BYTES && y->kind == TYPE_BYTES) {
        return x;
    }
    bool is_plain = x->kind <= TYPE_ENUM && y->kind <= TYPE_ENUM && x->kind != TYPE_BYTES &&
                    y->kind != TYPE_BYTES;
    return is_plain ? type_simple(TYPE_TEXT) : unknown();
}

const struct type *type_of_binary(struct arena *a, enum op op, const struct type *x,
                                  const struct type *y)
{
    switch (op) {
    case OP_PG_DIV:
        return type_of_binary(a, type_is_integer(x) && type_is_integer(y) ? OP_INT_DIV : OP_DIV, x,
                              y);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_INT_DIV:
    case OP_MOD:
        if (type_is_number(x) && type_is_number(y)) {
            return arithmetic(a, op, x, y);
        }
        return moments(op, x, y);
    case OP_POW:
        return type_simple(TYPE_FLOAT8);
    case OP_CONCAT:
        return concatenation(a, x, y);
    case OP_BIT_AND:
    case OP_BIT_OR:
    case OP_BIT_XOR:
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        if (type_is_integer(x) && type_is_integer(y) && is_unsigned(x) == is_unsigned(y)) {
            return common_integer(x, y);
        }
        return x->kind == TYPE_BIT ? x : unknown();
    case OP_JSON_GET:
        return x->kind == TYPE_JSON ? x : unknown();
    case OP_JSON_TEXT:
        return x->kind == TYPE_JSON ? type_simple(TYPE_TEXT) : unknown();
    case OP_AT_TIME_ZONE:
        return x->kind == TYPE_TIMESTAMPTZ ? type_simple(TYPE_TIMESTAMP)
               : x->kind == TYPE_TIMESTAMP ? type_simple(TYPE_TIMESTAMPTZ)
                                           : unknown();
    default:
        return type_simple(TYPE_BOOL);
    }
}

/* Is the text of digits more than `limit`, another text of digits? */
static bool exceeds(struct str digits, const char *limit)
{
    while (digits.n > 1 && digits.p[0] == '0') {
        digits = (struct str){digits.p + 1, digits.n - 1};
    }
    size_t n = strlen(limit);
    return digits.n > n || (digits.n == n && memcmp(digits.p, limit, n) > 0);
}

static const struct type *integer_literal(struct str digits)
{
    if (!exceeds(digits, "2147483647")) {
        return type_simple(TYPE_INT4);
    }
    if (!exceeds(digits, "9223372036854775807")) {
        return type_simple(TYPE_INT8);
    }
    return type_simple(exceeds(digits, "170141183460469231731687303715884105727") ? TYPE_UNKNOWN
                                                                                  : TYPE_INT16);
}

static const struct type *decimal_literal(struct arena *a, struct str text)
{
    struct str rest = text;
    struct str whole = str_cut(&rest, '.');
    size_t width = whole.n + rest.n;
    if (width == 0 || width > DECIMAL_MAX || rest.n > DECIMAL_MAX) {
        return width ? type_simple(TYPE_FLOAT8) : unknown();
    }
    return type_decimal(a, (int)width, (int)rest.n);
}

const struct type *type_of_literal(struct arena *a, const struct node_literal *l)
{
    switch ((enum literal_kind)l->lit) {
    case LIT_NULL:
        return type_simple(TYPE_NULL);
    case LIT_TRUE:
    case LIT_FALSE:
        return type_simple(TYPE_BOOL);
    case LIT_INTEGER:
        return integer_literal(l->text);
    case LIT_DECIMAL:
        return decimal_literal(a, l->text);
    case LIT_FLOAT:
        return type_simple(TYPE_FLOAT8);
    case LIT_STRING:
        return type_simple(TYPE_TEXT);
    case LIT_BYTES:
        return type_simple(TYPE_BYTES);
    }
    return unknown();
}

static bool integer_widens(const struct type *from, const struct type *to)
{
    if (is_unsigned(from) && !is_unsigned(to)) {
        return to->kind - TYPE_INT1 > from->kind - TYPE_UINT1;
    }
    return is_unsigned(from) == is_unsigned(to) && from->kind <= to->kind;
}

bool type_is_widening(const struct type *from, const struct type *to)
{
    bool is_named = from->kind != TYPE_UNKNOWN && (from->kind != TYPE_OTHER || from->other_name.n);
    if (from->kind == TYPE_NULL || (is_named && type_same(from, to))) {
        return true;
    }
    if (to->kind == TYPE_TEXT) { /* what prints can't fail; a blob or an engine's own type may */
        return from->kind >= TYPE_BOOL && from->kind < TYPE_ENUM && from->kind != TYPE_BYTES;
    }
    if (type_is_integer(from) && type_is_integer(to)) {
        return integer_widens(from, to);
    }
    if (type_is_number(from) && is_float(to)) {
        return from->kind != TYPE_FLOAT8 || to->kind == TYPE_FLOAT8;
    }
    bool is_huge =
        from->kind == TYPE_INT16 || from->kind == TYPE_UINT16; /* 39 digits: in no decimal */
    if (((type_is_integer(from) && !is_huge) || from->kind == TYPE_DECIMAL) &&
        to->kind == TYPE_DECIMAL) {
        struct decimal p = as_decimal(from), q = as_decimal(to);
        return p.scale <= q.scale && p.width - p.scale <= q.width - q.scale;
    }
    return false;
}

bool type_may_meet(struct arena *a, const struct type *x, const struct type *y)
{
    const struct type *common = type_common(a, x, y);
    return type_is_number(x) && type_is_number(y) && type_is_widening(x, common) &&
           type_is_widening(y, common);
}
