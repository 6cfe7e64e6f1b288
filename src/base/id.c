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
    for (size_t i = 0; i < text.n && text.n == sizeof form - 1; i++) {
        char c = text.p[i];
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (form[i] == 'v' ? c != '8' && c != '9' && c != 'a' && c != 'b'
                           : (form[i] == 'x' ? !digit : c != form[i])) {
            return false;
        }
    }
    return text.n == sizeof form - 1;
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
