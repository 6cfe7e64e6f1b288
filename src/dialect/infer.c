/* Types that the tree alone tells. */
#include "dialect/rule.h"
#include "sql/function.h"

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
    static const struct {
        const char *word;
        enum type_kind kind;
    } known[] = {
        {"date", TYPE_DATE},           {"time", TYPE_TIME},
        {"timestamp", TYPE_TIMESTAMP}, {"timestamptz", TYPE_TIMESTAMPTZ},
        {"varchar", TYPE_TEXT},        {"text", TYPE_TEXT},
        {"boolean", TYPE_BOOL},        {"bigint", TYPE_INT8},
        {"integer", TYPE_INT4},        {"int", TYPE_INT4},
        {"double", TYPE_FLOAT8},       {"float", TYPE_FLOAT8},
        {"decimal", TYPE_DECIMAL},     {"blob", TYPE_BYTES},
        {"json", TYPE_JSON},           {"interval", TYPE_INTERVAL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known && t->dims == 0; i++) {
        if (str_iis(t->text, known[i].word)) {
            return known[i].kind;
        }
    }
    return t->dims ? TYPE_LIST : TYPE_UNKNOWN;
}

static enum type_kind of_call(const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    const struct function *def = function_find(node_ident(parts->at[parts->n - 1])->text);
    return !def                                     ? TYPE_UNKNOWN
           : def->rule == RESULT_FIXED              ? def->result
           : def->rule == RESULT_LIST               ? TYPE_LIST
           : def->rule == RESULT_ARG_0 && f->args.n ? rule_type(f->args.at[0])
                                                    : TYPE_UNKNOWN;
}

enum type_kind rule_type(const struct node *n)
{
    switch ((int)n->kind) {
    case NODE_LITERAL:
        return of_literal(node_literal_const(n));
    case NODE_CAST:
        return of_name(node_type_name_const(node_cast_const(n)->target));
    case NODE_FUNC:
        return of_call(node_func_const(n));
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
                   ? rule_type(node_unary_const(n)->operand)
                   : TYPE_UNKNOWN;
    default:
        return TYPE_UNKNOWN;
    }
}
