#include "audit/redact_address.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_MAX = 45, ZONE_MAX = 15 }; /* bytes of an address as text; of the zone's name */

static unsigned char at_or_nul(struct str s, size_t at)
{
    return at < s.n ? (unsigned char)s.p[at] : 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(unsigned char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c >= 0x80;
}

/* What an address of version 6 is written with. */
static bool is_of_address(unsigned char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':' || c == '.';
}

/* A number of at most 255, without zeros before it. */
static bool read_part(struct str s, size_t *at)
{
    unsigned v = 0;
    size_t begin = *at;
    while (is_digit(at_or_nul(s, *at)) && *at - begin < 3) {
        v = v * 10 + (unsigned)(s.p[(*at)++] - '0');
    }
    bool zeros = *at - begin > 1 && s.p[begin] == '0';
    return *at > begin && v <= 255 && !zeros && !is_digit(at_or_nul(s, *at));
}

bool redact_ipv4(struct str text, size_t at, size_t *end)
{
    unsigned char before = at > 0 ? (unsigned char)text.p[at - 1] : 0;
    size_t i = at;
    if (is_word(before) || (before == '.' && at > 1 && is_digit((unsigned char)text.p[at - 2]))) {
        return false;
    }
    for (int part = 0; part < 4; part++) {
        if ((part && at_or_nul(text, i++) != '.') || !read_part(text, &i)) {
            return false;
        }
    }
    *end = i;
    return !is_word(at_or_nul(text, i)) &&
           !(at_or_nul(text, i) == '.' && is_digit(at_or_nul(text, i + 1)));
}

/* %eth0 */
static size_t zone_end(struct str s, size_t at)
{
    size_t end = at + 1;
    if (at_or_nul(s, at) != '%') {
        return at;
    }
    while (is_word(at_or_nul(s, end)) && end - at <= ZONE_MAX) {
        end++;
    }
    return end > at + 1 ? end : at;
}

bool redact_ipv6(struct str text, size_t at, size_t least, size_t *begin, size_t *end)
{
    char address[ADDRESS_MAX + 1];
    struct in6_addr read;
    size_t from = at, to = at + 1;
    while (from > least && at - from <= ADDRESS_MAX &&
           is_of_address((unsigned char)text.p[from - 1])) {
        from--;
    }
    while (to - at <= ADDRESS_MAX && is_of_address(at_or_nul(text, to))) {
        to++;
    }
    while (to > at + 1 &&
           (text.p[to - 1] == '.' || (text.p[to - 1] == ':' && text.p[to - 2] != ':'))) {
        to--; /* the end of a sentence */
    }
    if (to - from > ADDRESS_MAX || (from > 0 && is_word((unsigned char)text.p[from - 1])) ||
        is_word(at_or_nul(text, to))) {
        return false;
    }
    memcpy(address, text.p + from, to - from);
    address[to - from] = '\0';
    *begin = from;
    *end = zone_end(text, to);
    return inet_pton(AF_INET6, address, &read) == 1;
}
