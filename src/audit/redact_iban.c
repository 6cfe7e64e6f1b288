#include "audit/redact_iban.h"

/* Country and length, as the registry of ISO 13616 has them. */
static const char countries[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
    "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
    "RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static unsigned char upper(unsigned char c)
{
    return c >= 'a' && c <= 'z' ? (unsigned char)(c - 'a' + 'A') : c;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

static bool is_word(unsigned char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || c >= 0x80;
}

static unsigned char at_or_nul(struct str s, size_t at)
{
    return at < s.n ? (unsigned char)s.p[at] : 0;
}

/* 0: no country with account numbers. */
static size_t length_of(unsigned char first, unsigned char second)
{
    for (size_t i = 0; i + 4 < sizeof countries; i += 4) {
        if (countries[i] == upper(first) && countries[i + 1] == upper(second)) {
            return (size_t)(countries[i + 2] - '0') * 10 + (size_t)(countries[i + 3] - '0');
        }
    }
    return 0;
}

/* The number modulo 97 with one more character, a letter counting as two digits (ISO 7064). */
static unsigned add(unsigned rest, unsigned char c)
{
    return is_digit(c) ? (rest * 10 + (c - '0')) % 97
                       : (rest * 100 + (unsigned)(upper(c) - 'A') + 10) % 97;
}

bool redact_iban(struct str text, size_t at, size_t *begin, size_t *end)
{
    if (at < 2 || !is_letter((unsigned char)text.p[at - 1]) ||
        !is_letter((unsigned char)text.p[at - 2]) || !is_digit(at_or_nul(text, at + 1)) ||
        (at >= 3 && is_word((unsigned char)text.p[at - 3]))) {
        return false;
    }
    size_t length = length_of((unsigned char)text.p[at - 2], (unsigned char)text.p[at - 1]);
    unsigned rest = 0;
    size_t i = at + 2;
    for (size_t n = 4; n < length; n++, i++) {
        unsigned char c = at_or_nul(text, i);
        if (c == ' ' || c == '-') {
            c = at_or_nul(text, ++i);
        }
        if (!is_digit(c) && !is_letter(c)) {
            return false;
        }
        rest = add(rest, c);
    }
    for (size_t k = at - 2; k < at + 2; k++) { /* the first four count last */
        rest = add(rest, (unsigned char)text.p[k]);
    }
    *begin = at - 2;
    *end = i;
    return length > 0 && rest == 1 && !is_word(at_or_nul(text, i));
}
