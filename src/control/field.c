#include "control/field.h"

#include <event2/http.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { QUERY_FIELDS_MAX = 64 };

static const char *text_constraint(const struct field *f, struct arena *a)
{
    if (f->words) {
        return arena_printf(a, "one of %s", f->words);
    }
    if (f->pattern) {
        return arena_printf(a, "text of %" PRId64 " to %" PRId64 " characters that matches %s",
                            f->least, f->most, f->pattern);
    }
    return arena_printf(a, "text of %" PRId64 " to %" PRId64 " characters%s", f->least, f->most,
                        f->kind == OF_TEXT ? ", none of them a control character" : "");
}

const char *field_constraint(const struct field *f, struct arena *a)
{
    switch (f->kind) {
    case OF_TEXT:
    case OF_SCRIPT:
        return text_constraint(f, a);
    case OF_TIME:
        return "a time as of RFC 3339";
    case OF_INT:
        return arena_printf(a, "a whole number from %" PRId64 " to %" PRId64, f->least, f->most);
    case OF_NUMBER:
        return "a number";
    case OF_BOOL:
        return "true or false";
    case OF_TEXTS:
        return arena_printf(a, "a list of %" PRId64 " to %" PRId64 " texts of 1 to %d characters",
                            f->least, f->most, FIELD_LISTED_MAX);
    case OF_PAIRS:
        return "an object of texts";
    case OF_OBJECT:
        return "an object";
    case OF_ARRAY:
        return arena_printf(a, "a list of %" PRId64 " to %" PRId64 "%s", f->least, f->most,
                            f->of ? " objects" : "");
    case OF_REFUSED:
        return arena_printf(a, "left out: %s", f->help);
    case OF_ANY:
    case OF_END:
        break;
    }
    return "any value";
}

static bool is_word(const char *words, struct str text)
{
    struct str rest = str_of(words);
    while (rest.p) {
        if (str_eq(str_cut(&rest, '|'), text)) {
            return true;
        }
    }
    return false;
}

static bool is_plain(struct str text, bool lines)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool allowed = lines && (c == '\n' || c == '\r' || c == '\t');
        if ((c < 0x20 && !allowed) || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static struct str text_of(const json_t *v)
{
    return (struct str){json_string_value(v), json_string_length(v)};
}

static bool within(int64_t n, const struct field *f)
{
    return n >= f->least && n <= f->most;
}

/* A pattern that can't be compiled holds for nothing. */
static bool matches(const char *pattern, const json_t *v)
{
    regex_t re;
    bool good = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) == 0;
    if (good) {
        good = regexec(&re, json_string_value(v), 0, NULL, 0) == 0;
        regfree(&re);
    }
    return good;
}

static bool holds_text(const struct field *f, const json_t *v)
{
    return json_is_string(v) && within((int64_t)str_chars(text_of(v)), f) &&
           is_plain(text_of(v), f->kind == OF_SCRIPT) &&
           (!f->words || is_word(f->words, text_of(v))) && (!f->pattern || matches(f->pattern, v));
}

static bool holds_texts(const struct field *f, const json_t *v)
{
    static const struct field listed = {.kind = OF_TEXT, .least = 1, .most = FIELD_LISTED_MAX};
    if (!json_is_array(v) || !within((int64_t)json_array_size(v), f)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (!holds_text(&listed, json_array_get(v, i))) {
            return false;
        }
    }
    return true;
}

static bool holds_pairs(const json_t *v)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)v, name, value)
    {
        if (!json_is_string(value)) {
            return false;
        }
    }
    return json_is_object(v);
}

/* But for what is within objects. */
static bool holds(const struct field *f, const json_t *v)
{
    switch (f->kind) {
    case OF_TEXT:
    case OF_SCRIPT:
        return holds_text(f, v);
    case OF_INT:
        return json_is_integer(v) && within(json_integer_value(v), f);
    case OF_BOOL:
        return json_is_boolean(v);
    case OF_TEXTS:
        return holds_texts(f, v);
    case OF_PAIRS:
        return holds_pairs(v);
    case OF_OBJECT:
        return json_is_object(v);
    case OF_ARRAY:
        return json_is_array(v) && within((int64_t)json_array_size(v), f);
    case OF_ANY:
        return true;
    case OF_TIME:
    case OF_NUMBER:
    case OF_REFUSED:
    case OF_END:
        break;
    }
    return false;
}

static const struct field *find(const struct field *known, const char *name)
{
    for (; known && known->kind != OF_END; known++) {
        if (strcmp(known->name, name) == 0) {
            return known;
        }
    }
    return NULL;
}

static enum status wrong(struct complaint *complaint, const char *field, const char *constraint,
                         struct error *e)
{
    *complaint = (struct complaint){field, constraint};
    return error_set(e, ERR_VALIDATION, "%s: must be %s", field, constraint);
}

