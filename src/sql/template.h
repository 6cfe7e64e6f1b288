/* Expressions written as text with holes: `CASE WHEN $1 IS NULL THEN 0 ELSE $1 END` says a rule in
 * a line. Parsed once, put into a tree as often as needed. */
#ifndef SQL_TEMPLATE_H
#define SQL_TEMPLATE_H

#include "sql/ast.h"

enum { TEMPLATE_MOST_ARGS = 9 };

struct template
{
    const struct node *tree;
    uint8_t uses[TEMPLATE_MOST_ARGS]; /* how often each hole occurs */
};

/* `text` is our own SQL and a mistake of ours where it doesn't parse: that ends the process. */
struct template template_parse(struct arena *a, const char *text);

/* The tree with args[i] in the place of $i+1: the argument itself at first, then copies, whose
 * nodes are added to `*copied`. Everything else stands at the position of `at`. A name of a
 * lambda's parameter that an argument uses too is changed, so that it can't catch it. */
struct node *template_fill(struct arena *a, const struct template *t, const struct node *at,
                           struct node *const *args, size_t n, size_t *copied);

#endif
