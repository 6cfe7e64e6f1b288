#include "store/check.h"

enum { EMAIL_MAX = 254, LOCAL_MAX = 64, IDENTIFIER_MAX = 63, TEXT_MAX = 256 };

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

enum status check_name(const char *what, struct str name, struct error *e)
{
    bool good =
        name.n >= 1 && name.n <= STORE_NAME_MAX && is_alnum(name.p[0]) && name.p[name.n - 1] != ' ';

    for (size_t i = 0; good && i < name.n; i++) {
        good = is_alnum(name.p[i]) || strchr("_-. ", name.p[i]);
        good = good && name.p[i];
    }
    if (!good) {
        return error_set(e, ERR_VALIDATION,
                         "%s must be 1 to %d letters, digits, spaces and _ - . and begin with a "
                         "letter or digit",
                         what, STORE_NAME_MAX);
    }
    return OK;
}

static bool is_local_part(struct str s)
{
    if (s.n < 1 || s.n > LOCAL_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (!is_alnum(s.p[i]) && (!s.p[i] || !strchr("!#$%&'*+-/=?^_`{|}~.", s.p[i]))) {
            return false;
        }
    }
    return true;
}

/* Labels of letters, digits and hyphens; no label empty or with a hyphen at an end. */
static bool is_domain(struct str s)
{
    while (s.p) {
        struct str label = str_cut(&s, '.');

        if (label.n < 1 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < label.n; i++) {
            if (!is_alnum(label.p[i]) && label.p[i] != '-') {
                return false;
            }
        }
    }
    return true;
}

enum status check_email(struct str email, struct arena *a, struct str *out, struct error *e)
{
    struct str domain = email, local = str_cut(&domain, '@');
    char *lower;

    if (email.n > EMAIL_MAX || !domain.p || !is_local_part(local) || !is_domain(domain)) {
        return error_set(e, ERR_VALIDATION, "the e-mail address must be as in name@example.com");
    }
    lower = arena_strdup(a, email);
    for (size_t i = 0; i < email.n; i++) {
        lower[i] = lower[i] >= 'A' && lower[i] <= 'Z' ? (char)(lower[i] + 32) : lower[i];
    }
    *out = (struct str){lower, email.n};
    return OK;
}

enum status check_role(struct str role, struct error *e)
{
    static const char *const roles[] = {"owner",   "admin",     "analyst",
                                        "auditor", "developer", "service_account"};

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (str_is(role, roles[i])) {
            return OK;
        }
    }
    return error_set(e, ERR_VALIDATION,
                     "the role must be one of owner, admin, analyst, auditor, "
                     "developer, service_account");
}

enum status check_identifier(const char *what, struct str name, struct error *e)
{
    bool good = name.n >= 1 && name.n <= IDENTIFIER_MAX && !is_digit(name.p[0]);

    for (size_t i = 0; good && i < name.n; i++) {
        good = is_lower(name.p[i]) || is_digit(name.p[i]) || name.p[i] == '_';
    }
    if (!good) {
        return error_set(e, ERR_VALIDATION,
                         "%s must be 1 to %d lower-case letters, digits and _ and not begin with a "
                         "digit",
                         what, IDENTIFIER_MAX);
    }
    return OK;
}

static bool is_plain_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) {
            return false;
        }
    }
    return s.n <= TEXT_MAX && str_is_utf8(s);
}

/* In UTF-8: C1 controls are C2 80 to C2 9F; U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069
 * begin with E2 80 or E2 81. */
static bool is_invisible(const unsigned char *p, size_t n)
{
    if (n >= 2 && p[0] == 0xC2) {
        return p[1] <= 0x9F;
    }
    if (n < 3 || p[0] != 0xE2) {
        return false;
    }
    return (p[1] == 0x80 && (p[2] == 0x8E || p[2] == 0x8F || (p[2] >= 0xA8 && p[2] <= 0xAE))) ||
           (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9);
}

enum status check_sentence(const char *what, struct str text, struct error *e)
{
    bool good = str_trim(text).n > 0 && is_plain_text(text);

    for (size_t i = 0; good && i < text.n; i++) {
        good = !is_invisible((const unsigned char *)text.p + i, text.n - i);
    }
    if (!good) {
        return error_set(e, ERR_VALIDATION, "%s must be 1 to %d bytes of plain text on one line",
                         what, TEXT_MAX);
    }
    return OK;
}

enum status check_list(const char *what, struct store_list list, struct error *e)
{
    if (list.n > STORE_LIST_MAX) {
        return error_set(e, ERR_VALIDATION, "%s: at most %d entries", what, STORE_LIST_MAX);
    }
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i].n == 0 || !is_plain_text(list.at[i])) {
            return error_set(e, ERR_VALIDATION, "%s: entry %zu must be 1 to %d bytes of plain text",
                             what, i + 1, TEXT_MAX);
        }
    }
    return OK;
}

enum status check_pairs(struct store_pairs pairs, struct error *e)
{
    if (pairs.n > STORE_LIST_MAX) {
        return error_set(e, ERR_VALIDATION, "at most %d attributes", STORE_LIST_MAX);
    }
    for (size_t i = 0; i < pairs.n; i++) {
        if (check_identifier("an attribute's name", pairs.at[i].name, e) != OK) {
            return FAIL;
        }
        if (!is_plain_text(pairs.at[i].value)) {
            return error_set(e, ERR_VALIDATION,
                             "attribute %.*s: the value must be at most %d bytes of plain text",
                             STR_ARG(pairs.at[i].name), TEXT_MAX);
        }
        for (size_t k = 0; k < i; k++) {
            if (str_eq(pairs.at[k].name, pairs.at[i].name)) {
                return error_set(e, ERR_VALIDATION, "attribute %.*s is given twice",
                                 STR_ARG(pairs.at[i].name));
            }
        }
    }
    return OK;
}
