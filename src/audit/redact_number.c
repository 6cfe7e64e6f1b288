/* A candidate is a row of digit groups with one separator between two, such as 4111 1111 1111 1111
 * or (415) 555-0132. The rules look at the lengths of the groups, never at single characters. */
#include "audit/redact_number.h"

#include <stdint.h>

enum { GROUPS_MAX = 8, CARD_LEAST = 13, CARD_MOST = 19, PHONE_LEAST = 8, PHONE_MOST = 15 };

struct group {
    size_t begin, end; /* in the text */
    char before;       /* the separator before it: ' ' '-' '.' '_' '(' ')' '/' or 0 for the first */
};

struct row {
    struct str text;
    struct group at[GROUPS_MAX];
    size_t n;
    bool plus, parenthesis; /* what the row begins with */
};

static bool is_digit(struct str s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static bool is_word(struct str s, size_t at)
{
    if (at >= s.n) {
        return false;
    }
    unsigned char c = (unsigned char)s.p[at];
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c >= 0x80;
}

/* Skips what may stand between two groups; 0 when it isn't a separator. ") " and " (" count as one.
 */
static char separator(struct str s, size_t *at)
{
    size_t i = *at;
    char c = i < s.n ? s.p[i] : 0;
    if (c == ' ' || c == '-' || c == '.' || c == '_') {
        i++;
        if (c == ' ' && i < s.n && s.p[i] == '(') {
            c = '(';
            i++;
        }
    } else if (c == ')') {
        i++;
        i += i < s.n && (s.p[i] == ' ' || s.p[i] == '-');
    } else {
        return 0;
    }
    if (!is_digit(s, i)) {
        return 0;
    }
    *at = i;
    return c;
}

static void read_row(struct row *r, struct str text, size_t at)
{
    *r = (struct row){.text = text};
    if (text.p[at] == '+') {
        r->plus = true;
        at++;
    }
    if (at < text.n && text.p[at] == '(') {
        r->parenthesis = true;
        at++;
    }
    char before = 0;
    while (r->n < GROUPS_MAX && is_digit(text, at)) {
        size_t end = at;
        while (is_digit(text, end)) {
            end++;
        }
        r->at[r->n++] = (struct group){at, end, before};
        at = end;
        before = separator(text, &at);
        if (!before) {
            break;
        }
    }
}

static size_t length(const struct row *r, size_t i)
{
    return i < r->n ? r->at[i].end - r->at[i].begin : 0;
}

static int digit(const struct row *r, size_t group, size_t i)
{
    return r->text.p[r->at[group].begin + i] - '0';
}

static int number(const struct row *r, size_t group)
{
    int v = 0;
    for (size_t i = 0; i < length(r, group) && i < 8; i++) {
        v = v * 10 + digit(r, group, i);
    }
    return v;
}

/* True when a match that ends with this group isn't part of a longer word or number. */
static bool ends_clean(const struct row *r, size_t group)
{
    size_t end = r->at[group].end;
    return !is_word(r->text, end) &&
           !(end < r->text.n && r->text.p[end] == '.' && is_digit(r->text, end + 1));
}

/* ISO/IEC 7812-1, annex B. */
static bool luhn(const struct row *r, size_t from, size_t to, size_t total)
{
    int sum = 0;
    size_t place = total;
    for (size_t g = from; g <= to; g++) {
        for (size_t i = 0; i < length(r, g); i++) {
            int d = digit(r, g, i);
            if (place-- % 2 == 0) {
                d = d > 4 ? d * 2 - 9 : d * 2;
            }
            sum += d;
        }
    }
    return sum % 10 == 0;
}

/* Which lengths are given out under which first digit (ISO/IEC 7812-1): keeps times in milliseconds
 * and the like out. */
static bool is_card_length(int first, size_t digits)
{
    switch (digits) {
    case 13:
        return first == 4;
    case 14:
        return first == 3;
    case 15:
        return first <= 3;
    case 16:
        return first >= 2;
    default:
        return first >= 3;
    }
}

/* The last group of the longest payment card that begins with the first; SIZE_MAX: none. */
static size_t match_card(const struct row *r)
{
    size_t total = 0, found = SIZE_MAX;
    int first = digit(r, 0, 0);
    if (r->plus || r->parenthesis || first < 1 || first > 6) {
        return SIZE_MAX;
    }
    for (size_t g = 0; g < r->n; g++) {
        char sep = r->at[g].before;
        if (g > 0 && (sep == '.' || sep == '(' || sep == ')' || length(r, g - 1) < 3)) {
            break;
        }
        total += length(r, g);
        if (total > CARD_MOST) {
            break;
        }
        if (total >= CARD_LEAST && is_card_length(first, total) && ends_clean(r, g) &&
            luhn(r, 0, g, total)) {
            found = g;
        }
    }
    return found;
}

/* Area 000, 666 and 9xx, group 00 and serial 0000 are never given out (20 CFR 422.103). */
static bool match_ssn(const struct row *r)
{
    char sep = r->n >= 3 ? r->at[1].before : 0;
    return !r->plus && !r->parenthesis && length(r, 0) == 3 && length(r, 1) == 2 &&
           length(r, 2) == 4 && (sep == '-' || sep == ' ' || sep == '.') &&
           r->at[2].before == sep && number(r, 0) != 0 && number(r, 0) != 666 &&
           number(r, 0) < 900 && number(r, 1) != 0 && number(r, 2) != 0 && ends_clean(r, 2);
}

/* Three groups 3-3-4 from `g`, where area and exchange begin with 2 to 9. */
static bool is_north_american(const struct row *r, size_t g)
{
    return length(r, g) == 3 && length(r, g + 1) == 3 && length(r, g + 2) == 4 &&
           digit(r, g, 0) >= 2 && digit(r, g + 1, 0) >= 2 && r->at[g + 1].before != '_' &&
           r->at[g + 2].before != '_' && ends_clean(r, g + 2);
}

/* The ends of whole numbers of 32 bits, which statements have more often than these telephones. */
static bool is_limit(const struct row *r)
{
    static const char *const limits[] = {"2147483647", "2147483648", "4294967295", "4294967296"};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (length(r, 0) == 10 && memcmp(r->text.p + r->at[0].begin, limits[i], 10) == 0) {
            return true;
        }
    }
    return false;
}

