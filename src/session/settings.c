#include "session/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "wire/message.h"

enum { REPORT = 1, VALUE_MAX = 256 };

/* Checks `in` and writes the value as it will be shown. False: not a value of this parameter. */
typedef bool check(struct str in, char out[VALUE_MAX]);

static bool copy(const char *value, char out[VALUE_MAX])
{
    snprintf(out, VALUE_MAX, "%s", value);
    return true;
}

/* The one of `words` (ends with NULL) that `in` is. */
static bool one_of(struct str in, const char *const *words, char out[VALUE_MAX])
{
    for (; *words; words++) {
        if (str_iis(in, *words)) {
            return copy(*words, out);
        }
    }
    return false;
}

/* Printable ASCII stays, everything else becomes '?', as PostgreSQL does with application_name. */
static bool check_name(struct str in, char out[VALUE_MAX])
{
    size_t n = in.n < 63 ? in.n : 63;
    for (size_t i = 0; i < n; i++) {
        out[i] = in.p[i] >= 32 && in.p[i] < 127 ? in.p[i] : '?';
    }
    out[n] = '\0';
    return true;
}

static bool check_label(struct str in, char out[VALUE_MAX])
{
    if (in.n > 128) {
        return false;
    }
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] < 32 || in.p[i] > 126) {
            return false;
        }
    }
    snprintf(out, VALUE_MAX, "%.*s", STR_ARG(in));
    return true;
}

static bool check_bool(struct str in, char out[VALUE_MAX])
{
    static const char *const yes[] = {"on", "true", "yes", "1", "t", "y", NULL};
    static const char *const no[] = {"off", "false", "no", "0", "f", "n", NULL};
    if (one_of(in, yes, out)) {
        return copy("on", out);
    }
    return one_of(in, no, out) && copy("off", out);
}

static bool check_on(struct str in, char out[VALUE_MAX])
{
    return check_bool(in, out) && strcmp(out, "on") == 0;
}

static bool check_names(struct str in, char out[VALUE_MAX])
{
    static const char *const words[] = {"dialect", "stored", NULL};
    return one_of(in, words, out);
}

static bool check_transpile(struct str in, char out[VALUE_MAX])
{
    return check_on(in, out);
}

static bool check_hex(struct str in, char out[VALUE_MAX])
{
    return str_iis(in, "hex") && copy("hex", out);
}

/* PostgreSQL compares letters and digits alone: clients send 'utf-8', quotes included. */
static bool check_utf8(struct str in, char out[VALUE_MAX])
{
    static const char *const names[] = {"utf8", "unicode", NULL};
    char bare[16];
    size_t n = 0;
    for (size_t i = 0; i < in.n && n < sizeof bare; i++) {
        if (isalnum((unsigned char)in.p[i])) {
            bare[n++] = in.p[i];
        }
    }
    return one_of((struct str){bare, n}, names, out) && copy("UTF8", out);
}

static bool check_level(struct str in, char out[VALUE_MAX])
{
    static const char *const levels[] = {"debug5", "debug4", "debug3",  "debug2", "debug1",
                                         "log",    "notice", "warning", "error",  NULL};
    return one_of(in, levels, out);
}

static bool check_datestyle(struct str in, char out[VALUE_MAX])
{
    while (in.p) {
        struct str word = str_trim(str_cut(&in, ','));
        if (!str_iis(word, "iso") && !str_iis(word, "mdy") && !str_iis(word, "us")) {
            return false;
        }
    }
    return copy("ISO, MDY", out);
}

static bool check_isolation(struct str in, char out[VALUE_MAX])
{
    /* Weaker levels may be given more than they ask for; the name shown is what they get. */
    static const char *const levels[] = {"read uncommitted", "read committed", "repeatable read",
                                         NULL};
    return one_of(in, levels, out) && copy("repeatable read", out);
}

static bool check_float_digits(struct str in, char out[VALUE_MAX])
{
    static const char *const digits[] = {"1", "2", "3", NULL};
    return one_of(in, digits, out);
}

static bool check_priority(struct str in, char out[VALUE_MAX])
{
    static const char *const words[] = {"low", "normal", "high", "critical", NULL};
    return one_of(in, words, out);
}

static bool check_dialect(struct str in, char out[VALUE_MAX])
{
    static const char *const words[] = {"snowflake", "postgres", "duckdb", NULL};
    return one_of(in, words, out);
}

