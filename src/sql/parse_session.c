/* Statements about the session: transactions, settings, EXPLAIN. */
#include "sql/parse_priv.h"

static enum isolation parse_isolation(struct parser *p)
{
    if (tok_take_word(p, KW_SERIALIZABLE)) {
        return ISOLATION_SERIALIZABLE;
    }
    if (tok_take_words(p, KW_REPEATABLE, KW_READ)) {
        return ISOLATION_REPEATABLE_READ;
    }
    tok_need_word(p, KW_READ);
    if (tok_take_word(p, KW_COMMITTED)) {
        return ISOLATION_READ_COMMITTED;
    }
    tok_need_word(p, KW_UNCOMMITTED);
    return ISOLATION_READ_UNCOMMITTED;
}

/* ISOLATION LEVEL ..., READ ONLY, READ WRITE, commas between or not. DEFERRABLE matters only to
 * PostgreSQL's own serializable snapshots; NOT DEFERRABLE says the default. */
static void parse_modes(struct parser *p, struct node_transaction *t)
{
    for (bool comma = false;; comma = tok_take(p, TOK_COMMA)) {
        if (tok_take_words(p, KW_ISOLATION, KW_LEVEL)) {
            t->isolation = parse_isolation(p);
        } else if (tok_is_word(p, KW_READ)) {
            tok_next(p);
            t->read_only = tok_take_word(p, KW_ONLY);
            if (!t->read_only) {
                tok_need_word(p, KW_WRITE);
            }
        } else if (tok_is_word(p, KW_DEFERRABLE)) {
            parse_unsupported(p, "DEFERRABLE is");
        } else if (!tok_take_words(p, KW_NOT, KW_DEFERRABLE)) {
            if (comma) {
                parse_syntax_error(p);
            }
            return;
        }
    }
}

static void take_work(struct parser *p)
{
    if (!tok_take_word(p, KW_WORK)) {
        tok_take_word(p, KW_TRANSACTION);
    }
}

static void refuse_chain(struct parser *p)
{
    if (tok_take_word(p, KW_AND)) {
        if (tok_is_word(p, KW_CHAIN)) {
            parse_unsupported(p, "AND CHAIN is");
        }
        tok_need_word(p, KW_NO);
        tok_need_word(p, KW_CHAIN);
    }
}

static void parse_end(struct parser *p, struct node_transaction *t, enum transaction_verb verb)
{
    t->verb = verb;
    take_work(p);
    if (verb == TXN_ROLLBACK && tok_take_word(p, KW_TO)) {
        tok_take_word(p, KW_SAVEPOINT);
        t->verb = TXN_ROLLBACK_TO;
        t->savepoint = node_ident(parse_ident(p))->text;
        return;
    }
    refuse_chain(p);
}

struct node *parse_transaction(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TRANSACTION, tok(p)->offset);
    struct node_transaction *t = node_transaction(n);
    switch (tok_next(p).word) {
    case KW_START:
        tok_need_word(p, KW_TRANSACTION);
        t->verb = TXN_BEGIN;
        parse_modes(p, t);
        break;
    case KW_BEGIN:
        take_work(p);
        t->verb = TXN_BEGIN;
        parse_modes(p, t);
        break;
    case KW_COMMIT:
    case KW_END:
        parse_end(p, t, TXN_COMMIT);
        break;
    case KW_SAVEPOINT:
        t->verb = TXN_SAVEPOINT;
        t->savepoint = node_ident(parse_ident(p))->text;
        break;
    case KW_RELEASE:
        tok_take_word(p, KW_SAVEPOINT);
        t->verb = TXN_RELEASE;
        t->savepoint = node_ident(parse_ident(p))->text;
        break;
    default:
        parse_end(p, t, TXN_ROLLBACK);
        break;
    }
    return parse_done(p, n);
}

