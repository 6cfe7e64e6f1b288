#include "base/wildcard.h"

#include <stdint.h>
#include <string.h>

enum { STEPS_BETWEEN_ASKING = 1 << 16 };

enum kind { KIND_END, KIND_MANY, KIND_ONE, KIND_BYTE, KIND_SET, KIND_BAD };

/* What stands at a place of a pattern. */
struct element {
    enum kind kind;
    size_t at, next; /* BYTE: where it is, behind an escape; SET: behind the bracket */
};

struct match {
    struct str text, pattern, escape;
    bool is_glob;
    const struct wildcard_stop *stop;
    size_t steps;
};

static bool is_escape(struct str pattern, size_t p, struct str escape)
{
    return escape.n && pattern.n - p >= escape.n && memcmp(pattern.p + p, escape.p, escape.n) == 0;
}

static struct element like_element(const struct match *m, size_t p)
{
    if (is_escape(m->pattern, p, m->escape)) {
        size_t at = p + m->escape.n;
        return (struct element){at == m->pattern.n ? KIND_BAD : KIND_BYTE, at, at + 1};
    }
    char c = m->pattern.p[p];
    enum kind kind = c == '%' ? KIND_MANY : c == '_' ? KIND_ONE : KIND_BYTE;
    return (struct element){kind, p, p + 1};
}

static struct element glob_element(const struct match *m, size_t p)
{
    switch (m->pattern.p[p]) {
    case '*':
        return (struct element){KIND_MANY, p, p + 1};
    case '?':
        return (struct element){KIND_ONE, p, p + 1};
    case '[':
        return (struct element){KIND_SET, p + 1, p + 1};
    case '\\':
        return (struct element){p + 1 == m->pattern.n ? KIND_BAD : KIND_BYTE, p + 1, p + 2};
    default:
        return (struct element){KIND_BYTE, p, p + 1};
    }
}

static struct element element_at(const struct match *m, size_t p)
{
    if (p >= m->pattern.n) {
        return (struct element){KIND_END, p, p};
    }
    return m->is_glob ? glob_element(m, p) : like_element(m, p);
}

static size_t next_character(const struct match *m, size_t t)
{
    t++;
    while (!m->is_glob && t < m->text.n && (m->text.p[t] & 0xC0) == 0x80) {
        t++;
    }
    return t;
}

/* Whether the set at `p`, behind its bracket, has the byte; where it ends in `*next`. A set that
 * isn't closed has nothing. A ] that comes first is a member. */
static bool set_has(struct str pattern, size_t p, char c, size_t *next)
{
    bool inverted = p < pattern.n && pattern.p[p] == '!', found = false;
    p += inverted;
    for (size_t first = p; p < pattern.n; p++) {
        if (pattern.p[p] == ']' && p > first) {
            *next = p + 1;
            return found != inverted;
        }
        bool is_range = p + 2 < pattern.n && pattern.p[p + 1] == '-';
        found |= is_range ? c >= pattern.p[p] && c <= pattern.p[p + 2] : c == pattern.p[p];
        p += is_range ? 2 : 0;
    }
    return false;
}

/* Takes one element of the pattern and what it fits of the text, of which there is some left. */
static bool take(const struct match *m, const struct element *el, size_t *t, size_t *p)
{
    switch (el->kind) {
    case KIND_BYTE:
        *p = el->next;
        return m->text.p[(*t)++] == m->pattern.p[el->at];
    case KIND_ONE:
        *p = el->next;
        *t = next_character(m, *t);
        return true;
    case KIND_SET:
        return set_has(m->pattern, el->at, m->text.p[(*t)++], p);
    case KIND_END:
    case KIND_MANY:
    case KIND_BAD:
        break;
    }
    return false;
}

enum fit { FIT_NO, FIT_PART, FIT_WHOLE, FIT_TOO_SHORT };

/* Whether the pattern from `*p` to its next wildcard, or to its end, fits the text at `*t`. */
static enum fit fits(const struct match *m, size_t *t, size_t *p)
{
    for (;;) {
        struct element el = element_at(m, *p);
        if (el.kind == KIND_MANY) {
            return FIT_PART;
        }
        if (el.kind == KIND_END) {
            return *t == m->text.n ? FIT_WHOLE : FIT_NO;
        }
        if (*t >= m->text.n) {
            return FIT_TOO_SHORT;
        }
        if (!take(m, &el, t, p)) {
            return FIT_NO;
        }
    }
}

