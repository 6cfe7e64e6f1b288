/* Functions of our own SQL that the engine doesn't have, and those it has for fewer types: what
 * each means in the engine's words follows from the types of its arguments. */
#ifndef SQL_SPELL_H
#define SQL_SPELL_H

#include "base/error.h"
#include "sql/ast.h"

struct spelling_state {
    struct arena *a;
    size_t *added; /* nodes, for the caller's bound */
    struct error *e;
    bool failed;
};

/* What stands in the place of `*n`, once: its arguments aren't spelled yet. False where nothing is
 * to do. Works over a tree without types as well, by what the tree alone tells (infer.h). */
bool spell(struct spelling_state *s, struct node **n);

/* All of a tree, bound or not. ERR_STATEMENT_TOO_COMPLEX where what it adds passes a bound. */
MUST_USE enum status sql_spell(struct arena *a, struct node **stmt, struct error *e);

/* The result's type of a call whose last argument is a moment that is cut or moved by a part of it:
 * RESULT_MOMENT and RESULT_MOVED of the list of functions. */
enum type_kind spell_moment_type(const struct node_func *f);
enum type_kind spell_moved_type(const struct node_func *f);

/* RESULT_SPELLED: the result's type of a call whose arguments are bound. Without an arena only its
 * kind is told. Never NULL. */
const struct type *spell_result(struct arena *a, const struct node_func *f);

#endif
