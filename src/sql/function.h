/* The allow-list of functions. A name that is not here is refused: each entry is a decision that the
 * function reads no file, no setting, no other table, runs no text and changes nothing. */
#ifndef SQL_FUNCTION_H
#define SQL_FUNCTION_H

#include "base/str.h"
#include "base/type.h"

enum function_kind { FUNCTION_SCALAR, FUNCTION_AGGREGATE, FUNCTION_WINDOW, FUNCTION_TABLE };

/* How the result's type follows from the arguments. */
enum result_rule {
    RESULT_FIXED,      /* `result` */
    RESULT_ARG_0,      /* that of the first argument */
    RESULT_COMMON,     /* the common type of all arguments */
    RESULT_SUM,        /* of sum(): INT16 for integers, FLOAT8, wider DECIMAL */
    RESULT_LIST_ARG_0, /* a list of the first argument */
    RESULT_ELEMENT_0,  /* the element of the first argument, a list */
    RESULT_ENGINE      /* only the engine knows */
};

enum function_flags {
    FUNCTION_TOTAL = 1,     /* never fails, whatever the values: safe beside a row filter */
    FUNCTION_VOLATILE = 2,  /* now(), random(): never folded or cached */
    FUNCTION_COUNTS = 4,    /* result tells how many, not which (count) */
    FUNCTION_SESSION = 8    /* answered by us from the session, never by the engine (current_user) */
};

struct function {
    const char *name; /* lower case */
    enum function_kind kind;
    int min_args, max_args; /* max -1: any number */
    enum result_rule rule;
    enum type_kind result;
    unsigned flags;
    const char *engine_name; /* NULL: the same */
};

/* The entry, or NULL. Case doesn't matter. */
const struct function *function_find(struct str name);

#endif
