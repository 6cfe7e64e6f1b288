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
