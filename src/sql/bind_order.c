/* What ORDER BY, GROUP BY and DISTINCT ON name: outputs by their number or name, or expressions. */
#include "sql/bind_query.h"

static bool is_position(const struct node *n, int64_t *out)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_to_i64(node_literal_const(n)->text, out);
}

/* Naming an output by its number looks at it. */
static enum status use_position(struct binder *b, const struct node *n, int64_t position,
                                const struct columns *c, enum origin_use place)
{
    if (position < 1 || (uint64_t)position > c->n) {
        return bind_fail(b, n, ERR_BAD_SQL, "position %lld is not in the select list",
                         (long long)position);
    }
    bind_need(b, c->deferred ? c->deferred[position - 1] : NULL);
    bind_use_at(b, c->at[position - 1].origins, place);
    return OK;
}

static struct node *position_node(struct binder *b, size_t index, const struct node *at)
{
    struct node *n = node_new(b->a, NODE_LITERAL, at->offset);
    node_literal(n)->lit = LIT_INTEGER;
    node_literal(n)->text = str_of(arena_printf(b->a, "%zu", index + 1));
    n->length = at->length;
    n->type = type_simple(TYPE_INT4);
    return n;
}

/* The output that a name means: 0 and *index; 1 none; 2 more than one. */
static int find_output(const struct scope *s, const struct node *n, const struct columns *c,
                       size_t *index)
{
    const struct node_list *targets = s ? s->targets : NULL;
    struct str name = n->kind == NODE_COLUMN_REF ? bind_output_name(s, n) : STR("");
    if (!name.n) {
        return 1;
    }
    int result = 1;
    for (size_t i = 0; i < c->n; i++) {
        if (!str_ieq(c->at[i].name, name)) {
            continue;
        }
        bool is_same = result == 0 && targets &&
                       node_equal(node_target_const(targets->at[i])->expr,
                                  node_target_const(targets->at[*index])->expr);
        if (result == 0 && !is_same) {
            return 2;
        }
        *index = result == 0 ? *index : i;
        result = 0;
    }
    return result;
}

enum status bind_order_item(struct binder *b, struct scope *select, struct node **n,
                            const struct columns *c)
{
    int64_t position = 0;
    size_t index = 0;
    if (is_position(*n, &position)) {
        (*n)->type = type_simple(TYPE_INT4);
        return use_position(b, *n, position, c, USE_ORDERING);
    }
    int found = find_output(select, *n, c, &index);
    if (found == 2) {
        return bind_fail(b, *n, ERR_AMBIGUOUS_COLUMN, "ORDER BY \"%.*s\" is ambiguous",
                         STR_ARG(ident_text(node_column_ref(*n)->parts.at[0])));
    }
    if (found == 0) {
        *n = position_node(b, index, *n);
        return use_position(b, *n, (int64_t)index + 1, c, USE_ORDERING);
    }
    if (!select) {
        return bind_fail(b, *n, ERR_UNSUPPORTED,
                         "ORDER BY here takes an output column's name or position");
    }
    return bind_used_at(b, select, n, NULL, USE_ORDERING);
}

/* GROUP BY and DISTINCT ON: a column of the tables comes before an alias, as on the engine. */
static enum status bind_group_item(struct binder *b, struct scope *s, struct node **n,
                                   const struct columns *c)
{
    int64_t position = 0;
    size_t index = 0;
    if (is_position(*n, &position)) {
        (*n)->type = type_simple(TYPE_INT4);
        return use_position(b, *n, position, c, USE_GROUPING);
    }
    if (find_output(s, *n, c, &index) == 0 &&
        (node_column_ref(*n)->parts.n > 1 ||
         !scope_has_column(s, ident_text(node_column_ref(*n)->parts.at[0])))) {
        *n = position_node(b, index, *n);
        return use_position(b, *n, (int64_t)index + 1, c, USE_GROUPING);
    }
    return bind_used_at(b, s, n, NULL, USE_GROUPING);
}

enum status bind_group_items(struct binder *b, struct scope *s, struct node_list *l,
                             const struct columns *c)
{
    if (bind_limit_list(b, l->n ? l->at[0] : NULL, l->n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        if (bind_group_item(b, s, &l->at[i], c) != OK) {
            return FAIL;
        }
    }
    return OK;
}
