/* Statements that never run here: read to their end, kept as verb, object, name and clauses, and
 * refused by whoever is asked to run them (foreign.h). */
#include "sql/foreign.h"
#include "sql/parse_priv.h"

static const struct foreign *at_object(struct parser *p)
{
    if (!tok_is(p, TOK_WORD)) {
        return NULL;
    }
    for (const struct foreign *f = foreign_objects; f->words; f++) {
        if (tok_says_all(p, f->words)) {
            return f;
        }
    }
    return NULL;
}

bool tok_is_foreign_object(struct parser *p)
{
    return at_object(p) != NULL;
}

static bool take_if(struct parser *p)
{
    return take_if_exists(p) || take_if_not_exists(p);
}

/* A stage, or a name, with the types of a function or procedure behind it. */
static struct node *parse_foreign_name(struct parser *p)
{
    if (tok_is(p, TOK_STAGE)) {
        return parse_stage(p);
    }
    return tok_is_column_name(p, 0) ? parse_name(p) : NULL;
}

struct node *parse_foreign_object(struct parser *p, const char *verb,
                                  const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_FOREIGN, flags->offset);
    struct node_foreign *foreign = node_foreign(n);
    foreign->verb = str_of(verb);
    foreign->object = str_of(at_object(p)->words);
    foreign->or_replace = flags->or_replace;
    foreign->modifiers = flags->words;
    tok_take_all(p, at_object(p)->words);
    foreign->if_exists = take_if(p);
    foreign->name = parse_foreign_name(p);
    parse_clauses(p, &foreign->clauses);
    return parse_done(p, n);
}

struct node *parse_foreign_known(struct parser *p, const char *verb, size_t offset,
                                 enum object_kind object)
{
    struct node *n = parse_node(p, NODE_FOREIGN, offset);
    struct node_foreign *foreign = node_foreign(n);
    foreign->verb = str_of(verb);
    foreign->object = parse_lower(p, str_of(object_words(object)));
    foreign->if_exists = take_if_exists(p);
    foreign->name = parse_foreign_name(p);
    parse_clauses(p, &foreign->clauses);
    return parse_done(p, n);
}

struct node *parse_foreign_rest(struct parser *p, const char *verb, size_t offset)
{
    struct node *n = parse_node(p, NODE_FOREIGN, offset);
    node_foreign(n)->verb = str_of(verb);
    parse_clauses(p, &node_foreign(n)->clauses);
    return parse_done(p, n);
}

static const struct foreign *at_verb(struct parser *p)
{
    if (!tok_is(p, TOK_WORD)) {
        return NULL;
    }
    for (const struct foreign *f = foreign_verbs; f->words; f++) {
        if (tok_says_all(p, f->words)) {
            return f;
        }
    }
    return NULL;
}

bool tok_is_foreign_statement(struct parser *p)
{
    static const char *const with_options[] = {"vacuum", "analyze", "reindex", "cluster"};
    const struct foreign *verb = at_verb(p);
    bool is_open = verb && tok_peek(p, 1)->kind == TOK_LPAREN;
    for (size_t i = 0; is_open && i < sizeof with_options / sizeof *with_options; i++) {
        is_open = strcmp(verb->words, with_options[i]) != 0;
    }
    return verb && !is_open; /* GET(a, b) alone is an expression, no statement at all */
}

/* file:///dir/name without quotes: the rest of the word, whatever tokens it would make. */
static struct node *parse_file(struct parser *p)
{
    struct token t = *tok(p);
    struct str rest = {p->lex.text.p + t.offset, p->lex.text.n - t.offset};
    size_t n = 0;
    while (n < rest.n && !strchr(" \t\r\n\v\f;'\"", rest.p[n])) {
        n++;
    }
    p->lex.at = t.offset + n;
    p->filled = 0;
    p->end = p->lex.at;
    return parse_literal(p, LIT_STRING, (struct str){rest.p, n}, t.offset);
}

