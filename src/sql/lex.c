/* Words, numbers, operators and what stands between tokens; strings are in lex_string.c. */
#include "sql/lex.h"

__extension__ typedef unsigned __int128 u128;

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static inline bool is_word_part(char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Only PostgreSQL has operators with ? in them; for the others it is a placeholder. */
static inline bool is_operator_char(const struct lexer *lx, char c)
{
    bool is_mark = c == '?' && lx->dialect == DIALECT_POSTGRES;
    return is_mark || (c && strchr("+-*/<>=~!@#%^&|`", c) != NULL);
}

/* 0 past the end: the text holds no NUL. */
static inline char peek(const struct lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->text.n ? lx->text.p[lx->at + ahead] : 0;
}

bool lex_is_plain_word(struct str s)
{
    if (s.n == 0 || !is_word_start(s.p[0])) {
        return false;
    }
    for (size_t i = 1; i < s.n; i++) {
        if (!is_word_part(s.p[i])) {
            return false;
        }
    }
    return true;
}

static void skip_line(struct lexer *lx)
{
    while (lx->at < lx->text.n && lx->text.p[lx->at] != '\n' && lx->text.p[lx->at] != '\r') {
        lx->at++;
    }
}

static enum status skip_comment(struct lexer *lx, struct error *e)
{
    size_t start = lx->at;
    size_t depth = 0;
    do {
        if (lx->at >= lx->text.n) {
            return error_at(e, ERR_BAD_SQL, start, "unterminated /* comment");
        }
        bool opens = depth == 0 || lx->dialect != DIALECT_SNOWFLAKE; /* whose don't nest */
        if (opens && peek(lx, 0) == '/' && peek(lx, 1) == '*') {
            depth++;
            lx->at += 2;
        } else if (peek(lx, 0) == '*' && peek(lx, 1) == '/') {
            depth--;
            lx->at += 2;
        } else {
            lx->at++;
        }
    } while (depth > 0);
    return OK;
}

static enum status skip_blank(struct lexer *lx, struct error *e)
{
    for (;;) {
        char c = peek(lx, 0);
        if (is_space(c)) {
            lx->at++;
        } else if (c == '-' && peek(lx, 1) == '-') {
            skip_line(lx);
        } else if (c == '/' && peek(lx, 1) == '/' && lx->dialect == DIALECT_SNOWFLAKE) {
            skip_line(lx);
        } else if (c == '/' && peek(lx, 1) == '*') {
            if (skip_comment(lx, e)) {
                return FAIL;
            }
        } else {
            return OK;
        }
    }
}

static void read_word(struct lexer *lx, struct token *out)
{
    size_t start = lx->at;
    while (lx->at < lx->text.n && is_word_part(lx->text.p[lx->at])) {
        lx->at++;
    }
    out->kind = TOK_WORD;
    out->text = (struct str){lx->text.p + start, lx->at - start};
    out->word = lex_keyword(out->text);
}

/* Digits with single underscores between them; how many underscores. */
static size_t skip_digits(struct lexer *lx)
{
    size_t underscores = 0;
    while (is_digit(peek(lx, 0)) || (peek(lx, 0) == '_' && is_digit(peek(lx, 1)))) {
        underscores += peek(lx, 0) == '_';
        lx->at++;
    }
    return underscores;
}

static struct str without_underscores(struct lexer *lx, struct str s)
{
    char *copy = arena_alloc(lx->arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '_') {
            copy[n++] = s.p[i];
        }
    }
    return (struct str){copy, n};
}

static int digit_value(char c)
{
    int v = is_digit(c)                              ? c - '0'
            : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                     : 99;
    return v;
}

static struct str decimal_digits(struct lexer *lx, u128 v)
{
    enum { MOST = 39 };
    char *digits = arena_alloc(lx->arena, MOST);
    size_t n = MOST;
    do {
        digits[--n] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v);
    return (struct str){digits + n, MOST - n};
}

