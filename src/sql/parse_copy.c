/* COPY between a table or query and the client. Files and programs are refused. Options of the old
 * spelling become those of the new one: CSV HEADER is (FORMAT csv, HEADER true). */
#include "sql/parse_priv.h"

static struct node *push_option(struct parser *p, struct node_list *options, struct str name,
                                size_t offset)
{
    struct node *n = parse_node(p, NODE_COPY_OPTION, offset);
    node_copy_option(n)->name = name;
    parse_push(p, options, n);
    return n;
}

static void push_word(struct parser *p, struct node *option, const char *word)
{
    struct node *n = parse_node(p, NODE_IDENT, option->offset);
    node_ident(n)->text = str_of(word);
    parse_push(p, &node_copy_option(option)->values, n);
}

static struct node *parse_option_value(struct parser *p)
{
    const struct token *t = tok(p);
    bool is_value = t->kind == TOK_STRING || t->kind == TOK_INTEGER || t->kind == TOK_DECIMAL ||
                    t->word == KW_TRUE || t->word == KW_FALSE;
    if (is_value) {
        return parse_plain_value(p);
    }
    if (tok_is_op(p, OP_MUL)) {
        return parse_star(p, (struct node_list){0}, t->offset);
    }
    return parse_label(p);
}

/* (FORMAT csv, FORCE_QUOTE (a, b)) */
static void parse_new_options(struct parser *p, struct node_list *options)
{
    tok_need(p, TOK_LPAREN);
    do {
        struct node *name = parse_label(p);
        struct node *n =
            push_option(p, options, parse_lower(p, node_ident(name)->text), name->offset);
        struct node_list *values = &node_copy_option(n)->values;
        if (tok_take(p, TOK_LPAREN)) {
            do {
                parse_push(p, values, parse_option_value(p));
            } while (tok_take(p, TOK_COMMA));
            tok_need(p, TOK_RPAREN);
        } else if (!tok_is(p, TOK_COMMA) && !tok_is(p, TOK_RPAREN)) {
            parse_push(p, values, parse_option_value(p));
        }
        parse_done(p, n);
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

static void parse_string_option(struct parser *p, struct node_list *options, const char *name)
{
    struct node *n = push_option(p, options, str_of(name), tok_next(p).offset);
    tok_take_word(p, KW_AS);
    if (!tok_is(p, TOK_STRING)) {
        parse_syntax_error(p);
    }
    parse_push(p, &node_copy_option(n)->values, parse_option_value(p));
    parse_done(p, n);
}

/* FORCE QUOTE a, b | * and FORCE NOT NULL a, b */
static void parse_force(struct parser *p, struct node_list *options)
{
    size_t offset = tok_next(p).offset;
    const char *name = "force_quote";
    if (tok_take_words(p, KW_NOT, KW_NULL)) {
        name = "force_not_null";
    } else if (tok_take_word(p, KW_NULL)) {
        name = "force_null";
    } else {
        tok_need_word(p, KW_QUOTE);
    }
    struct node *n = push_option(p, options, str_of(name), offset);
    do {
        struct node *value = tok_is_op(p, OP_MUL) ? parse_option_value(p) : parse_ident(p);
        parse_push(p, &node_copy_option(n)->values, value);
    } while (tok_take(p, TOK_COMMA));
    parse_done(p, n);
}

static void parse_word_option(struct parser *p, struct node_list *options, const char *name,
                              const char *value)
{
    push_word(p, push_option(p, options, str_of(name), tok_next(p).offset), value);
}

static void parse_old_options(struct parser *p, struct node_list *options)
{
    for (;;) {
        switch (tok(p)->word) {
        case KW_BINARY:
            parse_word_option(p, options, "format", "binary");
            break;
        case KW_CSV:
            parse_word_option(p, options, "format", "csv");
            break;
        case KW_HEADER:
            parse_word_option(p, options, "header", "on");
            break;
        case KW_DELIMITER:
            parse_string_option(p, options, "delimiter");
            break;
        case KW_NULL:
            parse_string_option(p, options, "null");
            break;
        case KW_QUOTE:
            parse_string_option(p, options, "quote");
            break;
        case KW_ESCAPE:
            parse_string_option(p, options, "escape");
            break;
        case KW_ENCODING:
            parse_string_option(p, options, "encoding");
            break;
        case KW_FORCE:
            parse_force(p, options);
            break;
        default:
            return;
        }
    }
}

/* STDIN and STDOUT are the client; anything else is kept for whoever refuses it. */
static void parse_endpoint(struct parser *p, struct node_copy_stmt *copy)
{
    copy->program = tok_take_word(p, KW_PROGRAM);
    if (copy->program || tok_is(p, TOK_STRING)) {
        copy->file = parse_string(p);
    } else if (!tok_take_word(p, copy->to ? KW_STDOUT : KW_STDIN)) {
        tok_need_word(p, copy->to ? KW_STDIN : KW_STDOUT); /* PostgreSQL takes either */
    }
}

struct node *parse_copy(struct parser *p)
{
    if (tok_peek(p, 1)->word == KW_INTO || tok_says_all(p, "copy from database")) {
        return parse_foreign(p);
    }
    struct node *n = parse_node(p, NODE_COPY, tok_next(p).offset);
    struct node_copy_stmt *copy = node_copy_stmt(n);
    if (tok_is(p, TOK_LPAREN)) {
        if (tok_starts_dml(p, 1)) {
            parse_unsupported(p, "COPY of a statement that writes is");
        }
        copy->query = parse_query_in_parens(p);
    } else {
        struct node *ref = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
        node_table_ref(ref)->name = parse_name(p);
        copy->table = parse_done(p, ref);
        if (tok_is(p, TOK_LPAREN)) {
            parse_ident_list(p, &copy->columns);
        }
    }
    copy->to = tok_take_word(p, KW_TO);
    if (!copy->to) {
        if (copy->query) {
            parse_syntax_error(p);
        }
        tok_need_word(p, KW_FROM);
    }
    parse_endpoint(p, copy);
    tok_take_word(p, KW_WITH);
    if (tok_is(p, TOK_LPAREN)) {
        parse_new_options(p, &copy->options);
    } else {
        parse_old_options(p, &copy->options);
    }
    if (!copy->to) {
        copy->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    }
    return parse_done(p, n);
}
