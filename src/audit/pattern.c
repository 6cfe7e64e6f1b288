#include "audit/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "audit/redact_kind.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/regex_cost.h"

/* Steps of the matcher: so many for a text, and so many for each byte of it. */
enum { STEPS_OF_TEXT = 20000, STEPS_OF_BYTE = 64, FOUND_MAX = 256, HEAP_KIB = 4096 };

struct pattern {
    struct str org_id, name;
    pcre2_code *code;
};

struct pattern_set {
    const struct pattern *at;
    size_t n;
    struct str org_id;
};

struct patterns {
    atomic_int holders;
    struct arena *arena;
    struct pattern *at; /* those of one organization are neighbours */
    size_t n;
    struct pattern_set *sets;
    size_t set_count;
};

/* ---- reading ---- */

static enum status wrong(struct error *e, size_t at, const char *why)
{
    return error_set(e, ERR_VALIDATION, "the pattern is wrong at byte %zu: %s", at + 1, why);
}

/* What PCRE2 would take and we don't. SIZE_MAX: nothing. */
static size_t find_refused(struct str text)
{
    bool in_class = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
        if (c == '\\') {
            if ((next >= '1' && next <= '9') || (next && strchr("kgCKGQE", next))) {
                return i;
            }
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += next == '^';
            i += i + 1 < text.n && text.p[i + 1] == ']';
        } else if (c == '(' && next == '*') {
            return i;
        } else if (c == '(' && next == '?') {
            struct str rest = {text.p + i, text.n - i};
            if (!str_starts(rest, "(?:") && !str_starts(rest, "(?i)") &&
                !str_starts(rest, "(?i:")) {
                return i;
            }
        }
    }
    return SIZE_MAX;
}

static enum status compile(struct str text, pcre2_code **out, struct error *e)
{
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
                             PCRE2_NO_AUTO_CAPTURE | PCRE2_DOLLAR_ENDONLY;
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR why[128] = "";
    size_t refused = find_refused(text);
    if (refused != SIZE_MAX) {
        wrong(e, refused, "this isn't allowed here");
        return error_hint(e, "Back references, looking around, conditions, recursion, \\G, \\K, "
                             "\\Q and verbs aren't; (?:...), (?i) and the rest is.");
    }
    *out = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, &code, &at, NULL);
    if (!*out) {
        pcre2_get_error_message(code, why, sizeof why);
        return wrong(e, at, (const char *)why);
    }
    return OK;
}

static bool is_name(struct str name)
{
    bool ok = name.n > 0 && name.n <= PATTERN_NAME_MAX && name.p[0] >= 'a' && name.p[0] <= 'z';
    for (size_t i = 0; ok && i < name.n; i++) {
        char c = name.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    for (int k = 0; ok && k < REDACT_KIND_COUNT; k++) {
        ok = !str_is(name, redact_kind_name((enum redact_kind)k));
    }
    return ok;
}

enum status pattern_check(struct str name, struct str text, struct error *e)
{
    pcre2_code *code = NULL;
    if (!is_name(name)) {
        return error_set(e, ERR_VALIDATION,
                         "a pattern's name is 1 to %d of a-z, 0-9 and _, begins with a letter, and "
                         "is none of redaction's own kinds",
                         PATTERN_NAME_MAX);
    }
    if (text.n == 0 || text.n > PATTERN_TEXT_MAX || memchr(text.p, 0, text.n)) {
        return error_set(e, ERR_VALIDATION, "a pattern has 1 to %d bytes", PATTERN_TEXT_MAX);
    }
    if (compile(text, &code, e) != OK) {
        return FAIL;
    }
    double parts = regex_cost_of(text).size;
    uint32_t least = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MINLENGTH, &least);
    pcre2_code_free(code);
    if (parts > PATTERN_PARTS_MAX) {
        return error_set(e, ERR_VALIDATION, "the pattern is too large: it has %.0f parts of %d",
                         parts, PATTERN_PARTS_MAX);
    }
    return least > 0 ? OK
                     : error_set(e, ERR_VALIDATION, "the pattern matches where there is nothing");
}

/* ---- all of them ---- */

static int by_org(const void *a, const void *b)
{
    return str_cmp(((const struct pattern *)a)->org_id, ((const struct pattern *)b)->org_id);
}