/* PUT file @stage options; GET @stage file options */
static struct node *parse_transfer(struct parser *p, struct node *n)
{
    struct node_list *clauses = &node_foreign(n)->clauses;
    for (int i = 0; i < 2; i++) {
        bool is_file = tok_says(p, 0, "file");
        bool is_known = is_file || tok_is(p, TOK_STAGE) || tok_is(p, TOK_STRING);
        if (!is_known) {
            parse_syntax_error(p);
        }
        parse_push(p, clauses, is_file ? parse_file(p) : parse_token(p));
    }
    parse_clauses(p, clauses);
    return parse_done(p, n);
}

struct node *parse_foreign(struct parser *p)
{
    const struct foreign *verb = at_verb(p);
    struct node *n = parse_node(p, NODE_FOREIGN, tok(p)->offset);
    node_foreign(n)->verb = str_of(verb->words);
    tok_take_all(p, verb->words);
    if (str_is(node_foreign(n)->verb, "put") || str_is(node_foreign(n)->verb, "get")) {
        return parse_transfer(p, n);
    }
    parse_clauses(p, &node_foreign(n)->clauses);
    return parse_done(p, n);
}

/* ---- blocks ---- */

/* IF (...) and REPEAT without a parenthesis; the others are words of blocks alone. */
static bool opens_block(struct parser *p)
{
    bool is_call = tok_peek(p, 1)->kind == TOK_LPAREN;
    return tok_is_word(p, KW_BEGIN) || tok_is_word(p, KW_CASE) || tok_is_word(p, KW_DO) ||
           tok_says(p, 0, "loop") || (tok_is_word(p, KW_IF) && is_call) ||
           (tok_says(p, 0, "repeat") && !is_call);
}

static void parse_block_token(struct parser *p, struct node_list *out)
{
    if (!tok_is(p, TOK_SEMICOLON)) {
        parse_push(p, out, parse_token(p));
        return;
    }
    struct node *n = parse_node(p, NODE_SYMBOL, tok_next(p).offset);
    node_symbol(n)->text = STR(";");
    parse_push(p, out, parse_done(p, n));
}

/* END, and the word that says of what. */
static void parse_block_end(struct parser *p, struct node_list *out)
{
    static const char *const kinds[] = {"if", "case", "loop", "repeat", "for", "while"};
    parse_push(p, out, parse_token(p));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (tok_says(p, 0, kinds[i])) {
            parse_push(p, out, parse_token(p));
            return;
        }
    }
}

/* Declarations, and statements up to the END of the block: semicolons belong to it. */
static void parse_block_body(struct parser *p, struct node_list *out)
{
    int open = 0;
    bool begun = false;
    do {
        begun |= tok_is_word(p, KW_BEGIN);
        if (tok_is_word(p, KW_END)) {
            if (--open < 0) {
                parse_syntax_error(p);
            }
            parse_block_end(p, out);
        } else {
            open += opens_block(p);
            parse_block_token(p, out);
        }
    } while (open > 0 || !begun);
}

bool tok_starts_block(struct parser *p)
{
    if (!tok_is_word(p, KW_BEGIN)) {
        return false;
    }
    const struct token *next = tok_peek(p, 1);
    switch (next->word) {
    case KW_WORK:
    case KW_TRANSACTION:
    case KW_NAME:
    case KW_ISOLATION:
    case KW_READ:
    case KW_NOT:
    case KW_DEFERRABLE:
        return false;
    default:
        return next->kind == TOK_WORD || next->kind == TOK_QUOTED || next->kind == TOK_COLON;
    }
}

struct node *parse_block(struct parser *p)
{
    struct node *n = parse_node(p, NODE_FOREIGN, tok(p)->offset);
    node_foreign(n)->verb = STR("begin block");
    parse_block_body(p, &node_foreign(n)->clauses);
    return parse_done(p, n);
}
