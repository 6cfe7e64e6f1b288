/* One pass, from anchor to anchor ('@', a digit, '_' of a key's prefix ...): redact_next.h passes
 * over all other bytes. From an anchor a rule looks back and forward, and never back over what has
 * been written, so that the work stays linear. */
#include "audit/redact_text.h"

#include <stdlib.h>

#include "audit/redact_address.h"
#include "audit/redact_iban.h"
#include "audit/redact_next.h"
#include "audit/redact_number.h"
#include "audit/redact_scan.h"

enum anchor { NOTHING, AT, NUMBER, PLUS, MARKED, CAPITAL_J, CAPITAL_I, LETTER_B, ASSIGN };

static const uint8_t anchor_of[256] = {
    ['@'] = AT,     ['0'] = NUMBER,    ['1'] = NUMBER,   ['2'] = NUMBER,   ['3'] = NUMBER,
    ['4'] = NUMBER, ['5'] = NUMBER,    ['6'] = NUMBER,   ['7'] = NUMBER,   ['8'] = NUMBER,
    ['9'] = NUMBER, ['+'] = PLUS,      ['('] = PLUS,     ['_'] = MARKED,   ['J'] = CAPITAL_J,
    ['-'] = MARKED, ['I'] = CAPITAL_I, ['b'] = LETTER_B, ['B'] = LETTER_B, ['='] = ASSIGN,
    [':'] = ASSIGN,
};

enum { URL_LOOK_BACK = 512, NAME_MAX_BYTES = 64 };

static bool is_local(unsigned char c) /* RFC 5322 dot-atom, and RFC 6531's letters */
{
    return scan_is_alnum(c) || c >= 0x80 || (c && strchr("._%+-!#$&*/=?^`{|}~", c));
}

static bool is_label(unsigned char c)
{
    return scan_is_alnum(c) || c == '-' || c >= 0x80;
}

const char *redact_kind_name(enum redact_kind kind)
{
    static const char *const names[] = {
#define X(id, name) name,
        REDACT_KINDS(X)
#undef X
    };
    return names[kind];
}

static void put_span(struct scan *s, const struct span *span)
{
    const char *to = s->text.p + span->begin;
    redact_put_utf8((struct str){s->from, (size_t)(to - s->from)}, s->out);
    buf_u8(s->out, '<');
    buf_put_str(s->out, span->kind);
    buf_u8(s->out, '>');
    s->from = s->text.p + span->end;
}

void scan_match(struct scan *s, size_t begin, size_t end, enum redact_kind kind)
{
    struct span span = {.begin = begin, .end = end, .kind = str_of(redact_kind_name(kind))};
    if (s->spans) {
        spans_push(s->spans, span);
    } else {
        put_span(s, &span);
    }
    s->done = s->at = end;
    s->matches++;
    s->kinds |= 1U << kind;
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
            scan_match(s, i, at, REDACT_SECRET);
            return true;
        }
        if (c <= ' ' || c == '\'' || c == '"') {
            return false;
        }
    }
    return false;
}

/* The end of the domain behind the '@', as far as its last label that can be a top-level one: what
 * follows a sentence's point without a space is none of it. 0: it has none. */
static size_t domain_end(const struct scan *s)
{
    size_t first = s->at + 1, label = first, at = first, end = 0;
    do {
        at = label;
        while (is_label(scan_peek(s, at))) {
            at++;
        }
        bool is_top = label > first && at - label >= 2 && !scan_is_digit(scan_peek(s, label));
        end = is_top ? at : end;
        label = at + 1;
    } while (scan_peek(s, at) == '.' && is_label(scan_peek(s, label)));
    return end;
}

static void match_email(struct scan *s)
{
    size_t begin = s->at;
    if (match_userinfo(s)) {
        return;
    }
    while (begin > s->done && is_local((unsigned char)s->text.p[begin - 1])) {
        begin--;
    }
    size_t end = domain_end(s);
    if (begin < s->at && end) {
        scan_match(s, begin, end, REDACT_EMAIL);
    } else {
        s->at++;
    }
}

static void match_number(struct scan *s)
{
    size_t begin = s->at, end;
    if (redact_ipv4(s->text, s->at, &end)) {
        scan_match(s, begin, end, REDACT_IP);
        return;
    }
    if (redact_iban(s->text, s->at, &begin, &end) && begin >= s->done) {
        scan_match(s, begin, end, REDACT_IBAN);
        return;
    }
    begin = s->at;
    enum redact_kind kind = redact_number(s->text, begin, &end);
    if (kind != REDACT_NONE) {
        scan_match(s, begin, end, kind);
    } else {
        s->at = end;
    }
}

static void match_plus(struct scan *s)
{
    unsigned char next = scan_peek(s, s->at + 1);
    bool begins = s->at == 0 || !scan_is_alnum((unsigned char)s->text.p[s->at - 1]);
    if (begins && (scan_is_digit(next) || next == '(')) {
        match_number(s);
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
           (scan_is_alnum((unsigned char)s->text.p[begin - 1]) || s->text.p[begin - 1] == '_' ||
            s->text.p[begin - 1] == '-')) {
        begin--;
    }
    return (struct str){s->text.p + begin, end - begin};
}

