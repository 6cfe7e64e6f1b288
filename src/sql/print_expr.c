/* Expressions. For the engine each operand that is itself an operation stands in parentheses, so
 * that its order of operators and ours can't differ; for ourselves only where the order needs them.
 */
#include "sql/bind.h"
#include "sql/function.h"
#include "sql/lex.h"
#include "sql/print_priv.h"

static int precedence_of(const struct node *n)
{
    switch (n->kind) {
    case NODE_UNARY:
        return (int)op_precedence((enum op)node_unary_const(n)->op);
    case NODE_BINARY: {
        enum op op = (enum op)node_binary_const(n)->op;
        /* As DuckDB's arrow: x -> y must never stand bare where a lambda could. */
        return op == OP_JSON_GET ? PREC_LAMBDA : (int)op_precedence(op);
    }
    case NODE_BOOL:
        return node_bool_chain_const(n)->is_or ? PREC_OR : PREC_AND;
    case NODE_BETWEEN:
    case NODE_IN_LIST:
    case NODE_IN_QUERY:
    case NODE_LIKE:
        return PREC_LIKE;
    case NODE_QUANTIFIED:
        return PREC_COMPARE;
    case NODE_COLLATE:
        return PREC_COLLATE;
    case NODE_PATH:
    case NODE_STAGE_REF: /* whose path would go on in a colon behind it */
        return PREC_SIGN;
    case NODE_LAMBDA:
        return PREC_NONE;
    default:
        return PREC_PRIMARY;
    }
}

void print_operand(struct printer *pr, const struct node *n, int least)
{
    int prec = precedence_of(n);
    bool parens = prec < least || (must_be_bound(pr) && prec < PREC_PRIMARY);
    if (parens) {
        print_puts(pr, "(");
    }
    print_expr(pr, n);
    if (parens) {
        print_puts(pr, ")");
    }
}

static void print_unary(struct printer *pr, const struct node_unary *u)
{
    enum op op = (enum op)u->op;
    int prec = (int)op_precedence(op);
    if (op == OP_NOT) {
        print_puts(pr, "NOT ");
        print_operand(pr, u->operand, PREC_NOT);
    } else if (op == OP_NEG || op == OP_PLUS || op == OP_BIT_NOT || op == OP_ABS) {
        print_puts(pr, op_text(op));
        /* @a would be a stage, -# and -@ operators */
        bool apart = u->operand->kind == NODE_POSITION || u->operand->kind == NODE_STAGE_REF;
        print_puts(pr, op == OP_ABS || apart ? " " : "");
        print_operand(pr, u->operand, PREC_PRIMARY); /* never -- */
    } else if (op >= OP_PRIOR && op <= OP_RUNNING) {
        if (for_engine(pr)) {
            print_fail(pr, &u->base, "this operator is");
        }
        print_puts(pr, op_text(op));
        print_puts(pr, " ");
        print_operand(pr, u->operand, PREC_PRIMARY);
    } else {
        print_operand(pr, u->operand, prec + 1);
        print_puts(pr, " ");
        print_puts(pr, op_text(op));
    }
}

/* PostgreSQL's ~ finds a part of the text; the engine's matches the whole. */
static bool print_engine_operator(struct printer *pr, const struct node_binary *b)
{
    enum op op = (enum op)b->op;
    bool is_regex = op == OP_REGEX || op == OP_NOT_REGEX || op == OP_IREGEX || op == OP_NOT_IREGEX;
    bool has_none = op == OP_PG_DIV || (op >= OP_JSON_PATH && op <= OP_JSON_DELETE);
    if (has_none) {
        print_fail(pr, &b->base, "this operator is");
    }
    if (!is_regex && op != OP_BIT_XOR) {
        return false;
    }
    if (op == OP_NOT_REGEX || op == OP_NOT_IREGEX) {
        print_puts(pr, "NOT ");
    }
    print_puts(pr, is_regex ? "regexp_matches(" : "xor(");
    print_expr(pr, b->left);
    print_puts(pr, ", ");
    print_expr(pr, b->right);
    print_puts(pr, op == OP_IREGEX || op == OP_NOT_IREGEX ? ", 'i')" : ")");
    return true;
}

static void print_binary(struct printer *pr, const struct node_binary *b)
{
    int prec = (int)op_precedence((enum op)b->op);
    bool chains = prec != PREC_COMPARE && prec != PREC_IS;
    if (for_engine(pr) && print_engine_operator(pr, b)) {
        return;
    }
    print_operand(pr, b->left, chains ? prec : prec + 1);
    print_puts(pr, " ");
    print_puts(pr, op_text((enum op)b->op));
    print_puts(pr, " ");
    print_operand(pr, b->right, prec + 1);
}

