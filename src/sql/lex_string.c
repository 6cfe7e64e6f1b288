/* Strings and quoted names. Where nothing has to be resolved the value is a piece of the input;
 * else it is built in the arena, never longer than what was written (a \U escape writes ten bytes
 * for four). */
#include "sql/lex.h"

static char peek(const struct lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->text.n ? lx->text.p[lx->at + ahead] : 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int hex_value(char c)
{
    char folded = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/* What stands between quotes, doubled ones and (with `escapes`) backslash pairs still in it. lx->at
 * ends behind the closing quote. `*resolve` tells whether anything is to be resolved. */
static enum status read_raw(struct lexer *lx, bool escapes, struct str *out, bool *resolve,
                            struct error *e)
{
    size_t open = lx->at;
    char quote = lx->text.p[lx->at++];
    size_t start = lx->at;
    for (; lx->at < lx->text.n; lx->at++) {
        char c = lx->text.p[lx->at];
        if (c == '\\' && escapes) {
            *resolve = true;
            lx->at++;
        } else if (c == quote && peek(lx, 1) == quote) {
            *resolve = true;
            lx->at++;
        } else if (c == quote) {
            *out = (struct str){lx->text.p + start, lx->at - start};
            lx->at++;
            return OK;
        }
    }
    lx->at = lx->text.n;
    return error_at(e, ERR_BAD_SQL, open,
                    quote == '"' ? "unterminated quoted name" : "unterminated string");
}

/* A string goes on in the next line: 'a' newline 'b' is 'ab', as the standard has it. */
static bool continues(struct lexer *lx)
{
    size_t at = lx->at;
    bool newline = false;
    while (at < lx->text.n && is_space(lx->text.p[at])) {
        newline = newline || lx->text.p[at] == '\n' || lx->text.p[at] == '\r';
        at++;
    }
    if (!newline || at >= lx->text.n || lx->text.p[at] != '\'') {
        return false;
    }
    lx->at = at;
    return true;
}

/* All pieces of a string with its continuations, gathered in a room that doubles. */
static enum status read_pieces(struct lexer *lx, bool escapes, struct str *out, bool *resolve,
                               struct error *e)
{
    if (read_raw(lx, escapes, out, resolve, e)) {
        return FAIL;
    }
    char *room = NULL;
    for (size_t cap = 0; continues(lx);) {
        struct str more;
        if (read_raw(lx, escapes, &more, resolve, e)) {
            return FAIL;
        }
        if (more.n == 0) {
            continue;
        }
        if (out->n + more.n > cap) {
            cap = 2 * (out->n + more.n);
            room = arena_alloc(lx->arena, cap);
            if (out->n) {
                memcpy(room, out->p, out->n);
            }
        }
        memcpy(room + out->n, more.p, more.n);
        *out = (struct str){room, out->n + more.n};
    }
    return OK;
}

static struct str undouble(struct arena *a, struct str raw, char quote)
{
    char *p = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        p[n++] = raw.p[i];
        i += raw.p[i] == quote;
    }
    return (struct str){p, n};
}

static enum status check_name(struct token *out, struct error *e)
{
    if (out->text.n == 0) {
        return error_at(e, ERR_BAD_SQL, out->offset, "a quoted name is empty");
    }
    return OK;
}

/* Writes the code point as UTF-8; gives how many bytes, 0 when it is none that text may hold. */
static size_t put_utf8(char *p, uint32_t c)
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--) {
        p[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    p[0] = (char)(lead[n] | c);
    return n;
}

/* Exactly `digits` hexadecimal digits at s[i]; false when there aren't. */
static bool read_hex(struct str s, size_t i, size_t digits, uint32_t *out)
{
    *out = 0;
    if (i > s.n || s.n - i < digits) {
        return false;
    }
    for (size_t k = 0; k < digits; k++) {
        int v = hex_value(s.p[i + k]);
        if (v < 0) {
            return false;
        }
        *out = *out << 4 | (uint32_t)v;
    }
    return true;
}

/* The code point of \uXXXX or \UXXXXXXXX at s[*i] (behind the escape character and a mark, if any),
 * with the second half of a surrogate pair when `lead` says how one is written. */
static bool read_code_point(struct str s, size_t *i, size_t digits, const char *lead, uint32_t *out)
{
    if (!read_hex(s, *i, digits, out)) {
        return false;
    }
    *i += digits;
    if (*out < 0xD800 || *out > 0xDBFF || digits != 4) {
        return true;
    }
    size_t lead_length = strlen(lead);
    uint32_t low;
    if (s.n - *i < lead_length || memcmp(s.p + *i, lead, lead_length) != 0 ||
        !read_hex(s, *i + lead_length, 4, &low) || low < 0xDC00 || low > 0xDFFF) {
        return false;
    }
    *i += lead_length + 4;
    *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static size_t read_octal(struct str s, size_t i, unsigned *value)
{
    size_t n = 0;
    *value = 0;
    while (n < 3 && i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '7') {
        *value = *value * 8 + (unsigned)(s.p[i + n] - '0');
        n++;
    }
    return n;
}

static size_t read_hex_byte(struct str s, size_t i, unsigned *value)
{
    size_t n = 0;
    *value = 0;
    while (n < 2 && i + n < s.n && hex_value(s.p[i + n]) >= 0) {
        *value = *value * 16 + (unsigned)hex_value(s.p[i + n]);
        n++;
    }
    return n;
}

/* One backslash escape: s[*i] is what follows the backslash. Writes to p; 0 when it is malformed.
 */
static size_t resolve_escape(struct str s, size_t *i, char *p)
{
    static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
    char c = s.p[(*i)++];
    const char *letter = strchr(letters, c);
    uint32_t point;
    unsigned byte;
    size_t n;
    if (c == 'u' || c == 'U') {
        return read_code_point(s, i, c == 'u' ? 4 : 8, "\\u", &point) ? put_utf8(p, point) : 0;
    }
    if (c == 'x' && (n = read_hex_byte(s, *i, &byte)) > 0) {
        *i += n;
        p[0] = (char)byte;
        return byte != 0;
    }
    if (c >= '0' && c <= '7') {
        *i += read_octal(s, *i - 1, &byte) - 1;
        p[0] = (char)byte;
        return byte != 0 && byte < 256;
    }
    p[0] = letter ? values[letter - letters] : c;
    return 1;
}

/* Snowflake's, where only what is written in full is an escape: '\1' is 1, '\ux' is ux. */
static size_t resolve_snowflake(struct str s, size_t *i, char *p)
{
    char c = s.p[*i];
    unsigned ignored;
    uint32_t point;
    bool is_plain = (c == 'U') || (c == 'x' && read_hex_byte(s, *i + 1, &ignored) < 2) ||
                    (c == 'u' && !read_hex(s, *i + 1, 4, &point)) ||
                    (c >= '1' && c <= '7' && read_octal(s, *i, &ignored) < 3);
    if (!is_plain) {
        return resolve_escape(s, i, p);
    }
    ++*i;
    p[0] = c;
    return 1;
}

static enum status lex_escaped(struct lexer *lx, struct token *out, struct error *e)
{
    struct str raw;
    bool resolve = false;
    if (read_pieces(lx, true, &raw, &resolve, e)) {
        return FAIL;
    }
    out->kind = TOK_STRING;
    out->text = raw;
    if (!resolve) {
        return OK;
    }
    char *p = arena_alloc(lx->arena, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        char c = raw.p[i++];
        if (c == '\\') {
            size_t put = lx->dialect == DIALECT_SNOWFLAKE ? resolve_snowflake(raw, &i, p + n)
                                                          : resolve_escape(raw, &i, p + n);
            if (put == 0) {
                return error_at(e, ERR_BAD_SQL, out->offset, "invalid escape in a string");
            }
            n += put;
        } else {
            i += c == '\'';
            p[n++] = c;
        }
    }
    out->text = (struct str){p, n};
    if (!str_is_utf8(out->text)) {
        return error_at(e, ERR_BAD_ENCODING, out->offset, "escapes give invalid UTF-8");
    }
    return OK;
}

enum status lex_quoted(struct lexer *lx, struct token *out, struct error *e)
{
    char quote = peek(lx, 0);
    bool resolve = false;
    if (quote == '\'' && lx->dialect == DIALECT_SNOWFLAKE) {
        return lex_escaped(lx, out, e);
    }
    out->kind = quote == '"' ? TOK_QUOTED : TOK_STRING;
    enum status s = quote == '"' ? read_raw(lx, false, &out->text, &resolve, e)
                                 : read_pieces(lx, false, &out->text, &resolve, e);
    if (s) {
        return s;
    }
    if (resolve) {
        out->text = undouble(lx->arena, out->text, quote);
    }
    return quote == '"' ? check_name(out, e) : OK;
}

static enum status resolve_unicode(struct lexer *lx, struct token *out, struct error *e)
{
    struct str raw = out->text;
    char *p = arena_alloc(lx->arena, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] != '\\') {
            p[n++] = raw.p[i++];
            continue;
        }
        i++;
        if (i < raw.n && raw.p[i] == '\\') {
            p[n++] = raw.p[i++];
            continue;
        }
        bool is_long = i < raw.n && raw.p[i] == '+';
        uint32_t point;
        i += is_long;
        size_t put =
            read_code_point(raw, &i, is_long ? 6 : 4, "\\", &point) ? put_utf8(p + n, point) : 0;
        if (put == 0) {
            return error_at(e, ERR_BAD_SQL, out->offset, "invalid Unicode escape");
        }
        n += put;
    }
    out->text = (struct str){p, n};
    return OK;
}

