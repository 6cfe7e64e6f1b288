/* Sixteen bytes are compared at once, as a vector of the compiler's: in 0xFF each says "here".
 * There is one formula for each sought, over the bytes and their neighbours. Whole windows are
 * made, so that the formula's constants are loaded once for many bytes. */
#include "audit/redact_next.h"

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t block __attribute__((vector_size(16)));

enum { BLOCK = sizeof(block), PART = 64, BEFORE = 2, AFTER = 1 /* neighbours */ };

#define INLINE static inline __attribute__((always_inline))

static inline block load(const char *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return b;
}

#define IS_DIGIT(c) (block)((c) - '0' < 10)

static inline block tokens_at(const char *p)
{
    block c = load(p);
    block opens = (block)(c - '\'' < 2);             /* or '(' */
    block marks = (block)((c | ('-' ^ '/')) == '/'); /* or '-' */
    return (block)(c == '"') | (block)(c == '$') | (block)(c == '|') | opens | marks;
}

/* The last two letters before the mark of an issued key: h. and x., and of sk, rk, at, pm, ec, ak,
 * ub, pi, kr and op twice the second letter, as a byte, XOR the first. */
static inline block issued_at(const char *p)
{
    block first = load(p - 2) | 0x20, second = load(p - 1) | 0x20;
    block pair = (second + second) ^ first;
    return (block)(first == 'h') | (block)(first == 'x') | (block)(pair - 162 < 4) |
           (block)(pair == 137) | (block)(pair == 143) | (block)(pair == 170) |
           (block)(pair == 177) | (block)(pair == 183);
}

static inline block anchors_at(const char *p)
{
    block before = load(p - 1), here = load(p), after = load(p + 1);
    block assigns = (block)(here == '=') | (block)(here == ':');
    block opens = (block)(here == '+') | (block)(here == '(');
    block into_number = IS_DIGIT(after) | (block)(after == '(');
    block marks = (block)(here == '_') | (block)(here == '-');
    block jwt = (block)(here == 'J') & (block)(before == 'y');
    block cloud = (block)(here == 'I') &
                  ((block)(before == 'K') | (block)(before == 'S') | (block)(before == 'A'));
    block word = (block)((here | 0x20) == 'b') & (block)((after | 0x20) == 'e');
    return (block)(here == '@') | assigns | IS_DIGIT(here) | (opens & into_number) |
           (marks & issued_at(p)) | jwt | cloud | word;
}

static inline block secret_letters_at(const char *p)
{
    block here = load(p) | 0x20, after = load(p + 1) | 0x20;
#define PAIR(a, b) ((block)(here == (a)) & (block)(after == (b)))
    return PAIR('s', 's') | PAIR('w', 'd') | PAIR('c', 'r') | PAIR('k', 'e') | PAIR('a', 'u') |
           PAIR('i', 'g') | PAIR('n', 'n');
#undef PAIR
}

/* A bit for each byte of the block. */
static inline uint64_t bits_of(block found)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8((__m128i)found);
#else
    uint64_t half[2], bits = 0;
    memcpy(half, &found, sizeof half);
    for (int i = 0; i < 2; i++) { /* the n-th bit of the n-th byte, all into one byte */
        half[i] = (le64toh(half[i]) & 0x8040201008040201) * 0x0101010101010101 >> 56;
        bits |= half[i] << 8 * i;
    }
    return bits;
#endif
}

INLINE uint64_t found_at(const char *p, enum redact_sought sought)
{
    uint64_t bits = 0;
    for (int i = 0; i < PART; i += BLOCK) {
        block found = sought == SOUGHT_TOKEN    ? tokens_at(p + i)
                      : sought == SOUGHT_ANCHOR ? anchors_at(p + i)
                                                : secret_letters_at(p + i);
        bits |= bits_of(found) << i;
    }
    return bits;
}

/* Bytes at the text's ends, whose neighbours are missing, count as found. */
INLINE void look(struct redact_cursor *c, size_t at, enum redact_sought sought)
{
    const size_t before = sought == SOUGHT_ANCHOR ? BEFORE : 0;
    const size_t after = sought == SOUGHT_TOKEN ? 0 : AFTER;
    struct str s = c->text;
    char copy[BEFORE + 2 * PART + AFTER]; /* of a text shorter than a part; NUL is never sought */
    bool is_short = s.n < before + PART + after;
    if (is_short) {
        memset(copy, 0, sizeof copy);
        memcpy(copy + BEFORE, s.p, s.n);
    }
    const char *p = is_short ? copy + BEFORE : s.p;
    size_t first = is_short ? 0 : before, last = is_short ? PART : s.n - PART - after;
    for (int i = 0; i < REDACT_PARTS; i++, at += PART) {
        c->found[i] = 0;
        if (at >= s.n) {
            continue;
        }
        size_t from = at < first ? first : at > last ? last : at;
        uint64_t bits = found_at(p + from, sought);
        if (from > at) {
            bits = bits << (from - at) | ((1 << (from - at)) - 1);
        } else if (from < at) {
            bits = at - from < PART ? bits >> (at - from) : 0;
            bits |= (uint64_t)after << (s.n - 1 - at);
        }
        c->found[i] = bits;
    }
}

/* A loop for each. */
static void fill(struct redact_cursor *c, size_t at)
{
    switch (c->sought) {
    case SOUGHT_TOKEN:
        look(c, at, SOUGHT_TOKEN);
        break;
    case SOUGHT_ANCHOR:
        look(c, at, SOUGHT_ANCHOR);
        break;
    case SOUGHT_SECRET_LETTERS:
        look(c, at, SOUGHT_SECRET_LETTERS);
        break;
    }
}

/* The first in the window from `at` on, which is in it; its end: none. */
static size_t next_in_window(const struct redact_cursor *c, size_t at)
{
    size_t i = (at - c->window) / PART;
    uint64_t found = c->found[i] >> (at - c->window) % PART << (at - c->window) % PART;
    while (!found && ++i < REDACT_PARTS) {
        found = c->found[i];
    }
    return found ? c->window + PART * i + (size_t)__builtin_ctzll(found) : c->end;
}

size_t redact_next_window(struct redact_cursor *c, size_t at)
{
    if (at < c->from || at >= c->end) {
        c->window = c->end = at;
    }
    c->from = at;
    at = at < c->window ? c->window : at;
    while (at < c->text.n) {
        size_t next = at < c->end ? next_in_window(c, at) : c->end;
        if (next < c->end) {
            return next;
        }
        c->window = at = c->end;
        c->end += REDACT_PARTS * PART;
        fill(c, at);
    }
    return c->text.n;
}
