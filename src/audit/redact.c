/* Redaction of a statement: SQL's tokens say where the literals are, redact_text() what is in them.
 *
 * A text that doesn't lex as SQL is no way round: every byte passes redact_text() whatever token it
 * belongs to. The tokens only add what needs them: a literal is judged by its value, escapes
 * resolved, and by the word before it (PASSWORD '...', IDENTIFIED BY '...', KEY_ID = '...'). */
#include "audit/redact.h"

#include <endian.h>

#include "audit/redact_bare.h"
#include "audit/redact_text.h"
#include "audit/token.h"

struct statement {
    struct str sql;
    size_t plain;      /* code from here on waits to be written */
    size_t noted;      /* words before here are in what follows */
    struct str word;   /* the last word that what follows may belong to; n == 0: none */
    struct str before; /* the word before that */
    struct buf value;  /* scratch: a literal's value */
    struct buf clean;  /* scratch: the same, redacted */
    struct buf *out;
};

static void flush(struct statement *s, size_t to)
{
    redact_text((struct str){s->sql.p + s->plain, to - s->plain}, false, s->out);
    s->plain = to;
}

/* --- a literal's value --- */

static unsigned hex(char c)
{
    return c >= '0' && c <= '9'                     ? (unsigned)(c - '0')
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                    : 16;
}

/* Reads up to `most` digits at *at in the base. False: none. */
static bool code(struct str s, size_t *at, unsigned base, size_t most, unsigned *out)
{
    size_t n = 0;
    *out = 0;
    while (n < most && *at < s.n && hex(s.p[*at]) < base) {
        *out = *out * base + hex(s.p[*at]);
        (*at)++;
        n++;
    }
    return n > 0;
}

static void put_rune(struct buf *out, unsigned c)
{
    if (c < 0x80) {
        buf_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_u8(out, (uint8_t)(0xC0 | c >> 6));
        buf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    } else {
        buf_u8(out, (uint8_t)(0xE0 | (c >> 12 & 0x0F)));
        buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    }
}

/* What follows a backslash in E'...' (PostgreSQL 4.1.2.2). */
static void put_escaped(struct buf *out, struct str s, size_t *at)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = s.p[(*at)++];
    const char *known = strchr(from, c);
    unsigned v;
    if (c == 'x' && code(s, at, 16, 2, &v)) {
        buf_u8(out, (uint8_t)v);
    } else if (c == 'u' && code(s, at, 16, 4, &v)) {
        put_rune(out, v);
    } else if (c == 'U' && code(s, at, 16, 8, &v)) {
        put_rune(out, v & 0xFFFF);
    } else if (c >= '0' && c <= '7') {
        (*at)--;
        (void)code(s, at, 8, 3, &v);
        buf_u8(out, (uint8_t)v);
    } else {
        buf_u8(out, (uint8_t)(c && known ? to[known - from] : c));
    }
}

/* U&'...': \ and four digits, or \+ and six. */
static void put_unicode(struct buf *out, struct str s, size_t *at)
{
    unsigned v;
    bool six = s.p[*at] == '+';
    *at += six;
    if (code(s, at, 16, six ? 6 : 4, &v)) {
        put_rune(out, v & 0xFFFF);
    } else {
        buf_u8(out, '\\');
    }
}

static void put_value(struct buf *out, const struct token *t)
{
    struct str s = t->inner;
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i++];
        if (c == '\'' && i < s.n && s.p[i] == '\'') {
            buf_u8(out, '\'');
            i++;
        } else if (c == '\\' && i < s.n && t->escapes) {
            put_escaped(out, s, &i);
        } else if (c == '\\' && i < s.n && t->unicode) {
            put_unicode(out, s, &i);
        } else {
            buf_u8(out, (uint8_t)c);
        }
    }
}

static bool has_escapes(const struct token *t)
{
    if (t->kind != TOKEN_STRING || t->inner.n == 0) {
        return false;
    }
    bool backslash = (t->escapes || t->unicode) && memchr(t->inner.p, '\\', t->inner.n);
    return backslash || memchr(t->inner.p, '\'', t->inner.n);
}