static bool check_intervalstyle(struct str in, char out[VALUE_MAX])
{
    return str_iis(in, "postgres") && copy("postgres", out);
}

/* Names of schemas, whether they are there or not. A name with a quote or a comma in it would have
 * to be quoted again where it is read. */
static bool check_search_path(struct str in, char out[VALUE_MAX])
{
    struct buf b = BUF_INIT(0);
    size_t count = 0;
    bool good = true;
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
    good = good && count > 0 && b.n < VALUE_MAX;
    if (good) {
        snprintf(out, VALUE_MAX, "%.*s", STR_ARG(buf_str(&b)));
    }
    buf_free(&b);
    return good;
}

static bool check_timezone(struct str in, char out[VALUE_MAX])
{
    static const char *const names[] = {"UTC",  "Etc/UTC", "GMT",       "Etc/GMT",       "Z",
                                        "Zulu", "UCT",     "Universal", "Etc/Universal", "0",
                                        "+00",  "+00:00",  "default",   "local",         NULL};
    return one_of(in, names, out) && copy("UTC", out);
}

/* "250", "250ms", "5s", "2 min", "1h", "1d"; negative is no time. */
static bool read_ms(struct str in, int64_t *out)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    in = str_trim(in);
    size_t digits = 0;
    while (digits < in.n && in.p[digits] >= '0' && in.p[digits] <= '9') {
        digits++;
    }
    int64_t count;
    if (!str_to_i64((struct str){in.p, digits}, &count) || count > INT32_MAX) {
        return false;
    }
    struct str unit = str_trim((struct str){in.p + digits, in.n - digits});
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (str_is(unit, units[i].unit)) {
            *out = count * units[i].ms;
            return *out <= INT32_MAX;
        }
    }
    return false;
}

static bool check_time(struct str in, char out[VALUE_MAX])
{
    int64_t ms;
    if (!read_ms(in, &ms)) {
        return false;
    }
    if (ms > 0 && ms % 60000 == 0) {
        snprintf(out, VALUE_MAX, "%lldmin", (long long)ms / 60000);
    } else if (ms > 0 && ms % 1000 == 0) {
        snprintf(out, VALUE_MAX, "%llds", (long long)ms / 1000);
    } else {
        snprintf(out, VALUE_MAX, ms ? "%lldms" : "%lld", (long long)ms);
    }
    return true;
}

/* ---- the table ---- */

static const struct definition {
    const char *name, *initial;
    check *check; /* NULL: can't be set */
    int flags;
    const char *about;
} definitions[SETTING_COUNT] = {
#define X(id, name, initial, check, flags, about) [id] = {name, initial, check, flags, about},
    SETTINGS(X)
#undef X
};

/* NULL in a layer: the one before it counts. */
struct settings {
    char *start[SETTING_COUNT]; /* what RESET gives; NULL: the table's */
    char *session[SETTING_COUNT];
    char *pending[SETTING_COUNT]; /* SET in the open transaction */
    char *local[SETTING_COUNT];
    char *reported[SETTING_COUNT];
};

struct settings *settings_new(void)
{
    return mem_alloc(sizeof(struct settings));
}

static void forget(char **slot)
{
    free(*slot);
    *slot = NULL;
}

static void put(char **slot, const char *value)
{
    char *copied = mem_strdup(value);
    free(*slot);
    *slot = copied;
}

void settings_free(struct settings *s)
{
    if (!s) {
        return;
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        forget(&s->start[i]);
        forget(&s->session[i]);
        forget(&s->pending[i]);
        forget(&s->local[i]);
        forget(&s->reported[i]);
    }
    free(s);
}

enum setting settings_find(struct str name)
{
    static const struct {
        const char *name;
        enum setting is;
    } others[] = {{"time zone", SET_TIMEZONE},
                  {"names", SET_CLIENT_ENCODING},
                  {"transaction isolation level", SET_ISOLATION},
                  {"hatidata.agent_id", SET_AGENT_ID},
                  {"hatidata.framework", SET_FRAMEWORK},
                  {"hatidata.priority", SET_PRIORITY},
                  {"hatidata.request_id", SET_REQUEST_ID},
                  {"hatidata.parent_request_id", SET_PARENT_REQUEST_ID},
                  {"hatidata.reasoning_step", SET_REASONING_STEP}};
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (str_iis(name, definitions[i].name)) {
            return (enum setting)i;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (str_iis(name, others[i].name)) {
            return others[i].is;
        }
    }
    return SETTING_COUNT;
}

