#include "identity/cidr.h"

#include <arpa/inet.h>
#include <stdio.h>

/* An address of either family as 16 bytes: IPv4 as ::ffff:a.b.c.d, so that both compare alike. */
struct address {
    uint8_t bytes[16];
    bool v4;
};

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool read_address(struct str text, struct address *out)
{
    char z[INET6_ADDRSTRLEN];

    if (text.n == 0 || text.n >= sizeof z || memchr(text.p, 0, text.n)) {
        return false;
    }
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    if (inet_pton(AF_INET6, z, out->bytes) == 1) {
        out->v4 = memcmp(out->bytes, mapped, sizeof mapped) == 0;
        return true;
    }
    memcpy(out->bytes, mapped, sizeof mapped);
    out->v4 = true;
    return inet_pton(AF_INET, z, out->bytes + sizeof mapped) == 1;
}

static bool bit(const struct address *a, int i)
{
    return a->bytes[i / 8] >> (7 - i % 8) & 1;
}

/* `bits` counts in the 128 of the common form. */
static bool read_block(struct str text, struct address *out, int *bits)
{
    struct str length = text, address = str_cut(&length, '/');
    bool written_v4 = !memchr(address.p ? address.p : "", ':', address.n);
    int64_t n = written_v4 ? 32 : 128;

    if (!read_address(address, out) || (length.p && (length.n > 3 || !str_to_i64(length, &n) ||
                                                     n < 0 || n > (written_v4 ? 32 : 128)))) {
        return false;
    }
    *bits = (int)n + (written_v4 ? 96 : 0);
    for (int i = *bits; i < 128; i++) {
        if (bit(out, i)) {
            return false;
        }
    }
    return true;
}

bool cidr_is_valid(struct str text)
{
    struct address a;
    int bits;

    return read_block(text, &a, &bits);
}

bool cidr_holds(struct str block, struct str address)
{
    struct address net, a;
    int bits;

    if (!read_block(block, &net, &bits) || !read_address(address, &a)) {
        return false;
    }
    /* ::/0 means every IPv6 address, not the IPv4 ones that we map into it. */
    if (a.v4 && bits < 96) {
        return false;
    }
    for (int i = 0; i < bits; i++) {
        if (bit(&net, i) != bit(&a, i)) {
            return false;
        }
    }
    return true;
}

bool cidr_any_holds(struct store_list blocks, struct str address)
{
    for (size_t i = 0; i < blocks.n; i++) {
        if (cidr_holds(blocks.at[i], address)) {
            return true;
        }
    }
    return blocks.n == 0;
}

enum status cidr_check(struct store_list blocks, struct error *e)
{
    for (size_t i = 0; i < blocks.n; i++) {
        if (!cidr_is_valid(blocks.at[i])) {
            return error_set(e, ERR_VALIDATION,
                             "\"%.*s\" is not an address or a block such as 10.0.0.0/8 or "
                             "2001:db8::/32",
                             STR_ARG(blocks.at[i]));
        }
    }
    return OK;
}
