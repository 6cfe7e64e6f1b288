#include "session/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "wire/message.h"

static const struct definition {
    const char *name, *initial;
    struct setting_rule rule;
    const char *about;
} definitions[SETTING_COUNT] = {
#define X(id, name, initial, rule, about) [id] = {name, initial, rule, about},
    SETTINGS(X)
#undef X
};

/* Those of the table, a gap for SETTING_COUNT, and those that clients make. */
enum { CUSTOM_FIRST = SETTING_COUNT + 1, SLOTS = CUSTOM_FIRST + CUSTOM_SETTINGS_MAX };

/* NULL in a layer: the one before it counts. */
struct settings {
    char *start[SLOTS]; /* what RESET gives; NULL: the table's */
    char *session[SLOTS];
    char *pending[SLOTS]; /* SET in the open transaction */
    char *local[SLOTS];
    char *reported[SETTING_COUNT];
    char *custom[CUSTOM_SETTINGS_MAX]; /* names */
    int count;                         /* of slots in use, the gap too */
};

struct settings *settings_new(void)
{
    struct settings *s = mem_alloc(sizeof *s);
    s->count = CUSTOM_FIRST;
    return s;
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
    for (int i = 0; i < s->count; i++) {
        forget(&s->start[i]);
        forget(&s->session[i]);
        forget(&s->pending[i]);
        forget(&s->local[i]);
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        forget(&s->reported[i]);
    }
    for (int i = CUSTOM_FIRST; i < s->count; i++) {
        free(s->custom[i - CUSTOM_FIRST]);
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

/* ---- those that clients make ---- */

static bool is_custom(enum setting i)
{
    return (int)i >= CUSTOM_FIRST;
}

/* Words with points between, as PostgreSQL wants them. */
static bool is_custom_name(struct str name)
{
    size_t parts = 0;
    while (name.p) {
        struct str word = str_cut(&name, '.');
        for (size_t i = 0; i < word.n; i++) {
            unsigned char c = (unsigned char)word.p[i];
            bool is_digit = (c >= '0' && c <= '9') || c == '$';
            if (!isalpha(c) && c != '_' && c < 0x80 && (i == 0 || !is_digit)) {
                return false;
            }
        }
        if (word.n == 0) {
            return false;
        }
        parts++;
    }
    return parts > 1;
}

/* "hatidata.": what isn't in the table there is a mistake. */
static bool is_ours(struct str name)
{
    struct str first = str_cut(&name, '.');
    return str_iis(first, "hatidata");
}

enum setting settings_find_custom(const struct settings *s, struct str name)
{
    for (int i = CUSTOM_FIRST; i < s->count; i++) {
        if (str_iis(name, s->custom[i - CUSTOM_FIRST])) {
            return (enum setting)i;
        }
    }
    return SETTING_COUNT;
}

static enum status unknown(struct str name, struct error *e)
{
    return error_set(e, ERR_UNKNOWN_SETTING, "unrecognized configuration parameter \"%.*s\"",
                     name.n > 64 ? 64 : (int)name.n, name.p ? name.p : "");
}

enum status settings_make_custom(struct settings *s, struct str name, enum setting *out,
                                 struct error *e)
{
    *out = settings_find_custom(s, name);
    if (*out != SETTING_COUNT) {
        return OK;
    }
    if (!memchr(name.p, '.', name.n) || is_ours(name)) {
        return unknown(name, e);
    }
    if (!is_custom_name(name) || name.n > CUSTOM_NAME_MAX) {
        error_set(e, ERR_BAD_SETTING, "invalid configuration parameter name \"%.*s\"",
                  name.n > 64 ? 64 : (int)name.n, name.p);
        return error_hint(e, "It is two or more words with points between, %d bytes at most.",
                          CUSTOM_NAME_MAX);
    }
    if (s->count == SLOTS) {
        return error_set(e, ERR_TOO_LARGE, "a session has at most %d parameters of its own",
                         CUSTOM_SETTINGS_MAX);
    }
    *out = (enum setting)s->count++;
    s->custom[*out - CUSTOM_FIRST] = mem_strndup(name.p, name.n);
    return OK;
}

static enum status check_custom(struct str value, struct error *e)
{
    return value.n <= CUSTOM_VALUE_MAX
               ? OK
               : error_set(e, ERR_BAD_SETTING, "a parameter's value has at most %d bytes",
                           CUSTOM_VALUE_MAX);
}

/* ---- what they are ---- */

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
    return s->start[i] ? s->start[i] : is_custom(i) ? "" : definitions[i].initial;
}

const char *settings_initial(const struct settings *s, enum setting i)
{
    return start_value(s, i);
}

const struct setting_rule *settings_rule(enum setting i)
{
    return &definitions[i].rule;
}

const char *settings_get(const struct settings *s, enum setting i)
{
    const char *value = s->local[i] ? s->local[i] : s->pending[i] ? s->pending[i] : s->session[i];
    return value ? value : start_value(s, i);
}

int64_t settings_number(const struct settings *s, enum setting i)
{
    return setting_number(&definitions[i].rule, settings_get(s, i));
}

bool settings_is_on(const struct settings *s, enum setting i)
{
    return strcmp(settings_get(s, i), "on") == 0;
}

void settings_fix(struct settings *s, enum setting i, const char *value)
{
    put(&s->start[i], value);
}

enum status settings_check(enum setting i, struct str value, char out[SETTING_VALUE_MAX],
                           struct error *e)
{
    const struct definition *d = &definitions[i];
    return setting_check_value(&d->rule, d->name, d->initial, value, out, e);
}

enum status settings_start(struct settings *s, struct str name, struct str value, struct error *e)
{
    enum setting i = settings_find(name);
    i = i == SET_READ_ONLY ? SET_DEFAULT_READ_ONLY : i; /* no transaction is open yet */
    char clean[SETTING_VALUE_MAX];
    if (i == SETTING_COUNT) {
        if (check_custom(value, e) || settings_make_custom(s, name, &i, e)) {
            return FAIL;
        }
        free(s->start[i]);
        s->start[i] = mem_strndup(value.p, value.n);
        return OK;
    }
    if (settings_check(i, value, clean, e)) {
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
    char clean[SETTING_VALUE_MAX];
    if (is_custom(i)) {
        char *text = mem_strndup(value.n ? value.p : "", value.n);
        enum status status = check_custom(value, e);
        if (status == OK) {
            assign(s, i, text, scope);
        }
        free(text);
        return status;
    }
    if (settings_check(i, value, clean, e)) {
        return FAIL;
    }
    assign(s, i, clean, scope);
    return OK;
}

enum status settings_reset(struct settings *s, enum setting i, enum settings_scope scope,
                           struct error *e)
{
    if (!is_custom(i) && definitions[i].rule.is_shown_only) {
        return error_set(e, ERR_FIXED_SETTING, "parameter \"%s\" cannot be changed",
                         definitions[i].name);
    }
    assign(s, i, start_value(s, i), scope);
    return OK;
}

void settings_reset_all(struct settings *s, enum settings_scope scope)
{
    for (int i = 0; i < s->count; i++) {
        bool is_there = i != SETTING_COUNT;
        if (is_there && (is_custom((enum setting)i) || !definitions[i].rule.is_shown_only) &&
            strcmp(settings_get(s, (enum setting)i), start_value(s, (enum setting)i)) != 0) {
            assign(s, (enum setting)i, start_value(s, (enum setting)i), scope);
        }
    }
}

struct settings_mark {
    char *pending[SLOTS];
    char *local[SLOTS];
};

static char *copied(const char *value)
{
    return value ? mem_strdup(value) : NULL;
}

static size_t size_of(const char *value)
{
    return value ? strlen(value) + 1 : 0;
}

size_t settings_mark_size(const struct settings *s)
{
    size_t size = sizeof(struct settings_mark);
    for (int i = 0; i < s->count; i++) {
        size += size_of(s->pending[i]) + size_of(s->local[i]);
    }
    return size;
}

struct settings_mark *settings_mark_new(const struct settings *s)
{
    struct settings_mark *m = mem_alloc(sizeof *m);
    for (int i = 0; i < s->count; i++) {
        m->pending[i] = copied(s->pending[i]);
        m->local[i] = copied(s->local[i]);
    }
    return m;
}

void settings_mark_free(struct settings_mark *m)
{
    for (int i = 0; i < SLOTS; i++) {
        free(m->pending[i]);
        free(m->local[i]);
    }
    free(m);
}

void settings_return(struct settings *s, const struct settings_mark *m)
{
    for (int i = 0; i < s->count; i++) {
        forget(&s->pending[i]);
        forget(&s->local[i]);
        s->pending[i] = copied(m->pending[i]);
        s->local[i] = copied(m->local[i]);
    }
}

void settings_end(struct settings *s, bool committed)
{
    for (int i = 0; i < s->count; i++) {
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
        if ((definitions[i].rule.flags & REPORTED) &&
            (!s->reported[i] || strcmp(s->reported[i], value) != 0)) {
            wire_put_parameter(out, definitions[i].name, value);
            put(&s->reported[i], value);
        }
    }
}
