/* What the grammar knows and nothing behind it does: refused by name before anything is bound. Each
 * line here is a promise that the binder needs no case for it; whoever gives it one takes the line
 * away. */
#include "sql/bind_state.h"

struct refused {
    enum node_kind kind;
    const char *what;
    const char *hint; /* a way round, or NULL */
};

static const struct refused kinds[] = {
    {NODE_LIST_COMP, "a list comprehension", "Use list_transform() and list_filter()."},
    {NODE_PATH, "a path with a colon", NULL},
    {NODE_MODEL_REF, "a model", NULL},
    {NODE_TABLE_OF, "TABLE() of a name", "Name the table."},
    {NODE_TIME_TRAVEL, "time travel", NULL},
    {NODE_STAGE_REF, "a stage", "Load its files with COPY ... FROM STDIN."},
    {NODE_SEMANTIC_VIEW, "SEMANTIC_VIEW", NULL},
    {NODE_MATCH_RECOGNIZE, "MATCH_RECOGNIZE", NULL},
};

static const struct refused *find_kind(enum node_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind == kind) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool is_refused_operator(int32_t op)
{
    return (op >= OP_JSON_PATH && op <= OP_COSINE_DISTANCE) || (op >= OP_ABS && op <= OP_RUNNING);
}

/* Members of nodes that are known without them. NULL where there is nothing to refuse. */
static const char *refused_member(const struct node *n)
{
    switch (n->kind) {
    case NODE_UNARY:
        return is_refused_operator(node_unary_const(n)->op)
                   ? op_text((enum op)node_unary_const(n)->op)
                   : NULL;
    case NODE_BINARY:
        return is_refused_operator(node_binary_const(n)->op)
                   ? op_text((enum op)node_binary_const(n)->op)
                   : NULL;
    case NODE_LIKE:
        return node_like_const(n)->op == LIKE_REGEXP ? "RLIKE" : NULL;
    case NODE_FUNC:
        return node_func_const(n)->limit ? "LIMIT in a call" : NULL;
    case NODE_CAST:
        return node_cast_const(n)->format || node_cast_const(n)->fields ? "this form of CAST"
                                                                        : NULL;
    case NODE_INTERVAL:
        return node_interval_const(n)->last_unit.n ? "INTERVAL ... TO" : NULL;
    case NODE_LAMBDA:
        return node_lambda_const(n)->types.n ? "a lambda with types" : NULL;
    case NODE_CTE:
        return node_cte_const(n)->key.n ? "USING KEY" : NULL;
    case NODE_SELECT:
        return node_select_const(n)->connect_by       ? "CONNECT BY"
               : node_select_const(n)->group_distinct ? "GROUP BY DISTINCT"
                                                      : NULL;
    case NODE_JOIN:
        return node_join_const(n)->match ? "MATCH_CONDITION" : NULL;
    default:
        return NULL;
    }
}

struct refusal {
    struct node *at;
    const char *what, *hint;
};

static enum walk refuse(struct node **n, void *ctx)
{
    struct refusal *r = ctx;
    const struct refused *kind = find_kind((*n)->kind);
    r->at = *n;
    r->what = kind ? kind->what : refused_member(*n);
    r->hint = kind ? kind->hint : NULL;
    return r->what ? WALK_STOP : WALK_ON;
}

enum status bind_refuse(struct binder *b, struct node **n)
{
    struct refusal r = {0};
    if (node_walk(n, refuse, &r) != WALK_STOP) {
        return OK;
    }
    (void)bind_fail(b, r.at, ERR_UNSUPPORTED, "%s is not supported", r.what);
    return r.hint ? error_hint(b->e, "%s", r.hint) : FAIL;
}