static void print_bool(struct printer *pr, const struct node_bool_chain *b)
{
    int least = (b->is_or ? PREC_OR : PREC_AND) + 1;
    for (uint32_t i = 0; i < b->args.n; i++) {
        if (i > 0) {
            print_puts(pr, b->is_or ? " OR " : " AND ");
        }
        print_operand(pr, b->args.at[i], least);
    }
}

static void print_between(struct printer *pr, const struct node *n)
{
    const struct node_between *b = node_between_const(n);
    if (b->symmetric && for_engine(pr)) {
        print_fail(pr, n, "BETWEEN SYMMETRIC is");
    }
    print_operand(pr, b->operand, PREC_LIKE + 1);
    print_puts(pr, b->negated ? " NOT BETWEEN " : " BETWEEN ");
    print_puts(pr, b->symmetric ? "SYMMETRIC " : "");
    print_operand(pr, b->low, PREC_LIKE + 1);
    print_puts(pr, " AND ");
    print_operand(pr, b->high, PREC_LIKE + 1);
}

static void print_in_list(struct printer *pr, const struct node_in_list *in)
{
    print_operand(pr, in->operand, PREC_LIKE + 1);
    print_puts(pr, in->negated ? " NOT IN (" : " IN (");
    print_list(pr, &in->items, print_expr);
    print_puts(pr, ")");
}

static void print_in_query(struct printer *pr, const struct node_in_query *in)
{
    print_operand(pr, in->operand, PREC_LIKE + 1);
    print_puts(pr, in->negated ? " NOT IN " : " IN ");
    print_query_in_parens(pr, in->query);
}

static const char *quantifier_text(int32_t quantifier)
{
    return quantifier == QUANT_ANY ? "ANY " : quantifier == QUANT_ALL ? "ALL " : "";
}

static void print_like(struct printer *pr, const struct node *n)
{
    static const char *const names[] = {"LIKE ", "ILIKE ", "SIMILAR TO ", "GLOB ", "RLIKE "};
    const struct node_like *like = node_like_const(n);
    if (for_engine(pr) && like->op == LIKE_REGEXP) {
        print_fail(pr, n, "RLIKE is");
    }
    if (for_engine(pr) && like->quantifier) {
        print_fail(pr, n, "LIKE ANY is");
    }
    if (for_engine(pr) && like->op == LIKE_SIMILAR) { /* the engine's is a regular expression */
        print_fail(pr, n, "SIMILAR TO is");
    }
    bool leads = for_engine(pr) && like->op == LIKE_GLOB && like->negated; /* it has no NOT GLOB */
    print_puts(pr, leads ? "NOT " : "");
    if (like->operand) { /* there is none of the names of * */
        print_operand(pr, like->operand, PREC_LIKE + 1);
    }
    print_puts(pr, like->negated && !leads ? " NOT " : " ");
    print_puts(pr, names[like->op]);
    print_puts(pr, quantifier_text(like->quantifier));
    if (like->quantifier && like->pattern->kind != NODE_SUBQUERY) {
        print_puts(pr, "(");
        print_expr(pr, like->pattern);
        print_puts(pr, ")");
    } else {
        print_operand(pr, like->pattern, PREC_LIKE + 1);
    }
    if (like->escape) {
        print_puts(pr, " ESCAPE ");
        print_operand(pr, like->escape, PREC_LIKE + 1);
    }
}

static void print_quantified(struct printer *pr, const struct node_quantified *q)
{
    print_operand(pr, q->operand, PREC_COMPARE + 1);
    buf_printf(pr->out, " %s %s", op_text((enum op)q->op), quantifier_text(q->quantifier));
    if (q->source->kind == NODE_QUERY) {
        print_query_in_parens(pr, q->source);
    } else {
        print_puts(pr, "(");
        print_expr(pr, q->source);
        print_puts(pr, ")");
    }
}

static void print_case(struct printer *pr, const struct node_case_expr *c)
{
    print_puts(pr, "CASE");
    if (c->operand) {
        print_puts(pr, " ");
        print_expr(pr, c->operand);
    }
    for (uint32_t i = 0; i < c->whens.n; i++) {
        const struct node_when *when = node_when_const(c->whens.at[i]);
        print_puts(pr, " WHEN ");
        print_expr(pr, when->condition);
        print_puts(pr, " THEN ");
        print_expr(pr, when->result);
    }
    if (c->otherwise) {
        print_puts(pr, " ELSE ");
        print_expr(pr, c->otherwise);
    }
    print_puts(pr, " END");
}

static void print_cast(struct printer *pr, const struct node_cast *cast)
{
    print_puts(pr, cast->is_try ? "TRY_CAST(" : "CAST(");
    print_expr(pr, cast->operand);
    print_puts(pr, " AS ");
    print_type(pr, cast->target);
    if (for_engine(pr) && (cast->format || cast->fields)) {
        print_fail(pr, &cast->base, "this form of CAST is");
    }
    if (cast->format) {
        print_puts(pr, " FORMAT ");
        print_expr(pr, cast->format);
    }
    print_puts(pr, cast->fields & CAST_FIELDS_RENAME ? " RENAME FIELDS" : "");
    print_puts(pr, cast->fields & CAST_FIELDS_ADD ? " ADD FIELDS" : "");
    print_puts(pr, ")");
}

static void print_interval(struct printer *pr, const struct node *n)
{
    const struct node_interval *interval = node_interval_const(n);
    bool is_string = interval->amount->kind == NODE_LITERAL &&
                     node_literal_const(interval->amount)->lit == LIT_STRING;
    print_puts(pr, is_string ? "INTERVAL " : "INTERVAL (");
    print_expr(pr, interval->amount);
    print_puts(pr, is_string ? "" : ")");
    if (interval->unit.n) {
        if (!lex_is_plain_word(interval->unit)) {
            print_fail(pr, n, "this unit is");
        }
        print_puts(pr, " ");
        buf_put_str(pr->out, interval->unit);
    }
    if (interval->last_unit.n) {
        if (for_engine(pr) || !lex_is_plain_word(interval->last_unit)) {
            print_fail(pr, n, "INTERVAL ... TO ... is");
        }
        print_puts(pr, " TO ");
        buf_put_str(pr->out, interval->last_unit);
    }
}

static void print_named_value(struct printer *pr, const struct node *n)
{
    const struct node_named_arg *arg = node_named_arg_const(n);
    print_quoted(pr, arg->name);
    print_puts(pr, ": ");
    print_expr(pr, arg->value);
}

static void print_star(struct printer *pr, const struct node_star *star)
{
    if (star->qualifier.n) {
        print_parts(pr, &star->qualifier, 0);
        print_puts(pr, ".");
    }
    print_puts(pr, "*");
    const struct node_list *lists[] = {&star->replace, &star->rename};
    static const char *const words[] = {" REPLACE (", " RENAME ("};
    if (star->exclude.n) {
        print_puts(pr, " EXCLUDE (");
        print_list(pr, &star->exclude, print_expr);
        print_puts(pr, ")");
    }
    for (int i = 0; i < 2; i++) {
        if (lists[i]->n) {
            print_puts(pr, words[i]);
            print_list(pr, lists[i], print_target);
            print_puts(pr, ")");
        }
    }
    if (star->match) {
        print_like(pr, star->match);
    }
}

/* What stands in [ ], where a colon would end it. */
static void print_in_subscript(struct printer *pr, const struct node *n)
{
    bool outer = pr->in_subscript;
    pr->in_subscript = true;
    print_expr(pr, n);
    pr->in_subscript = outer;
}

static void print_variable(struct printer *pr, const struct node *n)
{
    const struct node_variable *v = node_variable_const(n);
    bool in_parens = v->is_bind && pr->in_subscript;
    if (for_engine(pr) || !lex_is_plain_word(v->name)) {
        print_fail(pr, n, "a variable is");
    }
    print_puts(pr, in_parens ? "(" : "");
    print_puts(pr, v->is_bind ? ":" : "$");
    buf_put_str(pr->out, v->name);
    print_puts(pr, in_parens ? ")" : "");
}

static void print_value_path(struct printer *pr, const struct node *n)
{
    const struct node_path *path = node_path_const(n);
    bool in_parens = pr->in_subscript;
    if (for_engine(pr)) {
        print_fail(pr, n, "a path with a colon is");
    }
    print_puts(pr, in_parens ? "(" : "");
    print_operand(pr, path->operand, PREC_PRIMARY);
    print_puts(pr, ":");
    for (uint32_t i = 0; i < path->steps.n; i++) {
        const struct node *step = path->steps.at[i];
        if (step->kind == NODE_IDENT) {
            print_puts(pr, i > 0 ? "." : "");
            print_ident(pr, step);
        } else {
            print_puts(pr, "[");
            print_in_subscript(pr, step);
            print_puts(pr, "]");
        }
    }
    print_puts(pr, in_parens ? ")" : "");
}