static void group(struct patterns *p)
{
    p->sets = ARENA_ARRAY(p->arena, struct pattern_set, p->n);
    for (size_t i = 0; i < p->n; i++) {
        struct pattern_set *last = p->set_count ? &p->sets[p->set_count - 1] : NULL;
        if (!last || !str_eq(last->org_id, p->at[i].org_id)) {
            last = &p->sets[p->set_count++];
            *last = (struct pattern_set){.at = &p->at[i], .org_id = p->at[i].org_id};
        }
        last->n++;
    }
}

enum status patterns_new(const struct pattern_source *rows, size_t n, struct patterns **out,
                         struct error *e)
{
    struct patterns *p = mem_calloc(1, sizeof *p);
    enum status status = OK;
    atomic_init(&p->holders, 1);
    p->arena = arena_new(0);
    p->at = ARENA_ARRAY(p->arena, struct pattern, n);
    for (size_t i = 0; i < n && status == OK; i++) {
        struct pattern *one = &p->at[p->n];
        *one = (struct pattern){.org_id = arena_str(p->arena, rows[i].org_id),
                                .name = arena_str(p->arena, rows[i].name)};
        status = compile(rows[i].text, &one->code, e);
        p->n += status == OK;
    }
    if (status != OK) {
        patterns_unref(p);
        return FAIL;
    }
    if (n) {
        qsort(p->at, n, sizeof *p->at, by_org);
    }
    group(p);
    *out = p;
    return OK;
}

struct patterns *patterns_ref(struct patterns *p)
{
    if (p) {
        atomic_fetch_add(&p->holders, 1);
    }
    return p;
}

void patterns_unref(struct patterns *p)
{
    if (p && atomic_fetch_sub(&p->holders, 1) == 1) {
        for (size_t i = 0; i < p->n; i++) {
            pcre2_code_free(p->at[i].code);
        }
        arena_free(p->arena);
        free(p);
    }
}

const struct pattern_set *patterns_of(const struct patterns *p, struct str org_id)
{
    for (size_t i = 0; p && i < p->set_count; i++) {
        if (str_eq(p->sets[i].org_id, org_id)) {
            return &p->sets[i];
        }
    }
    return NULL;
}

/* ---- finding ---- */

void spans_push(struct spans *s, struct span span)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 16;
        s->at = mem_realloc(s->at, s->cap * sizeof *s->at);
    }
    s->at[s->n++] = span;
}

static void find_one(const struct pattern *p, pcre2_match_context *limits, pcre2_match_data *data,
                     struct str text, struct spans *out)
{
    size_t at = 0;
    for (int found = 0; at < text.n; found++) {
        int got = found < FOUND_MAX ? pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, at,
                                                  PCRE2_NOTEMPTY, data, limits)
                                    : PCRE2_ERROR_MATCHLIMIT;
        if (got == PCRE2_ERROR_NOMATCH) {
            return;
        }
        const PCRE2_SIZE *where = pcre2_get_ovector_pointer(data);
        bool is_place = got >= 0 && where[1] > where[0] && where[0] >= at;
        struct span span = {.kind = p->name, .is_own = true};
        span.begin = is_place ? where[0] : at;
        span.end = is_place ? where[1] : text.n;
        spans_push(out, span);
        at = span.end;
    }
}

void pattern_find(const struct pattern_set *set, struct str text, struct spans *out)
{
    if (text.n == 0) {
        return;
    }
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    size_t steps = STEPS_OF_TEXT + STEPS_OF_BYTE * text.n;
    if (!limits || !data) {
        abort(); /* as mem_alloc() has it */
    }
    pcre2_set_match_limit(limits, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
    pcre2_set_heap_limit(limits, HEAP_KIB);
    for (size_t i = 0; i < set->n; i++) {
        find_one(&set->at[i], limits, data, text, out);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
}

static int by_begin(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

void spans_merge(struct spans *s)
{
    size_t kept = 0;
    if (s->n == 0) {
        return;
    }
    qsort(s->at, s->n, sizeof *s->at, by_begin);
    for (size_t i = 1; i < s->n; i++) {
        struct span *last = &s->at[kept];
        const struct span *next = &s->at[i];
        if (next->begin > last->end ||
            (next->begin == last->end && !next->is_own && !last->is_own)) {
            s->at[++kept] = *next;
            continue;
        }
        if (last->is_own && !next->is_own) {
            last->kind = next->kind;
            last->is_own = false;
        }
        last->end = next->end > last->end ? next->end : last->end;
    }
    s->n = kept + 1;
}
