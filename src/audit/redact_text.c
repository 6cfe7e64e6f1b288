/* One pass: a table says which bytes can be the anchor of a match ('@', a digit, '_' of a key's
 * prefix
 * ...); all others are skipped, sixteen at a time. From an anchor a rule looks back and forward,
 * and never back over what has been written, so that the work stays linear. */
#include "audit/redact_text.h"

#include <endian.h>

#include "audit/redact_address.h"
#include "audit/redact_iban.h"
#include "audit/redact_number.h"

enum anchor { NOTHING, AT, NUMBER, PLUS, MARKED, CAPITAL_J, CAPITAL_I, LETTER_B, ASSIGN };

static const uint8_t anchors[256] = {
    ['@'] = AT,     ['0'] = NUMBER,    ['1'] = NUMBER,   ['2'] = NUMBER,   ['3'] = NUMBER,
    ['4'] = NUMBER, ['5'] = NUMBER,    ['6'] = NUMBER,   ['7'] = NUMBER,   ['8'] = NUMBER,
    ['9'] = NUMBER, ['+'] = PLUS,      ['('] = PLUS,     ['_'] = MARKED,   ['J'] = CAPITAL_J,
    ['-'] = MARKED, ['I'] = CAPITAL_I, ['b'] = LETTER_B, ['B'] = LETTER_B, ['='] = ASSIGN,
    [':'] = ASSIGN,
};

enum {
    KEY_LEAST = 8,
    TOKEN_LEAST = 8,
    AWS_TAIL = 16,
    GOOGLE_TAIL = 35,
    URL_LOOK_BACK = 512,
    NAME_MAX_BYTES = 64
};

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
    if (redact_ipv4(s->text, s->at, &end)) {
        match(s, begin, end, "ip");
        return;
    }
    if (redact_iban(s->text, s->at, &begin, &end) && begin >= s->done) {
        match(s, begin, end, "iban");
        return;
    }
    begin = s->at;
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

/* Keys whose makers begin them so that they can be found: ours, GitHub's, GitLab's, Slack's,
 * Stripe's and others'. The first mark of the prefix is the anchor; `least` characters follow it.
 */
static const struct issued {
    struct str first; /* the prefix before its first mark */
    struct str rest;  /* from there on */
    uint8_t least;
} issued[] = {
#define ISSUED(first, rest, least)                                                                 \
    {                                                                                              \
        {first, sizeof(first) - 1}, {rest, sizeof(rest) - 1}, least                                \
    }
    ISSUED("hd", "_live_", KEY_LEAST),
    ISSUED("hd", "_test_", KEY_LEAST),
    ISSUED("sk", "_live_", 16),
    ISSUED("sk", "_test_", 16),
    ISSUED("rk", "_live_", 16),
    ISSUED("ghp", "_", 30),
    ISSUED("gho", "_", 30),
    ISSUED("ghu", "_", 30),
    ISSUED("ghs", "_", 30),
    ISSUED("ghr", "_", 30),
    ISSUED("github", "_pat_", 30),
    ISSUED("glpat", "-", 16),
    ISSUED("xoxb", "-", 10),
    ISSUED("xoxp", "-", 10),
    ISSUED("xoxa", "-", 10),
    ISSUED("xoxr", "-", 10),
    ISSUED("sk", "-", 20),
    ISSUED("hf", "_", 30),
#undef ISSUED
};

enum { ISSUED_FIRST_MAX = 6 };

static bool is_issued(unsigned char c)
{
    return is_alnum(c) || c == '_' || c == '-';
}

/* At the mark behind a word of `n` letters. The end of such a key; 0: none. */
static size_t issued_end(const struct scan *s, const struct issued *k, size_t n)
{
    size_t behind = s->at + k->rest.n;
    if (n != k->first.n || behind > s->text.n ||
        strncasecmp(s->text.p + s->at - n, k->first.p, n) != 0 ||
        strncasecmp(s->text.p + s->at, k->rest.p, k->rest.n) != 0) {
        return 0;
    }
    size_t end = run(s, behind, is_issued);
    return end - behind >= k->least ? end : 0;
}

static void match_issued(struct scan *s)
{
    size_t n = 0, end;
    while (n <= ISSUED_FIRST_MAX && s->at - n > s->done &&
           is_alnum((unsigned char)s->text.p[s->at - n - 1])) {
        n++;
    }
    for (size_t i = 0; n >= 2 && n <= ISSUED_FIRST_MAX && i < sizeof issued / sizeof *issued; i++) {
        if ((end = issued_end(s, &issued[i], n))) {
            match(s, s->at - n, end, "secret");
            return;
        }
    }
    s->at++;
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

/* AKIA and ASIA with 16 capitals and digits, AIza with 35 letters, at the 'I'. */
static void match_cloud_key(struct scan *s)
{
    size_t at = s->at, begin = at - 2, end = 0;
    const char *p = s->text.p + at;
    if (at >= s->done + 2 && p[-2] == 'A' && (p[-1] == 'K' || p[-1] == 'S') &&
        peek(s, at + 1) == 'A') {
        end = run(s, at + 2, is_alnum);
        end = end - at - 2 == AWS_TAIL ? end : 0;
    } else if (at >= s->done + 1 && p[-1] == 'A' && peek(s, at + 1) == 'z' &&
               peek(s, at + 2) == 'a') {
        begin = at - 1;
        end = run(s, at + 3, is_token);
        end = end - at - 3 >= GOOGLE_TAIL ? end : 0;
    }
    if (end) {
        match(s, begin, end, "secret");
    } else {
        s->at++;
    }
}

/* Bearer TOKEN, at the 'B'. */
static bool match_bearer(struct scan *s)
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
        return true;
    }
    return false;
}

