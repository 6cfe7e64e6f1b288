/* Arrays: the engine's lists where all elements have one type, documents where they may differ.
 * Each function is said once, for lists; of a document's array the list of its elements is taken
 * first, and what comes out is a document again. */
#include <string.h>

#include "sql/bind_type.h"
#include "sql/rewrite.h"
#include "sql/spell_priv.h"

enum gives { GIVES_ARRAY, GIVES_ELEMENT, GIVES_OTHER };

struct array_function {
    const char *name;
    const char *takes; /* a letter for each argument: l an array, e an element, . anything */
    enum gives gives;
    enum type_kind result; /* of GIVES_OTHER */
    const char *text;
};

/* clang-format off */
static const struct array_function functions[] = {
    {"array_with", "le", GIVES_ARRAY, TYPE_LIST, "CASE WHEN $1 IS NULL THEN NULL ELSE list_append($1, $2) END"},
    {"array_with_first", "le", GIVES_ARRAY, TYPE_LIST, "CASE WHEN $1 IS NULL THEN NULL ELSE list_prepend($2, $1) END"},
    {"array_joined", "ll", GIVES_ARRAY, TYPE_LIST, "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_concat($1, $2) END"},
    {"array_inserted", "l.e", GIVES_ARRAY, TYPE_LIST,
     "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_concat(list_resize($1, "
     "greatest(CASE WHEN $2 < 0 THEN len($1) + $2 ELSE $2 END, len($1)))"
     "[1:CASE WHEN $2 < 0 THEN greatest(len($1) + $2, 0) ELSE $2 END], [$3], "
     "$1[CASE WHEN $2 < 0 THEN greatest(len($1) + $2, 0) ELSE $2 END + 1:len($1)]) END"},
    {"array_without", "le", GIVES_ARRAY, TYPE_LIST, "CASE WHEN $2 IS NULL THEN NULL ELSE list_filter($1, lambda _u: _u <> $2) END"},
    {"array_without_at", "l.", GIVES_ARRAY, TYPE_LIST,
     "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL "
     "WHEN $2 >= len($1) OR $2 < -len($1) THEN $1 "
     "ELSE list_concat($1[1:CASE WHEN $2 < 0 THEN len($1) + $2 ELSE $2 END], "
     "$1[CASE WHEN $2 < 0 THEN len($1) + $2 ELSE $2 END + 2:len($1)]) END"},
    {"array_part", "l..", GIVES_ARRAY, TYPE_LIST,
     "$1[CASE WHEN $2 < 0 THEN greatest(len($1) + $2, 0) ELSE $2 END + 1:"
     "CASE WHEN $3 < 0 THEN greatest(len($1) + $3, 0) ELSE least($3, len($1)) END]"},
    {"array_deduplicated", "l", GIVES_ARRAY, TYPE_LIST,
     "CASE WHEN array_length($1) <> list_count($1) "
     "THEN list_append(list_distinct(list_filter($1, lambda _u: NOT _u IS NULL)), NULL) "
     "ELSE list_distinct($1) END"},
    {"array_dense", "l", GIVES_ARRAY, TYPE_LIST, "list_filter($1, lambda _u: NOT _u IS NULL)"},
    {"array_in_order", "l..", GIVES_ARRAY, TYPE_LIST, "list_sort($1, $2, $3)"},
    {"array_turned", "l", GIVES_ARRAY, TYPE_LIST, "list_reverse($1)"},
    {"array_common", "ll", GIVES_ARRAY, TYPE_LIST,
     "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_transform(list_filter("
     "list_zip($1, generate_series(1, len($1))), lambda _pair: "
     "len(list_filter($1[1:_pair[2]], lambda _e: _e IS NOT DISTINCT FROM _pair[1])) <= "
     "len(list_filter($2, lambda _e: _e IS NOT DISTINCT FROM _pair[1]))), lambda _pair: _pair[1]) END"},
    {"array_difference", "ll", GIVES_ARRAY, TYPE_LIST,
     "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_transform(list_filter("
     "list_zip($1, generate_series(1, len($1))), lambda _pair: "
     "len(list_filter($1[1:_pair[2]], lambda _e: _e IS NOT DISTINCT FROM _pair[1])) > "
     "len(list_filter($2, lambda _e: _e IS NOT DISTINCT FROM _pair[1]))), lambda _pair: _pair[1]) END"},
    {"array_holds", "le", GIVES_OTHER, TYPE_BOOL,
     "CASE WHEN $2 IS NULL THEN nullif(array_length($1) <> list_count($1), FALSE) "
     "ELSE array_contains($1, $2) END"},
    {"array_index_of", "le", GIVES_OTHER, TYPE_INT8, "list_position($1, $2) - 1"},
    {"arrays_meet", "ll", GIVES_OTHER, TYPE_BOOL,
     "($1 && $2) OR (array_length($1) <> list_count($1) AND array_length($2) <> list_count($2))"},
    {"array_least", "l", GIVES_ELEMENT, TYPE_UNKNOWN, "list_min($1)"},
    {"array_greatest", "l", GIVES_ELEMENT, TYPE_UNKNOWN, "list_max($1)"},
    {"array_unnested", "l", GIVES_ARRAY, TYPE_LIST, "flatten($1)"},
    {NULL, NULL, GIVES_OTHER, TYPE_UNKNOWN, NULL},
};
/* clang-format on */

