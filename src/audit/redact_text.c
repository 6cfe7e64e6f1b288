/* One pass: a table says which bytes can be the anchor of a match ('@', a digit, '_' of a key's
 * prefix
 * ...); all others are skipped, sixteen at a time. From an anchor a rule looks back and forward,
 * and never back over what has been written, so that the work stays linear. */
#include "audit/redact_text.h"

#include <endian.h>

#include "audit/redact_number.h"

enum anchor { NOTHING, AT, NUMBER, PLUS, UNDERSCORE, CAPITAL_J, CAPITAL_I, LETTER_B, ASSIGN };

static const uint8_t anchors[256] = {
    ['@'] = AT,        ['0'] = NUMBER,   ['1'] = NUMBER,   ['2'] = NUMBER,     ['3'] = NUMBER,
    ['4'] = NUMBER,    ['5'] = NUMBER,   ['6'] = NUMBER,   ['7'] = NUMBER,     ['8'] = NUMBER,
    ['9'] = NUMBER,    ['+'] = PLUS,     ['('] = PLUS,     ['_'] = UNDERSCORE, ['J'] = CAPITAL_J,
    ['I'] = CAPITAL_I, ['b'] = LETTER_B, ['B'] = LETTER_B, ['='] = ASSIGN,     [':'] = ASSIGN,
};

enum { KEY_LEAST = 8, TOKEN_LEAST = 8, AWS_TAIL = 16, URL_LOOK_BACK = 512, NAME_MAX_BYTES = 64 };

struct scan {
    struct str text;
    size_t done; /* written up to here */
    size_t at;
    size_t matches;
    bool literal;
    struct buf *out;
};

