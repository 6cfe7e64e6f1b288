#include "wire/numeric.h"

#include "wire/digits.h"

enum {
    SIGN_PLUS = 0,
    SIGN_MINUS = 0x4000,
    SIGN_NAN = 0xC000,
    SIGN_PINF = 0xD000,
    SIGN_NINF = 0xF000
};
enum { MAX_EXPONENT = 1000, MAX_TEXT = 1 << 16 };

static u128 power_of_ten(int n)
{
    u128 v = 1;
    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

void numeric_put_binary(struct buf *out, u128 magnitude, bool is_negative, int scale)
{
    /* Groups of four digits count from the point, so the fraction's last group is filled with
     * zeros: it holds `odd` digits of ours. Taking it off first keeps the rest within 128 bits. */
    int odd = scale % 4 ? scale % 4 : 4;
    uint16_t groups[12] = {(uint16_t)(magnitude % power_of_ten(odd) * power_of_ten(4 - odd))};
    int n = 1, first = 0;
    for (magnitude /= power_of_ten(odd); magnitude; magnitude /= 10000) {
        groups[n++] = (uint16_t)(magnitude % 10000);
    }
    int weight = n - 1 - (scale + 3) / 4;
    while (n > 0 && groups[n - 1] == 0) {
        n--;
        weight--;
    }
    while (first < n && groups[first] == 0) {
        first++;
    }
    buf_u16(out, (uint16_t)(n - first));
    buf_u16(out, (uint16_t)(n == first ? 0 : weight));
    buf_u16(out, is_negative && n > first ? SIGN_MINUS : SIGN_PLUS);
    buf_u16(out, (uint16_t)scale);
    for (int i = n - 1; i >= first; i--) {
        buf_u16(out, groups[i]);
    }
}

/* Appends one digit; false when there is no more room. Zeros in front don't count. */
static bool push_digit(struct numeric *n, int digit)
{
    if (n->magnitude == 0 && digit == 0) {
        return true;
    }
    if (n->digits == NUMERIC_MAX_DIGITS) {
        return false;
    }
    n->magnitude = n->magnitude * 10 + (unsigned)digit;
    n->digits++;
    return true;
}

static enum numeric_result finish(struct numeric *n)
{
    if (n->scale > NUMERIC_MAX_DIGITS) {
        return NUMERIC_TOO_LARGE;
    }
    for (; n->scale < 0; n->scale++) {
        if (!push_digit(n, 0)) {
            return NUMERIC_TOO_LARGE;
        }
    }
    n->digits = n->digits < n->scale ? n->scale : n->digits ? n->digits : 1;
    return NUMERIC_OK;
}

static bool read_exponent(struct str s, int *out)
{
    int64_t v;
    if (!str_to_i64(s, &v) || v < -MAX_EXPONENT || v > MAX_EXPONENT) {
        return false;
    }
    *out = (int)v;
    return true;
}

static bool is_special(struct str s)
{
    static const char *const words[] = {"nan", "infinity", "+infinity", "-infinity",
                                        "inf", "+inf",     "-inf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_iis(s, words[i])) {
            return true;
        }
    }
    return false;
}

enum numeric_result numeric_read_text(struct str s, struct numeric *out)
{
    *out = (struct numeric){0};
    s = str_trim(s);
    if (is_special(s) || s.n > MAX_TEXT) {
        return NUMERIC_TOO_LARGE;
    }
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    out->is_negative = i && s.p[0] == '-';
    bool any = false, in_fraction = false, too_large = false;
    for (; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9') {
            too_large |= !push_digit(out, s.p[i] - '0');
            out->scale += in_fraction;
            any = true;
        } else if (s.p[i] == '.' && !in_fraction) {
            in_fraction = true;
        } else {
            break;
        }
    }
    int exponent = 0;
    bool has_exponent = i < s.n && (s.p[i] | 32) == 'e';
    if (!any || (i < s.n && !has_exponent) ||
        (has_exponent && !read_exponent((struct str){s.p + i + 1, s.n - i - 1}, &exponent))) {
        return NUMERIC_BAD;
    }
    out->scale -= exponent;
    if (out->magnitude == 0 && out->scale < 0) {
        out->scale = 0;
    }
    return too_large ? NUMERIC_TOO_LARGE : finish(out);
}

static int word(struct str b, size_t i)
{
    return (uint8_t)b.p[2 * i] << 8 | (uint8_t)b.p[2 * i + 1];
}

/* One decimal digit after another, from the first group down to the display scale; what the sender
 * left beyond that is cut, as numeric_recv does. */
static enum numeric_result read_groups(struct str bytes, int groups, int weight,
                                       struct numeric *out)
{
    int scale = out->scale;
    for (int place = weight; place >= -((scale + 3) / 4); place--) {
        int at = weight - place, group = at < groups ? word(bytes, 4 + (size_t)at) : 0;
        for (int digit = 0, unit = 1000; digit < 4; digit++, unit /= 10) {
            bool is_cut = place < 0 && (-place - 1) * 4 + digit >= scale;
            if (!is_cut && !push_digit(out, group / unit % 10)) {
                return NUMERIC_TOO_LARGE;
            }
        }
    }
    return finish(out);
}

enum numeric_result numeric_read_binary(struct str bytes, struct numeric *out)
{
    *out = (struct numeric){0};
    if (bytes.n < 8 || bytes.n % 2) {
        return NUMERIC_BAD;
    }
    int groups = word(bytes, 0), weight = (int16_t)word(bytes, 1), sign = word(bytes, 2);
    int scale = word(bytes, 3);
    if (bytes.n != 8 + 2 * (size_t)groups) {
        return NUMERIC_BAD;
    }
    if (sign == SIGN_NAN || sign == SIGN_PINF || sign == SIGN_NINF) {
        return NUMERIC_TOO_LARGE;
    }
    if ((sign != SIGN_PLUS && sign != SIGN_MINUS) || scale > 0x3FFF) {
        return NUMERIC_BAD;
    }
    out->is_negative = sign == SIGN_MINUS;
    for (int i = 0; i < groups; i++) {
        if (word(bytes, 4 + (size_t)i) > 9999) {
            return NUMERIC_BAD;
        }
    }
    out->scale = scale;
    weight = groups ? weight : 0;
    if (weight > NUMERIC_MAX_DIGITS || weight < -NUMERIC_MAX_DIGITS) {
        return NUMERIC_TOO_LARGE;
    }
    return scale > NUMERIC_MAX_DIGITS ? NUMERIC_TOO_LARGE : read_groups(bytes, groups, weight, out);
}

enum numeric_result numeric_fit(struct numeric *n, int width, int scale)
{
    for (; n->scale > scale + 1; n->scale--) {
        n->magnitude /= 10; /* half away from zero asks only for the first digit that goes */
    }
    if (n->scale == scale + 1) {
        n->magnitude = (n->magnitude + 5) / 10;
        n->scale--;
    }
    int digits = 0;
    for (u128 v = n->magnitude; v; v /= 10) {
        digits++;
    }
    if (n->magnitude && digits + scale - n->scale > width) {
        return NUMERIC_TOO_LARGE;
    }
    n->magnitude *= power_of_ten(n->magnitude ? scale - n->scale : 0);
    n->scale = scale;
    n->digits = width;
    return NUMERIC_OK;
}

size_t numeric_text(const struct numeric *n, char *out)
{
    char *end = out;
    if (n->is_negative && n->magnitude) {
        *end++ = '-';
    }
    end = digits_u128(end, n->magnitude, n->scale);
    *end = '\0';
    return (size_t)(end - out);
}