/* Writes a value that has matches as a plain literal. */
static void put_quoted(struct buf *out, struct str s)
{
    buf_u8(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'') {
            buf_u8(out, '\'');
        }
        buf_u8(out, (uint8_t)s.p[i]);
    }
    buf_u8(out, '\'');
}

/* --- between the tokens that matter --- */

/* Most bytes are of words, numbers, spaces and marks, and of those only the last two words before a
 * string matter. So they are passed, sixteen at a time, to the next byte that may begin a string or
 * a comment, and the words are looked for backward from there. By byte: s space, w word, d digit, m
 * mark,
 * '.' anything else. */
static const char bytes[] = ".........sssss..................sm.m.mm.mmmmm.m.ddddddddddmmmmmm"
                            "mwwwwwwwwwwwwwwwwwwwwwwwwwwmmmmwmwwwwwwwwwwwwwwwwwwwwwwwwwwmmmmm"
                            "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
                            "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* 0xFF where bytes[] says '.'. */
static bytes16 specials_of(bytes16 c)
{
    bytes16 control = (bytes16)(c < ' ') & ~(bytes16)(c - '\t' < 5);
    return control | (bytes16)(c == '"') | (bytes16)(c == '$') | (bytes16)(c == '\'') |
           (bytes16)(c == '-') | (bytes16)(c == '/');
}

static size_t next_special(struct str sql, size_t at)
{
    for (; sql.n - at >= sizeof(bytes16); at += sizeof(bytes16)) {
        bytes16 here, found;
        uint64_t half[2];
        memcpy(&here, sql.p + at, sizeof here);
        found = specials_of(here);
        memcpy(half, &found, sizeof half);
        if (half[0] | half[1]) {
            size_t first = half[0] ? 0 : 1;
            return at + 8 * first + (size_t)__builtin_ctzll(le64toh(half[first])) / 8;
        }
    }
    while (at < sql.n && bytes[(unsigned char)sql.p[at]] != '.') {
        at++;
    }
    return at;
}

static char class_before(const struct statement *s, size_t at)
{
    return at > s->noted ? bytes[(unsigned char)s->sql.p[at - 1]] : '.';
}

/* The word that ends at `end`: its begin, after the digits that may stand before it. `end`: none.
 * *run: where those digits begin. */
static size_t word_begin(const struct statement *s, size_t end, size_t *run)
{
    size_t at = end;
    for (char c = class_before(s, at); c == 'w' || c == 'd'; c = class_before(s, at)) {
        at--;
    }
    *run = at;
    while (at < end && bytes[(unsigned char)s->sql.p[at]] == 'd') {
        at++;
    }
    return at;
}

/* --- constants that a statement puts together --- */

/* The token at or behind `at` that is neither space nor comment; *lines: a line ends before it. */
static struct token next_token(struct str sql, size_t *at, bool *lines)
{
    struct token t = token_at(sql, *at);
    while (t.kind == TOKEN_SPACE || t.kind == TOKEN_COMMENT) {
        *lines = *lines || memchr(t.text.p, '\n', t.text.n);
        *at += t.text.n;
        t = token_at(sql, *at);
    }
    return t;
}

static bool is_mark(const struct token *t, char mark)
{
    return t->kind == TOKEN_MARK && t->text.p[0] == mark;
}

/* Told quickly of most: behind it is neither || nor a comma, a line's end or a comment. */
static bool stands_alone(struct str sql, size_t at)
{
    while (at < sql.n && sql.p[at] == ' ') {
        at++;
    }
    return at >= sql.n || !strchr("|,\r\n\t\v\f/-", sql.p[at]);
}

/* The constant that is joined to the one that ends at `at`: by ||, by nothing but a line's end (as
 * the standard has it), or by the comma of concat(). */
