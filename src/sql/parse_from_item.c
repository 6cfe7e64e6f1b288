/* The rarer items of FROM, and what may hang behind any of them: samples, time travel, stages,
 * semantic views, DESCRIBE. PIVOT and MATCH_RECOGNIZE have files of their own. */
#include "sql/parse_priv.h"

static const struct {
    const char *word;
    enum sample_method method;
} sample_methods[] = {
    {"bernoulli", SAMPLE_BERNOULLI},  {"row", SAMPLE_BERNOULLI}, {"system", SAMPLE_SYSTEM},
    {"fixed_size", SAMPLE_RESERVOIR}, {"block", SAMPLE_SYSTEM},  {"reservoir", SAMPLE_RESERVOIR},
};

static bool says_method(struct parser *p, unsigned ahead, enum sample_method *out)
{
    for (size_t i = 0; i < sizeof sample_methods / sizeof *sample_methods; i++) {
        if (tok_says(p, ahead, sample_methods[i].word)) {
            *out = sample_methods[i].method;
            return true;
        }
    }
    return false;
}

bool tok_starts_suffix(struct parser *p)
{
    enum sample_method ignored;
    enum token_kind next = tok_peek(p, 1)->kind;
    switch (tok(p)->word) {
    case KW_TABLESAMPLE:
        return true;
    case KW_SAMPLE:
        return p->dialect == DIALECT_SNOWFLAKE &&
               (next == TOK_LPAREN || says_method(p, 1, &ignored));
    case KW_PIVOT:
    case KW_MATCH_RECOGNIZE:
        return next == TOK_LPAREN;
    case KW_UNPIVOT:
        return next == TOK_LPAREN || tok_peek(p, 2)->word == KW_NULLS;
    default:
        return false;
    }
}

/* 10, 10%, 10 PERCENT, 10 ROWS */
static void parse_amount(struct parser *p, struct node_sample *sample)
{
    sample->amount = parse_primary(p);
    if (tok_is_op(p, OP_MOD)) {
        tok_next(p);
    } else if (tok_take_word(p, KW_ROWS)) {
        sample->rows = true;
    } else if (!tok_take_said(p, "percent")) { /* DuckDB counts rows where nothing is said */
        sample->rows = p->dialect == DIALECT_DUCKDB;
    }
}

/* 10% (bernoulli, 42): DuckDB's other order */
static void parse_method_behind(struct parser *p, struct node_sample *sample)
{
    enum sample_method method;
    if (!tok_take(p, TOK_LPAREN)) {
        return;
    }
    if (!says_method(p, 0, &method)) {
        parse_syntax_error(p);
    }
    tok_next(p);
    sample->method = method;
    sample->seed = tok_take(p, TOK_COMMA) ? parse_primary(p) : NULL;
    tok_need(p, TOK_RPAREN);
}

struct node *parse_sample_clause(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_SAMPLE, source->offset);
    struct node_sample *sample = node_sample(n);
    enum sample_method method = SAMPLE_DEFAULT;
    sample->source = source;
    if (says_method(p, 0, &method)) {
        tok_next(p);
    }
    sample->method = method;
    if (tok_take(p, TOK_LPAREN)) {
        parse_amount(p, sample);
        tok_need(p, TOK_RPAREN);
    } else {
        parse_amount(p, sample);
        parse_method_behind(p, sample);
    }
    if (!sample->seed && (tok_take_word(p, KW_REPEATABLE) || tok_take_said(p, "seed"))) {
        tok_need(p, TOK_LPAREN);
        sample->seed = parse_expr(p);
        tok_need(p, TOK_RPAREN);
    }
    return parse_done(p, n);
}

static struct node *parse_suffix(struct parser *p, struct node *n)
{
    switch (tok_next(p).word) {
    case KW_PIVOT:
        return parse_pivot(p, n);
    case KW_UNPIVOT:
        return parse_unpivot(p, n);
    case KW_MATCH_RECOGNIZE:
        return parse_match_recognize(p, n);
    default:
        return parse_sample_clause(p, n);
    }
}