static unsigned char peek(const struct scan *s, size_t at)
{
    return at < s->text.n ? (unsigned char)s->text.p[at] : 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(unsigned char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_token(unsigned char c) /* base64, base64url, and what tokens are joined with */
{
    return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' || c == '=' ||
           c == '~';
}

static bool is_local(unsigned char c) /* RFC 5322 dot-atom, and RFC 6531's letters */
{
    return is_alnum(c) || c >= 0x80 || (c && strchr("._%+-!#$&*/=?^`{|}~", c));
}

static bool is_label(unsigned char c)
{
    return is_alnum(c) || c == '-' || c >= 0x80;
}

static void match(struct scan *s, size_t begin, size_t end, const char *kind)
{
    redact_put_utf8((struct str){s->text.p + s->done, begin - s->done}, s->out);
    buf_u8(s->out, '<');
    buf_puts(s->out, kind);
    buf_u8(s->out, '>');
    s->done = s->at = end;
    s->matches++;
}

/* scheme://user:password@host: the part before '@' is a secret. */
static bool match_userinfo(struct scan *s)
{
    size_t least = s->at > URL_LOOK_BACK ? s->at - URL_LOOK_BACK : 0;
    least = least > s->done ? least : s->done;
    for (size_t i = s->at; i >= least + 3; i--) {
        unsigned char c = (unsigned char)s->text.p[i - 1];
        if (c == '/' && s->text.p[i - 2] == '/' && s->text.p[i - 3] == ':') {
            size_t at = s->at;
            match(s, i, at, "secret");
            return true;
        }
        if (c <= ' ' || c == '\'' || c == '"') {
            return false;
        }
    }
    return false;
}

static void match_email(struct scan *s)
{
    size_t begin = s->at, end = s->at + 1, dot = 0;
    if (match_userinfo(s)) {
        return;
    }
    while (begin > s->done && is_local((unsigned char)s->text.p[begin - 1])) {
        begin--;
    }
    while (is_label(peek(s, end)) || (peek(s, end) == '.' && is_label(peek(s, end + 1)))) {
        dot = peek(s, end) == '.' ? end : dot;
        end++;
    }
    bool top = dot && end - dot > 2 && !is_digit(peek(s, dot + 1));
    if (begin < s->at && top) {
        match(s, begin, end, "email");
    } else {
        s->at++;
    }
}

static void match_number(struct scan *s)
{
    size_t begin = s->at, end;
    const char *kind = redact_number(s->text, begin, &end);
    if (kind) {
        match(s, begin, end, kind);
    } else {
        s->at = end;
    }
}

static void match_plus(struct scan *s)
{
    unsigned char next = peek(s, s->at + 1);
    bool begins = s->at == 0 || !is_alnum((unsigned char)s->text.p[s->at - 1]);
    if (begins && (is_digit(next) || next == '(')) {
        match_number(s);
    } else {
        s->at++;
    }
}

static size_t run(const struct scan *s, size_t at, bool (*is)(unsigned char))
{
    while (at < s->text.n && is((unsigned char)s->text.p[at])) {
        at++;
    }
    return at;
}

/* hd_live_ and hd_test_, at the first underscore. */
static void match_key(struct scan *s)
{
    size_t at = s->at;
    const char *p = s->text.p + at;
    bool ours = at >= s->done + 2 && (p[-1] | 0x20) == 'd' && (p[-2] | 0x20) == 'h' &&
                s->text.n - at > 6 &&
                (strncasecmp(p, "_live_", 6) == 0 || strncasecmp(p, "_test_", 6) == 0);
    size_t end = ours ? run(s, at + 6, is_alnum) : 0;
    if (ours && end - at - 6 >= KEY_LEAST) {
        match(s, at - 2, end, "secret");
    } else {
        s->at++;
    }
}

/* A JSON web token or another one that begins with the base64 of {" (RFC 7519), at its 'J'. */
static void match_jwt(struct scan *s)
{
    size_t at = s->at;
    bool begins = at >= s->done + 2 && s->text.p[at - 1] == 'y' && s->text.p[at - 2] == 'e' &&
                  !(at >= 3 && is_alnum((unsigned char)s->text.p[at - 3]));
    size_t end = begins ? run(s, at, is_token) : 0;
    if (begins && end - at >= TOKEN_LEAST) {
        match(s, at - 2, end, "secret");
    } else {
        s->at++;
    }
}

/* AKIA and ASIA with 16 capitals and digits, at the 'I'. */
static void match_aws(struct scan *s)
{
    size_t at = s->at;
    bool begins = at >= s->done + 2 && s->text.p[at - 2] == 'A' &&
                  (s->text.p[at - 1] == 'K' || s->text.p[at - 1] == 'S') && peek(s, at + 1) == 'A';
    size_t end = begins ? run(s, at + 2, is_alnum) : 0;
    if (begins && end - at - 2 == AWS_TAIL) {
        match(s, at - 2, end, "secret");
    } else {
        s->at++;
    }
}

static void match_bearer(struct scan *s)
{
    size_t at = s->at, begin = at + 6;
    bool is = s->text.n - at > 7 && strncasecmp(s->text.p + at, "bearer", 6) == 0 &&
              (at == 0 || !is_alnum((unsigned char)s->text.p[at - 1])) && peek(s, begin) == ' ';
    while (is && peek(s, begin) == ' ') {
        begin++;
    }
    size_t end = is ? run(s, begin, is_token) : 0;
    if (is && end - begin >= TOKEN_LEAST) {
        match(s, begin, end, "secret");
    } else {
        s->at++;
    }
}

/* The name before a '=' or ':' of a connection string, URL or JSON text. */
static struct str name_before(const struct scan *s)
{
    size_t end = s->at;
    while (end > s->done && strchr(" \"\\", s->text.p[end - 1])) {
        end--;
    }
    size_t begin = end;
    while (begin > s->done && end - begin < NAME_MAX_BYTES &&
           (is_alnum((unsigned char)s->text.p[begin - 1]) || s->text.p[begin - 1] == '_' ||
            s->text.p[begin - 1] == '-')) {
        begin--;
    }
    return (struct str){s->text.p + begin, end - begin};
}

/* name=value, "name":"value" inside a literal, where the name says that the value is a secret. */
static void match_assigned(struct scan *s)
{
    if (!s->literal || !redact_is_secret_name(name_before(s))) {
        s->at++;
        return;
    }
    size_t begin = s->at + 1;
    while (peek(s, begin) && strchr(" >=\\", peek(s, begin))) {
        begin++;
    }
    unsigned char quote = peek(s, begin);
    bool quoted = quote == '"' || quote == '\'';
    begin += quoted;
    size_t end = begin;
    while (end < s->text.n) {
        unsigned char c = (unsigned char)s->text.p[end];
        if (quoted ? c == quote : c <= ' ' || strchr("&;,'\"})", c)) {
            break;
        }
        end++;
    }
    if (end > begin) {
        match(s, begin, end, "secret");
    } else {
        s->at++;
    }
}

/* --- to the next anchor --- */

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static bytes16 load(const char *p)
{
    bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* 0xFF where `here` is an anchor whose neighbours don't speak against it: a '_' only after a d, as
 * in hd_live_. What this leaves out, the rules would refuse. */
static bytes16 anchors_of(bytes16 before, bytes16 here, bytes16 after, bool literal)
{
    bytes16 lower = here | 0x20, after_lower = after | 0x20;
    bytes16 is_number = (bytes16)(here - '0' < 10);
    bytes16 opens = (bytes16)(here == '+') | (bytes16)(here == '(');
    bytes16 into_number = (bytes16)(after - '0' < 10) | (bytes16)(after == '(');
    bytes16 key = (bytes16)(here == '_') & (bytes16)((before | 0x20) == 'd');
    bytes16 jwt = (bytes16)(here == 'J') & (bytes16)(before == 'y');
    bytes16 aws = (bytes16)(here == 'I') & ((bytes16)(before == 'K') | (bytes16)(before == 'S'));
    bytes16 bearer = (bytes16)(lower == 'b') & (bytes16)(after_lower == 'e');
    bytes16 found =
        is_number | (bytes16)(here == '@') | (opens & into_number) | key | jwt | aws | bearer;
    return literal ? found | (bytes16)(here == '=') | (bytes16)(here == ':') : found;
}

/* The first byte from `at` on that can be an anchor; the end where there is none. */
static size_t next_anchor(struct str text, size_t at, bool literal)
{
    if (at == 0 && text.n && anchors[(unsigned char)text.p[0]] == NOTHING) {
        at = 1; /* from here on every byte has one before it */
    }
    for (; at > 0 && text.n - at > sizeof(bytes16); at += sizeof(bytes16)) {
        const char *p = text.p + at;
        uint64_t half[2];
        bytes16 found = anchors_of(load(p - 1), load(p), load(p + 1), literal);
        memcpy(half, &found, sizeof half);
        if (half[0] | half[1]) {
            size_t first = half[0] ? 0 : 1;
            return at + 8 * first + (size_t)__builtin_ctzll(le64toh(half[first])) / 8;
        }
    }
    while (at < text.n && anchors[(unsigned char)text.p[at]] == NOTHING) {
        at++;
    }
    return at;
}

size_t redact_text(struct str text, bool literal, struct buf *out)
{
    struct scan s = {.text = text, .literal = literal, .out = out};
    while ((s.at = next_anchor(text, s.at, literal)) < text.n) {
        switch ((enum anchor)anchors[(unsigned char)text.p[s.at]]) {
        case NOTHING:
            break;
        case AT:
            match_email(&s);
            break;
        case NUMBER:
            match_number(&s);
            break;
        case PLUS:
            match_plus(&s);
            break;
        case UNDERSCORE:
            match_key(&s);
            break;
        case CAPITAL_J:
            match_jwt(&s);
            break;
        case CAPITAL_I:
            match_aws(&s);
            break;
        case LETTER_B:
            match_bearer(&s);
            break;
        case ASSIGN:
            match_assigned(&s);
            break;
        }
    }
    redact_put_utf8((struct str){text.p + s.done, text.n - s.done}, out);
    return s.matches;
}

/* --- names, bytes --- */

bool redact_is_secret_name(struct str name)
{
#define E(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    static const struct str endings[] = {
        E("password"),
        E("passwd"),
        E("pwd"),
        E("passphrase"),
        E("secret"),
        E("token"),
        E("key_id"),
        E("access_key"),
        E("api_key"),
        E("apikey"),
        E("private_key"),
        E("master_key"),
        E("secret_key"),
        E("secret_string"),
        E("parquet_key"),
        E("credential"),
        E("credentials"),
        E("signature"),
        E("accesskeyid"),
        E("sig"),
        E("auth"),
        E("authorization"),
        E("account_key"),
        E("accountkey"),
        E("session_key"),
        E("encryption_key"),
        E("connection_string"),
    };
#undef E
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = endings[i].n;
        if (name.n < n || (name.p[name.n - 1] | 0x20) != endings[i].p[n - 1] ||
            strncasecmp(name.p + name.n - n, endings[i].p, n) != 0) {
            continue;
        }
        if (name.n == n || n > 4 || name.p[name.n - n - 1] == '_' ||
            name.p[name.n - n - 1] == '-') {
            return true;
        }
    }
    return false;
}

static bool is_plain(struct str s)
{
    unsigned char high = 0, zero = 0;
    for (size_t i = 0; i < s.n; i++) {
        high |= (unsigned char)s.p[i] & 0x80;
        zero |= s.p[i] == '\0';
    }
    return !high && !zero;
}

static size_t sequence_length(struct str s, size_t at)
{
    unsigned char c = (unsigned char)s.p[at];
    size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    return n && n <= s.n - at && str_is_utf8((struct str){s.p + at, n}) ? n : 0;
}

void redact_put_utf8(struct str s, struct buf *out)
{
    if (is_plain(s)) {
        buf_put_str(out, s);
        return;
    }
    for (size_t i = 0; i < s.n;) {
        size_t n = sequence_length(s, i);
        if (n) {
            buf_put(out, s.p + i, n);
        } else {
            buf_puts(out, "\xEF\xBF\xBD");
        }
        i += n ? n : 1;
    }
}