/* 0x1F, 0o17, 0b1: at most 128 bits. */
static enum status read_based(struct lexer *lx, int base, struct token *out, struct error *e)
{
    size_t start = lx->at;
    u128 v = 0;
    size_t count = 0;
    for (lx->at += 2;; lx->at++) {
        if (peek(lx, 0) == '_' && digit_value(peek(lx, 1)) < base) {
            continue;
        }
        int digit = digit_value(peek(lx, 0));
        if (digit >= base) {
            break;
        }
        if (v > (~(u128)0 - (unsigned)digit) / (unsigned)base) {
            return error_at(e, ERR_OUT_OF_RANGE, start, "number is out of range");
        }
        v = v * (unsigned)base + (unsigned)digit;
        count++;
    }
    if (count == 0) {
        return error_at(e, ERR_BAD_SQL, start, "a number with a base has no digits");
    }
    out->kind = TOK_INTEGER;
    out->text = decimal_digits(lx, v);
    return OK;
}

static enum status read_plain_number(struct lexer *lx, struct token *out)
{
    size_t start = lx->at;
    size_t underscores = skip_digits(lx);
    out->kind = TOK_INTEGER;
    if (peek(lx, 0) == '.') {
        lx->at++;
        underscores += skip_digits(lx);
        out->kind = TOK_DECIMAL;
    }
    size_t sign = peek(lx, 1) == '+' || peek(lx, 1) == '-';
    if ((peek(lx, 0) | 0x20) == 'e' && is_digit(peek(lx, 1 + sign))) {
        lx->at += 1 + sign;
        underscores += skip_digits(lx);
        out->kind = TOK_FLOAT;
    }
    out->text = (struct str){lx->text.p + start, lx->at - start};
    if (underscores) {
        out->text = without_underscores(lx, out->text);
    }
    return OK;
}

static enum status read_number(struct lexer *lx, struct token *out, struct error *e)
{
    size_t start = lx->at;
    char base = peek(lx, 0) == '0' ? (char)(peek(lx, 1) | 0x20) : 0;
    enum status s = base == 'x'   ? read_based(lx, 16, out, e)
                    : base == 'o' ? read_based(lx, 8, out, e)
                    : base == 'b' ? read_based(lx, 2, out, e)
                                  : read_plain_number(lx, out);
    if (s == OK && is_word_part(peek(lx, 0))) {
        return error_at(e, ERR_BAD_SQL, start, "a letter directly behind a number");
    }
    return s;
}

static enum status read_param(struct lexer *lx, struct token *out, struct error *e)
{
    size_t start = lx->at++;
    while (is_digit(peek(lx, 0))) {
        lx->at++;
    }
    out->kind = TOK_PARAM;
    out->text = (struct str){lx->text.p + start + 1, lx->at - start - 1};
    if (is_word_part(peek(lx, 0))) {
        return error_at(e, ERR_BAD_SQL, start, "a letter directly behind a parameter");
    }
    return OK;
}

static const struct {
    char text[5];
    enum op op;
} operators[] = {
    {"=", OP_EQ},
    {"<", OP_LT},
    {">", OP_GT},
    {"+", OP_ADD},
    {"-", OP_SUB},
    {"*", OP_MUL},
    {"/", OP_DIV},
    {"||", OP_CONCAT},
    {"<=", OP_LE},
    {">=", OP_GE},
    {"<>", OP_NE},
    {"!=", OP_NE},
    {"->", OP_JSON_GET},
    {"->>", OP_JSON_TEXT},
    {"%", OP_MOD},
    {"^", OP_POW},
    {"**", OP_POW},
    {"//", OP_INT_DIV},
    {"==", OP_EQ},
    {"&", OP_BIT_AND},
    {"|", OP_BIT_OR},
    {"#", OP_BIT_XOR},
    {"<<", OP_SHIFT_LEFT},
    {">>", OP_SHIFT_RIGHT},
    {"~", OP_REGEX},
    {"!~", OP_NOT_REGEX},
    {"~*", OP_IREGEX},
    {"!~*", OP_NOT_IREGEX},
    {"@>", OP_CONTAINS},
    {"<@", OP_CONTAINED},
    {"&&", OP_OVERLAPS},
    {"^@", OP_STARTS_WITH},
    {"#>", OP_JSON_PATH},
    {"#>>", OP_JSON_PATH_TEXT},
    {"?", OP_JSON_HAS},
    {"?|", OP_JSON_HAS_ANY},
    {"?&", OP_JSON_HAS_ALL},
    {"@@", OP_JSON_MATCH},
    {"#-", OP_JSON_DELETE},
    {"<->", OP_DISTANCE},
    {"<=>", OP_COSINE_DISTANCE},
    {"@", OP_ABS},
};

