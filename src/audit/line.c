#include "audit/line.h"

#include <stdio.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/text.h"

#define HEAD      "{\"v\":"
#define SEQ       ",\"seq\":"
#define TIME      ",\"timestamp\":\""
#define KIND      "\",\"kind\":\""
#define PREV      ",\"prev_hash\":\""
#define ENTRY     ",\"entry_hash\":\""
#define LEN(text) (sizeof(text) - 1)

/* `,"prev_hash":"<64>","entry_hash":"<64>"}`: what stands at the end of every line. */
enum {
    ENTRY_TAIL = LEN(ENTRY) + LINE_HASH_TEXT + 2,
    PREV_TAIL = LEN(PREV) + LINE_HASH_TEXT + 1,
    SEQ_DIGITS = 18,
};

const char line_no_hash[LINE_HASH_TEXT + 1] =
    "0000000000000000000000000000000000000000000000000000000000000000";

static const char *const kinds[] = {[AUDIT_INTENT] = "intent",
                                    [AUDIT_OUTCOME] = "outcome",
                                    [AUDIT_IAM] = "iam",
                                    [AUDIT_SYSTEM] = "system"};

const char *line_kind_word(enum audit_kind kind)
{
    return kinds[kind];
}

static bool take(struct str *rest, const char *text, size_t n)
{
    if (rest->n < n || memcmp(rest->p, text, n) != 0) {
        return false;
    }
    rest->p += n;
    rest->n -= n;
    return true;
}

static bool take_number(struct str *rest, uint64_t *out)
{
    size_t n = 0;
    uint64_t v = 0;
    while (n < rest->n && n < SEQ_DIGITS && rest->p[n] >= '0' && rest->p[n] <= '9') {
        v = v * 10 + (uint64_t)(rest->p[n] - '0');
        n++;
    }
    if (n == 0 || rest->p[0] == '0') {
        return false;
    }
    rest->p += n;
    rest->n -= n;
    *out = v;
    return true;
}

bool line_kind(struct str name, enum audit_kind *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(name, kinds[i])) {
            *out = (enum audit_kind)i;
            return true;
        }
    }
    return false;
}

static bool take_kind(struct str *rest, enum audit_kind *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (take(rest, kinds[i], strlen(kinds[i]))) {
            *out = (enum audit_kind)i;
            return take(rest, "\",", 2);
        }
    }
    return false;
}

/* The two hashes at the end of the line; that they are digits follows from what they must equal,
 * but for a prev_hash that is taken on trust. */
static bool read_tail(struct str text, struct line *out)
{
    if (text.n < PREV_TAIL + ENTRY_TAIL) {
        return false;
    }
    out->covered = (struct str){text.p, text.n - ENTRY_TAIL};
    const char *prev = out->covered.p + out->covered.n - PREV_TAIL;
    const char *entry = text.p + out->covered.n;
    out->prev_hash = (struct str){prev + LEN(PREV), LINE_HASH_TEXT};
    out->entry_hash = (struct str){entry + LEN(ENTRY), LINE_HASH_TEXT};
    return memcmp(prev, PREV, LEN(PREV)) == 0 && memcmp(entry, ENTRY, LEN(ENTRY)) == 0 &&
           prev[PREV_TAIL - 1] == '"' && memcmp(text.p + text.n - 2, "\"}", 2) == 0;
}

static bool take_version(struct str *rest, unsigned *out)
{
    uint64_t version;
    bool known = take_number(rest, &version) && version >= 1 && version <= LINE_VERSION;
    *out = known ? (unsigned)version : 0;
    return known;
}

const char *line_read(struct str text, struct line *out)
{
    struct str rest = text;
    if (!take(&rest, HEAD, LEN(HEAD)) || !take_version(&rest, &out->version) ||
        !take(&rest, SEQ, LEN(SEQ)) || !take_number(&rest, &out->seq)) {
        return "it doesn't begin with a known version and a seq";
    }
    if (!take(&rest, TIME, LEN(TIME)) || rest.n < LINE_TIME_TEXT) {
        return "it has no timestamp after seq";
    }
    out->timestamp = (struct str){rest.p, LINE_TIME_TEXT};
    rest.p += LINE_TIME_TEXT;
    rest.n -= LINE_TIME_TEXT;
    if (!take(&rest, KIND, LEN(KIND)) || !take_kind(&rest, &out->kind)) {
        return "it has no known kind after timestamp";
    }
    if (rest.n < PREV_TAIL + ENTRY_TAIL || !read_tail(text, out)) {
        return "it doesn't end with prev_hash and entry_hash";
    }
    out->body = (struct str){rest.p, rest.n - PREV_TAIL - ENTRY_TAIL};
    return id_is_uuid(line_member(out->body, 0, "entry_id", NULL))
               ? NULL
               : "it has no entry_id after kind";
}

