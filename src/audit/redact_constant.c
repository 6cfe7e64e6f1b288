#include "audit/redact_constant.h"

#include "audit/redact_function.h"
#include "audit/redact_value.h"
#include "audit/token.h"

enum { NESTED_MAX = 8, MADE_LEAST = 16 << 10 };

struct folding {
    struct str sql;
    bool snowflake;
    size_t at;   /* behind what was read */
    int depth;   /* of parentheses */
    bool joined; /* more than one literal was read */
};

/* The token at or behind `at` that is neither space nor comment; *at is its begin. *lines: a line
 * ends before it. */
static struct token next_token(const struct folding *f, size_t *at, bool *lines)
{
    struct token t = token_at(f->sql, *at, f->snowflake);
    while (t.kind == TOKEN_SPACE || t.kind == TOKEN_COMMENT) {
        *lines = *lines || memchr(t.text.p, '\n', t.text.n);
        *at += t.text.n;
        t = token_at(f->sql, *at, f->snowflake);
    }
    return t;
}

static struct token peek_token(const struct folding *f, size_t *end)
{
    bool lines = false;
    *end = f->at;
    struct token t = next_token(f, end, &lines);
    *end += t.text.n;
    return t;
}

static bool take_mark(struct folding *f, char mark)
{
    size_t end;
    struct token t = peek_token(f, &end);
    bool is = t.kind == TOKEN_MARK && t.text.p[0] == mark;
    f->at = is ? end : f->at;
    return is;
}

static bool take_pair(struct folding *f, char mark)
{
    size_t end;
    struct token t = peek_token(f, &end);
    if (t.kind != TOKEN_MARK || t.text.p[0] != mark || end >= f->sql.n || f->sql.p[end] != mark) {
        return false;
    }
    f->at = end + 1;
    return true;
}