/* The name is the client's: it is shown only where it looks like one. */
static enum status unknown(const char *name, struct arena *a, struct complaint *complaint,
                           struct error *e)
{
    enum { SHOWN_MAX = 64 };
    bool shown = strlen(name) <= SHOWN_MAX && is_plain(str_of(name), false);
    *complaint = (struct complaint){shown ? arena_strdup(a, str_of(name)) : "(a field)",
                                    "a field that this route has"};
    return error_set(e, ERR_VALIDATION, "%s: this route has no such field", complaint->field);
}

/* What is within an object, or the objects of a list, holds to their own table. Tables have an end,
 * so this has one. */
static enum status check_within(const struct field *f, const json_t *v, struct arena *a,
                                struct complaint *complaint, struct error *e)
{
    if (!f->of) {
        return OK;
    }
    if (f->kind == OF_OBJECT) {
        return fields_check(f->of, v, a, complaint, e);
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *item = json_array_get(v, i);
        if (!json_is_object(item)) {
            return wrong(complaint, f->name, field_constraint(f, a), e);
        }
        if (fields_check(f->of, item, a, complaint, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status check_value(const struct field *f, const json_t *v, struct arena *a,
                               struct complaint *complaint, struct error *e)
{
    return holds(f, v) ? check_within(f, v, a, complaint, e)
                       : wrong(complaint, f->name, field_constraint(f, a), e);
}

enum status fields_check(const struct field *known, const json_t *object, struct arena *a,
                         struct complaint *complaint, struct error *e)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const struct field *f = find(known, name);
        if (!f) {
            return unknown(name, a, complaint, e);
        }
        if (!json_is_null(value) && check_value(f, value, a, complaint, e) != OK) {
            return FAIL;
        }
    }
    for (const struct field *f = known; f && f->kind != OF_END; f++) {
        const json_t *v = json_object_get(object, f->name);
        if (f->required && (!v || json_is_null(v))) {
            complaint->field = f->name;
            complaint->constraint = arena_printf(a, "required, %s", field_constraint(f, a));
            return error_set(e, ERR_VALIDATION, "%s: is missing; it must be %s", f->name,
                             field_constraint(f, a));
        }
    }
    return OK;
}

bool fields_any_required(const struct field *known)
{
    for (; known && known->kind != OF_END; known++) {
        if (known->required) {
            return true;
        }
    }
    return false;
}

/* ---- query strings ---- */

/* Decoded, in the arena; false where it isn't percent-encoded UTF-8 without NUL. */
static bool decode(struct str raw, struct arena *a, const char **out)
{
    size_t n = 0;
    char *text = evhttp_uridecode(arena_strdup(a, raw), 1, &n);
    bool good = text && str_is_utf8((struct str){text, n});
    *out = good ? arena_strdup(a, (struct str){text, n}) : NULL;
    free(text);
    return good;
}

static json_t *value_of(const struct field *f, const char *text)
{
    int64_t v;
    if (f->kind == OF_INT && str_to_i64(str_of(text), &v)) {
        return json_integer(v);
    }
    if (f->kind == OF_BOOL && (!strcmp(text, "true") || !strcmp(text, "false"))) {
        return json_boolean(*text == 't');
    }
    return json_string(text);
}

static enum status read_pair(const struct field *known, struct str pair, struct arena *a,
                             json_t *object, struct complaint *complaint, struct error *e)
{
    const char *name, *text;
    struct str value = pair, raw = str_cut(&value, '=');
    if (!decode(raw, a, &name) || !decode(value.p ? value : STR(""), a, &text)) {
        return wrong(complaint, "(query)", "percent-encoded UTF-8", e);
    }
    const struct field *f = find(known, name);
    if (!f) {
        return unknown(name, a, complaint, e);
    }
    if (json_object_get(object, name)) {
        return wrong(complaint, f->name, "given once", e);
    }
    json_object_set_new(object, name, value_of(f, text));
    return OK;
}

enum status fields_read_query(const struct field *known, const char *text, struct arena *a,
                              json_t **out, struct complaint *complaint, struct error *e)
{
    struct str rest = str_of(text);
    json_t *object = json_object();
    enum status status = OK;
    for (int i = 0; rest.p && status == OK; i++) {
        struct str pair = str_cut(&rest, '&');
        if (i >= QUERY_FIELDS_MAX) {
            status = wrong(complaint, "(query)", "of 64 fields at most", e);
        } else if (pair.n) {
            status = read_pair(known, pair, a, object, complaint, e);
        }
    }
    if (status == OK) {
        status = fields_check(known, object, a, complaint, e);
    }
    *out = object;
    return status;
}
