/* The trees of the statements that a session sends again and again.
 *
 * What a text means to the parser depends on the text, the dialect and the limits and on nothing
 * else: no name is looked up and nobody is asked. So a tree may be kept whatever happens to
 * catalogs, policies and roles; the binder and the policies see it as if it had just been read.
 * Every caller gets a copy of his own, which he may change. One session's; used by one thread at a
 * time. */
#ifndef SQL_PARSE_CACHE_H
#define SQL_PARSE_CACHE_H

#include "sql/parse.h"

struct parse_cache {
    struct parsed *newest; /* the one used last first */
    size_t n;
};

/* As sql_parse(), with the same limits at every call. Kept are texts of one statement that reads or
 * writes rows: what is said once in a session, or may hold a secret, is not. */
MUST_USE enum status parse_cache_parse(struct parse_cache *c, struct arena *a, struct str text,
                                       enum dialect dialect, const struct parse_limits *limits,
                                       struct node_list *out, struct error *e);

void parse_cache_fini(struct parse_cache *c); /* and leaves it empty, ready for use */

#endif