/* One run of digits: ten as in the United States, eleven with a 1 before. */
static bool is_bare_phone(const struct row *r)
{
    size_t n = length(r, 0);
    if (r->parenthesis || !ends_clean(r, 0) || is_limit(r)) {
        return false;
    }
    return (n == 10 && digit(r, 0, 0) >= 2 && digit(r, 0, 3) >= 2) ||
           (n == 11 && digit(r, 0, 0) == 1 && digit(r, 0, 1) >= 2);
}

/* +country and 8 to 15 digits in all (ITU-T E.164), as far as groups go. */
static size_t match_international(const struct row *r)
{
    size_t total = 0, found = SIZE_MAX;
    for (size_t g = 0; g < r->n; g++) {
        total += length(r, g);
        if (r->at[g].before == '_' || total > PHONE_MOST) {
            break;
        }
        if (total >= PHONE_LEAST && ends_clean(r, g)) {
            found = g;
        }
    }
    return found;
}

/* A national number with its trunk 0: 09-7625400, 090-1234-5678. */
static size_t match_trunk(const struct row *r)
{
    size_t total = length(r, 0);
    if (digit(r, 0, 0) != 0 || total < 2 || total > 5 || r->n < 2 || r->n > 4) {
        return SIZE_MAX;
    }
    for (size_t g = 1; g < r->n; g++) {
        char sep = r->at[g].before;
        if (length(r, g) < 3 || (sep != '-' && !(sep == ')' && r->parenthesis))) {
            return SIZE_MAX;
        }
        total += length(r, g);
    }
    return total >= 9 && total <= 11 && ends_clean(r, r->n - 1) ? r->n - 1 : SIZE_MAX;
}

static size_t match_phone(const struct row *r)
{
    if (r->plus) {
        return match_international(r);
    }
    if (is_north_american(r, 0)) {
        return 2;
    }
    if (length(r, 0) <= 3 && !r->parenthesis && is_north_american(r, 1)) {
        return 3;
    }
    return is_bare_phone(r) ? 0 : match_trunk(r);
}

/* True when the digits at `at` continue something: a word, a decimal fraction, a UUID. A telephone
 * number of several groups may stick to a word before it. */
static bool continues(struct str s, size_t at)
{
    if (at == 0) {
        return false;
    }
    if (is_word(s, at - 1)) {
        return true;
    }
    return at >= 2 && ((s.p[at - 1] == '.' && is_digit(s, at - 2)) ||
                       (s.p[at - 1] == '-' && is_word(s, at - 2)));
}

/* A hyphen and more behind it: of a UUID, when it sticks to what is before, too. */
static bool goes_on(const struct row *r, size_t group)
{
    size_t end = r->at[group].end;
    return end < r->text.n && r->text.p[end] == '-' && is_word(r->text, end + 1);
}

static enum redact_kind judge(const struct row *r, bool joined, size_t *group)
{
    *group = joined ? SIZE_MAX : match_card(r);
    bool of_uuid = *group != SIZE_MAX && length(r, 0) == 8 && goes_on(r, *group);
    if (*group != SIZE_MAX && !of_uuid) {
        return REDACT_CARD;
    }
    if (!joined && match_ssn(r)) {
        *group = 2;
        return REDACT_SSN;
    }
    *group = joined && r->n < 3 ? SIZE_MAX : match_phone(r);
    if (*group != SIZE_MAX && joined && goes_on(r, *group)) {
        *group = SIZE_MAX;
    }
    return *group != SIZE_MAX ? REDACT_PHONE : REDACT_NONE;
}

enum redact_kind redact_number(struct str text, size_t at, size_t *end)
{
    struct row r;
    size_t group;
    read_row(&r, text, at);
    if (r.n == 0) {
        *end = at + 1;
        return REDACT_NONE;
    }
    enum redact_kind kind = judge(&r, continues(text, at), &group);
    bool marked = r.plus || r.parenthesis; /* without the mark it may still be a card */
    *end = kind != REDACT_NONE ? r.at[group].end : marked ? at + 1 : r.at[0].end;
    return kind;
}
