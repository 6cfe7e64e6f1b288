/* How strongly operators bind, for parser and printer alike: PostgreSQL's order. */
#ifndef SQL_OPERATOR_H
#define SQL_OPERATOR_H

#include "sql/ast.h"

enum precedence {
    PREC_NONE,
    PREC_LAMBDA, /* -> and ->> as DuckDB reads them */
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_IS,
    PREC_COMPARE, /* does not chain */
    PREC_LIKE,    /* BETWEEN, IN, LIKE ...; does not chain */
    PREC_OTHER,   /* ||, ->, @>, ~ ... */
    PREC_ADD,
    PREC_MUL,
    PREC_POW,
    PREC_AT,
    PREC_COLLATE,
    PREC_SIGN,
    PREC_PRIMARY
};

/* Of a binary, unary or postfix operator; PREC_NONE where `op` is out of range. */
enum precedence op_precedence(enum op op);

/* Whether an operator stands between two operands. */
bool op_is_binary(enum op op);

/* Whether it compares, so that ANY and ALL may follow. */
bool op_is_comparison(enum op op);

#endif
