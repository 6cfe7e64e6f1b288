/* Trees without what only their writing tells, so that two can be compared. */
#ifndef CONFORMANCE_PLAIN_H
#define CONFORMANCE_PLAIN_H

#include <jansson.h>

#include "sql/walk.h"

/* Names in lower case and unquoted; parameters of lambdas called by their place; functions and
 * types that the engine says to be one by one name. `synonyms`: {"functions": {name: name},
 * "types": {name: name}}, all in lower case; NULL: there are none. */
void plain_tree(struct arena *a, struct node **n, const json_t *synonyms);

#endif
