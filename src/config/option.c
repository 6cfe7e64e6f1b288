#include "config/option.h"

#include <stddef.h>
#include <stdio.h>

const struct config_option config_options[] = {
#define ROW(kind_, member, def, lo, hi, set, help_)                                                \
    {.name = #member,                                                                              \
     .standard = def,                                                                              \
     .help = help_,                                                                                \
     .kind = kind_,                                                                                \
     .least = lo,                                                                                  \
     .most = hi,                                                                                   \
     .words = set,                                                                                 \
     .offset = offsetof(struct config, member)},
#define TEXT(n, d, lo, hi, h)     ROW(OPTION_KIND_TEXT, n, d, lo, hi, NULL, h)
#define ENUM(n, d, lo, hi, h)     ROW(OPTION_KIND_ENUM, n, d, 0, 0, hi, h)
#define NUMBER(n, d, lo, hi, h)   ROW(OPTION_KIND_NUMBER, n, d, lo, hi, NULL, h)
#define SIZE(n, d, lo, hi, h)     ROW(OPTION_KIND_SIZE, n, d, lo, hi, NULL, h)
#define DURATION(n, d, lo, hi, h) ROW(OPTION_KIND_DURATION, n, d, lo, hi, NULL, h)
#define BOOL(n, d, lo, hi, h)     ROW(OPTION_KIND_BOOL, n, d, lo, hi, NULL, h)
#define ADDRESS(n, d, lo, hi, h)  ROW(OPTION_KIND_ADDRESS, n, d, lo, hi, NULL, h)
    CONFIG_OPTIONS(TEXT, ENUM, NUMBER, SIZE, DURATION, BOOL, ADDRESS)};
const size_t config_option_count = sizeof config_options / sizeof *config_options;

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit sizes[] = {
    {"", 1},          {"B", 1},           {"K", 1LL << 10}, {"KiB", 1LL << 10},
    {"M", 1LL << 20}, {"MiB", 1LL << 20}, {"G", 1LL << 30}, {"GiB", 1LL << 30},
    {"T", 1LL << 40}, {"TiB", 1LL << 40}, {NULL, 0}};