struct node *parse_from_suffixes(struct parser *p, struct node *n)
{
    int around = 0;
    for (; tok_starts_suffix(p); around++) { /* each makes the tree one deeper */
        parse_enter(p);
        n = parse_suffix(p, n);
    }
    for (; around > 0; around--) {
        parse_leave(p);
    }
    return n;
}

bool tok_starts_travel(struct parser *p, unsigned ahead)
{
    enum keyword word = tok_peek(p, ahead)->word;
    bool is_word = word == KW_AT || word == KW_BEFORE || word == KW_CHANGES || word == KW_END;
    return is_word && tok_peek(p, ahead + 1)->kind == TOK_LPAREN &&
           tok_peek(p, ahead + 2)->kind == TOK_WORD && tok_peek(p, ahead + 3)->kind == TOK_ARROW;
}

/* (name => value) */
static struct node *parse_point(struct parser *p)
{
    tok_next(p);
    tok_need(p, TOK_LPAREN);
    struct token name = tok_need(p, TOK_WORD);
    struct node *n = parse_node(p, NODE_NAMED_ARG, name.offset);
    node_named_arg(n)->name = parse_lower(p, name.text);
    tok_need(p, TOK_ARROW);
    node_named_arg(n)->value = parse_expr(p);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

struct node *parse_travel(struct parser *p, struct node *table)
{
    struct node *n = parse_node(p, NODE_TIME_TRAVEL, table->offset);
    struct node_time_travel *travel = node_time_travel(n);
    travel->table = table;
    if (tok_is_word(p, KW_CHANGES)) {
        travel->changes = parse_point(p);
    }
    if (tok_starts_travel(p, 0) && !tok_is_word(p, KW_CHANGES) && !tok_is_word(p, KW_END)) {
        travel->before = tok_is_word(p, KW_BEFORE);
        travel->point = parse_point(p);
    }
    if (travel->point && tok_is_word(p, KW_END) && tok_starts_travel(p, 0)) {
        travel->end = parse_point(p);
    }
    if (!travel->changes && !travel->point) {
        parse_syntax_error(p);
    }
    return parse_done(p, n);
}

/* (FILE_FORMAT => 'f', PATTERN => '..') */
static void parse_stage_options(struct parser *p, struct node_list *options)
{
    if (!tok_is(p, TOK_LPAREN) || tok_peek(p, 2)->kind != TOK_ARROW) {
        return;
    }
    tok_next(p);
    do {
        struct token name = tok_need(p, TOK_WORD);
        struct node *n = parse_node(p, NODE_NAMED_ARG, name.offset);
        node_named_arg(n)->name = parse_lower(p, name.text);
        tok_need(p, TOK_ARROW);
        node_named_arg(n)->value = parse_expr(p);
        parse_push(p, options, parse_done(p, n));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

static struct node *parse_stage_ref(struct parser *p)
{
    struct node *n = parse_node(p, NODE_STAGE_REF, tok(p)->offset);
    struct node_stage_ref *stage = node_stage_ref(n);
    stage->is_string = tok_is(p, TOK_STRING);
    stage->path = tok_next(p).text;
    parse_stage_options(p, &stage->options);
    parse_alias(p, &stage->alias, &stage->columns);
    return parse_done(p, n);
}

static bool semantic_form(struct parser *p, enum semantic_form *out)
{
    static const char *const words[] = {"metrics", "dimensions", "facts"};
    for (int i = 0; i < 3; i++) {
        if (tok_says(p, 0, words[i])) {
            *out = (enum semantic_form)i;
            return true;
        }
    }
    return false;
}

static struct node *parse_semantic_part(struct parser *p, enum semantic_form form)
{
    struct node *n = parse_node(p, NODE_SEMANTIC_PART, tok_next(p).offset);
    enum semantic_form next;
    node_semantic_part(n)->form = form;
    do {
        struct node *target = parse_node(p, NODE_TARGET, tok(p)->offset);
        node_target(target)->expr = parse_expr(p);
        if (tok_take_word(p, KW_AS)) {
            node_target(target)->alias = parse_label(p);
        } else if (tok_is_label(p) && !semantic_form(p, &next)) {
            node_target(target)->alias = parse_ident(p);
        }
        parse_push(p, &node_semantic_part(n)->targets, parse_done(p, target));
    } while (tok_take(p, TOK_COMMA));
    return parse_done(p, n);
}

/* SEMANTIC_VIEW(name METRICS .. DIMENSIONS .. FACTS .. WHERE ..) */
static struct node *parse_semantic_view(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SEMANTIC_VIEW, tok_next(p).offset);
    struct node_semantic_view *view = node_semantic_view(n);
    enum semantic_form form;
    tok_need(p, TOK_LPAREN);
    view->name = parse_name(p);
    while (semantic_form(p, &form)) {
        parse_push(p, &view->parts, parse_semantic_part(p, form));
    }
    view->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    tok_need(p, TOK_RPAREN);
    parse_alias(p, &view->alias, &view->columns);
    return parse_done(p, n);
}

bool parse_rare_table(struct parser *p, struct node **out)
{
    if (tok_is(p, TOK_STRING) && (tok(p)->text.n == 0 || tok(p)->text.p[0] != '@')) {
        parse_unsupported(p, "reading a file by its name is");
    }
    if (tok_is(p, TOK_STAGE) || tok_is(p, TOK_STRING)) {
        *out = parse_stage_ref(p);
        return true;
    }
    bool is_semantic = tok_says(p, 0, "semantic_view") && tok_peek(p, 1)->kind == TOK_LPAREN;
    if (is_semantic) {
        *out = parse_semantic_view(p);
    }
    return is_semantic;
}

bool tok_starts_described_table(struct parser *p)
{
    if (!tok_is_word(p, KW_DESCRIBE) && !tok_is_word(p, KW_SUMMARIZE)) {
        return false;
    }
    enum keyword next = tok_peek(p, 1)->word;
    bool is_name = p->dialect == DIALECT_DUCKDB && tok_is_column_name(p, 1);
    return is_name || next == KW_SELECT || next == KW_WITH || next == KW_FROM ||
           next == KW_VALUES || next == KW_PIVOT || next == KW_TABLE ||
           tok_peek(p, 1)->kind == TOK_LPAREN;
}

/* What DESCRIBE tells of: a query, a table, or another DESCRIBE in parentheses. */
static struct node *parse_described_query(struct parser *p)
{
    size_t offset = tok(p)->offset;
    if (tok_is(p, TOK_LPAREN)) {
        const struct token *next = tok_peek(p, 1);
        if (next->word != KW_DESCRIBE && next->word != KW_SUMMARIZE) {
            return parse_query(p);
        }
        tok_next(p);
        struct node *inner = parse_described_table(p);
        tok_need(p, TOK_RPAREN);
        return parse_star_query(p, inner, offset);
    }
    bool says_table = tok_is_word(p, KW_TABLE) && tok_peek(p, 1)->kind != TOK_LPAREN;
    if (!says_table && tok_starts_query(p)) {
        return parse_query(p);
    }
    if (says_table) {
        tok_next(p);
    }
    struct node *table = parse_table_ref(p);
    bool is_name = table->kind == NODE_TABLE_REF && !node_table_ref(table)->alias;
    return is_name ? table : parse_star_query(p, table, offset);
}

struct node *parse_described_table(struct parser *p)
{
    parse_enter(p);
    struct node *n = parse_node(p, NODE_DESCRIBED, tok(p)->offset);
    node_described(n)->summarize = tok_next(p).word == KW_SUMMARIZE;
    node_described(n)->query = parse_described_query(p);
    parse_leave(p);
    return parse_done(p, n);
}