static bool goes_on_type(struct str word)
{
    static const char *const words[] = {"varying", "precision", "with", "without", "time", "zone"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_iis(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* A type's name with what may stand behind it: character varying(20). */
static bool take_type(struct folding *f)
{
    size_t end, begin = f->at;
    struct token t = peek_token(f, &end);
    if (t.kind != TOKEN_WORD && t.kind != TOKEN_QUOTED) {
        return false;
    }
    do {
        f->at = end;
        t = peek_token(f, &end);
    } while (t.kind == TOKEN_WORD && goes_on_type(t.text));
    begin = f->at;
    if (take_mark(f, '(')) {
        do {
            t = peek_token(f, &end);
            f->at = t.kind == TOKEN_NUMBER ? end : f->at;
        } while (t.kind == TOKEN_NUMBER && take_mark(f, ','));
        f->at = take_mark(f, ')') ? f->at : begin;
    }
    return true;
}

static bool read_chain(struct folding *f, struct buf *out);

static bool read_cast(struct folding *f, struct buf *out)
{
    size_t end;
    if (!read_chain(f, out)) {
        return false;
    }
    struct token t = peek_token(f, &end);
    if (t.kind != TOKEN_WORD || !str_iis(t.text, "as")) {
        return false;
    }
    f->at = end;
    return take_type(f);
}

static bool read_concat(struct folding *f, struct buf *out)
{
    do {
        if (!read_chain(f, out)) {
            return false;
        }
    } while (take_mark(f, ','));
    return true;
}

/* replace() and format() multiply: what is longer than all arguments together is bounded, so that a
 * statement's redaction takes memory and time by its length. */
static bool apply(enum redact_function function, const struct str *arguments, size_t n,
                  size_t arguments_size, struct buf *out)
{
    struct buf made = BUF_INIT(arguments_size > MADE_LEAST ? arguments_size : MADE_LEAST);
    bool ok = redact_function_apply(function, arguments, n, &made) && !made.failed;
    if (ok) {
        buf_put_str(out, buf_str(&made));
    }
    buf_free(&made);
    return ok;
}

static bool read_arguments(struct folding *f, enum redact_function function, struct buf *out)
{
    struct buf values = BUF_INIT(FUNCTION_VALUE_MAX);
    size_t ends[FUNCTION_ARGUMENTS_MAX + 1] = {0}, n = 0;
    struct str arguments[FUNCTION_ARGUMENTS_MAX];
    bool ok;
    do {
        ok = n < FUNCTION_ARGUMENTS_MAX && read_chain(f, &values) && !values.failed;
        ends[n + ok] = values.n;
        n += ok;
    } while (ok && take_mark(f, ','));
    for (size_t i = 0; i < n; i++) {
        arguments[i] = (struct str){(const char *)values.p + ends[i], ends[i + 1] - ends[i]};
        arguments[i] = arguments[i].n ? arguments[i] : STR("");
    }
    ok = ok && apply(function, arguments, n, values.n, out);
    buf_free(&values);
    return ok;
}

/* Behind the name. */
static bool read_call(struct folding *f, enum redact_function function, struct buf *out)
{
    bool ok = function != FUNCTION_NONE && take_mark(f, '(') && f->depth < NESTED_MAX;
    if (!ok) {
        return false;
    }
    f->depth++;
    switch (function) {
    case FUNCTION_CAST:
        ok = read_cast(f, out);
        break;
    case FUNCTION_CONCAT:
        ok = read_concat(f, out);
        break;
    default:
        ok = read_arguments(f, function, out);
    }
    f->depth--;
    f->joined = true;
    return ok && take_mark(f, ')');
}

static bool read_word(struct folding *f, const struct token *t, size_t end, struct buf *out)
{
    size_t begin = f->at;
    f->at = end;
    struct token literal = peek_token(f, &end);
    if (literal.kind == TOKEN_STRING) { /* text 'abc' */
        redact_value(&literal, out);
        f->at = end;
        return true;
    }
    bool ok = read_call(f, redact_function_of(t->text), out);
    f->at = ok ? f->at : begin;
    return ok;
}

static bool read_primary(struct folding *f, struct buf *out)
{
    size_t end, begin = f->at;
    struct token t = peek_token(f, &end);
    switch (t.kind) {
    case TOKEN_STRING:
    case TOKEN_DOLLAR:
    case TOKEN_NUMBER:
        redact_value(&t, out);
        f->at = end;
        return true;
    case TOKEN_WORD:
        return read_word(f, &t, end, out);
    case TOKEN_MARK:
        if (t.text.p[0] == '(' && f->depth < NESTED_MAX) {
            f->at = end;
            f->depth++;
            bool ok = read_chain(f, out) && take_mark(f, ')');
            f->depth--;
            f->joined = true;
            f->at = ok ? f->at : begin;
            return ok;
        }
        return false;
    default:
        return false;
    }
}

static bool read_unit(struct folding *f, struct buf *out)
{
    size_t from = out->n;
    if (!read_primary(f, out)) {
        out->n = from;
        return false;
    }
    for (size_t before = f->at; take_pair(f, ':'); before = f->at) {
        if (!take_type(f)) {
            f->at = before;
            break;
        }
        f->joined = true;
    }
    return true;
}

/* Whether another literal stands where only a line's end is between (as the standard has it). */
static bool goes_on(const struct folding *f)
{
    bool lines = false;
    size_t at = f->at;
    return next_token(f, &at, &lines).kind == TOKEN_STRING && lines;
}

/* As far as it is constant. */
static bool read_chain(struct folding *f, struct buf *out)
{
    if (!read_unit(f, out)) {
        return false;
    }
    for (size_t before = f->at;; before = f->at) {
        if (!goes_on(f) && !take_pair(f, '|')) {
            return true;
        }
        if (!read_unit(f, out)) {
            f->at = before;
            return true;
        }
        f->joined = true;
    }
}

size_t redact_constant(struct str sql, size_t at, bool snowflake, struct buf *out, bool *joined)
{
    struct folding f = {.sql = sql, .snowflake = snowflake, .at = at};
    bool ok = read_chain(&f, out) && !out->failed;
    *joined = f.joined;
    return ok ? f.at : 0;
}

size_t redact_constant_list(struct str sql, size_t at, bool snowflake, struct buf *out)
{
    struct folding f = {.sql = sql, .snowflake = snowflake, .at = at + 1};
    size_t end = 0;
    while (read_chain(&f, out) && !out->failed) {
        end = f.at;
        if (!take_mark(&f, ',')) {
            break;
        }
    }
    return end;
}

/* --- where one may begin --- */

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static size_t spaces_before(struct str sql, size_t at)
{
    while (at > 0 && (sql.p[at - 1] == ' ' || (sql.p[at - 1] >= '\t' && sql.p[at - 1] <= '\r'))) {
        at--;
    }
    return at;
}

/* ('abc') and (('abc')), but not f('abc'). */
static bool is_bare(struct str sql, size_t at)
{
    size_t i = at + 1;
    while (i < sql.n && (sql.p[i] == ' ' || sql.p[i] == '(')) {
        i++;
    }
    return i < sql.n && sql.p[i] == '\'' && !(at > 0 && is_word_byte(sql.p[at - 1]));
}

size_t redact_constant_begin(struct str sql, size_t at)
{
    enum { LONGEST = 32 };
    size_t end = spaces_before(sql, at), begin = end;
    while (begin > 0 && is_word_byte(sql.p[begin - 1]) && end - begin < LONGEST) {
        begin--;
    }
    struct str word = {sql.p + begin, end - begin};
    if (sql.p[at] == '|') {
        bool is_number = begin < end && sql.p[begin] >= '0' && sql.p[begin] <= '9';
        return is_number && at + 1 < sql.n && sql.p[at + 1] == '|' ? begin : SIZE_MAX;
    }
    if (redact_function_of(word) != FUNCTION_NONE) {
        return begin;
    }
    return is_bare(sql, at) ? at : SIZE_MAX;
}
