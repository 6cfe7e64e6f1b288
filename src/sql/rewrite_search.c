#include "sql/rewrite_search.h"

#include <string.h>

#include "sql/function.h"
#include "sql/make.h"
#include "sql/rewrite.h"
#include "sql/rewrite_collation.h"

enum { SHORT_NEEDLE = 256 };

static const struct function contains_function = {.name = REWRITE_CONTAINS,
                                                  .kind = FUNCTION_SCALAR,
                                                  .min_args = 2,
                                                  .max_args = 2,
                                                  .rule = RESULT_FIXED,
                                                  .result = TYPE_BOOL};
static const struct function position_function = {.name = REWRITE_POSITION,
                                                  .kind = FUNCTION_SCALAR,
                                                  .min_args = 2,
                                                  .max_args = 2,
                                                  .rule = RESULT_FIXED,
                                                  .result = TYPE_INT8};

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

static bool is_short(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->text.n <= SHORT_NEEDLE;
}

static bool is_text(const struct node *n)
{
    return n->type && n->type->kind == TYPE_TEXT;
}

void rewrite_search(struct arena *a, struct node **n)
{
    static const char *const positions[] = {"strpos", "instr", "position", NULL};
    if ((*n)->kind != NODE_FUNC || !node_func(*n)->bound || node_func(*n)->args.n != 2) {
        return;
    }
    struct node_func *f = node_func(*n);
    bool asks_where = is_one_of(f->bound->name, positions);
    bool is_ours = (asks_where || strcmp(f->bound->name, "contains") == 0) &&
                   is_text(f->args.at[0]) && is_text(f->args.at[1]) && !is_short(f->args.at[1]);
    /* The engine's own search goes by a collation; ours doesn't. */
    if (is_ours && rewrite_collation(f->args.at[0], f->args.at[1]) == COLLATION_BYTES) {
        *n = node_shallow_copy(a, *n);
        node_func(*n)->bound = asks_where ? &position_function : &contains_function;
        node_func(*n)->name = make_name(a, str_of(node_func(*n)->bound->name));
    }
}

struct node **rewrite_needle(struct node_func *f)
{
    static const char *const names[] = {
        "replace", "split", "str_split", "string_split", "string_to_array", "split_part", NULL};
    bool looks = f->bound && f->bound->kind == FUNCTION_SCALAR && f->args.n > 1 &&
                 is_one_of(f->bound->name, names) && !is_short(f->args.at[1]);
    return looks ? &f->args.at[1] : NULL;
}