static const struct {
    char text[5];
    enum like_op like;
    bool negated;
} like_operators[] = {
    {"~~", LIKE_LIKE, false},   {"!~~", LIKE_LIKE, true},  {"~~*", LIKE_ILIKE, false},
    {"!~~*", LIKE_ILIKE, true}, {"~~~", LIKE_GLOB, false},
};

/* PostgreSQL's rule: the longest run, cut where a comment starts; it may end in + or - only when it
 * holds a character that the standard's operators don't. */
static size_t operator_length(const struct lexer *lx)
{
    size_t n = 0;
    bool is_special = false;
    for (char c; is_operator_char(lx, c = peek(lx, n)); n++) {
        bool is_position = c == '#' && is_digit(peek(lx, n + 1)); /* #1+#2 */
        if (n > 0 && ((is_position && lx->dialect == DIALECT_DUCKDB) ||
                      (c == '@' && lx->dialect == DIALECT_SNOWFLAKE))) { /* x=@stage */
            break;
        }
        if (n == 1 && c == '@' && peek(lx, 0) == '=') { /* LOCATION=@stage: there is no =@ */
            break;
        }
        if (n > 0 &&
            ((c == '-' && peek(lx, n + 1) == '-') || (c == '/' && peek(lx, n + 1) == '*'))) {
            break;
        }
        is_special = is_special || strchr("~!@#%^&|`?", c);
    }
    while (n > 1 && !is_special && (peek(lx, n - 1) == '+' || peek(lx, n - 1) == '-')) {
        n--;
    }
    return n;
}

static enum status read_operator(struct lexer *lx, struct token *out, struct error *e)
{
    struct str run = {lx->text.p + lx->at, operator_length(lx)};
    if (run.n == 0) {
        return error_at(e, ERR_BAD_SQL, lx->at, "syntax error at or near \"%.1s\"",
                        lx->text.p + lx->at);
    }
    out->text = run;
    if (str_is(run, "=>") || str_is(run, "!")) {
        out->kind = run.n == 1 ? TOK_BANG : TOK_ARROW;
        lx->at += run.n;
        return OK;
    }
    for (size_t i = 0; i < sizeof like_operators / sizeof *like_operators; i++) {
        if (str_is(run, like_operators[i].text)) {
            out->kind = TOK_LIKE;
            out->like = like_operators[i].like;
            out->negated = like_operators[i].negated;
            lx->at += run.n;
            return OK;
        }
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (str_is(run, operators[i].text)) {
            out->kind = TOK_OP;
            out->op = operators[i].op;
            lx->at += run.n;
            return OK;
        }
    }
    return error_at(e, ERR_UNSUPPORTED, lx->at, "there is no operator %.*s here",
                    (int)(run.n < 16 ? run.n : 16), run.p);
}

/* $name. A name that holds a $ of its own can't be told from a dollar-quoted string. */
static void read_variable(struct lexer *lx, struct token *out)
{
    size_t start = ++lx->at;
    while (is_word_part(peek(lx, 0)) && peek(lx, 0) != '$') {
        lx->at++;
    }
    out->kind = TOK_VARIABLE;
    out->text = (struct str){lx->text.p + start, lx->at - start};
}

