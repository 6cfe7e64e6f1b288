#include "base/id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"

void id_random(void *out, size_t n)
{
    unsigned char *p = out;
    while (n) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            perror("hatidata: getrandom");
            abort();
        }
        p += got;
        n -= (size_t)got;
    }
}

void id_uuid(char out[ID_UUID_SIZE])
{
    unsigned char b[16];
    id_random(b, sizeof b);
    uint64_t ms = (uint64_t)(clock_wall_us() / 1000);
    for (int i = 0; i < 6; i++) {
        b[i] = (unsigned char)(ms >> (40 - 8 * i));
    }
    b[6] = (unsigned char)(0x70 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    snprintf(out, ID_UUID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

bool id_is_uuid(struct str text)
{
    static const char form[] = "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx";
    unsigned wrong = 0; /* without branches, as each entry of a log that is read has one */
    if (text.n != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof form - 1; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool digit = (unsigned char)(c - '0') < 10, letter = (unsigned char)(c - 'a') < 6;
        bool is_x = form[i] == 'x' || form[i] == 'v';
        wrong |= is_x ? !(digit | letter) : c != (unsigned char)form[i];
    }
    char variant = text.p[19];
    return !wrong && (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
}

void id_alnum(char *out, size_t n)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < n;) {
        unsigned char b;
        id_random(&b, 1);
        if (b < 248) { /* 4 * 62: beyond it the remainder would favour the first letters */
            out[i++] = alphabet[b % 62];
        }
    }
    out[n] = '\0';
}
