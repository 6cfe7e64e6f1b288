/* Secrets that show by how they are written, and names whose values are secrets. */
#include "audit/redact_next.h"
#include "audit/redact_scan.h"
#include "audit/redact_text.h"

enum { KEY_LEAST = 8, TOKEN_LEAST = 8, AWS_TAIL = 16, GOOGLE_TAIL = 35 };

static bool is_token(unsigned char c) /* base64, base64url, and what tokens are joined with */
{
    return scan_is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' ||
           c == '=' || c == '~';
}

static size_t run(const struct scan *s, size_t at, bool (*is)(unsigned char))
{
    while (at < s->text.n && is((unsigned char)s->text.p[at])) {
        at++;
    }
    return at;
}

/* Keys whose makers begin them so that they can be found: ours, GitHub's, GitLab's, Slack's,
 * Stripe's and others' (redact_next.c has the two letters before the mark). The
 * first mark of the prefix is the anchor; `least` characters follow it.
 */
static const struct issued {
    struct str first; /* the prefix before its first mark */
    struct str rest;  /* from there on */
    uint8_t least;
} issued[] = {
#define ISSUED(first, rest, least)                                                                 \
    {                                                                                              \
        {first, sizeof(first) - 1}, {rest, sizeof(rest) - 1}, least                                \
    }
    ISSUED("hd", "_live_", KEY_LEAST),
    ISSUED("hd", "_test_", KEY_LEAST),
    ISSUED("sk", "_live_", 16),
    ISSUED("sk", "_test_", 16),
    ISSUED("rk", "_live_", 16),
    ISSUED("ghp", "_", 30),
    ISSUED("gho", "_", 30),
    ISSUED("ghu", "_", 30),
    ISSUED("ghs", "_", 30),
    ISSUED("ghr", "_", 30),
    ISSUED("github", "_pat_", 30),
    ISSUED("glpat", "-", 16),
    ISSUED("xoxb", "-", 10),
    ISSUED("xoxp", "-", 10),
    ISSUED("xoxa", "-", 10),
    ISSUED("xoxr", "-", 10),
    ISSUED("sk", "-", 20),
    ISSUED("npm", "_", 30),
    ISSUED("dop", "_v1_", 30),
    ISSUED("whsec", "_", 20),
    ISSUED("shpat", "_", 30),
    ISSUED("dckr", "_pat_", 20),
    ISSUED("pypi", "-", 30),
    ISSUED("NRAK", "-", 20),
    ISSUED("PMAK", "-", 20),
    ISSUED("hf", "_", 30),
#undef ISSUED
};

enum { ISSUED_FIRST_MAX = 6 };

static bool is_issued(unsigned char c)
{
    return scan_is_alnum(c) || c == '_' || c == '-';
}

/* At the mark behind a word of `n` letters. The end of such a key; 0: none. */
static size_t issued_end(const struct scan *s, const struct issued *k, size_t n)
{
    size_t behind = s->at + k->rest.n;
    if (n != k->first.n || behind > s->text.n ||
        strncasecmp(s->text.p + s->at - n, k->first.p, n) != 0 ||
        strncasecmp(s->text.p + s->at, k->rest.p, k->rest.n) != 0) {
        return 0;
    }
    size_t end = run(s, behind, is_issued);
    return end - behind >= k->least ? end : 0;
}

void scan_issued(struct scan *s)
{
    size_t n = 0, end;
    while (n <= ISSUED_FIRST_MAX && s->at - n > s->done &&
           scan_is_alnum((unsigned char)s->text.p[s->at - n - 1])) {
        n++;
    }
    for (size_t i = 0; n >= 2 && n <= ISSUED_FIRST_MAX && i < sizeof issued / sizeof *issued; i++) {
        if ((end = issued_end(s, &issued[i], n))) {
            scan_match(s, s->at - n, end, REDACT_SECRET);
            return;
        }
    }
    s->at++;
}

/* A JSON web token or another one that begins with the base64 of {" (RFC 7519), at its 'J'. */
void scan_jwt(struct scan *s)
{
    size_t at = s->at;
    bool begins = at >= s->done + 2 && s->text.p[at - 1] == 'y' && s->text.p[at - 2] == 'e' &&
                  !(at >= 3 && scan_is_alnum((unsigned char)s->text.p[at - 3]));
    size_t end = begins ? run(s, at, is_token) : 0;
    if (begins && end - at >= TOKEN_LEAST) {
        scan_match(s, at - 2, end, REDACT_SECRET);
    } else {
        s->at++;
    }
}

/* AKIA and ASIA with 16 capitals and digits, AIza with 35 letters, at the 'I'. */
void scan_cloud_key(struct scan *s)
{
    size_t at = s->at, begin = at - 2, end = 0;
    const char *p = s->text.p + at;
    if (at >= s->done + 2 && p[-2] == 'A' && (p[-1] == 'K' || p[-1] == 'S') &&
        scan_peek(s, at + 1) == 'A') {
        end = run(s, at + 2, scan_is_alnum);
        end = end - at - 2 == AWS_TAIL ? end : 0;
    } else if (at >= s->done + 1 && p[-1] == 'A' && scan_peek(s, at + 1) == 'z' &&
               scan_peek(s, at + 2) == 'a') {
        begin = at - 1;
        end = run(s, at + 3, is_token);
        end = end - at - 3 >= GOOGLE_TAIL ? end : 0;
    }
    if (end) {
        scan_match(s, begin, end, REDACT_SECRET);
    } else {
        s->at++;
    }
}

