/* The allow-list of functions. A name that is not here is refused: each entry is a decision that
 * the function reads no file, no setting, no other table, runs no text and changes nothing. */
#ifndef SQL_FUNCTION_H
#define SQL_FUNCTION_H

#include "base/str.h"
#include "base/type.h"

enum function_kind { FUNCTION_SCALAR, FUNCTION_AGGREGATE, FUNCTION_WINDOW, FUNCTION_TABLE };

/* How the result's type follows from the arguments. */
enum result_rule {
    RESULT_FIXED,      /* `result` */
    RESULT_LIST,       /* a list of `result` */
    RESULT_ARG_0,      /* that of the first argument */
    RESULT_COMMON,     /* the common type of all arguments */
    RESULT_IF,         /* the common type of all but the first */
    RESULT_SUM,        /* of sum(): INT16 for integers, FLOAT8, wider DECIMAL */
    RESULT_AVG,        /* of avg(): FLOAT8 for numbers */
    RESULT_MEDIAN,     /* FLOAT8 for integers, else the argument's */
    RESULT_ROUND,      /* the argument's, unless it is DECIMAL, whose scale may change */
    RESULT_CEIL,       /* the argument's; DECIMAL loses its scale */
    RESULT_EXTREME,    /* of min() and max(): the argument's; with a count, a list of it */
    RESULT_EXTREME_BY, /* of arg_min() and arg_max(): likewise with a third argument */
    RESULT_PART,       /* of date_part(): INT8, FLOAT8 for epoch and julian */
    RESULT_TRUNC,      /* of date_trunc() */
    RESULT_CONCAT,     /* TEXT, or the list where the arguments are lists */
    RESULT_LIST_ARG_0, /* a list of the first argument */
    RESULT_ELEMENT_0,  /* the element of the first argument, a list */
    RESULT_SERIES,     /* of range(): a list of BIGINT or of moments */
    RESULT_MOMENT,     /* that of the last argument, text being a TIMESTAMP */
    RESULT_MOVED,      /* the same; DATE moved by a part that it has not is TIMESTAMP */
    RESULT_SPELLED,    /* spell_result() */
    RESULT_ARITHMETIC, /* as of the operator that the function stands for */
    RESULT_ENGINE      /* only the engine knows */
};

enum function_flags {
    FUNCTION_TOTAL = 1,    /* never fails, whatever the values: safe beside a row filter */
    FUNCTION_VOLATILE = 2, /* now(), random(): never folded or cached */
    FUNCTION_COUNTS = 4,   /* result tells how many, not which (count) */
    FUNCTION_SPELLED = 16, /* ours alone: spell.h says it in the engine's words */
    FUNCTION_SESSION = 8,  /* answered by us from the session, never by the engine (current_user) */
    FUNCTION_SUMS = 32     /* an aggregate in which no row stands out: sum, avg, count */
};

struct function {
    const char *name; /* lower case */
    enum function_kind kind;
    int min_args, max_args; /* max -1: any number */
    enum result_rule rule;
    enum type_kind result;
    const char *args; /* what an untyped parameter is in each place: see function_list.h */
    unsigned flags;
    const char *engine_name; /* NULL: the same */
};

/* The scalar, aggregate or window function, or NULL. Case doesn't matter. Any thread. */
const struct function *function_find(struct str name);

/* The same of those that may stand in FROM. */
const struct function *function_find_table(struct str name);

/* The type of an untyped parameter as argument `i`; TYPE_UNKNOWN where the list doesn't say. */
enum type_kind function_arg(const struct function *f, size_t i);

/* All entries, for tests and documentation. */
size_t function_count(void);
const struct function *function_at(size_t i);

#endif
