/* PostgreSQL's functions of documents that are called otherwise here. */
#include "dialect/rules.h"

static struct node *renamed(struct rewriting *r, struct node_func *f, struct str name)
{
    struct node *out = node_shallow_copy(r->a, &f->base);
    node_func(out)->name = make_name(r->a, name);
    return out;
}

static struct node *object(struct rewriting *r, struct node_func *f)
{
    return renamed(r, f, STR("json_object"));
}

static struct node *array(struct rewriting *r, struct node_func *f)
{
    return renamed(r, f, STR("json_array"));
}

/* Order and filter stay with what collects. */
static struct node *collected(struct rewriting *r, struct node_func *f)
{
    return CALL(r, &f->base, "to_json", renamed(r, f, STR("list")));
}

static struct node *collected_pairs(struct rewriting *r, struct node_func *f)
{
    return renamed(r, f, STR("json_group_object"));
}

static struct node *document(struct rewriting *r, struct node_func *f)
{
    return renamed(r, f, STR("to_json"));
}

/* document #> '{a,b}', with the keys as a JSON pointer (RFC 6901), which takes numbers for places
 * of an array where there is one. */
static struct node *path_of(struct rewriting *r, struct node *n)
{
    const struct node_binary *b = node_binary_const(n);
    if (b->op != OP_JSON_PATH && b->op != OP_JSON_PATH_TEXT) {
        return n;
    }
    struct node *keys = rule_is_string(b->right)
                            ? EXPAND(r, b->right, "CAST($1 AS varchar[])", b->right)
                            : b->right;
    struct node *pointer = EXPAND(
        r, n,
        "array_to_string(list_transform($1, lambda _k: '/' || replace(replace(_k, '~', '~0'), '/', "
        "'~1')), '')",
        keys);
    return b->op == OP_JSON_PATH ? CALL(r, n, "json_extract", b->left, pointer)
                                 : CALL(r, n, "json_extract_string", b->left, pointer);
}

const struct node_rule postgres_json_nodes[] = {
    {NODE_BINARY, "#> and #>>", "json_extract() and json_extract_string() by a pointer", path_of},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};

const struct function_rule postgres_json_functions[] = {
    {"json_build_object", 0, -1, "json_object($1, ...)", object},
    {"jsonb_build_object", 0, -1, "json_object($1, ...)", object},
    {"json_build_array", 0, -1, "json_array($1, ...)", array},
    {"jsonb_build_array", 0, -1, "json_array($1, ...)", array},
    {"json_agg", 1, 1, "to_json(list($1))", collected},
    {"jsonb_agg", 1, 1, "to_json(list($1))", collected},
    {"json_object_agg", 2, 2, "json_group_object($1, $2)", collected_pairs},
    {"jsonb_object_agg", 2, 2, "json_group_object($1, $2)", collected_pairs},
    {"to_jsonb", 1, 1, "to_json($1)", document},
    {NULL, 0, 0, NULL, NULL},
};
