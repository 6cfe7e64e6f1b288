/* A pass over the tokens of a statement that says things with names and values. Strings are judged
 * elsewhere (redact.c); here a bare word or number goes that stands where a secret's value would.
 */
#include "audit/redact_bare.h"

#include "audit/redact_text.h"
#include "audit/token.h"

struct bare {
    struct str word;   /* the last name; n == 0: none that what follows may belong to */
    struct str before; /* the word before it: PASSWORD in PASSWORD TO x */
    bool assigned;     /* = or : stood behind the name */
    bool opened;       /* ( or , stood before the name, as in a list of options */
    bool after_mark;   /* the last token was ( or , */
    bool in_list;      /* a parenthesis was opened */
    enum { AT_BEGIN, AT_EXECUTE, IN_EXECUTE, IN_OTHER } place;
    bool names_columns; /* a statement about tables: "password text" there is a column's type */
};

static struct str first_word(struct str sql, bool snowflake)
{
    for (size_t at = 0; at < sql.n;) {
        struct token t = token_at(sql, at, snowflake);
        if (t.kind != TOKEN_SPACE && t.kind != TOKEN_COMMENT) {
            return t.kind == TOKEN_WORD ? t.text : STR_NULL;
        }
        at += t.text.n;
    }
    return STR_NULL;
}

bool redact_has_bare(struct str sql, bool snowflake)
{
    static const char *const rows[] = {"select", "with",   "insert",  "update", "delete",
                                       "merge",  "values", "from",    "table",  "pivot",
                                       "fetch",  "commit", "unpivot", NULL};
    const char *last = sql.n ? memrchr(sql.p, ';', sql.n) : NULL;
    bool several = last && str_trim((struct str){last + 1, (size_t)(sql.p + sql.n - last) - 1}).n;
    struct str first = first_word(sql, snowflake);
    return several || (first.n && !token_is_any(first, rows));
}

/* The name whose value would stand here. */
static struct str named(const struct bare *b)
{
    static const char *const between[] = {"by", "to", "values", NULL};
    return token_is_any(b->word, between) ? b->before : b->word;
}

static bool is_value(const struct bare *b, const struct token *t)
{
    static const char *const never[] = {"by",   "to",     "policy", "expire", "null",   "never",
                                        "from", "values", "is",     "as",     "not",    "default",
                                        "set",  "unset",  "and",    "or",     "except", NULL};
    struct str name = named(b);
    bool is_secret = redact_is_secret_name(name) || str_iis(name, "identified");
    bool is_said = b->assigned || name.p != b->word.p;
    bool is_password = name.n >= 8 && str_iis((struct str){name.p + name.n - 8, 8}, "password");
    bool may_stand = is_said || (!b->names_columns && (b->opened || is_password));
    return is_secret && may_stand && !(t->kind == TOKEN_WORD && token_is_any(t->text, never));
}

/* Behind the ')' that belongs to the '(' at `at`. */
static size_t call_end(struct str sql, size_t at, bool snowflake)
{
    size_t depth = 0;
    while (at < sql.n) {
        struct token t = token_at(sql, at, snowflake);
        at += t.text.n;
        if (t.kind == TOKEN_MARK && t.text.p[0] == '(') {
            depth++;
        } else if (t.kind == TOKEN_MARK && t.text.p[0] == ')' && --depth == 0) {
            break;
        }
    }
    return at;
}

/* A bare value goes on to white space or what ends it in a list; a call to its end. */
static size_t value_end(struct str sql, size_t at, bool snowflake)
{
    while (at < sql.n && !strchr(" \t\r\n\v\f,;()'\"", sql.p[at])) {
        at++;
    }
    return at < sql.n && sql.p[at] == '(' ? call_end(sql, at, snowflake) : at;
}

static void take_name(struct bare *b, struct str word)
{
    static const char *const about_columns[] = {"table",     "view", "function", "macro",
                                                "procedure", "type", "index",    NULL};
    b->names_columns |= !b->in_list && token_is_any(word, about_columns);
    b->before = b->word;
    b->word = word;
    b->opened = b->after_mark;
    b->assigned = false;
}

/* EXPLAIN [POLICY] EXECUTE name(...), but not EXECUTE IMMEDIATE. */
static void take_place(struct bare *b, const struct token *t)
{
    static const char *const before[] = {"explain", "policy", "analyze", "verbose", NULL};
    if (t->kind == TOKEN_SPACE || t->kind == TOKEN_COMMENT) {
        return;
    }
    if (t->kind == TOKEN_MARK && t->text.p[0] == ';') {
        b->place = AT_BEGIN;
    } else if (b->place == AT_EXECUTE) {
        b->place = str_iis(t->text, "immediate") ? IN_OTHER : IN_EXECUTE;
    } else if (b->place == AT_BEGIN && !token_is_any(t->text, before)) {
        b->place = str_iis(t->text, "execute") ? AT_EXECUTE : IN_OTHER;
    }
}

static bool is_bound(const struct bare *b, const struct token *t)
{
    return b->place == IN_EXECUTE &&
           (t->kind == TOKEN_STRING || t->kind == TOKEN_DOLLAR || t->kind == TOKEN_NUMBER);
}

static void take_mark(struct bare *b, char mark)
{
    if (mark == '=' || mark == ':' || mark == '>') {
        b->assigned = true;
    } else if (mark != '.') {
        b->word = b->before = STR_NULL;
    }
    b->in_list |= mark == '(';
    b->after_mark = mark == '(' || mark == ',';
}

void redact_bare(struct str sql, bool snowflake, struct buf *out)
{
    struct bare b = {0};
    for (size_t at = 0; at < sql.n;) {
        struct token t = token_at(sql, at, snowflake);
        bool is_bare = t.kind == TOKEN_WORD || t.kind == TOKEN_NUMBER;
        size_t end = at + t.text.n;
        take_place(&b, &t);
        if (is_bound(&b, &t)) {
            buf_puts(out, t.kind == TOKEN_NUMBER ? "<number>" : "'<text>'");
        } else if (is_bare && is_value(&b, &t)) {
            end = value_end(sql, at + 1, snowflake);
            buf_puts(out, "<secret>");
            b.word = b.before = STR_NULL;
        } else {
            buf_put_str(out, t.text);
            if (t.kind == TOKEN_WORD || t.kind == TOKEN_QUOTED) {
                take_name(&b, t.inner);
            } else if (t.kind == TOKEN_MARK) {
                take_mark(&b, t.text.p[0]);
            } else if (t.kind != TOKEN_SPACE && t.kind != TOKEN_COMMENT) {
                b.word = b.before = STR_NULL;
            }
        }
        b.after_mark = t.kind == TOKEN_MARK
                           ? b.after_mark
                           : b.after_mark && (t.kind == TOKEN_SPACE || t.kind == TOKEN_COMMENT);
        at = end;
    }
}
