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
static bool takes_lambda(struct parser *p, const struct node *name)
{
    static const char *const names[] = {
        "list_transform", "array_transform", "list_apply",   "array_apply",
        "apply",          "transform",       "list_filter",  "array_filter",
        "filter",         "list_reduce",     "array_reduce", "reduce",
    };
    if (p->dialect == DIALECT_SNOWFLAKE) { /* where -> is nothing else */
        return true;
    }
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

/* One parameter of a Snowflake lambda: x, or with its type, x int. */
static bool parse_typed_param(struct parser *p, struct node_lambda *lambda)
{
    parse_push(p, &lambda->params, parse_ident(p));
    bool has_type = tok_is(p, TOK_WORD) || tok_is(p, TOK_QUOTED);
    parse_push(p, &lambda->types,
               has_type ? parse_type(p) : parse_node(p, NODE_TYPE_NAME, tok(p)->offset));
    return has_type;
}

/* x, y int: whose types are left away where there are none. */
static void parse_typed_params(struct parser *p, struct node_lambda *lambda, bool several)
{
    bool typed = false;
    do {
        typed |= parse_typed_param(p, lambda);
    } while (several && tok_take(p, TOK_COMMA));
    if (!typed) {
        lambda->types = (struct node_list){0};
    }
}

/* Whether the parenthesis at the offset is closed before an arrow. It looks but a little way: what
 * is longer isn't a list of parameters. */
static bool closes_before_arrow(struct parser *p, size_t offset)
{
    enum { FAR = 64 };
    struct lexer lex = p->lex;
    struct error ignored = ERROR_INIT;
    struct token t;
    lex.at = offset;
    int depth = 0;
    for (int i = 0; i < FAR && lex_next(&lex, &t, &ignored) == OK; i++) {
        depth += (t.kind == TOK_LPAREN) - (t.kind == TOK_RPAREN);
        if (depth == 0) {
            return lex_next(&lex, &t, &ignored) == OK && t.kind == TOK_OP && t.op == OP_JSON_GET;
        }
    }
    return false;
}

/* x int ->, (x int, y) -> */
static bool starts_typed_lambda(struct parser *p)
{
    unsigned first = tok_is(p, TOK_LPAREN);
    const struct token *type = tok_peek(p, 1);
    const struct token *then = tok_peek(p, 2);
    if (p->dialect != DIALECT_SNOWFLAKE || !tok_is_column_name(p, first)) {
        return false;
    }
    if (first) {
        return closes_before_arrow(p, tok(p)->offset);
    }
    bool is_type = type->kind == TOK_WORD && lex_keyword_class(type->word) <= KEYWORD_COLUMN;
    bool is_arrow = then->kind == TOK_OP && then->op == OP_JSON_GET;
    return is_type &&
           (is_arrow || (then->kind == TOK_LPAREN && closes_before_arrow(p, then->offset)));
}

static struct node *parse_typed_lambda(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LAMBDA, tok(p)->offset);
    bool in_parens = tok_take(p, TOK_LPAREN);
    parse_typed_params(p, node_lambda(n), in_parens);
    if (in_parens) {
        tok_need(p, TOK_RPAREN);
    }
    if (!tok_is_op(p, OP_JSON_GET)) {
        parse_syntax_error(p);
    }
    tok_next(p);
    node_lambda(n)->body = parse_expr(p);
    return parse_done(p, n);
}

static struct node *parse_arrow_lambda(struct parser *p)
{
    if (starts_typed_lambda(p)) {
        return parse_typed_lambda(p);
    }
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

/* LAMBDA x, y : body; our own text also has types: LAMBDA x int, y : body */
static struct node *parse_lambda(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LAMBDA, tok_next(p).offset);
    struct node_lambda *lambda = node_lambda(n);
    bool in_parens = tok_take(p, TOK_LPAREN);
    parse_typed_params(p, lambda, true);
    if (in_parens) {
        tok_need(p, TOK_RPAREN);
    }
    tok_need(p, TOK_COLON);
    node_lambda(n)->body = parse_expr(p);
    return parse_done(p, n);
}

/* f(SELECT ..), as Snowflake takes it: a sub-query without parentheses of its own */
static struct node *parse_bare_query(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SUBQUERY, tok(p)->offset);
    node_subquery(n)->query = parse_query(p);
    return parse_done(p, n);
}

static struct node *parse_named_arg(struct parser *p)
{
    struct token t = tok_next(p);
    struct node *n = parse_node(p, NODE_NAMED_ARG, t.offset);
    tok_next(p);
    node_named_arg(n)->name = t.text;
    node_named_arg(n)->value = tok_starts_query(p) ? parse_bare_query(p) : parse_expr(p);
    return parse_done(p, n);
}

