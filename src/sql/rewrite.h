/* What our SQL means, said in words that the engine takes the same way: small named rules over the
 * bound tree, in one table. Run after policy and row filter, before printing. */
#ifndef SQL_REWRITE_H
#define SQL_REWRITE_H

#include "base/error.h"
#include "sql/ast.h"

/* Errors that rules raise inside the engine; engine/ knows them by these texts, which no client can
 * produce: error() is not in the list of functions. */
#define REWRITE_DIVISION_BY_ZERO "hatidata: division by zero"
#define REWRITE_TOO_LARGE        "hatidata: value too large"
#define REWRITE_ROW_POLICY       "hatidata: row policy"
#define REWRITE_BAD_ESCAPE       "hatidata: escape"
#define REWRITE_LONG_REGEX       "hatidata: regular expression"
#define REWRITE_FLOAT_DIGITS     "hatidata: digits"

/* Functions of ours that engine/ gives the engine, likewise: LIKE of a text, a pattern and an
 * escape (empty: none), GLOB of a text and a pattern (base/wildcard.h). */
#define REWRITE_LIKE "hatidata_like"
#define REWRITE_GLOB "hatidata_glob"
/* Whether, and at which character from 1 (0: none), a text stands in another. */
#define REWRITE_CONTAINS "hatidata_contains"
#define REWRITE_POSITION "hatidata_position"
/* What a hash mask shows of a text under the key of the session. */
#define REWRITE_HASH "hatidata_hash"

/* The text, where the pattern (second) can be matched once, or everywhere, in bounded time. */
#define REWRITE_REGEX_TEXT "hatidata_regex_text"
#define REWRITE_REGEX_ALL  "hatidata_regex_all"

/* Applies all rules to `*stmt`. ERR_STATEMENT_TOO_COMPLEX where what they add grows
 * past a bound. */
MUST_USE enum status sql_rewrite(struct arena *a, struct node **stmt, struct error *e);

/* The call error('text'), of any type. */
struct node *rewrite_error_call(struct arena *a, const char *text);

#endif
