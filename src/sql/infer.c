#include "sql/infer.h"

#include "sql/bind_type.h"
#include "sql/function.h"
#include "sql/operator.h"
#include "sql/spell.h"

static enum type_kind of_literal(const struct node_literal *n)
{
    switch ((enum literal_kind)n->lit) {
    case LIT_NULL:
        return TYPE_NULL;
    case LIT_TRUE:
    case LIT_FALSE:
        return TYPE_BOOL;
    case LIT_INTEGER:
        return TYPE_INT8;
    case LIT_DECIMAL:
        return TYPE_DECIMAL;
    case LIT_FLOAT:
        return TYPE_FLOAT8;
    case LIT_STRING:
        return TYPE_TEXT;
    case LIT_BYTES:
        return TYPE_BYTES;
    }
    return TYPE_UNKNOWN;
}

static enum type_kind of_name(const struct node_type_name *t)
{
    return t->dims ? TYPE_LIST : str_iis(t->text, "map") ? TYPE_MAP : bind_type_kind(t->text);
}

static enum type_kind of_call(const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    const struct function *def = function_find(node_ident(parts->at[parts->n - 1])->text);
    return !def                        ? TYPE_UNKNOWN
           : def->rule == RESULT_FIXED ? def->result
           : def->rule == RESULT_LIST  ? TYPE_LIST
           : (def->rule == RESULT_ARG_0 || def->rule == RESULT_COMMON) && f->args.n
               ? infer_type(f->args.at[0])
           : def->rule == RESULT_IF && f->args.n > 1 ? infer_type(f->args.at[1])
           : def->rule == RESULT_SPELLED             ? spell_result(NULL, f)->kind
           : def->rule == RESULT_MOMENT && f->args.n ? spell_moment_type(f)
           : def->rule == RESULT_MOVED && f->args.n  ? spell_moved_type(f)
                                                     : TYPE_UNKNOWN;
}

/* Of the first result that has one. */
static enum type_kind of_case(const struct node_case_expr *c)
{
    for (uint32_t i = 0; i < c->whens.n; i++) {
        enum type_kind kind = infer_type(node_when_const(c->whens.at[i])->result);
        if (kind != TYPE_NULL && kind != TYPE_UNKNOWN) {
            return kind;
        }
    }
    return c->otherwise ? infer_type(c->otherwise) : TYPE_UNKNOWN;
}

static bool is_moment(enum type_kind kind)
{
    return kind == TYPE_TIME || (kind >= TYPE_TIMESTAMP && kind <= TYPE_TIMESTAMPTZ);
}

static enum type_kind of_sum(enum type_kind left, enum type_kind right)
{
    if (right == TYPE_INTERVAL && (left == TYPE_DATE || is_moment(left))) {
        return left == TYPE_DATE ? TYPE_TIMESTAMP : left;
    }
    bool are_numbers =
        left >= TYPE_INT1 && left <= TYPE_DECIMAL && right >= TYPE_INT1 && right <= TYPE_DECIMAL;
    return are_numbers ? (left > right ? left : right) : TYPE_UNKNOWN;
}

static enum type_kind of_binary(const struct node_binary *b)
{
    switch ((int)b->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_MOD:
    case OP_PG_DIV:
        return of_sum(infer_type(b->left), infer_type(b->right));
    case OP_CONCAT:
        return infer_type(b->left) == TYPE_TEXT ? TYPE_TEXT : TYPE_UNKNOWN;
    default:
        return op_is_comparison((enum op)b->op) ? TYPE_BOOL : TYPE_UNKNOWN;
    }
}

enum type_kind infer_type(const struct node *n)
{
    if (n->type && n->type->kind != TYPE_UNKNOWN) {
        return n->type->kind;
    }
    switch ((int)n->kind) {
    case NODE_LITERAL:
        return of_literal(node_literal_const(n));
    case NODE_CAST:
        return of_name(node_type_name_const(node_cast_const(n)->target));
    case NODE_FUNC:
        return of_call(node_func_const(n));
    case NODE_CASE:
        return of_case(node_case_expr_const(n));
    case NODE_BINARY:
        return of_binary(node_binary_const(n));
    case NODE_INTERVAL:
        return TYPE_INTERVAL;
    case NODE_LIST:
        return TYPE_LIST;
    case NODE_STRUCT:
        return TYPE_STRUCT;
    case NODE_BOOL:
    case NODE_BETWEEN:
    case NODE_IN_LIST:
    case NODE_IN_QUERY:
    case NODE_LIKE:
    case NODE_EXISTS:
    case NODE_QUANTIFIED:
        return TYPE_BOOL;
    case NODE_UNARY:
        return node_unary_const(n)->op == OP_NEG || node_unary_const(n)->op == OP_PLUS
                   ? infer_type(node_unary_const(n)->operand)
                   : TYPE_UNKNOWN;
    default:
        return TYPE_UNKNOWN;
    }
}