const char *settings_name(enum setting i)
{
    return definitions[i].name;
}

const char *settings_about(enum setting i)
{
    return definitions[i].about;
}

static const char *start_value(const struct settings *s, enum setting i)
{
    return s->start[i] ? s->start[i] : definitions[i].initial;
}

const char *settings_get(const struct settings *s, enum setting i)
{
    const char *value = s->local[i] ? s->local[i] : s->pending[i] ? s->pending[i] : s->session[i];
    return value ? value : start_value(s, i);
}

int64_t settings_ms(const struct settings *s, enum setting i)
{
    int64_t ms = 0;
    return read_ms(str_of(settings_get(s, i)), &ms) ? ms : 0;
}

bool settings_is_on(const struct settings *s, enum setting i)
{
    return strcmp(settings_get(s, i), "on") == 0;
}

void settings_fix(struct settings *s, enum setting i, const char *value)
{
    put(&s->start[i], value);
}

static enum status checked(enum setting i, struct str value, char out[VALUE_MAX], struct error *e)
{
    const struct definition *d = &definitions[i];
    if (!d->check) {
        return error_set(e, ERR_BAD_SETTING, "parameter \"%s\" cannot be changed", d->name);
    }
    if (value.n >= VALUE_MAX || !d->check(value, out)) {
        int shown = value.n > 64 ? 64 : (int)value.n;
        error_set(e, ERR_BAD_SETTING, "invalid value for parameter \"%s\": \"%.*s\"", d->name,
                  shown, value.p ? value.p : "");
        return error_hint(e, "%s The default is \"%s\".", d->about, d->initial);
    }
    return OK;
}

static enum status unknown(struct str name, struct error *e)
{
    return error_set(e, ERR_UNKNOWN_SETTING, "unrecognized configuration parameter \"%.*s\"",
                     name.n > 64 ? 64 : (int)name.n, name.p ? name.p : "");
}

enum status settings_start(struct settings *s, struct str name, struct str value, struct error *e)
{
    enum setting i = settings_find(name);
    char clean[VALUE_MAX];
    if (i == SETTING_COUNT) {
        return unknown(name, e);
    }
    if (checked(i, value, clean, e)) {
        return FAIL;
    }
    put(&s->start[i], clean);
    return OK;
}

static void assign(struct settings *s, enum setting i, const char *value, enum settings_scope scope)
{
    switch (scope) {
    case SETTINGS_SESSION:
        put(&s->session[i], value);
        break;
    case SETTINGS_TRANSACTION:
        put(&s->pending[i], value);
        forget(&s->local[i]);
        break;
    case SETTINGS_LOCAL:
        put(&s->local[i], value);
        break;
    }
}

enum status settings_set(struct settings *s, enum setting i, struct str value,
                         enum settings_scope scope, struct error *e)
{
    char clean[VALUE_MAX];
    if (checked(i, value, clean, e)) {
        return FAIL;
    }
    assign(s, i, clean, scope);
    return OK;
}

enum status settings_reset(struct settings *s, enum setting i, enum settings_scope scope,
                           struct error *e)
{
    if (!definitions[i].check) {
        return error_set(e, ERR_BAD_SETTING, "parameter \"%s\" cannot be changed",
                         definitions[i].name);
    }
    assign(s, i, start_value(s, i), scope);
    return OK;
}

void settings_reset_all(struct settings *s, enum settings_scope scope)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (definitions[i].check &&
            strcmp(settings_get(s, (enum setting)i), start_value(s, (enum setting)i)) != 0) {
            assign(s, (enum setting)i, start_value(s, (enum setting)i), scope);
        }
    }
}

void settings_end(struct settings *s, bool committed)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        forget(&s->local[i]);
        if (committed && s->pending[i]) {
            free(s->session[i]);
            s->session[i] = s->pending[i];
            s->pending[i] = NULL;
        }
        forget(&s->pending[i]);
    }
}

void settings_report(struct settings *s, struct buf *out)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = settings_get(s, (enum setting)i);
        if ((definitions[i].flags & REPORT) &&
            (!s->reported[i] || strcmp(s->reported[i], value) != 0)) {
            wire_put_parameter(out, definitions[i].name, value);
            put(&s->reported[i], value);
        }
    }
}