static void match_ipv6(struct scan *s)
{
    size_t begin, end;
    if (s->text.p[s->at] == ':' && redact_ipv6(s->text, s->at, s->done, &begin, &end)) {
        scan_match(s, begin, end, REDACT_IP);
    } else {
        s->at++;
    }
}

/* Of HTTP's header, whose value is a scheme and what follows it (RFC 9110, section 11.6.2). */
static bool is_authorization(struct str name)
{
    static const char ending[] = "authorization";
    size_t n = sizeof ending - 1;
    return name.n >= n && strncasecmp(name.p + name.n - n, ending, n) == 0;
}

/* name=value, "name":"value" inside a literal, where the name says that the value is a secret. */
static void match_assigned(struct scan *s)
{
    struct str name = name_before(s);
    if (!redact_is_secret_name(name)) {
        match_ipv6(s);
        return;
    }
    bool is_line = is_authorization(name);
    size_t begin = s->at + 1;
    while (scan_peek(s, begin) && strchr(" >=\\", scan_peek(s, begin))) {
        begin++;
    }
    unsigned char quote = scan_peek(s, begin);
    bool quoted = quote == '"' || quote == '\'';
    begin += quoted;
    size_t end = begin;
    while (end < s->text.n) {
        unsigned char c = (unsigned char)s->text.p[end];
        bool ends = is_line ? c < ' ' || strchr("'\"", c) : c <= ' ' || strchr("&;,'\"})", c);
        if (quoted ? c == quote : ends) {
            break;
        }
        end++;
    }
    if (end > begin) {
        scan_match(s, begin, end, REDACT_SECRET);
    } else {
        s->at++;
    }
}

/* The text may be a part of what the cursor goes through; beyond its end is the end. */
static size_t next_anchor(const struct scan *s)
{
    size_t begin = (size_t)(s->text.p - s->anchors->text.p);
    return redact_next(s->anchors, begin + s->at) - begin;
}

static void scan(struct scan *s)
{
    while ((s->at = next_anchor(s)) < s->text.n) {
        enum anchor anchor = (enum anchor)anchor_of[(unsigned char)s->text.p[s->at]];
        if (anchor == NOTHING || (anchor == ASSIGN && !s->literal)) {
            s->at++; /* SQL's own = */
            continue;
        }
        switch (anchor) {
        case NOTHING:
            break;
        case AT:
            match_email(s);
            break;
        case NUMBER:
            match_number(s);
            break;
        case PLUS:
            match_plus(s);
            break;
        case MARKED:
            scan_issued(s);
            break;
        case CAPITAL_J:
            scan_jwt(s);
            break;
        case CAPITAL_I:
            scan_cloud_key(s);
            break;
        case LETTER_B:
            scan_word(s);
            break;
        case ASSIGN:
            match_assigned(s);
            break;
        }
    }
}

/* What either finds goes: the patterns are given the text as it is, and see nothing of the scan. */
static size_t scan_with(struct scan *s, const struct pattern_set *own)
{
    struct spans found = {0};
    s->spans = &found;
    scan(s);
    pattern_find(own, s->text, &found);
    spans_merge(&found);
    for (size_t i = 0; i < found.n; i++) {
        put_span(s, &found.at[i]);
    }
    free(found.at);
    return found.n;
}

size_t redact_piece(struct redact_cursor *anchors, struct str text, bool literal,
                    const struct pattern_set *own, const char **from, struct buf *out)
{
    struct scan s = {
        .text = text, .from = *from, .anchors = anchors, .literal = literal, .out = out};
    if (own) {
        s.matches = scan_with(&s, own);
    } else {
        scan(&s);
    }
    *from = s.from;
    return s.matches;
}

unsigned redact_kinds_of(struct str text)
{
    struct buf out = BUF_INIT(0);
    struct redact_cursor anchors;
    redact_cursor_init(&anchors, text, SOUGHT_ANCHOR);
    struct scan s = {
        .text = text, .from = text.p, .anchors = &anchors, .literal = true, .out = &out};
    scan(&s);
    buf_free(&out);
    return s.kinds;
}

size_t redact_text(struct str text, bool literal, const struct pattern_set *own, struct buf *out)
{
    const char *from = text.p;
    struct redact_cursor anchors;
    redact_cursor_init(&anchors, text, SOUGHT_ANCHOR);
    size_t found = redact_piece(&anchors, text, literal, own, &from, out);
    redact_put_utf8((struct str){from, text.n - (size_t)(from - text.p)}, out);
    return found;
}

/* --- bytes --- */

/* ASCII without NUL. */
static bool is_plain(struct str s)
{
    unsigned char odd = 0;
    for (size_t i = 0; i < s.n; i++) {
        odd |= (unsigned char)s.p[i] | (unsigned char)(s.p[i] - 1);
    }
    return !(odd & 0x80);
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