/* U&'' and U&"". Another escape character (UESCAPE) is refused by the parser, which meets the word.
 */
static enum status lex_unicode(struct lexer *lx, struct token *out, struct error *e)
{
    lx->at += 2;
    if (lex_quoted(lx, out, e)) {
        return FAIL;
    }
    return resolve_unicode(lx, out, e);
}

static enum status lex_bytes(struct lexer *lx, struct token *out, struct error *e)
{
    bool resolve = false;
    out->kind = TOK_BYTES;
    if (read_pieces(lx, false, &out->text, &resolve, e)) {
        return FAIL;
    }
    for (size_t i = 0; i < out->text.n; i++) {
        if (hex_value(out->text.p[i]) < 0) {
            return error_at(e, ERR_BAD_SQL, out->offset, "X'' holds hexadecimal digits only");
        }
    }
    if (out->text.n % 2) {
        return error_at(e, ERR_BAD_SQL, out->offset, "X'' holds pairs of hexadecimal digits");
    }
    return OK;
}

static enum status lex_bits(struct lexer *lx, struct token *out, struct error *e)
{
    bool resolve = false;
    out->kind = TOK_BITS;
    if (read_pieces(lx, false, &out->text, &resolve, e)) {
        return FAIL;
    }
    for (size_t i = 0; i < out->text.n; i++) {
        if (out->text.p[i] != '0' && out->text.p[i] != '1') {
            return error_at(e, ERR_BAD_SQL, out->offset, "B'' holds 0 and 1 only");
        }
    }
    return OK;
}

