#include "base/text.h"

/* Without a table or a branch: compilers make many at once. */
static char hex_digit(uint8_t n)
{
    return (char)(n + '0' + (n > 9) * ('a' - '0' - 10));
}

void text_hex(const void *bytes, size_t n, char *out)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex_digit(p[i] >> 4);
        out[2 * i + 1] = hex_digit(p[i] & 15);
    }
    out[2 * n] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(struct str s, void *out, size_t n)
{
    uint8_t *p = out;
    if (s.n != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int high = digit(s.p[2 * i]), low = digit(s.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        p[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char base64[] = LETTERS_AND_DIGITS "+/", base64url[] = LETTERS_AND_DIGITS "-_";

/* Without padding; gives the end. */
static char *encode(const char *alphabet, const void *bytes, size_t n, char *out)
{
    const uint8_t *p = bytes;
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | p[i];
        for (count += 8; count >= 6; count -= 6) {
            *out++ = alphabet[bits >> (count - 6) & 63];
        }
    }
    if (count) {
        *out++ = alphabet[bits << (6 - count) & 63];
    }
    return out;
}

static int value_of(const char *alphabet, char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

static bool decode(const char *alphabet, struct str s, void *out)
{
    uint8_t *p = out;
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < s.n; i++) {
        int value = value_of(alphabet, s.p[i]);

        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *p++ = (uint8_t)(bits >> count);
        }
    }
    return count < 6 && (bits & ((1u << count) - 1)) == 0;
}

void text_base64url(const void *bytes, size_t n, char *out)
{
    *encode(base64url, bytes, n, out) = '\0';
}

bool text_unbase64url(struct str s, void *out)
{
    return decode(base64url, s, out);
}

void text_base64(const void *bytes, size_t n, char *out)
{
    char *end = encode(base64, bytes, n, out);

    while ((end - out) % 4) {
        *end++ = '=';
    }
    *end = '\0';
}

bool text_unbase64(struct str s, void *out, size_t n)
{
    size_t padding = (3 - n % 3) % 3;

    if (s.n != TEXT_BASE64_SIZE(n)) {
        return false;
    }
    for (size_t i = s.n - padding; i < s.n; i++) {
        if (s.p[i] != '=') {
            return false;
        }
    }
    return decode(base64, (struct str){s.p, s.n - padding}, out);
}
