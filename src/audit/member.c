#include "audit/member.h"

#include <string.h>

static bool is_ascii(struct str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.n; i++) {
        all |= (unsigned char)s.p[i];
    }
    return all < 0x80;
}

void members_begin(struct members *m, struct str line)
{
    bool is_object = line.n > 1 && line.p[0] == '{' && line.p[line.n - 1] == '}';
    *m = (struct members){.line = line, .at = 1};
    m->failed = !is_object || str_has_control(line) || !(is_ascii(line) || str_is_utf8(line));
}

static char peek(const struct members *m)
{
    return m->at < m->line.n ? m->line.p[m->at] : '\0';
}

static bool take(struct members *m, char c)
{
    bool is = peek(m) == c;
    m->at += is;
    return is;
}

/* Behind the opening quote: to behind the closing one. */
static bool take_string(struct members *m, struct str *inner, bool *is_plain)
{
    const char *begin = m->line.p + m->at, *end = m->line.p + m->line.n, *p = begin;
    *is_plain = true;
    for (;;) {
        const char *quote = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;
        if (!quote) {
            return false;
        }
        const char *escape = memchr(p, '\\', (size_t)(quote - p));
        if (!escape) {
            *inner = (struct str){begin, (size_t)(quote - begin)};
            m->at = (size_t)(quote - m->line.p) + 1;
            return true;
        }
        *is_plain = false;
        p = escape + 2;
    }
}

/* An array or object: to behind its end. What is within isn't judged. */
static bool take_nested(struct members *m)
{
    struct str ignored;
    bool is_plain;
    size_t depth = 0;
    do {
        char c = peek(m);
        if (!c) {
            return false;
        }
        m->at++;
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
        if (c == '"' && !take_string(m, &ignored, &is_plain)) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static bool take_value(struct members *m, struct member *out)
{
    size_t begin = m->at;
    out->is_plain = false;
    if (take(m, '"')) {
        if (!take_string(m, &out->value, &out->is_plain)) {
            return false;
        }
    } else if (peek(m) == '[' || peek(m) == '{') {
        if (!take_nested(m)) {
            return false;
        }
    } else {
        while (peek(m) && !strchr(",}]\"", peek(m))) {
            m->at++;
        }
    }
    if (!out->is_plain) {
        out->value = (struct str){m->line.p + begin, m->at - begin};
    }
    return m->at > begin;
}

bool members_next(struct members *m, struct member *out)
{
    bool is_plain;
    if (m->failed || m->at == m->line.n) {
        return false;
    }
    m->failed = !take(m, '"') || !take_string(m, &out->name, &is_plain) || !is_plain ||
                !take(m, ':') || !take_value(m, out) || !(take(m, ',') || take(m, '}')) ||
                (m->line.p[m->at - 1] == '}') != (m->at == m->line.n);
    return !m->failed;
}