/* A setting's name, in lower case: "hatidata.environment". */
static struct str parse_setting(struct parser *p)
{
    struct node *n = parse_name(p);
    const struct node_list *parts = &node_name(n)->parts;
    struct str name = parse_lower(p, node_ident(parts->at[0])->text);
    for (uint32_t i = 1; i < parts->n; i++) {
        struct str part = parse_lower(p, node_ident(parts->at[i])->text);
        name = str_of(arena_printf(p->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(part)));
    }
    return name;
}

/* A value: a literal, a signed number, or a word (IDENT), as in SET x = on. */
static struct node *parse_setting_value(struct parser *p)
{
    const struct token *t = tok(p);
    bool is_sign = tok_is_op(p, OP_SUB) || tok_is_op(p, OP_ADD);
    bool is_literal = (t->kind >= TOK_STRING && t->kind <= TOK_FLOAT && t->kind != TOK_BYTES) ||
                      t->word == KW_TRUE || t->word == KW_FALSE;
    if (is_sign) {
        enum token_kind next = tok_peek(p, 1)->kind;
        if (next != TOK_INTEGER && next != TOK_DECIMAL && next != TOK_FLOAT) {
            parse_syntax_error(p);
        }
        return parse_prefix(p);
    }
    if (is_literal) {
        return parse_primary(p);
    }
    return t->word == KW_ON ? parse_label(p) : parse_ident(p);
}

static void parse_setting_values(struct parser *p, struct node_set *set)
{
    if (tok_take_word(p, KW_DEFAULT)) {
        set->to_default = true;
        return;
    }
    do {
        parse_push(p, &set->values, parse_setting_value(p));
    } while (tok_take(p, TOK_COMMA));
}

/* SET TIME ZONE 'x' | LOCAL | DEFAULT */
static void parse_time_zone(struct parser *p, struct node_set *set)
{
    set->name = STR("timezone");
    tok_need_word(p, KW_ZONE);
    if (tok_take_word(p, KW_LOCAL)) {
        set->to_default = true;
        return;
    }
    if (tok_is_word(p, KW_INTERVAL)) {
        parse_unsupported(p, "a time zone as INTERVAL is");
    }
    parse_setting_values(p, set);
}

static void refuse_settings(struct parser *p)
{
    bool is_assignment = tok_peek(p, 1)->word == KW_TO || tok_peek(p, 1)->kind == TOK_OP ||
                         tok_peek(p, 1)->kind == TOK_DOT;
    if (is_assignment) {
        return;
    }
    if (tok_is_word(p, KW_CHARACTERISTICS) || tok_is_word(p, KW_TRANSACTION)) {
        parse_unsupported(p, "SET of transaction characteristics is");
    }
    if (tok_is_word(p, KW_AUTHORIZATION) || tok_is_word(p, KW_ROLE)) {
        parse_unsupported(p, "changing the user or role is");
    }
}

struct node *parse_set(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SET, tok_next(p).offset);
    struct node_set *set = node_set(n);
    const struct token *next = tok_peek(p, 1);
    bool is_scope = next->kind == TOK_QUOTED || (next->kind == TOK_WORD && next->word != KW_TO);
    if (is_scope && tok_take_word(p, KW_LOCAL)) {
        set->local = true;
    } else if (is_scope) {
        tok_take_word(p, KW_SESSION);
    }
    refuse_settings(p);
    if (tok_is_word(p, KW_TIME) && tok_peek(p, 1)->word == KW_ZONE) {
        tok_next(p);
        parse_time_zone(p, set);
        return parse_done(p, n);
    }
    if (tok_is_word(p, KW_NAMES) && tok_peek(p, 1)->kind == TOK_STRING) {
        tok_next(p);
        set->name = STR("client_encoding");
    } else {
        set->name = parse_setting(p);
        if (tok_is_op(p, OP_EQ)) {
            tok_next(p);
        } else {
            tok_need_word(p, KW_TO);
        }
    }
    parse_setting_values(p, set);
    return parse_done(p, n);
}