static const struct array_function *find(const char *name)
{
    for (const struct array_function *x = functions; x->name; x++) {
        if (strcmp(x->name, name) == 0) {
            return x;
        }
    }
    return NULL;
}

static bool is_list(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY;
}

/* ---- may the list be taken as it is? ---- */

/* Elements of these types are the same to the engine as to a document. */
static bool agree(const struct type *x, const struct type *y)
{
    return type_is_open(x) || type_is_open(y) || type_same(x, y) ||
           (type_is_integer(x) && type_is_integer(y));
}

static const struct type *element_type(const struct node *n, char letter)
{
    const struct type *t = spell_type(n), *unknown = type_simple(TYPE_UNKNOWN);
    if (letter == 'l') {
        return is_list(t) ? (t->child ? t->child : unknown) : t->kind == TYPE_JSON ? t : unknown;
    }
    return t;
}

/* All arrays are lists and all elements of a type; what isn't known is taken to be so. */
static bool takes_lists(const struct array_function *x, const struct node_func *f)
{
    const struct type *element = type_simple(TYPE_UNKNOWN);
    for (uint32_t i = 0; i < f->args.n; i++) {
        const struct type *t = element_type(f->args.at[i], x->takes[i]);
        if (x->takes[i] == '.') {
            continue;
        }
        if ((x->takes[i] == 'l' && spell_type(f->args.at[i])->kind == TYPE_JSON) ||
            !agree(element, t)) {
            return false;
        }
        element = type_is_open(element) ? t : element;
    }
    return true;
}

/* What a lambda keeps is what there was; what it makes of the elements has its type. */
static const struct type *lambda_result(struct arena *a, const struct node_func *f, bool maps)
{
    const struct type *t = spell_type(f->args.at[0]);
    if (!maps || t->kind == TYPE_JSON) {
        return t;
    }
    const struct type *made = f->args.at[1]->type;
    bool is_known = is_list(t) && made && !type_is_open(made);
    return is_known && a ? type_list(a, made) : type_simple(is_known ? TYPE_LIST : TYPE_UNKNOWN);
}

const struct type *array_result(struct arena *a, const char *name, const struct node_func *f)
{
    if (strcmp(name, "array_of") == 0) {
        const struct type *t = NULL;
        bool same = true;
        for (uint32_t i = 0; i < f->args.n; i++) {
            const struct type *item = spell_type(f->args.at[i]);
            same = same && (!t || agree(t, item));
            t = t && !type_is_open(t) ? t : item;
        }
        if (!same || !t) {
            return type_simple(TYPE_JSON);
        }
        return !a || type_is_open(t) ? type_simple(TYPE_LIST) : type_list(a, t);
    }
    if (strcmp(name, "array_kept") == 0 || strcmp(name, "array_mapped") == 0) {
        return lambda_result(a, f, name[6] == 'm');
    }
    const struct array_function *x = find(name);
    if (!x || x->gives == GIVES_OTHER) {
        return x ? type_simple(x->result) : NULL;
    }
    if (!takes_lists(x, f)) {
        return type_simple(TYPE_JSON);
    }
    const struct type *t = spell_type(f->args.at[0]);
    if (x->gives == GIVES_ELEMENT) {
        return is_list(t) && t->child ? t->child : type_simple(TYPE_UNKNOWN);
    }
    return strcmp(name, "array_unnested") == 0 && is_list(t) && t->child ? t->child : t;
}

/* ---- the engine's words ---- */

/* What looks at each pair of elements takes no more of them than this. */
#define MOST_PAIRED "4096"

static bool pairs_elements(const struct array_function *x)
{
    return strcmp(x->name, "array_common") == 0 || strcmp(x->name, "array_difference") == 0;
}

static struct node *not_too_long(struct spelling_state *s, struct node *list)
{
    struct node *choice =
        SPELL(s, list, "CASE WHEN len($1) > " MOST_PAIRED " THEN NULL ELSE $1 END", list);
    struct node_when *when = node_when(node_case_expr(choice)->whens.at[0]);
    when->result = rewrite_error_call(s->a, REWRITE_TOO_LARGE);
    choice->type = list->type;
    return choice;
}

/* Of an element, the element. */
static struct node *as_document(struct spelling_state *s, struct node *n, char letter)
{
    return letter == 'l'   ? SPELL(s, n, "variant_list($1)", n)
           : letter == 'e' ? SPELL(s, n, "variant_of($1)", n)
                           : n;
}

