#include "session/settings.h"

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

static enum status unknown(struct str name, struct error *e)
{
    return error_set(e, ERR_UNKNOWN_SETTING, "unrecognized configuration parameter \"%.*s\"",
                     name.n > 64 ? 64 : (int)name.n, name.p ? name.p : "");
}

enum status settings_start(struct settings *s, struct str name, struct str value, struct error *e)
{
    enum setting i = settings_find(name);
    i = i == SET_READ_ONLY ? SET_DEFAULT_READ_ONLY : i; /* no transaction is open yet */
    char clean[SETTING_VALUE_MAX];
    if (i == SETTING_COUNT) {
        return unknown(name, e);
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
    if (settings_check(i, value, clean, e)) {
        return FAIL;
    }
    assign(s, i, clean, scope);
    return OK;
}

enum status settings_reset(struct settings *s, enum setting i, enum settings_scope scope,
                           struct error *e)
{
    if (definitions[i].rule.is_shown_only) {
        return error_set(e, ERR_FIXED_SETTING, "parameter \"%s\" cannot be changed",
                         definitions[i].name);
    }
    assign(s, i, start_value(s, i), scope);
    return OK;
}

void settings_reset_all(struct settings *s, enum settings_scope scope)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!definitions[i].rule.is_shown_only &&
            strcmp(settings_get(s, (enum setting)i), start_value(s, (enum setting)i)) != 0) {
            assign(s, (enum setting)i, start_value(s, (enum setting)i), scope);
        }
    }
}

struct settings_mark {
    char *pending[SETTING_COUNT];
    char *local[SETTING_COUNT];
};

static char *copied(const char *value)
{
    return value ? mem_strdup(value) : NULL;
}

struct settings_mark *settings_mark_new(const struct settings *s)
{
    struct settings_mark *m = mem_alloc(sizeof *m);
    for (int i = 0; i < SETTING_COUNT; i++) {
        m->pending[i] = copied(s->pending[i]);
        m->local[i] = copied(s->local[i]);
    }
    return m;
}

void settings_mark_free(struct settings_mark *m)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        free(m->pending[i]);
        free(m->local[i]);
    }
    free(m);
}

void settings_return(struct settings *s, const struct settings_mark *m)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        forget(&s->pending[i]);
        forget(&s->local[i]);
        s->pending[i] = copied(m->pending[i]);
        s->local[i] = copied(m->local[i]);
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
        if ((definitions[i].rule.flags & REPORTED) &&
            (!s->reported[i] || strcmp(s->reported[i], value) != 0)) {
            wire_put_parameter(out, definitions[i].name, value);
            put(&s->reported[i], value);
        }
    }
}
