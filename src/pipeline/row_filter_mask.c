/* What stands for a masked column inside of the sub-query that its table becomes, so that whatever
 * the statement does with it, it does with the mask, in the type of mask_type(). Must show exactly
 * what mask.c shows of a bare output. Conditions look at the value's length and at whether it is
 * NULL, nothing else of it. */
#include "pipeline/row_filter_priv.h"

#include "sql/function.h"
#include "sql/rewrite.h"

static const struct str STARS = {"***", 3};

bool verdict_masks(const struct rewrite *w, const struct table_verdict *v)
{
    bool any = false;
    for (size_t i = 0; w->decision->masks_at_reference && i < v->table->table->column_count; i++) {
        any |= v->masks[i].function != MASK_NONE;
    }
    return any;
}

static struct node *stars(struct rewrite *w)
{
    return make_literal(w->arena, LIT_STRING, STARS);
}

/* No name of a list that clients choose from. */
static const struct function hash_function = {.name = REWRITE_HASH,
                                              .kind = FUNCTION_SCALAR,
                                              .min_args = 1,
                                              .max_args = 1,
                                              .rule = RESULT_FIXED,
                                              .result = TYPE_TEXT};

static struct node *call(struct rewrite *w, const struct function *f, const struct type *type,
                         struct node *first, struct node *second)
{
    struct node *n = node_new(w->arena, NODE_FUNC, 0);
    node_func(n)->name = make_name(w->arena, str_of(f->name));
    node_func(n)->bound = f;
    node_push(w->arena, &node_func(n)->args, first);
    if (second) {
        node_push(w->arena, &node_func(n)->args, second);
    }
    n->type = type;
    return n;
}

static struct node *binary(struct rewrite *w, enum op op, struct node *left, struct node *right,
                           const struct type *type)
{
    struct node *n = node_new(w->arena, NODE_BINARY, 0);
    node_binary(n)->op = op;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    n->type = type;
    return n;
}

/* CASE WHEN length(c) > visible THEN '***' || right(c, visible) ELSE '***' END */
static struct node *partial(struct rewrite *w, struct node *column, int visible)
{
    const struct type *text = type_simple(TYPE_TEXT), *size = type_simple(TYPE_INT8);
    struct str n = str_of(arena_printf(w->arena, "%d", visible));
    if (visible <= 0) {
        return stars(w);
    }
    struct node *limit = make_literal(w->arena, LIT_INTEGER, n);
    struct node *shown = make_literal(w->arena, LIT_INTEGER, n);
    limit->type = shown->type = type_simple(TYPE_INT4);
    const struct function *length_of = function_find(STR("length"));
    const struct function *right = function_find(STR("right"));
    struct node *length = call(w, length_of, size, node_copy(w->arena, column), NULL);
    struct node *tail = call(w, right, text, node_copy(w->arena, column), shown);
    return make_case(w->arena, binary(w, OP_GT, length, limit, type_simple(TYPE_BOOL)),
                     binary(w, OP_CONCAT, stars(w), tail, text), stars(w));
}

/* replace(text, ' (BC)', '') || ' BC', where the engine says that a year is before our era. */
static struct node *era_last(struct rewrite *w, struct node *text)
{
    struct arena *a = w->arena;
    const struct type *type = type_simple(TYPE_TEXT);
    struct node *bare = call(w, function_find(STR("replace")), type, text,
                             make_literal(a, LIT_STRING, STR(" (BC)")));
    node_push(a, &node_func(bare)->args, make_literal(a, LIT_STRING, STR("")));
    struct node *is_before =
        binary(w, OP_NE, node_copy(a, bare), node_copy(a, text), type_simple(TYPE_BOOL));
    struct node *suffix = make_literal(a, LIT_STRING, STR(" BC"));
    return make_case(a, is_before, binary(w, OP_CONCAT, bare, suffix, type), node_copy(a, text));
}

/* What outputs show of the value, which is PostgreSQL's text of it. */
static struct node *text_of(struct rewrite *w, struct node *raw)
{
    const struct type *type = type_simple(TYPE_TEXT);
    if (raw->type->kind == TYPE_TEXT) {
        return raw;
    }
    struct node *text = make_cast(w->arena, raw, type);
    if (raw->type->kind == TYPE_BOOL) { /* t or f */
        struct node *one = make_literal(w->arena, LIT_INTEGER, STR("1"));
        one->type = type_simple(TYPE_INT4);
        return call(w, function_find(STR("left")), type, text, one);
    }
    bool has_era = raw->type->kind == TYPE_DATE || raw->type->kind == TYPE_TIMESTAMP;
    return has_era ? era_last(w, text) : text;
}

struct node *masked_column(struct rewrite *w, const struct table_verdict *v, size_t column,
                           struct node *raw)
{
    struct arena *a = w->arena;
    const struct mask *m = &v->masks[column];
    if (m->function == MASK_NONE) {
        return raw;
    }
    const struct type *type = mask_type(raw->type, m);
    struct node *nothing = make_cast(a, make_literal(a, LIT_NULL, STR_NULL), type);
    if (m->function == MASK_NULL || type->kind != TYPE_TEXT) {
        return nothing;
    }
    struct node *text = text_of(w, raw);
    if (m->function == MASK_HASH) {
        return call(w, &hash_function, type, text, NULL); /* NULL of NULL */
    }
    struct node *is_null = node_new(a, NODE_UNARY, 0);
    node_unary(is_null)->op = OP_IS_NULL;
    node_unary(is_null)->operand = raw;
    is_null->type = type_simple(TYPE_BOOL);
    struct node *shown = m->function == MASK_FULL ? stars(w) : partial(w, text, m->visible_chars);
    return make_case(a, is_null, nothing, shown);
}