enum status lex_prefixed(struct lexer *lx, struct token *out, struct error *e)
{
    char prefix = (char)(peek(lx, 0) | 0x20);
    if (prefix == 'u') {
        return lex_unicode(lx, out, e);
    }
    lx->at++;
    if (prefix == 'e') {
        return lex_escaped(lx, out, e);
    }
    if (prefix == 'x') {
        return lex_bytes(lx, out, e);
    }
    if (prefix == 'n') {
        return lex_quoted(lx, out, e);
    }
    return lex_bits(lx, out, e);
}

/* The length of $$ or $tag$ at lx->at; 0 when there is none. A tag holds no $ of its own. */
static size_t dollar_tag_length(const struct lexer *lx)
{
    size_t n = 1;
    for (;; n++) {
        char c = peek(lx, n);
        bool is_letter =
            ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || (unsigned char)c >= 0x80;
        bool is_digit = c >= '0' && c <= '9';
        if (c == '$') {
            return n + 1;
        }
        if (!is_letter && !(is_digit && n > 1)) {
            return 0;
        }
    }
}

bool lex_starts_dollar_string(const struct lexer *lx)
{
    size_t tag = dollar_tag_length(lx);
    const char *open = lx->text.p + lx->at;
    return tag > 0 &&
           (lx->dialect != DIALECT_SNOWFLAKE || /* where $a may be meant, a $ behind it or not */
            memmem(open + tag, lx->text.n - lx->at - tag, open, tag) != NULL);
}

enum status lex_dollar(struct lexer *lx, struct token *out, struct error *e)
{
    size_t tag = dollar_tag_length(lx);
    const char *open = lx->text.p + lx->at;
    if (tag == 0) {
        return error_at(e, ERR_BAD_SQL, lx->at, "syntax error at or near \"$\"");
    }
    const char *body = open + tag;
    const char *end = lx->text.p + lx->text.n;
    const char *close = memmem(body, (size_t)(end - body), open, tag);
    if (!close) {
        return error_at(e, ERR_BAD_SQL, lx->at, "unterminated dollar-quoted string");
    }
    out->kind = TOK_STRING;
    out->text = (struct str){body, (size_t)(close - body)};
    lx->at = (size_t)(close + tag - lx->text.p);
    return OK;
}