static const struct unit durations[] = {{"ms", 1},      {"s", 1000},     {"min", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit none[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(enum option_kind kind)
{
    return kind == OPTION_KIND_SIZE ? sizes : kind == OPTION_KIND_DURATION ? durations : none;
}

/* --- names --- */

static char fold(char c)
{
    return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int option_find(struct str name)
{
    for (size_t i = 0; i < config_option_count; i++) {
        const char *known = config_options[i].name;
        size_t k = 0;
        while (k < name.n && known[k] && (name.p[k] == '-' ? '_' : name.p[k]) == known[k]) {
            k++;
        }
        if (k == name.n && !known[k]) {
            return (int)i;
        }
    }
    return -1;
}

/* Levenshtein's distance, up to 40 letters. */
static size_t distance(struct str a, const char *b)
{
    enum { LONGEST = 40 };
    size_t row[LONGEST + 1], n = strlen(b);
    if (a.n > LONGEST || n > LONGEST) {
        return LONGEST;
    }
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t swap = corner + (fold(a.p[i - 1]) != b[j - 1]);
            corner = row[j];
            size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = swap < step ? swap : step;
        }
    }
    return row[n];
}

const char *option_closest(struct str name, size_t most)
{
    const char *best = NULL;
    size_t least = most + 1;
    for (size_t i = 0; i < config_option_count; i++) {
        size_t d = distance(name, config_options[i].name);
        if (d < least) {
            least = d;
            best = config_options[i].name;
        }
    }
    return best;
}

/* --- values --- */

static void show_number(const struct config_option *o, int64_t v, struct buf *out)
{
    const struct unit *best = units_of(o->kind), *u = best;
    for (; u->name; u++) {
        if (u->factor >= best->factor && (v ? v % u->factor == 0 : u->factor == best->factor)) {
            best = u;
        }
    }
    buf_printf(out, "%lld%s", (long long)(v / best->factor), best->name);
}

static const char *wrong_range(const struct config_option *o, struct arena *a)
{
    struct buf low = BUF_INIT(0), high = BUF_INIT(0);
    show_number(o, o->least, &low);
    show_number(o, o->most, &high);
    const char *text = arena_printf(a, "allowed are %s to %s", buf_cstr(&low), buf_cstr(&high));
    buf_free(&low);
    buf_free(&high);
    return text;
}

static const char *set_number(const struct config_option *o, struct str value, struct config *c,
                              struct arena *a)
{
    static const char *const expected[] = {
        [OPTION_KIND_NUMBER] = "a whole number is expected",
        [OPTION_KIND_SIZE] = "a size is expected, such as 512MiB (B, KiB, MiB, GiB, TiB)",
        [OPTION_KIND_DURATION] = "a duration is expected, such as 30s (ms, s, min, h, d)"};
    size_t n = 0;
    while (n < value.n &&
           ((value.p[n] >= '0' && value.p[n] <= '9') || (n == 0 && *value.p == '-'))) {
        n++;
    }
    struct str digits = {value.p, n}, name = str_trim((struct str){value.p + n, value.n - n});
    const struct unit *u = units_of(o->kind);
    int64_t v;
    while (u->name && !str_iis(name, u->name)) {
        u++;
    }
    bool zero = str_is(value, "0"); /* needs no unit */
    if (!str_to_i64(digits, &v) || (!u->name && !zero)) {
        return expected[o->kind];
    }
    if (!zero && __builtin_mul_overflow(v, u->factor, &v)) {
        return wrong_range(o, a);
    }
    if (v < o->least || v > o->most) {
        return wrong_range(o, a);
    }
    memcpy((char *)c + o->offset, &v, sizeof v);
    return NULL;
}

static const char *set_bool(const struct config_option *o, struct str value, struct config *c)
{
    bool on = str_iis(value, "on") || str_iis(value, "true") || str_iis(value, "yes");
    bool off = str_iis(value, "off") || str_iis(value, "false") || str_iis(value, "no");
    *(bool *)((char *)c + o->offset) = on;
    return on || off ? NULL : "on or off is expected";
}

static const char *check_enum(const struct config_option *o, struct str value, struct arena *a)
{
    struct str rest = str_of(o->words);
    while (rest.p) {
        if (str_eq(str_cut(&rest, '|'), value)) {
            return NULL;
        }
    }
    return arena_printf(a, "one of %s is expected", o->words);
}

/* host:port; the host is looked up when the address is used. */
static const char *check_address(struct str value)
{
    static const char expected[] =
        "an address is expected, such as 127.0.0.1:5439, [::1]:5439 or *:5439";
    const char *colon = value.n ? memrchr(value.p, ':', value.n) : NULL;
    size_t host = colon ? (size_t)(colon - value.p) : 0;
    int64_t port;
    if (host == 0 || !str_to_i64((struct str){colon + 1, value.n - host - 1}, &port)) {
        return expected;
    }
    bool bracketed = value.p[0] == '[' && value.p[host - 1] == ']';
    bool bare = memchr(value.p, ':', host) || memchr(value.p, ' ', host);
    if (bare && !bracketed) {
        return expected;
    }
    return port < 0 || port > 65535 ? "the port must be 0 to 65535" : NULL;
}

static const char *set_text(const struct config_option *o, struct str value, struct config *c,
                            struct arena *a)
{
    const char *why = NULL;
    if (memchr(value.p ? value.p : "", '\0', value.n)) {
        why = "it has a NUL byte";
    } else if (o->kind == OPTION_KIND_ENUM) {
        why = check_enum(o, value, a);
    } else if (o->kind == OPTION_KIND_ADDRESS) {
        why =
            value.n || *o->standard ? check_address(value) : NULL; /* empty, where it is at first */
    } else if ((int64_t)value.n < o->least) {
        why = "it can't be empty";
    } else if ((int64_t)value.n > o->most) {
        why = arena_printf(a, "it has more than %lld bytes", (long long)o->most);
    }
    if (!why) {
        *(const char **)((char *)c + o->offset) = arena_strdup(a, value);
    }
    return why;
}

const char *option_set(const struct config_option *o, struct str value, struct config *c,
                       struct arena *a)
{
    switch (o->kind) {
    case OPTION_KIND_TEXT:
    case OPTION_KIND_ENUM:
    case OPTION_KIND_ADDRESS:
        return set_text(o, value, c, a);
    case OPTION_KIND_NUMBER:
    case OPTION_KIND_SIZE:
    case OPTION_KIND_DURATION:
        return set_number(o, value, c, a);
    case OPTION_KIND_BOOL:
        return set_bool(o, value, c);
    }
    return "unknown kind of option";
}

static void show_text(const char *text, struct buf *out)
{
    buf_u8(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\') {
            buf_u8(out, '\\');
        }
        buf_u8(out, (uint8_t)*p);
    }
    buf_u8(out, '"');
}

void option_show(const struct config_option *o, const struct config *c, struct buf *out)
{
    const char *at = (const char *)c + o->offset;
    switch (o->kind) {
    case OPTION_KIND_TEXT:
    case OPTION_KIND_ENUM:
    case OPTION_KIND_ADDRESS:
        show_text(*(const char *const *)at, out);
        break;
    case OPTION_KIND_NUMBER:
    case OPTION_KIND_SIZE:
    case OPTION_KIND_DURATION: {
        int64_t v;
        memcpy(&v, at, sizeof v);
        show_number(o, v, out);
        break;
    }
    case OPTION_KIND_BOOL:
        buf_puts(out, *(const bool *)at ? "on" : "off");
        break;
    }
}
