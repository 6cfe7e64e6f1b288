/* Collations beside functions of ours, which compare bytes. */
#ifndef SQL_REWRITE_COLLATION_H
#define SQL_REWRITE_COLLATION_H

#include "sql/ast.h"

/* Flags. What a search or LIKE makes of its texts before it compares bytes: languages' own orders
 * make nothing of them. */
enum collation_seen {
    COLLATION_BYTES = 0,
    COLLATION_NOCASE = 1,   /* lower() */
    COLLATION_NOACCENT = 2, /* strip_accents() */
    COLLATION_NFC = 4,      /* nfc_normalize() */
    COLLATION_COLUMN = 8    /* a column may have been made with one: only the engine knows which */
};

/* Of the collations that are written within either expression and the columns in it; each may be
 * NULL. */
unsigned rewrite_collation(struct node *left, struct node *right);

#endif
