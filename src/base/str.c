#include "base/str.h"

#include <errno.h>
#include <stdlib.h>

static unsigned char fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_ieq_bytes(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fold((unsigned char)a[i]) != fold((unsigned char)b[i])) {
            return false;
        }
    }
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

struct str str_cut(struct str *rest, char sep)
{
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    struct str head = *rest;
    if (!at) {
        *rest = STR_NULL;
        return head;
    }
    head.n = (size_t)(at - rest->p);
    rest->p = at + 1;
    rest->n -= head.n + 1;
    return head;
}

bool str_to_i64(struct str s, int64_t *out)
{
    char z[24];
    if (s.n == 0 || s.n >= sizeof z || is_space(s.p[0])) {
        return false;
    }
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    char *end;
    errno = 0;
    long long v = strtoll(z, &end, 10);
    if (errno || *end) {
        return false;
    }
    *out = v;
    return true;
}

bool str_to_f64(struct str s, double *out)
{
    char z[64];
    if (s.n == 0 || s.n >= sizeof z || is_space(s.p[0])) {
        return false;
    }
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    char *end;
    errno = 0;
    double v = strtod(z, &end);
    if (*end || end == z || errno == ERANGE) {
        return false;
    }
    *out = v;
    return true;
}

/* The length of the sequence at `p`, or 0 where it is not well formed; `n` bytes are there. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    unsigned char c = p[0];
    size_t len = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (len == 0 || len > n) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool bad = (c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F) ||
               (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F);
    return bad ? 0 : len;
}

/* Without a branch, so that the compiler takes many bytes at once. */
bool str_has_control(struct str s)
{
    unsigned char found = 0;
    for (size_t i = 0; i < s.n; i++) {
        found |= (unsigned char)s.p[i] < 0x20;
    }
    return found;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        if (p[i] == 0) {
            return false;
        }
        size_t len = utf8_sequence(p + i, s.n - i);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

bool str_same_secret(struct str a, struct str b)
{
    if (a.n != b.n) {
        return false;
    }
    unsigned char diff = 0;
    for (size_t i = 0; i < a.n; i++) {
        diff |= (unsigned char)(a.p[i] ^ b.p[i]);
    }
    return diff == 0;
}

size_t str_chars(struct str utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.n; i++) {
        n += ((unsigned char)utf8.p[i] & 0xC0) != 0x80;
    }
    return n;
}