static bool next_constant(const struct statement *s, size_t at, bool in_concat, struct token *out,
                          size_t *begin)
{
    bool lines = false, joined = false;
    struct token t = next_token(s->sql, &at, &lines);
    if (is_mark(&t, '|')) {
        at += 1;
        joined = at < s->sql.n && s->sql.p[at] == '|';
        at += 1;
    } else if (is_mark(&t, ',') && in_concat) {
        at += 1;
        joined = true;
    } else if (t.kind == TOKEN_STRING && lines) {
        joined = true;
    }
    if (!joined || at >= s->sql.n) {
        return false;
    }
    *out = next_token(s->sql, &at, &lines);
    *begin = at;
    return out->kind == TOKEN_STRING || out->kind == TOKEN_DOLLAR || out->kind == TOKEN_NUMBER;
}

static void put_constant(struct buf *out, const struct token *t)
{
    if (t->kind == TOKEN_STRING) {
        put_value(out, t);
    } else {
        buf_put_str(out, t->kind == TOKEN_DOLLAR ? t->inner : t->text);
    }
}

static size_t before_spaces(struct str sql, size_t at)
{
    while (at > 0 && bytes[(unsigned char)sql.p[at - 1]] == 's') {
        at--;
    }
    return at;
}

/* Whether the call that a constant is the first argument of is concat(). */
static bool is_in_concat(struct str sql, size_t at)
{
    static const char name[] = "concat";
    enum { NAME = sizeof name - 1 };
    at = before_spaces(sql, at);
    if (at == 0 || sql.p[at - 1] != '(') {
        return false;
    }
    at = before_spaces(sql, at - 1);
    return at >= NAME && strncasecmp(sql.p + at - NAME, name, NAME) == 0;
}

/* Where the constants joined to this one have matches together: writes them as one literal, and
 * gives its end in the statement; else 0, and nothing is written. */
static size_t put_joined(struct statement *s, const struct token *first, size_t at)
{
    bool in_concat = is_in_concat(s->sql, at);
    struct token t;
    size_t begin, end = at + first->text.n;
    if (!next_constant(s, end, in_concat, &t, &begin)) {
        return 0;
    }
    buf_clear(&s->value);
    buf_clear(&s->clean);
    put_constant(&s->value, first);
    do {
        put_constant(&s->value, &t);
        end = begin + t.text.n;
    } while (next_constant(s, end, in_concat, &t, &begin));
    if (redact_text(buf_str(&s->value), true, &s->clean) == 0) {
        return 0;
    }
    put_quoted(s->out, buf_str(&s->clean));
    return end;
}

/* --- tokens --- */

static void put_between(struct statement *s, const struct token *t, const char *secret)
{
    size_t open = (size_t)(t->inner.p - t->text.p), close = open + t->inner.n;
    redact_put_utf8((struct str){t->text.p, open}, s->out);
    if (secret) {
        buf_puts(s->out, secret);
    } else {
        redact_text(t->inner, true, s->out);
    }
    redact_put_utf8((struct str){t->text.p + close, t->text.n - close}, s->out);
}

/* By the words before it. */
static bool is_secret(const struct statement *s)
{
    bool by = str_iis(s->word, "by") || str_iis(s->word, "to") || str_iis(s->word, "values");
    struct str name = by ? s->before : s->word;
    return redact_is_secret_name(name) || str_iis(name, "identified");
}

static void put_literal(struct statement *s, const struct token *t)
{
    if (is_secret(s)) {
        put_between(s, t, "<secret>");
        return;
    }
    if (has_escapes(t)) {
        buf_clear(&s->value);
        buf_clear(&s->clean);
        put_value(&s->value, t);
        if (redact_text(buf_str(&s->value), true, &s->clean) > 0) {
            put_quoted(s->out, buf_str(&s->clean));
            return;
        }
    }
    put_between(s, t, NULL);
}

/* A literal, with those that are joined to it where they only show together what must go. */
static void put_strings(struct statement *s, const struct token *t, size_t at)
{
    size_t behind = at + t->text.n, end = 0;
    if (!stands_alone(s->sql, behind) && !is_secret(s)) {
        end = put_joined(s, t, at);
    }
    if (!end) {
        put_literal(s, t);
    }
    s->plain = end ? end : behind;
}

