#include "sql/rewrite_regex.h"

#include <string.h>

#include "base/regex_cost.h"
#include "sql/bind_type.h"
#include "sql/function.h"
#include "sql/make.h"
#include "sql/rewrite.h"

/* So small a pattern has too few states to be slow. */
enum { QUICK_SIZE = 24 };

static const struct function guards[] = {{.name = REWRITE_REGEX_TEXT,
                                          .kind = FUNCTION_SCALAR,
                                          .min_args = 2,
                                          .max_args = 2,
                                          .rule = RESULT_FIXED,
                                          .result = TYPE_TEXT},
                                         {.name = REWRITE_REGEX_ALL,
                                          .kind = FUNCTION_SCALAR,
                                          .min_args = 2,
                                          .max_args = 2,
                                          .rule = RESULT_FIXED,
                                          .result = TYPE_TEXT}};

static bool is_text(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
}

static bool replaces_all(const struct node_func *f)
{
    const struct node *options = f->args.n > 3 ? f->args.at[3] : NULL;
    return options && (!is_text(options) || memchr(node_literal_const(options)->text.p, 'g',
                                                   node_literal_const(options)->text.n));
}

/* Whether a function looks for one match (1), for all (2), or is none of them. */
static int matches_of(const struct node_func *f)
{
    static const struct {
        const char *name;
        int matches;
    } functions[] = {{"regexp_matches", 1},        {"regexp_full_match", 1},
                     {"regexp_extract", 1},        {"regexp_extract_all", 2},
                     {"regexp_split_to_array", 2}, {"regexp_split_to_table", 2},
                     {"str_split_regex", 2},       {"string_split_regex", 2}};
    if (!f->bound || f->args.n < 2) {
        return 0;
    }
    if (strcmp(f->bound->name, "regexp_replace") == 0) {
        return replaces_all(f) ? 2 : 1;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strcmp(f->bound->name, functions[i].name) == 0) {
            return functions[i].matches;
        }
    }
    return 0;
}

bool rewrite_regex(struct node *n, struct node ***text, struct node **pattern, bool *all)
{
    int matches = 0;
    if (n->kind == NODE_FUNC) {
        struct node_func *f = node_func(n);
        matches = matches_of(f);
        *text = &f->args.at[0];
        *pattern = matches ? f->args.at[1] : NULL;
    } else if (n->kind == NODE_BINARY) {
        struct node_binary *b = node_binary(n);
        matches = b->op == OP_REGEX || b->op == OP_NOT_REGEX || b->op == OP_IREGEX ||
                  b->op == OP_NOT_IREGEX;
        *text = &b->left;
        *pattern = b->right;
    }
    if (matches == 0) {
        return false;
    }
    *all = matches == 2;
    if (!is_text(*pattern)) {
        return true;
    }
    struct regex_cost cost = regex_cost_of(node_literal_const(*pattern)->text);
    return cost.size > QUICK_SIZE || (*all && cost.rescans);
}

struct node *rewrite_regex_text(struct arena *a, struct node *text, struct node *pattern, bool all)
{
    struct node *out = node_new(a, NODE_FUNC, text->offset);
    out->length = text->length;
    out->type = type_simple(TYPE_TEXT);
    node_func(out)->bound = &guards[all];
    node_func(out)->name = make_name(a, str_of(guards[all].name));
    node_push(a, &node_func(out)->args, text);
    node_push(a, &node_func(out)->args, node_copy(a, pattern));
    return out;
}
