/* Regular expressions run in the engine, which nothing interrupts there: what could take too long
 * is asked first (base/regex_cost.h). */
#ifndef SQL_REWRITE_REGEX_H
#define SQL_REWRITE_REGEX_H

#include "sql/ast.h"

/* The text and the pattern of a bound node that runs a regular expression over texts of any length;
 * false for all others, and where the pattern is a literal that is quick over every text. `*all`:
 * it looks for all matches. */
bool rewrite_regex(struct node *n, struct node ***text, struct node **pattern, bool *all);

/* REWRITE_REGEX_TEXT of both, or REWRITE_REGEX_ALL: the text, or an error. */
struct node *rewrite_regex_text(struct arena *a, struct node *text, struct node *pattern, bool all);

#endif