static bool is_array(const struct node *n)
{
    enum type_kind kind = infer_type(n);
    return kind == TYPE_LIST || kind == TYPE_ARRAY || kind == TYPE_JSON || kind == TYPE_UNKNOWN ||
           kind == TYPE_NULL;
}

static struct node *array_call(struct spelling_state *s, struct node_func *f)
{
    const struct function *def = f->bound ? f->bound : function_find(spell_name(f));
    const struct array_function *x = find(def->name);
    bool lists = takes_lists(x, f);
    for (uint32_t i = 0; i < f->args.n; i++) {
        if (x->takes[i] == 'l' && !is_array(f->args.at[i])) {
            spell_fail(s, f->args.at[i], "an ARRAY is expected here");
            return &f->base;
        }
        f->args.at[i] = lists ? f->args.at[i] : as_document(s, f->args.at[i], x->takes[i]);
    }
    if (pairs_elements(x) && f->args.at[0]->type) {
        f->args.at[0] = not_too_long(s, f->args.at[0]);
        f->args.at[1] = not_too_long(s, f->args.at[1]);
    }
    struct node *out = spell_text(s, &f->base, x->text, f->args.n, f->args.at);
    return lists || x->gives != GIVES_ARRAY ? out : SPELL(s, &f->base, "to_json($1)", out);
}

/* [a, b], or a document where the elements have no type in common. */
static struct node *array_of(struct spelling_state *s, struct node_func *f)
{
    if (f->args.n == 0) {
        return spell_text(s, &f->base, "json('[]')", 0, NULL);
    }
    if (array_result(NULL, "array_of", f)->kind == TYPE_LIST) {
        struct node *list = node_new(s->a, NODE_LIST, f->base.offset);
        node_list_lit(list)->items = f->args;
        return list;
    }
    struct node *call = spell_text(s, &f->base, "json_array()", 0, NULL);
    node_func(call)->args = f->args;
    return call;
}

/* clang-format off */
const struct spelling array_spellings[] = {
    {"array_of", "", NULL, array_of},
    {"array_of", "*+", NULL, array_of},
    {"array_least", "J", "CASE WHEN json_type($1, '$[0]') = 'VARCHAR' "
                         "THEN to_json(list_min(CAST($1 AS varchar[]))) "
                         "ELSE to_json(list_min(CAST($1 AS double[]))) END", NULL},
    {"array_least", "*", NULL, array_call},
    {"array_greatest", "J", "CASE WHEN json_type($1, '$[0]') = 'VARCHAR' "
                            "THEN to_json(list_max(CAST($1 AS varchar[]))) "
                            "ELSE to_json(list_max(CAST($1 AS double[]))) END", NULL},
    {"array_greatest", "*", NULL, array_call},
    {"array_total", "J", "list_sum(CAST($1 AS double[]))", NULL},
    {"array_total", "*", "list_sum($1)", NULL},
    {"array_unnested", "J", "to_json(flatten(CAST($1 AS json[][])))", NULL},
    {"array_unnested", "*", NULL, array_call},
    {"array_text", "J*", "CASE WHEN $2 IS NULL THEN NULL ELSE array_to_string(list_transform("
                         "CAST($1 AS varchar[]), lambda _x: coalesce(_x, '')), $2) END", NULL},
    {"array_text", "**", "CASE WHEN $2 IS NULL THEN NULL ELSE array_to_string(list_transform($1, "
                         "lambda x: coalesce(CAST(x AS varchar), '')), $2) END", NULL},
    {"array_kept", "J*", "to_json(list_filter(variant_list($1), $2))", NULL},
    {"array_kept", "**", "list_filter($1, $2)", NULL},
    {"array_mapped", "J*", "to_json(list_transform(variant_list($1), $2))", NULL},
    {"array_mapped", "**", "list_transform($1, $2)", NULL},
    {"array_folded", "J**", "list_reduce(CAST($1 AS double[]), $2, CAST($3 AS double))", NULL},
    {"array_folded", "***", "list_reduce($1, $2, $3)", NULL},
    {"array_or_empty", "A", "coalesce($1, [])", NULL},
    {"array_or_empty", "J", "coalesce($1, json('[]'))", NULL},
    {"array_or_empty", "*", "$1", NULL},
    {"array_with", "**", NULL, array_call},
    {"array_with_first", "**", NULL, array_call},
    {"array_joined", "**", NULL, array_call},
    {"array_inserted", "***", NULL, array_call},
    {"array_without", "**", NULL, array_call},
    {"array_without_at", "**", NULL, array_call},
    {"array_part", "***", NULL, array_call},
    {"array_deduplicated", "*", NULL, array_call},
    {"array_dense", "*", NULL, array_call},
    {"array_in_order", "***", NULL, array_call},
    {"array_turned", "*", NULL, array_call},
    {"array_common", "**", NULL, array_call},
    {"array_difference", "**", NULL, array_call},
    {"array_holds", "**", NULL, array_call},
    {"array_index_of", "**", NULL, array_call},
    {"arrays_meet", "**", NULL, array_call},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */
