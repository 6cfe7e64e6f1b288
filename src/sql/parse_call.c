/* Function calls, and the calls that SQL spells in words: EXTRACT(x FROM y) and its like become
 * ordinary calls here, so that nobody after us knows them. */
#include "sql/parse_priv.h"

struct node *parse_func_of(struct parser *p, const char *name, size_t offset)
{
    struct node *ident = parse_node(p, NODE_IDENT, offset);
    node_ident(ident)->text = str_of(name);
    struct node *n = parse_node(p, NODE_FUNC, offset);
    node_func(n)->name = parse_node(p, NODE_NAME, offset);
    parse_push(p, &node_name(node_func(n)->name)->parts, ident);
    return n;
}

/* Functions whose arguments may be x -> ...; for others -> is the JSON operator. */
static bool takes_lambda(const struct node *name)
{
    static const char *const names[] = {
        "list_transform", "array_transform", "list_apply",   "array_apply",
        "apply",          "transform",       "list_filter",  "array_filter",
        "filter",         "list_reduce",     "array_reduce", "reduce",
    };
    const struct node_name *n = node_name_const(name);
    for (size_t i = 0; n->parts.n == 1 && i < sizeof names / sizeof *names; i++) {
        if (str_iis(node_ident(n->parts.at[0])->text, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_lambda_param(const struct node *n)
{
    return n->kind == NODE_COLUMN_REF && node_column_ref_const(n)->parts.n == 1;
}

/* x, or (x, y), as the parameters of a lambda; false when it can't be that. */
static bool lambda_params(struct parser *p, struct node *n, struct node_list *out)
{
    if (is_lambda_param(n)) {
        parse_push(p, out, node_column_ref(n)->parts.at[0]);
        return true;
    }
    for (uint32_t i = 0; n->kind == NODE_ROW && i < node_row(n)->items.n; i++) {
        struct node *item = node_row(n)->items.at[i];
        if (!is_lambda_param(item)) {
            return false;
        }
        parse_push(p, out, node_column_ref(item)->parts.at[0]);
    }
    return out->n > 0;
}

static struct node *parse_arrow_lambda(struct parser *p)
{
    struct node *left = parse_prefix(p);
    struct node_list params = {0};
    if (!tok_is_op(p, OP_JSON_GET) || !lambda_params(p, left, &params)) {
        return parse_climb(p, left, PREC_NONE + 1);
    }
    struct node *n = parse_node(p, NODE_LAMBDA, left->offset);
    tok_next(p);
    node_lambda(n)->params = params;
    node_lambda(n)->body = parse_expr(p);
    return parse_done(p, n);
}

/* LAMBDA x, y : body */
static struct node *parse_lambda(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LAMBDA, tok_next(p).offset);
    do {
        parse_push(p, &node_lambda(n)->params, parse_ident(p));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_COLON);
    node_lambda(n)->body = parse_expr(p);
    return parse_done(p, n);
}

static struct node *parse_named_arg(struct parser *p)
{
    struct token t = tok_next(p);
    struct node *n = parse_node(p, NODE_NAMED_ARG, t.offset);
    tok_next(p);
    node_named_arg(n)->name = t.text;
    node_named_arg(n)->value = parse_expr(p);
    return parse_done(p, n);
}

static struct node *parse_arg(struct parser *p, bool lambdas)
{
    const struct token *next = tok_peek(p, 1);
    if (tok_is_op(p, OP_MUL)) {
        return parse_star(p, (struct node_list){0}, tok(p)->offset);
    }
    if (tok_is_column_name(p, 0) && (next->kind == TOK_ARROW || next->kind == TOK_ASSIGN)) {
        return parse_named_arg(p);
    }
    if (tok_is_word(p, KW_LAMBDA) && tok_is_column_name(p, 1)) {
        return parse_lambda(p);
    }
    return lambdas ? parse_arrow_lambda(p) : parse_expr(p);
}

static void take_nulls(struct parser *p, struct node_func *f)
{
    if (f->nulls == NULLS_DEFAULT && tok_peek(p, 1)->word == KW_NULLS) {
        if (tok_take_words(p, KW_IGNORE, KW_NULLS)) {
            f->nulls = NULLS_IGNORE;
        } else if (tok_take_words(p, KW_RESPECT, KW_NULLS)) {
            f->nulls = NULLS_RESPECT;
        }
    }
}

static void parse_args(struct parser *p, struct node_func *f)
{
    tok_need(p, TOK_LPAREN);
    if (tok_take(p, TOK_RPAREN)) {
        return;
    }
    if (tok_is_op(p, OP_MUL) && tok_peek(p, 1)->kind == TOK_RPAREN) {
        tok_next(p);
        f->star = true;
    } else {
        f->distinct = tok_take_word(p, KW_DISTINCT);
        if (!f->distinct) {
            tok_take_word(p, KW_ALL);
        }
        bool lambdas = takes_lambda(f->name);
        do {
            parse_push(p, &f->args, parse_arg(p, lambdas));
        } while (tok_take(p, TOK_COMMA));
        if (tok_take_words(p, KW_ORDER, KW_BY)) {
            parse_order_items(p, &f->order);
        }
        take_nulls(p, f);
    }
    tok_need(p, TOK_RPAREN);
}

static void parse_call_clauses(struct parser *p, struct node_func *f)
{
    if (tok_is_word(p, KW_WITHIN) && tok_peek(p, 1)->word == KW_GROUP) {
        tok_next(p);
        tok_next(p);
        tok_need(p, TOK_LPAREN);
        tok_need_word(p, KW_ORDER);
        tok_need_word(p, KW_BY);
        parse_order_items(p, &f->within_group);
        tok_need(p, TOK_RPAREN);
    }
    if (tok_is_word(p, KW_FILTER) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        tok_next(p);
        tok_next(p);
        tok_take_word(p, KW_WHERE); /* DuckDB may leave it out */
        f->filter = parse_expr(p);
        tok_need(p, TOK_RPAREN);
    }
    take_nulls(p, f);
    if (tok_take_word(p, KW_OVER)) {
        f->over = tok_is(p, TOK_LPAREN) ? parse_window(p) : parse_ident(p);
    }
}

struct node *parse_call(struct parser *p, struct node *name)
{
    struct node *n = parse_node(p, NODE_FUNC, name->offset);
    node_func(n)->name = name;
    parse_args(p, node_func(n));
    parse_call_clauses(p, node_func(n));
    return parse_done(p, n);
}

static struct node *parse_cast(struct parser *p, bool is_try)
{
    struct node *n = parse_node(p, NODE_CAST, tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    node_cast(n)->is_try = is_try;
    node_cast(n)->operand = parse_expr(p);
    tok_need_word(p, KW_AS);
    node_cast(n)->target = parse_type(p);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* EXTRACT(field FROM x): date_part('field', x) */
static struct node *parse_extract(struct parser *p)
{
    struct node *n = parse_func_of(p, "date_part", tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    if (!tok_is(p, TOK_WORD) && !tok_is(p, TOK_STRING)) {
        parse_syntax_error(p);
    }
    struct token field = tok_next(p);
    tok_need_word(p, KW_FROM);
    parse_push(p, &node_func(n)->args,
               parse_literal(p, LIT_STRING, parse_lower(p, field.text), field.offset));
    parse_push(p, &node_func(n)->args, parse_expr(p));
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* POSITION(a IN b): strpos(b, a) */
static struct node *parse_position(struct parser *p)
{
    struct node *n = parse_func_of(p, "strpos", tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    struct node *needle = parse_expr_above(p, PREC_LIKE + 1);
    if (tok_is(p, TOK_COMMA)) { /* position(b, a) of DuckDB and Snowflake differ in the order */
        parse_unsupported(p, "POSITION with a comma is");
    }
    tok_need_word(p, KW_IN);
    parse_push(p, &node_func(n)->args, parse_expr_above(p, PREC_LIKE + 1));
    parse_push(p, &node_func(n)->args, needle);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* SUBSTRING(x FROM y FOR z), SUBSTRING(x FOR z), and with commas */
static struct node *parse_substring(struct parser *p)
{
    struct node *n = parse_func_of(p, "substring", tok_next(p).offset);
    struct node_list *args = &node_func(n)->args;
    tok_need(p, TOK_LPAREN);
    parse_expr_list(p, args);
    if (args->n == 1 && tok_take_word(p, KW_FROM)) {
        parse_push(p, args, parse_expr(p));
    }
    if (args->n <= 2 && tok_is_word(p, KW_FOR)) {
        if (args->n == 1) {
            parse_push(p, args, parse_literal(p, LIT_INTEGER, STR("1"), tok(p)->offset));
        }
        tok_next(p);
        parse_push(p, args, parse_expr(p));
    }
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* OVERLAY(x PLACING y FROM s FOR n), and with commas */
static struct node *parse_overlay(struct parser *p)
{
    struct node *n = parse_func_of(p, "overlay", tok_next(p).offset);
    struct node_list *args = &node_func(n)->args;
    tok_need(p, TOK_LPAREN);
    parse_expr_list(p, args);
    if (args->n == 1 && tok_take_word(p, KW_PLACING)) {
        parse_push(p, args, parse_expr(p));
        tok_need_word(p, KW_FROM);
        parse_push(p, args, parse_expr(p));
        if (tok_take_word(p, KW_FOR)) {
            parse_push(p, args, parse_expr(p));
        }
    }
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* TRIM([BOTH|LEADING|TRAILING] [characters] FROM x): trim, ltrim, rtrim (x, characters) */
static struct node *parse_trim(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    tok_need(p, TOK_LPAREN);
    const char *name = tok_take_word(p, KW_LEADING)    ? "ltrim"
                       : tok_take_word(p, KW_TRAILING) ? "rtrim"
                                                       : "trim";
    tok_take_word(p, KW_BOTH);
    struct node *n = parse_func_of(p, name, offset);
    struct node_list *args = &node_func(n)->args;
    if (tok_take_word(p, KW_FROM)) {
        parse_expr_list(p, args);
    } else {
        parse_expr_list(p, args);
        if (args->n == 1 && tok_take_word(p, KW_FROM)) {
            parse_push(p, args, args->at[0]);
            args->at[0] = parse_expr(p);
        }
    }
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

bool parse_special_call(struct parser *p, struct node **out)
{
    switch (tok(p)->word) {
    case KW_CAST:
        *out = parse_cast(p, false);
        return true;
    case KW_TRY_CAST:
        *out = parse_cast(p, true);
        return true;
    case KW_EXTRACT:
        *out = parse_extract(p);
        return true;
    case KW_POSITION:
        *out = parse_position(p);
        return true;
    case KW_SUBSTRING:
        *out = parse_substring(p);
        return true;
    case KW_OVERLAY:
        *out = parse_overlay(p);
        return true;
    case KW_TRIM:
        *out = parse_trim(p);
        return true;
    default:
        return false;
    }
}

static const char *unit_of(struct str word)
{
    static const char *const units[][2] = {
        {"year", "years"},
        {"month", "months"},
        {"day", "days"},
        {"hour", "hours"},
        {"minute", "minutes"},
        {"second", "seconds"},
        {"week", "weeks"},
        {"quarter", "quarters"},
        {"decade", "decades"},
        {"century", "centuries"},
        {"millennium", "millennia"},
        {"millisecond", "milliseconds"},
        {"microsecond", "microseconds"},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (str_iis(word, units[i][0]) || str_iis(word, units[i][1])) {
            return units[i][0];
        }
    }
    return NULL;
}

/* INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL 1 DAY, INTERVAL (x) DAY. NULL when the word is but a
 * name here. */
struct node *parse_interval(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    if (next != TOK_STRING && next != TOK_INTEGER && next != TOK_DECIMAL && next != TOK_PARAM &&
        next != TOK_LPAREN) {
        return NULL;
    }
    struct node *n = parse_node(p, NODE_INTERVAL, tok_next(p).offset);
    struct node_interval *interval = node_interval(n);
    if (next == TOK_LPAREN) {
        interval->amount = parse_paren(p);
    } else {
        struct token t = *tok(p);
        interval->amount = t.kind == TOK_STRING
                               ? parse_literal(p, LIT_STRING, tok_next(p).text, t.offset)
                               : parse_primary(p);
    }
    const char *unit = tok_is(p, TOK_WORD) ? unit_of(tok(p)->text) : NULL;
    if (unit) {
        interval->unit = str_of(unit);
        tok_next(p);
    } else if (next != TOK_STRING) {
        parse_syntax_error(p);
    }
    if (unit && tok_is_word(p, KW_TO)) {
        parse_unsupported(p, "INTERVAL ... TO ... is");
    }
    return parse_done(p, n);
}
