/* Looking for a text in another: the engine compares at every place, so a long needle takes time by
 * the product of both lengths, and nothing interrupts it. Where only a place is asked for,
 * functions of ours look instead, which never fail; replacing and splitting take no long needle. */
#ifndef SQL_REWRITE_SEARCH_H
#define SQL_REWRITE_SEARCH_H

#include "sql/ast.h"

/* What stands in the place of `*n`, a bound node of any kind: contains(), strpos() and its like. */
void rewrite_search(struct arena *a, struct node **n);

/* The needle whose length has to be bounded before the engine looks for it, or NULL: the call fails
 * then where it is longer than REWRITE_LONGEST_NEEDLE bytes. */
struct node **rewrite_needle(struct node_func *f);

#define REWRITE_LONGEST_NEEDLE "1024"

#endif
