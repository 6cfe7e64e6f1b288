/* A regular expression is compiled to a small program and run with backtracking that never visits a
 * place of the program at a place of the text twice, so the time is bounded by their product. */
#include "sql/pattern.h"

#include <stdint.h>

/* ---- the program ---- */

enum opcode { OP_BYTE, OP_SET, OP_SPLIT, OP_JUMP, OP_SAVE, OP_BEGIN, OP_END, OP_DONE };

enum { MOST_STEPS = 512, MOST_SETS = 32, DEEPEST = 32, MOST_CHOICES = 4000 };

struct step {
    enum opcode op;
    uint16_t x, y; /* of SPLIT the first and second choice, of JUMP where, of SAVE which, of SET its
                      index, of BYTE the byte */
};

struct program {
    struct step steps[MOST_STEPS];
    uint32_t sets[MOST_SETS][8];
    size_t n, set_count, groups;
    struct str rest; /* of the pattern */
    int depth;
    bool bad;
};

static size_t emit(struct program *p, enum opcode op, size_t x, size_t y)
{
    if (p->n == MOST_STEPS) {
        p->bad = true;
        return 0;
    }
    p->steps[p->n] = (struct step){op, (uint16_t)x, (uint16_t)y};
    return p->n++;
}

static bool take(struct program *p, char c)
{
    if (p->rest.n == 0 || p->rest.p[0] != c) {
        return false;
    }
    p->rest = (struct str){p->rest.p + 1, p->rest.n - 1};
    return true;
}

static unsigned char next(struct program *p)
{
    if (p->rest.n == 0) {
        p->bad = true;
        return 0;
    }
    unsigned char c = (unsigned char)p->rest.p[0];
    p->rest = (struct str){p->rest.p + 1, p->rest.n - 1};
    return c;
}

static void add_range(uint32_t *set, unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to; c++) {
        set[c / 32] |= 1u << (c % 32);
    }
}

/* \d \w \s and, in upper case, all others. False for another letter. */
static bool add_named(uint32_t *set, unsigned char c)
{
    uint32_t own[8] = {0};
    switch (c | 0x20) {
    case 'd':
        add_range(own, '0', '9');
        break;
    case 'w':
        add_range(own, '0', '9');
        add_range(own, 'a', 'z');
        add_range(own, 'A', 'Z');
        add_range(own, '_', '_');
        break;
    case 's':
        add_range(own, '\t', '\r');
        add_range(own, ' ', ' ');
        break;
    default:
        return false;
    }
    for (int i = 0; i < 8; i++) {
        set[i] |= c & 0x20 ? own[i] : ~own[i];
    }
    return true;
}