/* Bearer TOKEN, at the 'B'. */
static bool match_bearer(struct scan *s)
{
    size_t at = s->at, begin = at + 6;
    bool is = s->text.n - at > 7 && strncasecmp(s->text.p + at, "bearer", 6) == 0 &&
              (at == 0 || !scan_is_alnum((unsigned char)s->text.p[at - 1])) &&
              scan_peek(s, begin) == ' ';
    while (is && scan_peek(s, begin) == ' ') {
        begin++;
    }
    size_t end = is ? run(s, begin, is_token) : 0;
    if (is && end - begin >= TOKEN_LEAST) {
        scan_match(s, begin, end, REDACT_SECRET);
        return true;
    }
    return false;
}

/* -----BEGIN ... PRIVATE KEY----- to its end (RFC 7468), at the 'B'; what isn't ended goes to the
 * end of the text. */
static bool match_private_key(struct scan *s)
{
    static const char begins[] = "-----BEGIN ", is_private[] = "PRIVATE KEY", ends[] = "-----END ";
    enum { DASHES = 5, LABEL_MAX = 40, END_MAX = LABEL_MAX + DASHES };
    size_t begin = s->at - DASHES, left = s->text.n - s->at;
    if (s->at < s->done + DASHES || left < sizeof begins ||
        memcmp(s->text.p + begin, begins, sizeof begins - 1) != 0 ||
        !memmem(s->text.p + s->at, left < LABEL_MAX ? left : LABEL_MAX, is_private,
                sizeof is_private - 1)) {
        return false;
    }
    const char *end = memmem(s->text.p + s->at, left, ends, sizeof ends - 1);
    size_t to = end ? (size_t)(end - s->text.p) + sizeof ends - 1 : s->text.n;
    const char *dashes =
        end ? memmem(s->text.p + to, s->text.n - to < END_MAX ? s->text.n - to : END_MAX, "-----",
                     DASHES)
            : NULL;
    scan_match(s, begin, dashes ? (size_t)(dashes - s->text.p) + DASHES : to, REDACT_SECRET);
    return true;
}

void scan_word(struct scan *s)
{
    if (!match_bearer(s) && !match_private_key(s)) {
        s->at++;
    }
}

/* What names of secrets end with, by the last two letters, by which most other names are told. */
static const struct endings {
    char last[2];
    struct str all[14]; /* n == 0 ends them */
} endings[] = {
#define E(z)                                                                                       \
    {                                                                                              \
        z, sizeof(z) - 1                                                                           \
    }
    {"ey",
     {E("access_key"), E("api_key"), E("apikey"), E("private_key"), E("master_key"),
      E("secret_key"), E("parquet_key"), E("account_key"), E("session_key"), E("encryption_key"),
      E("privatekey"), E("accountkey"), E("secretaccesskey")}},
    {"id", {E("key_id"), E("accesskeyid")}},
    {"rd", {E("password")}},
    {"wd", {E("passwd"), E("pwd")}},
    {"se", {E("passphrase")}},
    {"de", {E("passcode")}},
    {"et", {E("secret")}},
    {"en", {E("token")}},
    {"th", {E("auth")}},
    {"on", {E("authorization")}},
    {"al", {E("credential")}},
    {"ls", {E("credentials")}},
    {"ng", {E("secret_string"), E("connection_string")}},
    {"re", {E("signature")}},
    {"ig", {E("sig")}},
    {"ss", {E("pass")}},
#undef E
};

/* NULL: there are none. */
static const struct str *endings_of(struct str name)
{
    const char last[2] = {name.p[name.n - 2] | 0x20, name.p[name.n - 1] | 0x20};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (memcmp(last, endings[i].last, sizeof last) == 0) {
            return endings[i].all;
        }
    }
    return NULL;
}

/* A short one may end another word. */
static bool ends_with(struct str name, struct str ending)
{
    enum { SHORT = 4 };
    size_t at = name.n - ending.n;
    return name.n >= ending.n && (name.p[at] | 0x20) == *ending.p &&
           str_ieq_bytes(name.p + at, ending.p, ending.n) &&
           (at == 0 || ending.n > SHORT || strchr("_-.", name.p[at - 1]));
}

bool redact_is_secret_name(struct str name)
{
    enum { SHORTEST = 3 };
    const struct str *ending = name.n < SHORTEST ? NULL : endings_of(name);
    for (; ending && ending->n; ending++) {
        if (ends_with(name, *ending)) {
            return true;
        }
    }
    return false;
}

/* --- a name in a text --- */

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '-' || c == '$' || (unsigned char)c >= 0x80;
}

bool redact_has_secret_name(struct str text)
{
    struct redact_cursor letters;
    redact_cursor_init(&letters, text, SOUGHT_SECRET_LETTERS);
    for (size_t at = 0, done = 0; (at = redact_next(&letters, at)) < text.n;) {
        size_t begin = at, end = at + 1;
        while (begin > done && is_name_byte(text.p[begin - 1])) {
            begin--;
        }
        while (end < text.n && is_name_byte(text.p[end])) {
            end++;
        }
        if (redact_is_secret_name((struct str){text.p + begin, end - begin})) {
            return true;
        }
        at = done = end;
    }
    return false;
}