/* The bytes at `p` that stand for themselves and lie side by side. */
static struct str plain_run(const struct match *m, size_t p, size_t *end)
{
    struct element el = element_at(m, p);
    size_t at = el.at, n = 0;
    while (el.kind == KIND_BYTE && el.at == at + n) {
        n++;
        p = el.next;
        el = element_at(m, p);
    }
    *end = p;
    return (struct str){m->pattern.p + at, n};
}

/* The first place at or behind `t` where the run stands; SIZE_MAX: none. */
static size_t find_run(struct str text, size_t t, struct str run)
{
    if (t > text.n) {
        return SIZE_MAX;
    }
    if (run.n == 0) {
        return t;
    }
    const char *found = memmem(text.p + t, text.n - t, run.p, run.n);
    return found ? (size_t)(found - text.p) : SIZE_MAX;
}

static bool must_stop(struct match *m, size_t steps)
{
    m->steps += steps;
    if (!m->stop || m->steps < STEPS_BETWEEN_ASKING) {
        return false;
    }
    m->steps = 0;
    return m->stop->ask(m->stop->ctx);
}

/* Wildcards side by side: as many characters as there are _ among them, then any. False where the
 * text is too short. */
static bool skip_wildcards(const struct match *m, size_t *t, size_t *p)
{
    struct element el = element_at(m, *p);
    for (; el.kind == KIND_MANY || el.kind == KIND_ONE; el = element_at(m, *p)) {
        if (el.kind == KIND_ONE) {
            if (*t >= m->text.n) {
                return false;
            }
            *t = next_character(m, *t);
        }
        *p = el.next;
    }
    return true;
}

static enum wildcard answer(bool yes)
{
    return yes ? WILDCARD_YES : WILDCARD_NO;
}

/* The earliest place from `*t` on where the part of the pattern at `*p` fits; both move behind it.
 */
static enum wildcard find_part(struct match *m, size_t *t, size_t *p)
{
    size_t run_end;
    struct str run = plain_run(m, *p, &run_end);
    if (run_end == m->pattern.n) { /* nothing behind it: that can only be the text's end */
        bool fit =
            m->text.n - *t >= run.n && memcmp(m->text.p + m->text.n - run.n, run.p, run.n) == 0;
        *p = run_end;
        *t = m->text.n;
        return answer(fit);
    }
    for (;;) {
        size_t from = find_run(m->text, *t, run);
        if (from == SIZE_MAX) {
            return WILDCARD_NO;
        }
        size_t end = from + run.n, at = run_end;
        enum fit fit = fits(m, &end, &at);
        if (fit == FIT_PART || fit == FIT_WHOLE) {
            *t = end;
            *p = at;
            return WILDCARD_YES;
        }
        if (fit == FIT_TOO_SHORT) {
            return WILDCARD_NO; /* and so is what is left behind any later place */
        }
        if (must_stop(m, end - *t + run.n)) {
            return WILDCARD_STOPPED;
        }
        *t = from + 1;
    }
}

static enum wildcard match(struct match *m)
{
    size_t t = 0, p = 0;
    enum fit head = fits(m, &t, &p);
    if (head != FIT_PART) {
        return answer(head == FIT_WHOLE);
    }
    while (skip_wildcards(m, &t, &p)) {
        if (p == m->pattern.n) {
            return WILDCARD_YES;
        }
        enum wildcard found = find_part(m, &t, &p);
        if (found != WILDCARD_YES || p == m->pattern.n) {
            return found;
        }
    }
    return WILDCARD_NO;
}

enum wildcard wildcard_like(struct str text, struct str pattern, struct str escape,
                            const struct wildcard_stop *stop)
{
    struct match m = {.text = text, .pattern = pattern, .escape = escape, .stop = stop};
    return match(&m);
}

bool wildcard_escape_fits(struct str pattern, struct str escape)
{
    size_t characters = 0, last = 0;
    for (size_t i = 0; i < escape.n; i++) {
        characters += (escape.p[i] & 0xC0) != 0x80;
    }
    while (escape.n && pattern.n >= escape.n && is_escape(pattern, pattern.n - escape.n, escape)) {
        pattern.n -= escape.n;
        last++;
    }
    return characters <= 1 && last % 2 == 0;
}

enum wildcard wildcard_glob(struct str text, struct str pattern, const struct wildcard_stop *stop)
{
    struct match m = {.text = text, .pattern = pattern, .is_glob = true, .stop = stop};
    return match(&m);
}
