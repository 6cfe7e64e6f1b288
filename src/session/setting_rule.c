/* Booleans, words and numbers with units, as PostgreSQL's src/backend/utils/misc/guc.c reads and
 * shows them. */
#include "session/setting_rule.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

struct unit {
    const char *name;
    double factor;
};

/* The largest first: what is shown is in the largest that divides it. */
static const struct unit times[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000},
                                    {"ms", 1},       {"us", 0.001},  {NULL, 0}};
static const struct unit sizes[] = {{"TB", 1 << 30}, {"GB", 1 << 20},        {"MB", 1 << 10},
                                    {"kB", 1},       {"B", 1.0 / (1 << 10)}, {NULL, 0}};

static const struct unit *units_of(const struct setting_rule *r)
{
    return !r->unit ? NULL : strcmp(r->unit, "ms") == 0 ? times : sizes;
}

static bool copy(const char *value, char out[SETTING_VALUE_MAX])
{
    snprintf(out, SETTING_VALUE_MAX, "%s", value);
    return true;
}

static const char *one_of(struct str in, const char *const *words)
{
    for (; *words; words++) {
        if (str_iis(in, *words)) {
            return *words;
        }
    }
    return NULL;
}

/* The unique beginnings of these words, as PostgreSQL's parse_bool() takes them. */
static bool read_bool(struct str in, char out[SETTING_VALUE_MAX])
{
    static const struct {
        const char *word;
        size_t least;
        bool is_on;
    } words[] = {{"on", 2, true},  {"off", 2, false}, {"true", 1, true}, {"false", 1, false},
                 {"yes", 1, true}, {"no", 1, false},  {"1", 1, true},    {"0", 1, false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str word = str_of(words[i].word);
        if (in.n >= words[i].least && in.n <= word.n && str_ieq(in, (struct str){word.p, in.n})) {
            return copy(words[i].is_on ? "on" : "off", out);
        }
    }
    return false;
}

/* A number with an optional unit, in the rule's. */
static bool read_number(const struct setting_rule *r, struct str in, double *out)
{
    char z[64], *end;
    in = str_trim(in);
    if (in.n == 0 || in.n >= sizeof z || memchr(in.p, '\0', in.n)) {
        return false;
    }
    memcpy(z, in.p, in.n);
    z[in.n] = '\0';
    errno = 0;
    double v = strtod(z, &end);
    if (end == z || errno == ERANGE || !isfinite(v)) {
        return false;
    }
    struct str unit = str_trim(str_of(end));
    const struct unit *u = units_of(r);
    for (; unit.n && u && u->name; u++) {
        if (str_is(unit, u->name)) {
            v *= u->factor;
            unit.n = 0;
        }
    }
    *out = r->kind == KIND_INTEGER ? rint(v) : v;
    return unit.n == 0;
}

int64_t setting_number(const struct setting_rule *r, const char *value)
{
    double v = 0;
    return read_number(r, str_of(value), &v) ? (int64_t)v : 0;
}

static void show_number(const struct setting_rule *r, double v, char out[SETTING_VALUE_MAX])
{
    const struct unit *u = units_of(r);
    if (r->kind == KIND_REAL) {
        snprintf(out, SETTING_VALUE_MAX, "%g", v);
        return;
    }
    for (; u && u->factor > 1 && (v == 0 || fmod(v, u->factor) != 0); u++) {
    }
    snprintf(out, SETTING_VALUE_MAX, "%lld%s", (long long)(u ? v / u->factor : v),
             u && v != 0 ? u->name : "");
}

static enum status invalid(const char *name, struct str value, struct error *e)
{
    int shown = value.n > 64 ? 64 : (int)value.n;
    return error_set(e, ERR_BAD_SETTING, "invalid value for parameter \"%s\": \"%.*s\"", name,
                     shown, value.p ? value.p : "");
}

static enum status check_number(const struct setting_rule *r, const char *name, struct str value,
                                char out[SETTING_VALUE_MAX], struct error *e)
{
    const char *unit = r->unit ? r->unit : "", *gap = r->unit ? " " : "";
    double v;
    if (!read_number(r, value, &v)) {
        (void)invalid(name, value, e);
        return !r->unit ? FAIL
               : units_of(r) == times
                   ? error_hint(e, "Valid units for this parameter are \"us\", \"ms\", \"s\", "
                                   "\"min\", \"h\", and \"d\".")
                   : error_hint(e, "Valid units for this parameter are \"B\", \"kB\", \"MB\", "
                                   "\"GB\", and \"TB\".");
    }
    if (v < r->least || v > r->most) {
        return error_set(
            e, ERR_BAD_SETTING,
            "%.10g%s%s is outside the valid range for parameter \"%s\" (%.10g%s%s .. %.10g%s%s)", v,
            gap, unit, name, r->least, gap, unit, r->most, gap, unit);
    }
    show_number(r, v, out);
    return OK;
}

static enum status check_word(const struct setting_rule *r, const char *name, struct str value,
                              char out[SETTING_VALUE_MAX], struct error *e)
{
    const char *word = one_of(value, r->words);
    if (word) {
        copy(word, out);
        return OK;
    }
    struct buf hint = BUF_INIT(0);
    for (const char *const *w = r->words; *w; w++) {
        buf_printf(&hint, "%s%s", w == r->words ? "" : ", ", *w);
    }
    (void)invalid(name, value, e);
    (void)error_hint(e, "Available values: %s.", buf_cstr(&hint));
    buf_free(&hint);
    return FAIL;
}

/* "yes" is as good as "on". */
static enum status check_fixed(const char *name, const char *initial, struct str value,
                               char out[SETTING_VALUE_MAX], struct error *e)
{
    bool is_switch = strcmp(initial, "on") == 0 || strcmp(initial, "off") == 0;
    if (str_iis(value, initial) ||
        (is_switch && read_bool(value, out) && strcmp(out, initial) == 0)) {
        copy(initial, out);
        return OK;
    }
    (void)invalid(name, value, e);
    return error_hint(e, "Here it is always \"%s\".", initial);
}

enum status setting_check_value(const struct setting_rule *r, const char *name, const char *initial,
                                struct str value, char out[SETTING_VALUE_MAX], struct error *e)
{
    if (r->is_shown_only) {
        return error_set(e, ERR_FIXED_SETTING, "parameter \"%s\" cannot be changed", name);
    }
    if (value.n >= SETTING_VALUE_MAX) {
        return invalid(name, value, e);
    }
    if (r->is_fixed) {
        return check_fixed(name, initial, value, out, e);
    }
    switch (r->kind) {
    case KIND_BOOL:
        return read_bool(value, out) ? OK
                                     : error_set(e, ERR_BAD_SETTING,
                                                 "parameter \"%s\" requires a Boolean value", name);
    case KIND_ENUM:
        return check_word(r, name, value, out, e);
    case KIND_INTEGER:
    case KIND_REAL:
        return check_number(r, name, value, out, e);
    case KIND_STRING:
        break;
    }
    return r->check(value, out) ? OK : invalid(name, value, e);
}
