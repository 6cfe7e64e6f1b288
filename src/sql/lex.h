/* The lexer: text to tokens, one at a time.
 *
 * It follows PostgreSQL: '' E'' U&'' X'' and dollar-quoted strings, strings continued on the next
 * line, nested comments, operators by the longest run. A run of operator characters that isn't one
 * of ours is an error, never two operators. Of Snowflake it knows backslashes in '', // comments,
 * $name and @stage/path. A token's text points into the input where nothing had
 * to be resolved, else into the arena. */
#ifndef SQL_LEX_H
#define SQL_LEX_H

#include "base/error.h"
#include "sql/ast.h"
#include "sql/lex_keywords.h"
#include "sql/parse.h"

enum keyword {
    KW_NONE, /* not a word of the grammar, or quoted */
#define X(word, where) KW_##word,
    KEYWORDS(X)
#undef X
        KW_COUNT
};

enum keyword_class {
    KEYWORD_PLAIN,
    KEYWORD_LABEL,
    KEYWORD_COLUMN,
    KEYWORD_FUNCTION,
    KEYWORD_RESERVED
};

enum token_kind {
    TOK_END,
    TOK_WORD,   /* a name or keyword; text as written */
    TOK_QUOTED, /* "name"; text without quotes */
    TOK_STRING, /* its value */
    TOK_BYTES,  /* hexadecimal digits, in pairs */
    TOK_BITS,   /* 0 and 1 */
    TOK_INTEGER,
    TOK_DECIMAL,
    TOK_FLOAT,
    TOK_PARAM,       /* the digits of $1 */
    TOK_PLACEHOLDER, /* ? */
    TOK_VARIABLE,    /* the name of $name */
    TOK_STAGE,       /* @stage/path, up to white space, a bracket or one of , ; ' outside quotes */
    TOK_OP,          /* `op` says which; a lone * is OP_MUL */
    TOK_LIKE,        /* ~~ and its like: `like`, `negated` */
    TOK_BANG,        /* a lone ! */
    TOK_LPAREN,
    TOK_RPAREN,
    TOK_LBRACKET,
    TOK_RBRACKET,
    TOK_LBRACE,
    TOK_RBRACE,
    TOK_COMMA,
    TOK_SEMICOLON,
    TOK_DOT,
    TOK_COLON,
    TOK_CAST,   /* :: */
    TOK_ASSIGN, /* := */
    TOK_ARROW   /* => */
};

struct token {
    enum token_kind kind;
    enum keyword word;
    enum op op;
    enum like_op like;
    bool negated;
    uint32_t offset, length; /* in the input, quotes included */
    struct str text;
};

struct lexer {
    struct arena *arena;
    struct str text; /* well-formed UTF-8 without NUL */
    size_t at;
    enum dialect dialect;
};

/* Reads the next token; at the end TOK_END, again and again. FAIL with the position of what can't
 * be a token. */
MUST_USE enum status lex_next(struct lexer *lx, struct token *out, struct error *e);

/* KW_NONE where `word` is none. Case doesn't matter. */
enum keyword lex_keyword(struct str word);
enum keyword_class lex_keyword_class(enum keyword word);
struct str lex_keyword_text(enum keyword word); /* in capitals; lasts */

/* Letters, digits, _ and $, not starting with a digit or $: what needs no quotes, keywords aside.
 */
bool lex_is_plain_word(struct str s);

/* Of lex_string.c, each called at the first byte of its token: advances lx->at past it. */
enum status lex_quoted(struct lexer *lx, struct token *out, struct error *e); /* ' and " */
enum status lex_prefixed(struct lexer *lx, struct token *out,
                         struct error *e); /* E'' X'' U&'' U&"" */
enum status lex_dollar(struct lexer *lx, struct token *out, struct error *e);
bool lex_starts_dollar_string(const struct lexer *lx); /* at a $: $tag$, not $name */

#endif
