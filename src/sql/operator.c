#include "sql/operator.h"

static const unsigned char precedences[OP_COUNT] = {
    [OP_EQ] = PREC_COMPARE,
    [OP_NE] = PREC_COMPARE,
    [OP_LT] = PREC_COMPARE,
    [OP_LE] = PREC_COMPARE,
    [OP_GT] = PREC_COMPARE,
    [OP_GE] = PREC_COMPARE,
    [OP_DISTINCT] = PREC_IS,
    [OP_NOT_DISTINCT] = PREC_IS,
    [OP_ADD] = PREC_ADD,
    [OP_SUB] = PREC_ADD,
    [OP_MUL] = PREC_MUL,
    [OP_DIV] = PREC_MUL,
    [OP_INT_DIV] = PREC_MUL,
    [OP_MOD] = PREC_MUL,
    [OP_POW] = PREC_POW,
    [OP_CONCAT] = PREC_OTHER,
    [OP_BIT_AND] = PREC_OTHER,
    [OP_BIT_OR] = PREC_OTHER,
    [OP_BIT_XOR] = PREC_OTHER,
    [OP_SHIFT_LEFT] = PREC_OTHER,
    [OP_SHIFT_RIGHT] = PREC_OTHER,
    [OP_REGEX] = PREC_OTHER,
    [OP_NOT_REGEX] = PREC_OTHER,
    [OP_IREGEX] = PREC_OTHER,
    [OP_NOT_IREGEX] = PREC_OTHER,
    [OP_JSON_GET] = PREC_OTHER,
    [OP_JSON_TEXT] = PREC_OTHER,
    [OP_CONTAINS] = PREC_OTHER,
    [OP_CONTAINED] = PREC_OTHER,
    [OP_OVERLAPS] = PREC_OTHER,
    [OP_PG_DIV] = PREC_OTHER,
    [OP_STARTS_WITH] = PREC_OTHER,
    [OP_JSON_PATH] = PREC_OTHER,
    [OP_JSON_PATH_TEXT] = PREC_OTHER,
    [OP_JSON_HAS] = PREC_OTHER,
    [OP_JSON_HAS_ANY] = PREC_OTHER,
    [OP_JSON_HAS_ALL] = PREC_OTHER,
    [OP_JSON_MATCH] = PREC_OTHER,
    [OP_JSON_DELETE] = PREC_OTHER,
    [OP_DISTANCE] = PREC_OTHER,
    [OP_COSINE_DISTANCE] = PREC_OTHER,
    [OP_ABS] = PREC_SIGN,
    [OP_PRIOR] = PREC_SIGN,
    [OP_CONNECT_BY_ROOT] = PREC_SIGN,
    [OP_FINAL] = PREC_SIGN,
    [OP_RUNNING] = PREC_SIGN,
    [OP_AT_TIME_ZONE] = PREC_AT,
    [OP_NOT] = PREC_NOT,
    [OP_NEG] = PREC_SIGN,
    [OP_PLUS] = PREC_SIGN,
    [OP_BIT_NOT] = PREC_SIGN,
    [OP_IS_NULL] = PREC_IS,
    [OP_IS_NOT_NULL] = PREC_IS,
    [OP_IS_TRUE] = PREC_IS,
    [OP_IS_NOT_TRUE] = PREC_IS,
    [OP_IS_FALSE] = PREC_IS,
    [OP_IS_NOT_FALSE] = PREC_IS,
};

enum precedence op_precedence(enum op op)
{
    return op < OP_COUNT ? (enum precedence)precedences[op] : PREC_NONE;
}

bool op_is_binary(enum op op)
{
    return op <= OP_AT_TIME_ZONE;
}

bool op_is_comparison(enum op op)
{
    return op <= OP_GE;
}