/* A word stays in force over what may stand between a name and its value. */
static bool keeps_word(char c)
{
    return c == '=' || c == ':' || c == '>';
}

/* A comment that sticks to what stands before it may be none: user@xn--80ak6aa92e.com. */
static void put_comment(struct statement *s, const struct token *t, size_t at)
{
    bool sticks = at > s->plain && (unsigned char)s->sql.p[at - 1] > ' ';
    if (!sticks) {
        flush(s, at);
        redact_text(t->text, true, s->out);
        s->plain = at + t->text.n;
    }
}

static void put_token(struct statement *s, const struct token *t, size_t at)
{
    switch (t->kind) {
    case TOKEN_END:
    case TOKEN_SPACE:
        break;
    case TOKEN_COMMENT:
        put_comment(s, t, at);
        break;
    case TOKEN_WORD:
        s->before = s->word;
        s->word = t->text;
        break;
    case TOKEN_QUOTED:
        s->before = s->word;
        s->word = t->inner;
        break;
    case TOKEN_STRING:
    case TOKEN_DOLLAR:
        flush(s, at);
        put_strings(s, t, at);
        s->word = s->before = STR_NULL;
        break;
    case TOKEN_NUMBER:
    case TOKEN_PARAMETER:
        s->word = s->before = STR_NULL;
        break;
    case TOKEN_MARK:
        if (!keeps_word(t->text.p[0])) {
            s->word = s->before = STR_NULL;
        }
        break;
    }
}

/* The begin of the token that the byte at `at` is in: that of its prefix (E'', U&'') or, where it
 * is a
 * '$', that of the word around it. */
static size_t token_begin(const struct statement *s, size_t at)
{
    size_t run, word = word_begin(s, at, &run);
    char mark = s->sql.p[at];
    if (mark == '$' || (mark == '\'' && word + 1 == at && strchr("eEbBxXnN", s->sql.p[word]))) {
        return word;
    }
    if (mark == '\'' && at > s->noted && s->sql.p[at - 1] == '&') {
        word = word_begin(s, at - 1, &run);
        return word + 2 == at && (s->sql.p[word] | 0x20) == 'u' ? word : at;
    }
    return at;
}

/* Looks backward from `end` for the last two words that what follows may belong to. */
static void note_words(struct statement *s, size_t end)
{
    struct str words[2] = {STR_NULL, STR_NULL};
    size_t n = 0, run;
    bool cut = false;
    for (size_t at = end; at > s->noted && n < 2 && !cut;) {
        char class = class_before(s, at);
        if (class == 's') {
            at--;
        } else if (class == 'w' || class == 'd') {
            size_t word = word_begin(s, at, &run);
            if (word < at) {
                words[n++] = (struct str){s->sql.p + word, at - word};
            }
            cut = word > run; /* a number ends what was before */
            at = run;
        } else {
            cut = !keeps_word(s->sql.p[at - 1]);
            at--;
        }
    }
    if (n == 2 || cut) {
        s->word = s->before = STR_NULL;
    }
    if (n > 0) {
        s->before = n == 2 ? words[1] : s->word;
        s->word = words[0];
    }
    s->noted = end;
}

static void redact_strings(struct str sql, struct buf *out)
{
    struct statement s = {.sql = sql, .out = out};
    for (size_t at = 0; (at = next_special(sql, at)) < sql.n;) {
        size_t begin = token_begin(&s, at);
        note_words(&s, begin);
        struct token t = token_at(sql, begin);
        put_token(&s, &t, begin);
        at = begin + t.text.n;
        at = s.noted = at < s.plain ? s.plain : at;
    }
    flush(&s, sql.n);
    buf_free(&s.value);
    buf_free(&s.clean);
}

void redact_sql(struct str sql, struct buf *out)
{
    if (!redact_has_bare(sql)) {
        redact_strings(sql, out);
        return;
    }
    struct buf quoted_only = BUF_INIT(0);
    redact_bare(sql, &quoted_only);
    redact_strings(buf_str(&quoted_only), out);
    buf_free(&quoted_only);
}
