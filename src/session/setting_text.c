/* The parameters whose values have a form of their own. */
#include <ctype.h>
#include <stdio.h>

#include "base/buf.h"
#include "session/setting_rule.h"
#include "wire/zone.h"

static bool copy(const char *value, char out[SETTING_VALUE_MAX])
{
    snprintf(out, SETTING_VALUE_MAX, "%s", value);
    return true;
}

/* Printable ASCII stays, everything else becomes '?', as PostgreSQL does with application_name. */
bool setting_label_63(struct str in, char out[SETTING_VALUE_MAX])
{
    size_t n = in.n < 63 ? in.n : 63;
    for (size_t i = 0; i < n; i++) {
        out[i] = in.p[i] >= 32 && in.p[i] < 127 ? in.p[i] : '?';
    }
    out[n] = '\0';
    return true;
}

bool setting_label_128(struct str in, char out[SETTING_VALUE_MAX])
{
    if (in.n > 128) {
        return false;
    }
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] < 32 || in.p[i] > 126) {
            return false;
        }
    }
    snprintf(out, SETTING_VALUE_MAX, "%.*s", STR_ARG(in));
    return true;
}

/* PostgreSQL compares letters and digits alone: clients send 'utf-8', quotes included. */
bool setting_utf8(struct str in, char out[SETTING_VALUE_MAX])
{
    char bare[16];
    size_t n = 0;
    for (size_t i = 0; i < in.n && n < sizeof bare; i++) {
        if (isalnum((unsigned char)in.p[i])) {
            bare[n++] = in.p[i];
        }
    }
    struct str name = {bare, n};
    return (str_iis(name, "utf8") || str_iis(name, "unicode")) && copy("UTF8", out);
}

/* A style, an order, or both; what isn't said is ISO and MDY, but for German and European. */
bool setting_datestyle(struct str in, char out[SETTING_VALUE_MAX])
{
    static const struct {
        const char *word, *style, *order;
    } words[] = {
        {"iso", "ISO", NULL},         {"sql", "SQL", NULL},      {"postgres", "Postgres", NULL},
        {"german", "German", NULL},   {"mdy", NULL, "MDY"},      {"us", NULL, "MDY"},
        {"noneuropean", NULL, "MDY"}, {"noneuro", NULL, "MDY"},  {"dmy", NULL, "DMY"},
        {"euro", NULL, "DMY"},        {"european", NULL, "DMY"}, {"ymd", NULL, "YMD"}};
    const char *style = NULL, *order = NULL;
    while (in.p) {
        struct str word = str_trim(str_cut(&in, ','));
        size_t i = 0, count = sizeof words / sizeof *words;
        while (i < count && !str_iis(word, words[i].word)) {
            i++;
        }
        if (i == count || (words[i].style && style && style != words[i].style) ||
            (words[i].order && order && strcmp(order, words[i].order) != 0)) {
            return false;
        }
        style = words[i].style ? words[i].style : style;
        order = words[i].order ? words[i].order : order;
    }
    bool is_german = style && strcmp(style, "German") == 0;
    snprintf(out, SETTING_VALUE_MAX, "%s, %s", style ? style : "ISO",
             order       ? order
             : is_german ? "DMY"
                         : "MDY");
    return true;
}

/* Weaker levels may be given more than they ask for; the name shown is what they get. */
bool setting_isolation(struct str in, char out[SETTING_VALUE_MAX])
{
    return (str_iis(in, "read uncommitted") || str_iis(in, "read committed") ||
            str_iis(in, "repeatable read")) &&
           copy("repeatable read", out);
}

/* As with isolation: who asks for less gets more. */
bool setting_commit(struct str in, char out[SETTING_VALUE_MAX])
{
    static const char *const words[] = {"on", "off", "local", "remote_write", "remote_apply"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_iis(in, words[i])) {
            return copy("on", out);
        }
    }
    return false;
}

/* Names of schemas, whether they are there or not. A name with a quote or a comma in it would have
 * to be quoted again where it is read. */
bool setting_search_path(struct str in, char out[SETTING_VALUE_MAX])
{
    struct buf b = BUF_INIT(0);
    size_t count = 0;
    bool good = true;
    if (str_trim(in).n == 0) { /* bare names are those of the catalog alone */
        out[0] = '\0';
        return true;
    }
    while (in.p && good) {
        struct str part = str_trim(str_cut(&in, ','));
        bool quoted = part.n >= 2 && part.p[0] == '"' && part.p[part.n - 1] == '"';
        if (quoted) {
            part = (struct str){part.p + 1, part.n - 2};
        }
        good = part.n > 0 && !memchr(part.p, '"', part.n) && count++ < SETTINGS_PATH_MAX;
        bool plain = !str_is(part, "$user");
        buf_printf(&b, count > 1 ? ", %s%.*s%s" : "%s%.*s%s", plain ? "" : "\"", STR_ARG(part),
                   plain ? "" : "\"");
    }
    good = good && count > 0 && b.n < SETTING_VALUE_MAX;
    if (good) {
        snprintf(out, SETTING_VALUE_MAX, "%.*s", STR_ARG(buf_str(&b)));
    }
    buf_free(&b);
    return good;
}

/* "+02", "-5", "2:00": hours alone have names in the database, with the sign turned round. */
static bool read_hours(struct str in, char out[SETTING_VALUE_MAX])
{
    bool has_sign = in.n > 0 && (in.p[0] == '+' || in.p[0] == '-');
    struct str digits = {in.p + has_sign, in.n - has_sign};
    struct str hours = str_cut(&digits, ':');
    int64_t h;
    bool is_whole = !digits.p || str_is(digits, "00");
    if (!is_whole || hours.n > 2 || !str_to_i64(hours, &h) || h > 14 ||
        (h > 12 && in.p[0] == '-')) {
        return false;
    }
    if (h == 0) {
        return copy("UTC", out);
    }
    snprintf(out, SETTING_VALUE_MAX, "Etc/GMT%c%d", in.p[0] == '-' ? '+' : '-', (int)h);
    return true;
}

bool setting_timezone(struct str in, char out[SETTING_VALUE_MAX])
{
    static const char *const utc[] = {"UTC", "Z", "Zulu", "default", "local", "Etc/UTC", "GMT"};
    char by_hours[SETTING_VALUE_MAX];
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++) {
        if (str_iis(in, utc[i])) {
            return copy("UTC", out);
        }
    }
    if (read_hours(in, by_hours)) {
        in = str_of(by_hours);
        if (str_is(in, "UTC")) {
            return copy("UTC", out);
        }
    }
    const struct zone *z = zone_find(in);
    return z && copy(zone_name(z), out);
}
