/* The engine matches a literal pattern without _ and without an escape by looking for its parts one
 * after the other. Such a LIKE stays one: the engine can also compare it with what it knows of a
 * column's values. All others become calls of functions of ours (base/wildcard.h). */
#include "sql/rewrite_like.h"

#include <ctype.h>
#include <string.h>

#include "base/wildcard.h"
#include "sql/function.h"
#include "sql/make.h"
#include "sql/rewrite.h"
#include "sql/rewrite_collation.h"

/* The engine looks for a long part in time by the product of its length and the text's. */
enum { LONGEST_ENGINE_PATTERN = 256 };

static const struct function like_function = {.name = REWRITE_LIKE,
                                              .kind = FUNCTION_SCALAR,
                                              .min_args = 3,
                                              .max_args = 3,
                                              .rule = RESULT_FIXED,
                                              .result = TYPE_BOOL};
static const struct function glob_function = {.name = REWRITE_GLOB,
                                              .kind = FUNCTION_SCALAR,
                                              .min_args = 2,
                                              .max_args = 2,
                                              .rule = RESULT_FIXED,
                                              .result = TYPE_BOOL};

static bool is_text(const struct node *n)
{
    return n && n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
}

static struct str text_of(const struct node *n)
{
    return is_text(n) ? node_literal_const(n)->text : STR_NULL;
}

enum status rewrite_like_check(const struct node *pattern, const struct node *escape,
                               bool *is_literal, struct error *e)
{
    *is_literal = is_text(pattern) && (!escape || is_text(escape));
    if (is_text(escape) && !wildcard_escape_fits(text_of(pattern), text_of(escape))) {
        (void)!error_at(e, ERR_BAD_VALUE, escape->offset,
                        "the escape must be one character or none, and not the pattern's last");
        return error_hint(e, "Write an escape twice where it stands for itself.");
    }
    return OK;
}

static struct node *call(struct arena *a, const struct node *at, const struct function *f)
{
    struct node *n = node_new(a, NODE_FUNC, at->offset);
    n->length = at->length;
    n->type = type_simple(f->result);
    node_func(n)->name = make_name(a, str_of(f->name));
    node_func(n)->bound = f;
    return n;
}

static struct node *made_by(struct arena *a, const char *function, struct node *n)
{
    struct node *out = call(a, n, function_find(str_of(function)));
    node_push(a, &node_func(out)->args, n);
    return out;
}

static struct node *lower(struct arena *a, struct node *n)
{
    return made_by(a, "lower", n);
}

/* But for case. */
static struct node *collated(struct arena *a, unsigned seen, struct node *n)
{
    n = seen & COLLATION_NOACCENT ? made_by(a, "strip_accents", n) : n;
    return seen & COLLATION_NFC ? made_by(a, "nfc_normalize", n) : n;
}

/* Where case is ignored the pattern loses it before its escapes are looked for. */
static bool has_case(struct str escape)
{
    return escape.n && ((escape.p[0] & 0x80) || isalpha((unsigned char)escape.p[0]));
}

/* The same pattern without its escapes, where the engine takes that in linear time; else STR_NULL.
 */
static struct str engine_pattern(struct arena *a, struct str pattern, struct str escape)
{
    if (pattern.n > LONGEST_ENGINE_PATTERN || memchr(pattern.p, 0, pattern.n) ||
        !wildcard_escape_fits(pattern, escape)) {
        return STR_NULL;
    }
    char *out = arena_alloc(a, pattern.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        bool is_escaped =
            escape.n && pattern.n - i > escape.n && memcmp(pattern.p + i, escape.p, escape.n) == 0;
        i += is_escaped ? escape.n : 0;
        if (pattern.p[i] == '_' || (is_escaped && pattern.p[i] == '%')) {
            return STR_NULL;
        }
        out[n++] = pattern.p[i];
    }
    return (struct str){out, n};
}

/* A LIKE of ours over what stands in `*text` and `*pattern`. */
static struct node *matched(struct arena *a, const struct node *at, struct node *text,
                            struct node *pattern, struct node *escape, bool ignores_case)
{
    bool is_known = is_text(pattern) && (!escape || is_text(escape)) &&
                    !(ignores_case && has_case(text_of(escape)));
    struct str same = is_known ? engine_pattern(a, text_of(pattern), text_of(escape)) : STR_NULL;
    if (same.p) {
        pattern = make_literal(a, LIT_STRING, same);
    }
    if (ignores_case) {
        text = lower(a, text);
        pattern = lower(a, pattern);
    }
    if (same.p) {
        struct node *like = node_new(a, NODE_LIKE, at->offset);
        node_like(like)->op = LIKE_LIKE;
        node_like(like)->operand = text;
        node_like(like)->pattern = pattern;
        like->type = type_simple(TYPE_BOOL);
        return like;
    }
    struct node *out = call(a, at, &like_function);
    node_push(a, &node_func(out)->args, text);
    node_push(a, &node_func(out)->args, pattern);
    node_push(a, &node_func(out)->args, escape ? escape : make_literal(a, LIT_STRING, STR("")));
    return out;
}

static struct node *globbed(struct arena *a, const struct node_like *like)
{
    struct node *out = call(a, &like->base, &glob_function);
    node_push(a, &node_func(out)->args, like->operand);
    node_push(a, &node_func(out)->args, like->pattern);
    return out;
}

static struct node *negated(struct arena *a, struct node *n)
{
    if (n->kind == NODE_LIKE) {
        node_like(n)->negated = true;
        return n;
    }
    struct node *out = node_new(a, NODE_UNARY, n->offset);
    out->length = n->length;
    out->type = n->type;
    node_unary(out)->op = OP_NOT;
    node_unary(out)->operand = n;
    return out;
}

/* like_escape(a, b, c) and its like */
static void rewrite_call(struct arena *a, struct node **n)
{
    static const struct {
        const char *name;
        bool ignores_case, negated;
    } calls[] = {{"like_escape", false, false},
                 {"not_like_escape", false, true},
                 {"ilike_escape", true, false},
                 {"not_ilike_escape", true, true}};
    const struct node_func *f = node_func_const(*n);
    for (size_t i = 0; f->bound && i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(f->bound->name, calls[i].name) == 0) {
            struct node *out =
                matched(a, *n, f->args.at[0], f->args.at[1], f->args.at[2], calls[i].ignores_case);
            *n = calls[i].negated ? negated(a, out) : out;
            return;
        }
    }
}

void rewrite_like(struct arena *a, struct node **n)
{
    if ((*n)->kind == NODE_FUNC) {
        rewrite_call(a, n);
    }
    const struct node_like *like = (*n)->kind == NODE_LIKE ? node_like_const(*n) : NULL;
    bool is_ours = like && !like->quantifier && like->operand &&
                   (like->op == LIKE_LIKE || like->op == LIKE_ILIKE || like->op == LIKE_GLOB);
    if (!is_ours) {
        return;
    }
    unsigned seen = rewrite_collation(like->operand, like->pattern);
    if (seen & COLLATION_COLUMN) {
        return;
    }
    bool ignores_case = like->op == LIKE_ILIKE || (seen & COLLATION_NOCASE);
    struct node *out = like->op == LIKE_GLOB
                           ? globbed(a, like)
                           : matched(a, *n, collated(a, seen, like->operand),
                                     collated(a, seen, like->pattern), like->escape, ignores_case);
    *n = like->negated ? negated(a, out) : out;
}