static bool is_alphanumeric(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static uint32_t *new_set(struct program *p)
{
    if (p->set_count == MOST_SETS) {
        p->bad = true;
        return p->sets[0];
    }
    emit(p, OP_SET, p->set_count, 0);
    return p->sets[p->set_count++];
}

static void set_of_brackets(struct program *p)
{
    uint32_t *set = new_set(p);
    bool negated = take(p, '^'), first = true;
    while (!p->bad && (first || p->rest.n == 0 || p->rest.p[0] != ']')) {
        unsigned char c = next(p);
        first = false;
        if (c == '\\') {
            c = next(p);
            if (add_named(set, c)) {
                continue;
            }
            p->bad |= is_alphanumeric(c);
        }
        p->bad |= c == '[' && p->rest.n && p->rest.p[0] == ':';
        unsigned char to = c;
        if (p->rest.n > 1 && p->rest.p[0] == '-' && p->rest.p[1] != ']') {
            next(p);
            to = next(p);
        }
        p->bad |= to < c;
        add_range(set, c, to < c ? c : to);
    }
    take(p, ']');
    for (int i = 0; negated && i < 8; i++) {
        set[i] = ~set[i];
    }
}

static void alternatives(struct program *p);

static void group(struct program *p)
{
    bool is_kept = true;
    size_t number = 0;
    if (take(p, '?')) {
        p->bad |= !take(p, ':');
        is_kept = false;
    } else {
        number = ++p->groups;
        p->bad |= number >= PATTERN_GROUPS;
        emit(p, OP_SAVE, 2 * number, 0);
    }
    p->bad |= ++p->depth > DEEPEST;
    alternatives(p);
    p->depth--;
    p->bad |= !take(p, ')');
    if (is_kept) {
        emit(p, OP_SAVE, 2 * number + 1, 0);
    }
}

static void atom(struct program *p)
{
    unsigned char c = next(p);
    switch (c) {
    case '(':
        group(p);
        return;
    case '[':
        set_of_brackets(p);
        return;
    case '.':
        add_range(new_set(p), 0, 255);
        return;
    case '^':
        emit(p, OP_BEGIN, 0, 0);
        return;
    case '$':
        emit(p, OP_END, 0, 0);
        return;
    case '\\':
        c = next(p);
        if (is_alphanumeric(c)) {
            p->bad |= !add_named(new_set(p), c);
            return;
        }
        break;
    case '*':
    case '+':
    case '?':
    case '{':
        p->bad = true;
        return;
    default:
        break;
    }
    emit(p, OP_BYTE, c, 0);
}

/* Room for one step before `at`: places behind it move. */
static void insert(struct program *p, size_t at)
{
    emit(p, OP_JUMP, 0, 0);
    for (size_t i = p->n - 1; !p->bad && i > at; i--) {
        p->steps[i] = p->steps[i - 1];
        bool has_places = p->steps[i].op == OP_SPLIT || p->steps[i].op == OP_JUMP;
        p->steps[i].x += has_places && p->steps[i].x >= at;
        p->steps[i].y += p->steps[i].op == OP_SPLIT && p->steps[i].y >= at;
    }
}

static void split(struct program *p, size_t at, size_t on, size_t behind, bool lazy)
{
    if (!p->bad) {
        p->steps[at] =
            (struct step){OP_SPLIT, (uint16_t)(lazy ? behind : on), (uint16_t)(lazy ? on : behind)};
    }
}

static void repeated(struct program *p)
{
    size_t from = p->n;
    atom(p);
    if (p->bad || p->rest.n == 0 || !strchr("*+?", p->rest.p[0])) {
        p->bad |= p->rest.n && p->rest.p[0] == '{'; /* counted: no name needs it */
        return;
    }
    unsigned char how = next(p);
    bool lazy = take(p, '?');
    if (how == '+') {
        size_t at = emit(p, OP_SPLIT, 0, 0);
        split(p, at, from, p->n, lazy);
        return;
    }
    insert(p, from);
    if (how == '*') {
        emit(p, OP_JUMP, from, 0);
    }
    split(p, from, from + 1, p->n, lazy);
}

static void sequence(struct program *p)
{
    while (!p->bad && p->rest.n && p->rest.p[0] != '|' && p->rest.p[0] != ')') {
        repeated(p);
    }
}

static void alternatives(struct program *p)
{
    size_t from = p->n;
    sequence(p);
    while (!p->bad && take(p, '|')) {
        insert(p, from);
        size_t jump = emit(p, OP_JUMP, 0, 0);
        split(p, from, from + 1, p->n, false);
        /* The other choices are one, behind the jump. */
        size_t other = p->n;
        sequence(p);
        if (!p->bad) {
            p->steps[jump].x = (uint16_t)p->n;
            from = other;
        }
    }
}

/* ---- its run ---- */

struct run {
    const struct program *p;
    struct str text;
    bool whole;
    uint32_t seen[MOST_STEPS * (PATTERN_LONGEST + 1) / 32 + 1];
    size_t saved[2 * PATTERN_GROUPS];
    int choices; /* open, one within the other */
    bool gave_up;
};

static bool visited(struct run *r, size_t at, size_t place)
{
    size_t bit = at * (PATTERN_LONGEST + 1) + place;
    bool was = r->seen[bit / 32] >> (bit % 32) & 1;
    r->seen[bit / 32] |= 1u << (bit % 32);
    return was;
}

static bool follow(struct run *r, size_t at, size_t place);

/* The only recursion, and bounded. */
static bool choose(struct run *r, size_t at, size_t place)
{
    r->gave_up |= r->choices == MOST_CHOICES;
    if (r->gave_up) {
        return false;
    }
    r->choices++;
    bool found = follow(r, at, place);
    r->choices--;
    return found;
}

static bool follow(struct run *r, size_t at, size_t place)
{
    for (;;) {
        const struct step *s = &r->p->steps[at];
        bool in_text = place < r->text.n;
        unsigned char c = in_text ? (unsigned char)r->text.p[place] : 0;
        if (visited(r, at, place)) {
            return false;
        }
        switch (s->op) {
        case OP_BYTE:
            if (!in_text || c != s->x) {
                return false;
            }
            place++;
            at++;
            break;
        case OP_SET:
            if (!in_text || !(r->p->sets[s->x][c / 32] >> (c % 32) & 1)) {
                return false;
            }
            place++;
            at++;
            break;
        case OP_BEGIN:
        case OP_END:
            if (place != (s->op == OP_BEGIN ? 0 : r->text.n)) {
                return false;
            }
            at++;
            break;
        case OP_JUMP:
            at = s->x;
            break;
        case OP_SPLIT:
            if (choose(r, s->x, place)) {
                return true;
            }
            at = s->y;
            break;
        case OP_SAVE: {
            size_t before = r->saved[s->x];
            r->saved[s->x] = place;
            if (choose(r, at + 1, place)) {
                return true;
            }
            r->saved[s->x] = before;
            return false;
        }
        case OP_DONE:
            return !r->whole || place == r->text.n;
        }
    }
}

enum pattern_result pattern_regex(struct str text, struct str pattern, bool whole,
                                  struct str groups[PATTERN_GROUPS])
{
    struct program p = {.rest = pattern};
    struct run r = {.p = &p, .text = text, .whole = whole};
    if (pattern.n > PATTERN_LONGEST || text.n > PATTERN_LONGEST) {
        return PATTERN_BAD;
    }
    emit(&p, OP_SAVE, 0, 0);
    alternatives(&p);
    emit(&p, OP_SAVE, 1, 0);
    emit(&p, OP_DONE, 0, 0);
    if (p.bad || p.rest.n) {
        return PATTERN_BAD;
    }
    for (int i = 0; i < 2 * PATTERN_GROUPS; i++) {
        r.saved[i] = SIZE_MAX;
    }
    for (size_t from = 0; from <= (whole ? 0 : text.n); from++) {
        if (!follow(&r, 0, from)) {
            continue;
        }
        for (int i = 0; i < PATTERN_GROUPS; i++) {
            bool is_set = r.saved[2 * i] != SIZE_MAX && r.saved[2 * i + 1] != SIZE_MAX;
            groups[i] =
                is_set ? (struct str){text.p + r.saved[2 * i], r.saved[2 * i + 1] - r.saved[2 * i]}
                       : STR("");
        }
        return PATTERN_YES;
    }
    return r.gave_up ? PATTERN_BAD : PATTERN_NO;
}
