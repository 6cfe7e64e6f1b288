#include "base/regex_cost.h"

#include <ctype.h>
#include <string.h>

enum { MOST_NESTED = 256, CLASS_SIZE = 4, PROPERTY_SIZE = 16, SMALL = 24 };

/* RE2 refuses what is larger than some millions of bytes. */
#define HUGE_SIZE 1e9

struct group {
    double size;
    bool is_open; /* holds a repetition without an end */
    bool has_branches;
};

struct reading {
    struct str s;
    size_t at;
    struct group groups[MOST_NESTED];
    size_t depth;
    struct group last; /* what a quantifier would be for */
    bool rescans;
};

static bool looks_at(const struct reading *r, const char *text)
{
    return str_starts((struct str){r->s.p + r->at, r->s.n - r->at}, text);
}

/* The last part is one that nothing more is for. */
static void settle(struct reading *r)
{
    struct group *g = &r->groups[r->depth];
    g->size += r->last.size;
    g->is_open |= r->last.is_open;
    r->last = (struct group){0};
}

static void part(struct reading *r, double size)
{
    settle(r);
    r->last.size = size;
}

/* {n}, {n,} and {n,m}, behind the brace; false where it is none and the brace stands for itself. */
static bool read_counts(struct reading *r, double *times, bool *has_end)
{
    size_t at = r->at + 1, digits = 0;
    double n[2] = {0, 0};
    int i = 0;
    for (; at < r->s.n && r->s.p[at] != '}'; at++) {
        if (isdigit((unsigned char)r->s.p[at]) && n[i] < HUGE_SIZE) {
            n[i] = n[i] * 10 + (r->s.p[at] - '0');
            digits += i == 0;
        } else if (r->s.p[at] == ',' && i == 0) {
            i = 1;
        } else {
            return false;
        }
    }
    if (at == r->s.n || digits == 0) {
        return false;
    }
    *has_end = i == 0 || r->s.p[at - 1] != ',';
    *times = i == 1 && *has_end ? n[1] : n[0] + !*has_end;
    r->at = at;
    return true;
}

static void repeat(struct reading *r, double times, bool has_end)
{
    r->rescans |= r->last.is_open;
    r->last.size = r->last.size * (times > 1 ? times : 1) + 1;
    r->last.is_open |= !has_end;
    if (r->at + 1 < r->s.n && r->s.p[r->at + 1] == '?') {
        r->at++; /* as few as will do */
    }
}

static void skip_class(struct reading *r)
{
    size_t first = r->at + 1;
    first += first < r->s.n && r->s.p[first] == '^';
    for (r->at = first; r->at < r->s.n && (r->s.p[r->at] != ']' || r->at == first); r->at++) {
        if (r->s.p[r->at] == '\\') {
            r->at++;
        } else if (looks_at(r, "[:")) {
            const char *end = memmem(r->s.p + r->at, r->s.n - r->at, ":]", 2);
            r->at = end ? (size_t)(end - r->s.p) + 1 : r->at;
        }
    }
}

static void escape(struct reading *r)
{
    char c = r->at + 1 < r->s.n ? r->s.p[r->at + 1] : 0;
    if (c == 'Q') {
        const char *end = memmem(r->s.p + r->at, r->s.n - r->at, "\\E", 2);
        size_t stop = end ? (size_t)(end - r->s.p) + 1 : r->s.n;
        part(r, (double)(stop - r->at));
        r->at = stop;
        return;
    }
    part(r, c == 'p' || c == 'P' ? PROPERTY_SIZE : isalpha((unsigned char)c) ? CLASS_SIZE : 1);
    r->at++;
    if ((c == 'p' || c == 'P' || c == 'x') && r->at + 1 < r->s.n && r->s.p[r->at + 1] == '{') {
        const char *end = memchr(r->s.p + r->at, '}', r->s.n - r->at);
        r->at = end ? (size_t)(end - r->s.p) : r->at;
    }
}

/* A group, or the whole, whose branches differ in how far they look. */
static struct group closed(struct reading *r)
{
    settle(r);
    struct group *g = &r->groups[r->depth];
    r->rescans |= g->is_open && g->has_branches;
    return *g;
}

static void step(struct reading *r)
{
    double times = 1;
    bool has_end = false;
    switch (r->s.p[r->at]) {
    case '(':
        settle(r);
        r->groups[++r->depth] = (struct group){.size = 1};
        break;
    case ')':
        if (r->depth > 0) {
            struct group g = closed(r);
            r->depth--;
            r->last = (struct group){g.size, g.is_open, false};
        }
        break;
    case '|':
        part(r, 1);
        settle(r);
        r->groups[r->depth].has_branches = true;
        break;
    case '*':
    case '+':
        repeat(r, 1, false);
        break;
    case '?':
        repeat(r, 1, true);
        break;
    case '{':
        if (read_counts(r, &times, &has_end)) {
            repeat(r, times, has_end);
        } else {
            part(r, 1);
        }
        break;
    case '[':
        skip_class(r);
        part(r, CLASS_SIZE);
        break;
    case '\\':
        escape(r);
        break;
    default:
        part(r, r->s.p[r->at] == '.' ? CLASS_SIZE : 1);
    }
}

struct regex_cost regex_cost_of(struct str pattern)
{
    struct reading r = {.s = pattern};
    for (; r.at < r.s.n; r.at++) {
        if (r.depth + 1 == MOST_NESTED) {
            return (struct regex_cost){HUGE_SIZE, true};
        }
        step(&r);
    }
    while (r.depth > 0) { /* what isn't closed is no pattern, and costs what it would */
        struct group g = closed(&r);
        r.depth--;
        r.last = (struct group){g.size, g.is_open, false};
    }
    double size = closed(&r).size;
    return (struct regex_cost){size < HUGE_SIZE ? size : HUGE_SIZE, r.rescans};
}

double regex_steps(struct regex_cost cost, size_t bytes, bool all)
{
    double n = (double)bytes, once = n * cost.size;
    /* A small pattern is a table of few states, read by the byte. */
    double square = n * n / 4 * (cost.size <= SMALL ? 1 : cost.size / 4);
    return all && cost.rescans && square > once ? square : once;
}