void line_hash(struct hasher *h, unsigned version, struct str covered, uint8_t out[HASHER_SIZE])
{
    const struct str domains[] = {STR("hatidata-audit-v1\n"), STR("hatidata-audit-v2\n"),
                                  STR("hatidata-audit-v3\n")};
    hasher_digest(h, domains[version - 1], covered, out);
}

void line_write(struct buf *out, struct hasher *h, uint64_t seq, int64_t wall_us,
                enum audit_kind kind, struct str body, const char prev[LINE_HASH_TEXT + 1],
                uint8_t hash[HASHER_SIZE])
{
    char when[CLOCK_TEXT_SIZE], text[LINE_HASH_TEXT + 1];
    clock_format(wall_us, when);
    size_t begin = out->n;
    buf_printf(out, HEAD "%d" SEQ "%llu" TIME "%s" KIND "%s\",", LINE_VERSION,
               (unsigned long long)seq, when, kinds[kind]);
    buf_put_str(out, body);
    buf_puts(out, PREV);
    buf_put(out, prev, LINE_HASH_TEXT);
    buf_u8(out, '"');
    line_hash(h, LINE_VERSION, (struct str){(const char *)out->p + begin, out->n - begin}, hash);
    text_hex(hash, HASHER_SIZE, text);
    buf_puts(out, ENTRY);
    buf_put(out, text, LINE_HASH_TEXT);
    buf_puts(out, "\"}\n");
}

struct str line_text(const struct line *line)
{
    return (struct str){line->covered.p, line->covered.n + ENTRY_TAIL};
}

struct str line_member(struct str body, size_t after, const char *name, size_t *end)
{
    size_t n = strlen(name), at = after + n + 4; /* "name":" */
    if (body.n < at || body.p[after] != '"' || memcmp(body.p + after + 1, name, n) != 0 ||
        memcmp(body.p + after + 1 + n, "\":\"", 3) != 0) {
        return STR_NULL;
    }
    for (size_t i = at; i < body.n; i++) {
        if (body.p[i] == '\\') {
            i++;
        } else if (body.p[i] == '"') {
            if (end) {
                *end = i + 1;
            }
            bool ends = i + 1 == body.n || body.p[i + 1] == ',';
            return ends ? (struct str){body.p + at, i - at} : STR_NULL;
        }
    }
    return STR_NULL;
}

struct str line_system_action(const struct line *line, size_t *end)
{
    size_t at = 0;
    if (line->kind != AUDIT_SYSTEM || !line_member(line->body, 0, "entry_id", &at).p) {
        return STR_NULL;
    }
    return line_member(line->body, at + 1, "action", end);
}

bool line_is_hash(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!memchr("0123456789abcdef", text.p[i], 16)) {
            return false;
        }
    }
    return text.n == LINE_HASH_TEXT;
}

/* A number of so many digits. */
static int number_at(struct str text, size_t at, size_t n)
{
    int v = 0;
    for (size_t i = at; i < at + n; i++) {
        v = v * 10 + (text.p[i] - '0');
    }
    return v;
}

static bool is_time(struct str text)
{
    static const char form[] = "0000-00-00T00:00:00.000000Z";
    unsigned wrong = 0;
    if (text.n != LINE_TIME_TEXT) {
        return false;
    }
    for (size_t i = 0; i < LINE_TIME_TEXT; i++) {
        unsigned char most = form[i] == '0' ? 9 : 0;
        wrong |= (unsigned char)(text.p[i] - form[i]) > most;
    }
    return !wrong;
}

static int days_in(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (leap && month == 2);
}

/* Days since 1970-01-01 of a day in the Gregorian calendar, whose years begin here in March. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

int64_t line_time(struct str text)
{
    if (!is_time(text)) {
        return 0;
    }
    int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
    int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2);
    int second = number_at(text, 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || minute > 59 || second > 59) {
        return 0;
    }
    int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return seconds * 1000000 + number_at(text, 20, 6);
}
