/* Redaction of a statement: SQL's tokens say where the literals are, redact_text() what is in them.
 *
 * A text that doesn't lex as SQL is no way round: every byte passes redact_text() whatever token it
 * belongs to. The tokens only add what needs them: a literal is judged by its value, escapes
 * resolved, with the constants that it is put together with, and by the word before it (PASSWORD
 * '...', IDENTIFIED BY '...', KEY_ID = '...'). Passes before take what has no quotes
 * (redact_bare.h) and what a name elsewhere says to be a secret (redact_place.h). */
#include "audit/redact.h"

#include "audit/redact_bare.h"
#include "audit/redact_constant.h"
#include "audit/redact_next.h"
#include "audit/redact_place.h"
#include "audit/redact_text.h"
#include "audit/redact_value.h"

enum { NESTED_MAX = 2 }; /* statements within literals of statements */

struct statement {
    struct str sql;
    const struct redact_rules *rules;
    int nested;
    struct redact_cursor *anchors;
    const char *from;  /* what isn't written yet begins here */
    size_t plain;      /* code from here on wasn't looked at yet */
    size_t judged;     /* constants that begin before here were judged together */
    size_t noted;      /* words before here are in what follows */
    struct str word;   /* the last word that what follows may belong to; n == 0: none */
    struct str before; /* the word before that */
    struct buf value;  /* scratch: a literal's value */
    struct buf clean;  /* scratch: the same, redacted */
    struct buf *out;
};

static void look(struct statement *s, size_t to)
{
    (void)redact_piece(s->anchors, (struct str){s->sql.p + s->plain, to - s->plain}, false,
                       s->rules->own, &s->from, s->out);
    s->plain = to;
}

