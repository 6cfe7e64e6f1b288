#include "wire/param_array.h"

#include "wire/oid.h"
#include "wire/param.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct reader {
    const char *p, *end;
    const struct type *element;
    const struct zone *zone;
    uint32_t oid;
    struct arena *arena;
    struct error *e;
    VEC_OF(struct value) items;
};

static void skip_spaces(struct reader *r)
{
    while (r->p < r->end && is_space(*r->p)) {
        r->p++;
    }
}

static bool take(struct reader *r, char c)
{
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}

/* Where the element ends: at one of `stops` that no backslash escapes. Arena memory is taken by
 * this length, so that an array costs its own size and not the square. */
static size_t element_length(const struct reader *r, const char *stops)
{
    const char *p = r->p;
    while (p < r->end && !(*p && strchr(stops, *p))) {
        p += *p == '\\' && p + 1 < r->end ? 2 : 1;
    }
    return (size_t)(p - r->p);
}

/* "..." with backslash escapes, behind the first quote. */
static bool read_quoted(struct reader *r, struct str *out)
{
    char *to = arena_alloc(r->arena, element_length(r, "\""));
    size_t n = 0;
    while (r->p < r->end && *r->p != '"') {
        r->p += *r->p == '\\';
        if (r->p == r->end) {
            return false;
        }
        to[n++] = *r->p++;
    }
    *out = (struct str){to, n};
    return take(r, '"');
}

/* Up to a comma or brace; spaces at both ends don't count, an escaped character always does. */
static bool read_bare(struct reader *r, struct str *out, bool *is_null)
{
    char *to = arena_alloc(r->arena, element_length(r, ",}"));
    size_t n = 0, kept = 0;
    bool escaped = false;
    while (r->p < r->end && *r->p != ',' && *r->p != '}') {
        if (*r->p == '"' || *r->p == '{') {
            return false;
        }
        bool is_escape = *r->p == '\\';
        r->p += is_escape;
        if (r->p == r->end) {
            return false;
        }
        escaped |= is_escape;
        to[n++] = *r->p;
        kept = is_escape || !is_space(*r->p) ? n : kept;
        r->p++;
    }
    *out = (struct str){to, kept};
    *is_null = !escaped && str_iis(*out, "null");
    return kept > 0;
}

static enum status read_element(struct reader *r)
{
    struct str text;
    bool is_null = false;
    skip_spaces(r);
    if (r->p < r->end && *r->p == '{') {
        return error_set(r->e, ERR_UNSUPPORTED,
                         "arrays of more than one dimension are not supported");
    }
    bool ok = take(r, '"') ? read_quoted(r, &text) : read_bare(r, &text, &is_null);
    if (!ok) {
        return param_bad(r->e, r->oid);
    }
    struct value v = {.type = r->element, .is_null = true};
    if (!is_null && param_from_text(r->element, r->zone, text, r->arena, &v, r->e) != OK) {
        return FAIL;
    }
    if (r->items.n == PARAM_MAX_ELEMENTS) {
        return error_set(r->e, ERR_TOO_LARGE, "an array has more than %d elements",
                         PARAM_MAX_ELEMENTS);
    }
    VEC_PUSH(r->arena, r->items, v);
    skip_spaces(r);
    return OK;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

enum status param_array_unify(struct value *list, struct arena *a, struct error *e)
{
    if (list->type->child->kind != TYPE_DECIMAL || list->type->child->width != 0) {
        return OK;
    }
    int whole = 1, scale = 0;
    for (uint32_t i = 0; i < list->as.list.n; i++) {
        const struct type *t = list->as.list.items[i].type;
        if (!list->as.list.items[i].is_null) {
            whole = max(whole, t->width - t->scale);
            scale = max(scale, t->scale);
        }
    }
    if (whole + scale > NUMERIC_MAX_DIGITS) {
        return param_too_large(e, OID_NUMERIC);
    }
    list->type = type_list(a, type_decimal(a, whole + scale, scale));
    for (uint32_t i = 0; i < list->as.list.n; i++) {
        list->as.list.items[i].type = list->type->child;
    }
    return OK;
}

enum status param_array_length(const struct type *t, struct value *v, struct error *e)
{
    if (t->kind == TYPE_ARRAY && v->as.list.n != t->size) {
        return error_set(e, ERR_BAD_VALUE, "an array of %u elements is needed", t->size);
    }
    return OK;
}

enum status param_array_text(const struct type *t, const struct zone *zone, struct str s,
                             struct arena *a, struct value *out, struct error *e)
{
    s = str_trim(s);
    struct reader r = {.p = s.p,
                       .end = s.p + s.n,
                       .element = t->child,
                       .zone = zone,
                       .oid = oid_of(t),
                       .arena = a,
                       .e = e};
    *out = (struct value){.type = t};
    if (!take(&r, '{')) {
        return param_bad(e, r.oid);
    }
    skip_spaces(&r);
    if (!take(&r, '}')) {
        do {
            if (read_element(&r) != OK) {
                return FAIL;
            }
        } while (take(&r, ','));
        if (!take(&r, '}')) {
            return param_bad(e, r.oid);
        }
    }
    if (r.p != r.end) {
        return param_bad(e, r.oid);
    }
    out->as.list.items = r.items.at;
    out->as.list.n = (uint32_t)r.items.n;
    return param_array_unify(out, a, e) == OK ? param_array_length(t, out, e) : FAIL;
}