static enum status read_dollar(struct lexer *lx, struct token *out, struct error *e)
{
    if (is_digit(peek(lx, 1))) {
        return read_param(lx, out, e);
    }
    if (is_word_start(peek(lx, 1)) && !lex_starts_dollar_string(lx)) {
        read_variable(lx, out);
        return OK;
    }
    return lex_dollar(lx, out, e);
}

/* @stage, @~ (the user's), @%t (the table's), quoted parts, and a path: up to what can't be in one.
 */
static bool starts_stage(const struct lexer *lx)
{
    char then = peek(lx, 1);
    return is_word_start(then) || then == '"' || then == '%' || then == '~';
}

static enum status read_stage(struct lexer *lx, struct token *out, struct error *e)
{
    size_t start = lx->at;
    bool quoted = false;
    for (char c; (c = peek(lx, 0)) && (quoted || (!is_space(c) && !strchr("()[]{},;'", c)));) {
        quoted ^= c == '"';
        lx->at++;
    }
    if (quoted) {
        return error_at(e, ERR_BAD_SQL, start, "unterminated quoted name");
    }
    out->kind = TOK_STAGE;
    out->text = (struct str){lx->text.p + start, lx->at - start};
    return OK;
}

static bool read_punctuation(struct lexer *lx, struct token *out)
{
    static const struct {
        char c;
        enum token_kind kind;
    } marks[] = {
        {'(', TOK_LPAREN},   {')', TOK_RPAREN},    {',', TOK_COMMA},
        {'.', TOK_DOT},      {';', TOK_SEMICOLON}, {'[', TOK_LBRACKET},
        {']', TOK_RBRACKET}, {'{', TOK_LBRACE},    {'}', TOK_RBRACE},
    };
    char c = peek(lx, 0);
    if (c == '?' && lx->dialect != DIALECT_POSTGRES) {
        out->kind = TOK_PLACEHOLDER;
        lx->at++;
        return true;
    }
    if (c == ':') {
        char then = peek(lx, 1);
        out->kind = then == ':' ? TOK_CAST : then == '=' ? TOK_ASSIGN : TOK_COLON;
        lx->at += out->kind == TOK_COLON ? 1 : 2;
        return true;
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (marks[i].c == c) {
            out->kind = marks[i].kind;
            lx->at++;
            return true;
        }
    }
    return false;
}

static enum status read_token(struct lexer *lx, struct token *out, struct error *e)
{
    char c = peek(lx, 0);
    char then = peek(lx, 1);
    if (is_word_start(c)) {
        bool is_prefix =
            (then == '\'' && strchr("eExXbBnN", c)) ||
            (then == '&' && (c | 0x20) == 'u' && (peek(lx, 2) == '\'' || peek(lx, 2) == '"'));
        if (is_prefix) {
            return lex_prefixed(lx, out, e);
        }
        read_word(lx, out);
        return OK;
    }
    if (is_digit(c) || (c == '.' && is_digit(then))) {
        return read_number(lx, out, e);
    }
    if (c == '\'' || c == '"') {
        return lex_quoted(lx, out, e);
    }
    if (c == '$') {
        return read_dollar(lx, out, e);
    }
    if (c == '@' && starts_stage(lx)) {
        return read_stage(lx, out, e);
    }
    return read_punctuation(lx, out) ? OK : read_operator(lx, out, e);
}

enum status lex_next(struct lexer *lx, struct token *out, struct error *e)
{
    if (skip_blank(lx, e)) {
        return FAIL;
    }
    *out = (struct token){.offset = (uint32_t)lx->at};
    if (lx->at >= lx->text.n) {
        return OK;
    }
    enum status s = read_token(lx, out, e);
    out->length = (uint32_t)(lx->at - out->offset);
    return s;
}