/* -----BEGIN ... PRIVATE KEY----- to its end (RFC 7468), at the 'B'; what isn't ended goes to the
 * end of the text. */
static bool match_private_key(struct scan *s)
{
    static const char begins[] = "-----BEGIN ", is_private[] = "PRIVATE KEY", ends[] = "-----END ";
    enum { DASHES = 5, LABEL_MAX = 40, END_MAX = LABEL_MAX + DASHES };
    size_t begin = s->at - DASHES, left = s->text.n - s->at;
    if (s->at < s->done + DASHES || left < sizeof begins ||
        memcmp(s->text.p + begin, begins, sizeof begins - 1) != 0 ||
        !memmem(s->text.p + s->at, left < LABEL_MAX ? left : LABEL_MAX, is_private,
                sizeof is_private - 1)) {
        return false;
    }
    const char *end = memmem(s->text.p + s->at, left, ends, sizeof ends - 1);
    size_t to = end ? (size_t)(end - s->text.p) + sizeof ends - 1 : s->text.n;
    const char *dashes =
        end ? memmem(s->text.p + to, s->text.n - to < END_MAX ? s->text.n - to : END_MAX, "-----",
                     DASHES)
            : NULL;
    match(s, begin, dashes ? (size_t)(dashes - s->text.p) + DASHES : to, "secret");
    return true;
}

static void match_word(struct scan *s)
{
    if (!match_bearer(s) && !match_private_key(s)) {
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

static void match_ipv6(struct scan *s)
{
    size_t begin, end;
    if (s->literal && s->text.p[s->at] == ':' &&
        redact_ipv6(s->text, s->at, s->done, &begin, &end)) {
        match(s, begin, end, "ip");
    } else {
        s->at++;
    }
}

/* name=value, "name":"value" inside a literal, where the name says that the value is a secret. */
static void match_assigned(struct scan *s)
{
    if (!s->literal || !redact_is_secret_name(name_before(s))) {
        match_ipv6(s);
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

/* 0xFF where `here` is an anchor whose neighbours don't speak against it: a '_' or '-' only after
 * what ends the first part of an issued key's prefix. What this leaves out, the rules would refuse.
 */
static bytes16 anchors_of(bytes16 before2, bytes16 before, bytes16 here, bytes16 after,
                          bool literal)
{
    bytes16 lower = here | 0x20, after_lower = after | 0x20;
    bytes16 is_number = (bytes16)(here - '0' < 10);
    bytes16 opens = (bytes16)(here == '+') | (bytes16)(here == '(');
    bytes16 into_number = (bytes16)(after - '0' < 10) | (bytes16)(after == '(');
    bytes16 was = before | 0x20, first = before2 | 0x20;
    bytes16 issues = (bytes16)(first == 'h') | (bytes16)(first == 'x') |
                     ((bytes16)(was == 'k') & (bytes16)(first - 'r' < 2)) |
                     ((bytes16)(was == 'b') & (bytes16)(first == 'u')) |
                     ((bytes16)(was == 't') & (bytes16)(first == 'a'));
    bytes16 marked = ((bytes16)(here == '_') | (bytes16)(here == '-')) & issues;
    bytes16 jwt = (bytes16)(here == 'J') & (bytes16)(before == 'y');
    bytes16 cloud = (bytes16)(here == 'I') & ((bytes16)(before == 'K') | (bytes16)(before == 'S') |
                                              (bytes16)(before == 'A'));
    bytes16 bearer = (bytes16)(lower == 'b') & (bytes16)(after_lower == 'e');
    bytes16 found =
        is_number | (bytes16)(here == '@') | (opens & into_number) | marked | jwt | cloud | bearer;
    return literal ? found | (bytes16)(here == '=') | (bytes16)(here == ':') : found;
}

/* The first byte from `at` on that can be an anchor; the end where there is none. */
static size_t next_anchor(struct str text, size_t at, bool literal)
{
    while (at < 2 && at < text.n && anchors[(unsigned char)text.p[at]] == NOTHING) {
        at++; /* from here on every byte has two before it */
    }
    for (; at >= 2 && text.n - at > sizeof(bytes16); at += sizeof(bytes16)) {
        const char *p = text.p + at;
        uint64_t half[2];
        bytes16 found = anchors_of(load(p - 2), load(p - 1), load(p), load(p + 1), literal);
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
        case MARKED:
            match_issued(&s);
            break;
        case CAPITAL_J:
            match_jwt(&s);
            break;
        case CAPITAL_I:
            match_cloud_key(&s);
            break;
        case LETTER_B:
            match_word(&s);
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