static void print_columns_of(struct printer *pr, const struct node_columns *columns)
{
    print_puts(pr, columns->unpacked ? "*" : "");
    for (uint32_t i = 0; i < columns->qualifier.n; i++) {
        print_ident(pr, columns->qualifier.at[i]);
        print_puts(pr, ".");
    }
    print_puts(pr, "COLUMNS(");
    print_expr(pr, columns->source);
    print_puts(pr, ")");
}

static void print_list_comp(struct printer *pr, const struct node_list_comp *comp)
{
    bool outer = pr->in_subscript;
    pr->in_subscript = false;
    print_puts(pr, "[");
    print_expr(pr, comp->result);
    print_puts(pr, " FOR ");
    print_list(pr, &comp->params, print_ident);
    print_puts(pr, " IN ");
    print_puts(pr, comp->source->kind == NODE_STAR ? "(" : "");
    print_expr(pr, comp->source);
    print_puts(pr, comp->source->kind == NODE_STAR ? ")" : "");
    if (comp->filter) {
        print_puts(pr, " IF ");
        print_expr(pr, comp->filter);
    }
    print_puts(pr, "]");
    pr->in_subscript = outer;
}

static void print_model_ref(struct printer *pr, const struct node *n)
{
    const struct node_model_ref *ref = node_model_ref_const(n);
    if (for_engine(pr)) {
        print_fail(pr, n, "a model is");
    }
    print_expr(pr, ref->model);
    print_puts(pr, "!");
    print_expr(pr, ref->member);
}

static void print_column_ref(struct printer *pr, const struct node_column_ref *ref)
{
    const struct bound_table *table = ref->bound ? ref->bound->table : NULL;
    /* Tables are aliased to their own names for the engine, so a schema before one says nothing. */
    bool has_schema = for_engine(pr) && table && ref->parts.n > 2 &&
                      str_ieq(node_ident(ref->parts.at[0])->text, table->table->schema);
    print_parts(pr, &ref->parts, has_schema ? 1 : 0);
}

static void print_slice(struct printer *pr, const struct node_slice *slice)
{
    print_operand(pr, slice->operand, PREC_PRIMARY);
    print_puts(pr, "[");
    if (slice->low) {
        print_in_subscript(pr, slice->low);
    }
    print_puts(pr, ":");
    if (slice->high) {
        print_in_subscript(pr, slice->high);
    }
    if (slice->step) {
        print_puts(pr, slice->high ? ":" : "-:");
        print_in_subscript(pr, slice->step);
    }
    print_puts(pr, "]");
}

static void print_object_item(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_STAR) {
        print_expr(pr, n);
    } else {
        print_named_value(pr, n);
    }
}

void print_named_arg(struct printer *pr, const struct node *n)
{
    print_quoted(pr, node_named_arg_const(n)->name);
    print_puts(pr, for_engine(pr) ? " := " : " => ");
    print_expr(pr, node_named_arg_const(n)->value);
}

static void print_lambda(struct printer *pr, const struct node_lambda *lambda)
{
    print_puts(pr, "lambda ");
    for (uint32_t i = 0; i < lambda->params.n; i++) {
        print_puts(pr, i > 0 ? ", " : "");
        print_ident(pr, lambda->params.at[i]);
        if (i < lambda->types.n && node_type_name_const(lambda->types.at[i])->text.n) {
            print_puts(pr, " ");
            print_type(pr, lambda->types.at[i]);
        }
    }
    print_puts(pr, ": ");
    print_expr(pr, lambda->body);
}

static void print_grouping(struct printer *pr, const struct node_grouping *grouping)
{
    static const char *const words[] = {"ROLLUP ", "CUBE ", "GROUPING SETS ", ""};
    print_puts(pr, words[grouping->form]);
    print_puts(pr, "(");
    print_list(pr, &grouping->items, print_expr);
    print_puts(pr, ")");
}