struct node *parse_lambda_or_expr(struct parser *p)
{
    bool is_lambda = tok_is_word(p, KW_LAMBDA) &&
                     (tok_is_column_name(p, 1) || tok_peek(p, 1)->kind == TOK_LPAREN);
    parse_enter(p);
    struct node *n = is_lambda ? parse_lambda(p) : parse_arrow_lambda(p);
    parse_leave(p);
    return n;
}

/* COLUMNS(* or t.*), COLUMNS('re'), COLUMNS(x -> ..), COLUMNS([..]) */
struct node *parse_columns(struct parser *p, struct node_list qualifier, size_t offset)
{
    struct node *n = parse_node(p, NODE_COLUMNS, offset);
    tok_need(p, TOK_LPAREN);
    node_columns(n)->qualifier = qualifier;
    node_columns(n)->source = tok_is_op(p, OP_MUL) && !tok_is_unpacked(p)
                                  ? parse_star(p, (struct node_list){0}, tok(p)->offset)
                                  : parse_lambda_or_expr(p);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

static struct node *parse_arg(struct parser *p, bool lambdas)
{
    const struct token *next = tok_peek(p, 1);
    if (tok_is_op(p, OP_MUL) && !tok_is_unpacked(p)) {
        return parse_star(p, (struct node_list){0}, tok(p)->offset);
    }
    if (tok_starts_query(p)) {
        return parse_bare_query(p);
    }
    bool is_name = tok_is_column_name(p, 0) || (tok_is(p, TOK_WORD) && next->kind == TOK_ARROW);
    if (is_name && (next->kind == TOK_ARROW || next->kind == TOK_ASSIGN)) {
        return parse_named_arg(p);
    }
    bool is_lambda = tok_is_word(p, KW_LAMBDA) && tok_is_column_name(p, 1);
    return lambdas || is_lambda ? parse_lambda_or_expr(p) : parse_expr(p);
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

/* What stands behind the arguments, in any order: ORDER BY, LIMIT, IGNORE NULLS. */
static void parse_args_end(struct parser *p, struct node_func *f)
{
    for (;;) {
        take_nulls(p, f);
        if (f->order.n == 0 && tok_take_words(p, KW_ORDER, KW_BY)) {
            parse_order_items(p, &f->order);
        } else if (!f->limit && tok_take_word(p, KW_LIMIT)) {
            f->limit = parse_expr(p);
        } else {
            return;
        }
    }
}

/* A comma and another argument. f(a => 1, , b => 2): of arguments with names one may be empty. */
static bool more_args(struct parser *p, const struct node_func *f)
{
    bool is_named =
        p->dialect == DIALECT_SNOWFLAKE && f->args.at[f->args.n - 1]->kind == NODE_NAMED_ARG;
    while (is_named && tok_is(p, TOK_COMMA) && tok_peek(p, 1)->kind == TOK_COMMA) {
        tok_next(p);
    }
    return tok_more(p);
}

/* CEIL(x TO unit): the unit as an argument of the name "to" */
static struct node *parse_unit_arg(struct parser *p)
{
    struct token word = tok_need(p, TOK_WORD);
    struct node *n = parse_node(p, NODE_NAMED_ARG, word.offset);
    node_named_arg(n)->name = STR("to");
    node_named_arg(n)->value = parse_literal(p, LIT_STRING, parse_lower(p, word.text), word.offset);
    return parse_done(p, n);
}

static void parse_arg_list(struct parser *p, struct node_func *f)
{
    f->distinct = tok_take_word(p, KW_DISTINCT);
    if (!f->distinct) {
        tok_take_word(p, KW_ALL);
    }
    bool lambdas = takes_lambda(p, f->name);
    do {
        parse_push(p, &f->args, parse_arg(p, lambdas));
        if (f->args.n == 1 && tok_take_word(p, KW_TO)) {
            parse_push(p, &f->args, parse_unit_arg(p));
        }
    } while (more_args(p, f));
    parse_args_end(p, f);
}

/* count(ALL *) and count(*,) are count(*). */
static void take_lone_star(struct parser *p, struct node_func *f)
{
    bool is_star = f->args.n == 1 && !f->distinct && f->args.at[0]->kind == NODE_STAR;
    if (is_star && node_equal(f->args.at[0], node_new(p->arena, NODE_STAR, 0))) {
        f->star = true;
        f->args.n = 0;
    }
}

void parse_args(struct parser *p, struct node_func *f)
{
    bool colon_ends = p->colon_ends;
    tok_need(p, TOK_LPAREN);
    if (tok_take(p, TOK_RPAREN)) {
        return;
    }
    p->colon_ends = false;
    if (tok_is_op(p, OP_MUL) && tok_peek(p, 1)->kind == TOK_RPAREN) {
        tok_next(p);
        f->star = true;
    } else if (tok_is_word(p, KW_ORDER)) { /* rank(ORDER BY x) */
        parse_args_end(p, f);
    } else {
        parse_arg_list(p, f);
        take_lone_star(p, f);
    }
    tok_need(p, TOK_RPAREN);
    p->colon_ends = colon_ends;
}

/* nth_value(..) FROM FIRST: what it counts from anyway */
static void take_first(struct parser *p)
{
    if (!tok_is_word(p, KW_FROM)) {
        return;
    }
    enum keyword then = tok_peek(p, 2)->word;
    bool is_window = then == KW_OVER || ((then == KW_IGNORE || then == KW_RESPECT) &&
                                         tok_peek(p, 3)->word == KW_NULLS);
    if (is_window && tok_peek(p, 1)->word == KW_LAST) {
        parse_unsupported(p, "FROM LAST is");
    }
    if (is_window && tok_peek(p, 1)->word == KW_FIRST) {
        tok_next(p);
        tok_next(p);
    }
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
    take_first(p);
    bool says_nulls = (tok_is_word(p, KW_IGNORE) || tok_is_word(p, KW_RESPECT)) &&
                      tok_peek(p, 1)->word == KW_NULLS;
    const struct token *then = tok_peek(p, 2);
    bool ends_around = then->kind == TOK_RPAREN || then->word == KW_ORDER || then->word == KW_LIMIT;
    if (says_nulls && !ends_around) { /* else it is said of the call around this */
        take_nulls(p, f);
    }
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

/* What Snowflake says behind the type of a structured object. */
static enum cast_fields parse_cast_fields(struct parser *p)
{
    enum cast_fields fields = CAST_FIELDS_NONE;
    while (tok_says(p, 1, "fields")) {
        if (tok_take_word(p, KW_RENAME)) {
            fields |= CAST_FIELDS_RENAME;
        } else {
            tok_need_word(p, KW_ADD);
            fields |= CAST_FIELDS_ADD;
        }
        tok_next(p);
        tok_take(p, TOK_COMMA);
    }
    return fields;
}

static struct node *parse_cast(struct parser *p, bool is_try)
{
    struct node *n = parse_node(p, NODE_CAST, tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    node_cast(n)->is_try = is_try;
    node_cast(n)->operand = parse_expr(p);
    tok_need_word(p, KW_AS);
    node_cast(n)->target = parse_type(p);
    if (tok_take_said(p, "format")) {
        node_cast(n)->format = parse_expr(p);
    }
    node_cast(n)->fields = parse_cast_fields(p);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* Behind EXTRACT or DATE_PART: (field FROM x) and ('field', x) are date_part('field', x). */
struct node *parse_extract(struct parser *p, size_t offset)
{
    struct node *n = parse_func_of(p, "date_part", offset);
    tok_need(p, TOK_LPAREN);
    if (!tok_is(p, TOK_WORD) && !tok_is(p, TOK_STRING) && !tok_is(p, TOK_QUOTED)) {
        parse_syntax_error(p);
    }
    struct token field = tok_next(p);
    if (!tok_take_word(p, KW_FROM)) {
        tok_need(p, TOK_COMMA);
    }
    parse_push(p, &node_func(n)->args,
               parse_literal(p, LIT_STRING, parse_lower(p, field.text), field.offset));
    parse_push(p, &node_func(n)->args, parse_expr(p));
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* POSITION(a IN b): strpos(b, a). With a comma it is a call like any other: what it means differs.
 */
static struct node *parse_position(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    tok_need(p, TOK_LPAREN);
    struct node *needle = parse_expr_above(p, PREC_LIKE + 1);
    bool has_comma = tok_is(p, TOK_COMMA);
    struct node *n = parse_func_of(p, has_comma ? "position" : "strpos", offset);
    if (has_comma) { /* quoted, since a word POSITION would be read as this */
        node_ident(node_name(node_func(n)->name)->parts.at[0])->quoted = true;
        parse_push(p, &node_func(n)->args, needle);
        while (tok_take(p, TOK_COMMA)) {
            parse_push(p, &node_func(n)->args, parse_expr(p));
        }
        tok_need(p, TOK_RPAREN);
        return parse_done(p, n);
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

/* CONVERT(x, SQL_DOUBLE), as ODBC writes a cast */
struct node *parse_odbc_convert(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CAST, tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    node_cast(n)->operand = parse_expr(p);
    tok_need(p, TOK_COMMA);
    struct token type = tok_need(p, TOK_WORD);
    if (type.text.n <= 4) {
        parse_syntax_error(p);
    }
    struct node *name = parse_node(p, NODE_TYPE_NAME, type.offset);
    node_type_name(name)->text = parse_lower(p, (struct str){type.text.p + 4, type.text.n - 4});
    node_cast(n)->target = parse_done(p, name);
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
        *out = parse_extract(p, tok_next(p).offset);
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
    if (unit && tok_take_word(p, KW_TO)) {
        const char *last = tok_is(p, TOK_WORD) ? unit_of(tok(p)->text) : NULL;
        if (!last) {
            parse_syntax_error(p);
        }
        interval->last_unit = str_of(last);
        tok_next(p);
    }
    return parse_done(p, n);
}