/* The name behind SHOW and RESET, with the standard's spellings. */
static struct str parse_shown(struct parser *p)
{
    if (tok_take_word(p, KW_ALL)) {
        return STR("all");
    }
    if (tok_take_words(p, KW_TIME, KW_ZONE)) {
        return STR("timezone");
    }
    if (tok_take_words(p, KW_TRANSACTION, KW_ISOLATION)) {
        tok_need_word(p, KW_LEVEL);
        return STR("transaction_isolation");
    }
    return parse_setting(p);
}

struct node *parse_show(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SHOW, tok_next(p).offset);
    node_show(n)->name = parse_shown(p);
    return parse_done(p, n);
}

struct node *parse_reset(struct parser *p)
{
    struct node *n = parse_node(p, NODE_RESET, tok_next(p).offset);
    node_reset(n)->name = parse_shown(p);
    return parse_done(p, n);
}

struct node *parse_discard(struct parser *p)
{
    static const char *const kinds[] = {"all", "plans", "sequences", "temp", "temporary"};
    struct node *n = parse_node(p, NODE_DISCARD, tok_next(p).offset);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (tok_says(p, 0, kinds[i])) {
            node_discard(n)->what = str_of(i == 4 ? "temp" : kinds[i]);
            tok_next(p);
            return parse_done(p, n);
        }
    }
    parse_syntax_error(p);
}

struct node *parse_deallocate(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DISCARD, tok_next(p).offset);
    node_discard(n)->what = STR("prepared");
    if (tok_says(p, 0, "prepare") && tok_peek(p, 1)->kind == TOK_WORD) {
        tok_next(p);
    }
    if (!tok_take_word(p, KW_ALL)) {
        node_discard(n)->name = node_ident(parse_ident(p))->text;
    }
    return parse_done(p, n);
}

/* (ANALYZE [on|off]) is the one option that we take in parentheses. */
static bool parse_explain_options(struct parser *p)
{
    bool analyze = false;
    tok_need(p, TOK_LPAREN);
    do {
        if (!tok_is_word(p, KW_ANALYZE)) {
            parse_unsupported(p, "this option of EXPLAIN is");
        }
        tok_next(p);
        analyze = true;
        if (tok_take_word(p, KW_FALSE) || tok_says(p, 0, "off")) {
            analyze = false;
            if (tok_says(p, 0, "off")) {
                tok_next(p);
            }
        } else if (!tok_take_word(p, KW_TRUE)) {
            tok_take_word(p, KW_ON);
        }
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
    return analyze;
}

static bool is_explainable(const struct node *n)
{
    switch (n->kind) {
    case NODE_QUERY:
    case NODE_INSERT:
    case NODE_UPDATE:
    case NODE_DELETE:
    case NODE_CREATE_TABLE:
        return true;
    default:
        return false;
    }
}

struct node *parse_explain(struct parser *p)
{
    struct node *n = parse_node(p, NODE_EXPLAIN, tok_next(p).offset);
    struct node_explain *explain = node_explain(n);
    enum keyword inside = tok_peek(p, 1)->word;
    if (tok_is(p, TOK_LPAREN) && inside != KW_SELECT && inside != KW_WITH && inside != KW_VALUES &&
        inside != KW_FROM && tok_peek(p, 1)->kind != TOK_LPAREN) {
        explain->analyze = parse_explain_options(p);
    } else {
        explain->analyze = tok_take_word(p, KW_ANALYZE) || tok_take_word(p, KW_ANALYSE);
    }
    if (tok_is_word(p, KW_VERBOSE)) {
        parse_unsupported(p, "EXPLAIN VERBOSE is");
    }
    if (tok_is_word(p, KW_EXPLAIN)) {
        parse_syntax_error(p);
    }
    size_t offset = tok(p)->offset;
    explain->statement = parse_done(p, parse_statement(p));
    if (!is_explainable(explain->statement)) {
        parse_fail(p, ERR_UNSUPPORTED, offset, "EXPLAIN of this statement is not supported");
    }
    return parse_done(p, n);
}