void print_expr(struct printer *pr, const struct node *n)
{
    switch (n->kind) {
    case NODE_IDENT:
        print_ident(pr, n);
        return;
    case NODE_NAME:
        print_parts(pr, &node_name_const(n)->parts, 0);
        return;
    case NODE_TYPE_NAME:
        print_type(pr, n);
        return;
    case NODE_LITERAL:
        print_literal(pr, n);
        return;
    case NODE_PARAM:
        buf_printf(pr->out, "$%d", (int)node_param_const(n)->number);
        return;
    case NODE_VARIABLE:
        print_variable(pr, n);
        return;
    case NODE_POSITION:
        if (for_engine(pr)) {
            print_fail(pr, n, "a column by its place is");
        }
        buf_printf(pr->out, "#%d", (int)node_position_const(n)->number);
        return;
    case NODE_COLUMN_REF:
        print_column_ref(pr, node_column_ref_const(n));
        return;
    case NODE_STAR:
        print_star(pr, node_star_const(n));
        return;
    case NODE_STAR_OBJECT:
        if (for_engine(pr)) {
            print_fail(pr, n, "an object of all columns is");
        }
        print_puts(pr, "{");
        print_list(pr, &node_star_object_const(n)->items, print_object_item);
        print_puts(pr, "}");
        return;
    case NODE_COLUMNS:
        print_columns_of(pr, node_columns_const(n));
        return;
    case NODE_UNARY:
        print_unary(pr, node_unary_const(n));
        return;
    case NODE_BINARY:
        print_binary(pr, node_binary_const(n));
        return;
    case NODE_BOOL:
        print_bool(pr, node_bool_chain_const(n));
        return;
    case NODE_BETWEEN:
        print_between(pr, n);
        return;
    case NODE_IN_LIST:
        print_in_list(pr, node_in_list_const(n));
        return;
    case NODE_IN_QUERY:
        print_in_query(pr, node_in_query_const(n));
        return;
    case NODE_LIKE:
        print_like(pr, n);
        return;
    case NODE_EXISTS:
        print_puts(pr, "EXISTS ");
        print_query_in_parens(pr, node_exists_const(n)->query);
        return;
    case NODE_SUBQUERY:
        print_query_in_parens(pr, node_subquery_const(n)->query);
        return;
    case NODE_QUANTIFIED:
        print_quantified(pr, node_quantified_const(n));
        return;
    case NODE_FUNC:
        print_call(pr, n);
        return;
    case NODE_NAMED_ARG:
        print_named_arg(pr, n);
        return;
    case NODE_CASE:
        print_case(pr, node_case_expr_const(n));
        return;
    case NODE_CAST:
        print_cast(pr, node_cast_const(n));
        return;
    case NODE_INTERVAL:
        print_interval(pr, n);
        return;
    case NODE_LIST:
        print_puts(pr, node_list_lit_const(n)->typed && !for_engine(pr) ? "ARRAY[" : "[");
        print_list(pr, &node_list_lit_const(n)->items, print_expr);
        print_puts(pr, "]");
        return;
    case NODE_LIST_COMP:
        print_list_comp(pr, node_list_comp_const(n));
        return;
    case NODE_ROW:
        print_puts(pr, "ROW(");
        print_list(pr, &node_row_const(n)->items, print_expr);
        print_puts(pr, ")");
        return;
    case NODE_STRUCT:
        print_puts(pr, "{");
        print_list(pr, &node_struct_lit_const(n)->fields, print_named_value);
        print_puts(pr, "}");
        return;
    case NODE_INDEX:
        print_operand(pr, node_index_const(n)->operand, PREC_PRIMARY);
        print_puts(pr, "[");
        print_in_subscript(pr, node_index_const(n)->index);
        print_puts(pr, "]");
        return;
    case NODE_SLICE:
        print_slice(pr, node_slice_const(n));
        return;
    case NODE_FIELD:
        print_puts(pr, "(");
        print_expr(pr, node_field_const(n)->operand);
        print_puts(pr, ").");
        print_ident(pr, node_field_const(n)->name);
        return;
    case NODE_PATH:
        print_value_path(pr, n);
        return;
    case NODE_MODEL_REF:
        print_model_ref(pr, n);
        return;
    case NODE_TABLE_OF:
    case NODE_STAGE_REF:
        print_from(pr, n);
        return;
    case NODE_COLLATE:
        print_operand(pr, node_collate_const(n)->operand, PREC_COLLATE);
        print_puts(pr, " COLLATE ");
        print_expr(pr, node_collate_const(n)->collation);
        return;
    case NODE_LAMBDA:
        print_lambda(pr, node_lambda_const(n));
        return;
    case NODE_DEFAULT:
        print_puts(pr, "DEFAULT");
        return;
    case NODE_GROUPING:
        print_grouping(pr, node_grouping_const(n));
        return;
    default:
        print_fail(pr, n, "this as an expression is");
        return;
    }
}
