/* Collations beside functions of ours, which compare bytes. */
#ifndef SQL_REWRITE_COLLATION_H
#define SQL_REWRITE_COLLATION_H

#include "sql/ast.h"

enum collation_seen {
    COLLATION_BYTES,  /* none, or one that says so: "C", POSIX, BINARY */
    COLLATION_NOCASE, /* what lower() makes equal is equal */
    COLLATION_OTHER   /* only the engine knows */
};

/* The collation that is written within either expression; each may be NULL. What a column was made with isn't seen. */
enum collation_seen rewrite_collation(struct node *left, struct node *right);

#endif