/* All before `to` is written; what is from there to `end` stays out. */
static void flush(struct statement *s, size_t to, size_t end)
{
    look(s, to);
    redact_put_utf8((struct str){s->from, (size_t)(s->sql.p + to - s->from)}, s->out);
    s->from = s->sql.p + end;
    s->plain = end;
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
 * string matter. So they are passed over to the next byte that may begin a string, a comment or a
 * constant expression (redact_next.h), and the words are looked for backward from there. By byte: s
 * space, w word, d digit, '.' anything else. */
static const char bytes[] = ".........sssss..................s...............dddddddddd......"
                            ".wwwwwwwwwwwwwwwwwwwwwwwwww....w.wwwwwwwwwwwwwwwwwwwwwwwwww....."
                            "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
                            "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

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

/* A word stays in force over what may stand between a name and its value. */
static bool keeps_word(char c)
{
    return c == '=' || c == ':' || c == '>';
}

/* The word that ends at *at or before what keeps it in force; *at is then where it begins.
 * STR_NULL: there is none. *cut: what stands there ends what was before. */
static struct str word_before(const struct statement *s, size_t *at, bool *cut)
{
    while (*at > s->noted && !*cut) {
        char class = class_before(s, *at);
        if (class == 'w' || class == 'd') {
            size_t run, end = *at, begin = word_begin(s, end, &run);
            *cut = begin > run; /* a number */
            *at = run;
            if (begin < end) {
                return (struct str){s->sql.p + begin, end - begin};
            }
        } else {
            *cut = class != 's' && !keeps_word(s->sql.p[*at - 1]);
            --*at;
        }
    }
    return STR_NULL;
}

static void forget_words(struct statement *s)
{
    s->word = STR_NULL;
    s->before = STR_NULL;
}

/* Looks backward from `end` for the last two words that what follows may belong to. */
static void note_words(struct statement *s, size_t end)
{
    size_t at = end;
    bool cut = false;
    struct str word = word_before(s, &at, &cut), before = word_before(s, &at, &cut);
    if (word.n) {
        s->before = before.n ? before : cut ? STR_NULL : s->word;
        s->word = word;
    } else if (cut) {
        forget_words(s);
    }
    s->noted = end;
}

/* --- constants that a statement puts together --- */

/* Told quickly of most literals: behind it is neither ||, ::, a line's end nor a comment. */
static bool stands_alone(struct str sql, size_t at)
{
    while (at < sql.n && sql.p[at] == ' ') {
        at++;
    }
    char c = at < sql.n ? sql.p[at] : ' ';
    return c != '|' && c != ':' && c != '/' && c != '-' && !(c >= '\t' && c <= '\r');
}

/* By the words before it. */
static bool is_secret(const struct statement *s)
{
    struct str name = s->word;
    bool by = (name.n == 2 && (str_iis(name, "by") || str_iis(name, "to"))) ||
              (name.n == 6 && str_iis(name, "values"));
    name = by ? s->before : name;
    return redact_is_secret_name(name) || (name.n == 10 && str_iis(name, "identified"));
}

static bool is_space(char c)
{
    return bytes[(unsigned char)c] == 's';
}

/* Whether the call whose '(' is at `at` makes a secret: password = crypt( */
static bool is_secret_call(const struct statement *s, size_t least, size_t at)
{
    struct statement back = {.sql = s->sql, .noted = least};
    size_t run;
    at = word_begin(&back, at, &run);
    while (at > least && (is_space(s->sql.p[at - 1]) || s->sql.p[at - 1] == ':')) {
        at--;
    }
    if (at == least || s->sql.p[at - 1] != '=') {
        return false;
    }
    note_words(&back, at);
    return is_secret(&back);
}

/* Whether what begins at `at` is the first argument of such a call. */
static bool is_secret_argument(const struct statement *s, size_t at)
{
    enum { LOOK_BACK = 128 };
    size_t least = at > LOOK_BACK ? at - LOOK_BACK : 0;
    while (at > least && is_space(s->sql.p[at - 1])) {
        at--;
    }
    return at > least && s->sql.p[at - 1] == '(' && is_secret_call(s, least, at - 1);
}

/* Writes s->value, redacted, as one literal in the place of what is from `begin` to `end`. False,
 * and nothing is written, where it has nothing to hide. */
static bool put_constant(struct statement *s, size_t begin, size_t end)
{
    buf_clear(&s->clean);
    if (is_secret(s) || is_secret_argument(s, begin)) {
        buf_puts(&s->clean, "<secret>");
    } else if (redact_text(buf_str(&s->value), true, s->rules->own, &s->clean) == 0) {
        return false;
    }
    flush(s, begin, end);
    put_quoted(s->out, buf_str(&s->clean));
    return true;
}

/* The constants that begin at `begin`, where they are more than one literal. */
static bool put_joined(struct statement *s, size_t begin)
{
    bool joined = false;
    if (begin < s->judged) {
        return false;
    }
    buf_clear(&s->value);
    size_t end = redact_constant(s->sql, begin, s->rules->snowflake, &s->value, &joined);
    if (!end || !joined) {
        return false;
    }
    s->judged = end;
    return put_constant(s, begin, end);
}

/* --- tokens --- */

static bool holds_statement(const struct statement *s, const struct token *t)
{
    bool is_code = t->kind == TOKEN_DOLLAR || str_iis(s->word, "immediate");
    return is_code && s->nested < NESTED_MAX && t->inner.n &&
           (memchr(t->inner.p, '\'', t->inner.n) || memchr(t->inner.p, '(', t->inner.n) ||
            memchr(t->inner.p, '"', t->inner.n));
}

static void redact_nested(struct str sql, const struct redact_rules *rules, int nested,
                          struct buf *out);

/* A literal that may be a statement itself is looked through as one, and as a text. */
static size_t redact_code(struct statement *s, struct str value, struct buf *out)
{
    struct buf inner = BUF_INIT(0);
    redact_nested(value, s->rules, s->nested + 1, &inner);
    bool differs = !str_eq(buf_str(&inner), value);
    size_t found = redact_text(buf_str(&inner), true, s->rules->own, out) + differs;
    buf_free(&inner);
    return found;
}

/* Between its own quotes, `inner`. */
static void put_between(struct statement *s, const struct token *t, struct str inner)
{
    size_t open = (size_t)(t->inner.p - t->text.p), close = open + t->inner.n;
    redact_put_utf8((struct str){t->text.p, open}, s->out);
    buf_put_str(s->out, inner);
    redact_put_utf8((struct str){t->text.p + close, t->text.n - close}, s->out);
}

/* By its value. False, and nothing is written, where that hides nothing. */
static bool put_by_value(struct statement *s, const struct token *t, size_t at)
{
    buf_clear(&s->value);
    buf_clear(&s->clean);
    redact_value(t, &s->value);
    struct str value = buf_str(&s->value);
    bool is_code = holds_statement(s, t);
    if ((is_code ? redact_code(s, value, &s->clean)
                 : redact_text(value, true, s->rules->own, &s->clean)) == 0) {
        return false;
    }
    flush(s, at, at + t->text.n);
    if (is_code && !redact_value_differs(t)) {
        put_between(s, t, buf_str(&s->clean));
    } else {
        put_quoted(s->out, buf_str(&s->clean));
    }
    return true;
}

/* A literal, with those that are joined to it where they only show together what must go. */
static void put_strings(struct statement *s, const struct token *t, size_t at)
{
    size_t behind = at + t->text.n;
    if (!stands_alone(s->sql, behind) && put_joined(s, at)) {
        return;
    }
    if (is_secret(s) || is_secret_argument(s, at)) {
        flush(s, at, behind);
        put_between(s, t, STR("<secret>"));
        return;
    }
    bool by_value = redact_value_differs(t) || holds_statement(s, t);
    if (!by_value || !put_by_value(s, t, at)) {
        look(s, at);
        (void)redact_piece(s->anchors, t->inner, true, s->rules->own, &s->from, s->out);
        s->plain = behind;
    }
}

/* A name in quotes that holds what must go is judged by its value, too. */
static void put_name(struct statement *s, const struct token *t, size_t at)
{
    struct str name = t->inner;
    buf_clear(&s->clean);
    if (redact_value_differs(t)) {
        buf_clear(&s->value);
        redact_value(t, &s->value);
        name = buf_str(&s->value);
    }
    if (redact_text(name, true, s->rules->own, &s->clean) > 0) {
        flush(s, at, at + t->text.n);
        buf_u8(s->out, '"');
        buf_put_str(s->out, buf_str(&s->clean));
        buf_u8(s->out, '"');
    }
}

/* A comment that sticks to what stands before it may be none: user@xn--80ak6aa92e.com. */
static void put_comment(struct statement *s, const struct token *t, size_t at)
{
    bool sticks = at > s->plain && (unsigned char)s->sql.p[at - 1] > ' ';
    if (!sticks) {
        look(s, at);
        (void)redact_piece(s->anchors, t->text, true, s->rules->own, &s->from, s->out);
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
        put_name(s, t, at);
        s->before = s->word;
        s->word = t->inner;
        break;
    case TOKEN_STRING:
    case TOKEN_DOLLAR:
        put_strings(s, t, at);
        forget_words(s);
        break;
    case TOKEN_NUMBER:
    case TOKEN_PARAMETER:
        forget_words(s);
        break;
    case TOKEN_MARK:
        if (!keeps_word(t->text.p[0])) {
            forget_words(s);
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
    if ((mark == '\'' || mark == '"') && at > s->noted && s->sql.p[at - 1] == '&') {
        word = word_begin(s, at - 1, &run);
        return word + 2 == at && (s->sql.p[word] | 0x20) == 'u' ? word : at;
    }
    return at;
}

/* At a '(' or '|', where a constant expression may begin. */
static bool put_expression(struct statement *s, size_t at)
{
    size_t begin = redact_constant_begin(s->sql, at);
    if (begin == SIZE_MAX || begin < s->plain || begin < s->noted) {
        return false;
    }
    note_words(s, begin);
    if (put_joined(s, begin)) {
        return true;
    }
    bool is_concat = begin < at && str_iis((struct str){s->sql.p + begin, 6}, "concat");
    buf_clear(&s->value);
    size_t end = is_concat && at >= s->judged
                     ? redact_constant_list(s->sql, at, s->rules->snowflake, &s->value)
                     : 0;
    s->judged = end > s->judged ? end : s->judged;
    return end && put_constant(s, at + 1, end);
}

/* A '-' or '/' that begins no comment. */
static bool is_operator(const struct statement *s, size_t at)
{
    char c = s->sql.p[at], next = at + 1 < s->sql.n ? s->sql.p[at + 1] : 0;
    return (c == '-' && next != '-') || (c == '/' && next != '*' && next != '/');
}

static void redact_strings(struct str sql, const struct redact_rules *rules, int nested,
                           struct buf *out)
{
    struct statement s = {.sql = sql, .rules = rules, .nested = nested, .from = sql.p, .out = out};
    struct redact_cursor tokens, anchors;
    redact_cursor_init(&tokens, sql, SOUGHT_TOKEN);
    redact_cursor_init(&anchors, sql, SOUGHT_ANCHOR);
    s.anchors = &anchors;
    for (size_t at = 0; (at = redact_next(&tokens, at)) < sql.n;) {
        if (sql.p[at] == '(' || sql.p[at] == '|') {
            at = put_expression(&s, at) ? s.plain : at + 1;
            if (at == s.plain) {
                s.noted = at;
                forget_words(&s);
            }
            continue;
        }
        if (is_operator(&s, at)) {
            at++;
            continue;
        }
        size_t begin = token_begin(&s, at);
        note_words(&s, begin);
        struct token t = token_at(sql, begin, rules->snowflake);
        put_token(&s, &t, begin);
        at = begin + t.text.n;
        at = s.noted = at < s.plain ? s.plain : at;
    }
    flush(&s, sql.n, sql.n);
    buf_free(&s.value);
    buf_free(&s.clean);
}

/* Few have such a place: then *sql is what is made of it, in `room`. */
static void take_places(struct str *sql, bool snowflake, const struct redact_columns *columns,
                        struct buf *room)
{
    if (redact_has_place(*sql, columns)) {
        redact_place(*sql, snowflake, columns, room);
        *sql = buf_str(room);
    }
}

static void redact_nested(struct str sql, const struct redact_rules *rules, int nested,
                          struct buf *out)
{
    static const struct redact_columns unknown = {.unknown = true}; /* of its own tables */
    struct buf placed = BUF_INIT(0);
    take_places(&sql, rules->snowflake, &unknown, &placed);
    redact_strings(sql, rules, nested, out);
    buf_free(&placed);
}

void redact_sql(struct str sql, const struct redact_rules *rules, struct buf *out)
{
    struct buf placed = BUF_INIT(0), quoted_only = BUF_INIT(0);
    take_places(&sql, rules->snowflake, &rules->columns, &placed);
    if (redact_has_bare(sql, rules->snowflake)) {
        redact_bare(sql, rules->snowflake, &quoted_only);
        sql = buf_str(&quoted_only);
    }
    redact_strings(sql, rules, 0, out);
    buf_free(&placed);
    buf_free(&quoted_only);
}
