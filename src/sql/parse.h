/* Text to tree. */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include "base/error.h"
#include "sql/ast.h"

enum dialect { DIALECT_SNOWFLAKE, DIALECT_POSTGRES, DIALECT_DUCKDB };

struct parse_limits {
    size_t text;  /* bytes of one message */
    size_t nodes; /* of one message */
    int depth;    /* of nesting; also bounds every later recursion over the tree */
};
#define PARSE_LIMITS_DEFAULT                                                                       \
    {                                                                                              \
        .text = 4 << 20, .nodes = 500000, .depth = 400                                             \
    }

/* Reads all statements of `text`, split at semicolons, into `*out` (in the arena). What is not
 * understood is refused with its byte offset: nothing is ever skipped. Text that is not UTF-8 or
 * holds NUL is ERR_BAD_ENCODING; past a limit ERR_STATEMENT_TOO_COMPLEX. `text` must outlive the
 * tree. */
MUST_USE enum status sql_parse(struct arena *a, struct str text, enum dialect dialect,
                               const struct parse_limits *limits, struct node_list *out,
                               struct error *e);

/* Does the statement concern the session alone (SET, BEGIN, cursors, PREPARE)? No policy decides
 * about it; what it holds, as a cursor's query, is decided when it runs. */
bool sql_is_of_session(const struct node *stmt);

/* Reads one expression, as a row filter is one. */
MUST_USE enum status sql_parse_expr(struct arena *a, struct str text, enum dialect dialect,
                                    const struct parse_limits *limits, struct node **out,
                                    struct error *e);

#endif
