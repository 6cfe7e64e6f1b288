/* Keyword lookup: one probe or two of a table that is filled once, before main(), and only read
 * after. */
#include "sql/lex.h"

static const struct {
    struct str text;
    enum keyword_class class;
} keywords[] = {[KW_NONE] = {{"", 0}, KEYWORD_PLAIN},
#define X(word, where) [KW_##word] = {{#word, sizeof #word - 1}, KEYWORD_##where},
                KEYWORDS(X)
#undef X
};

enum { SLOTS = 1024, LONGEST = 17 /* CURRENT_TIMESTAMP */ };

static uint16_t slots[SLOTS]; /* enum keyword; 0 is free */

static inline unsigned char fold(char c)
{
    return (unsigned char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

static inline size_t slot_of(struct str w)
{
    size_t h = w.n * 137 + fold(w.p[0]) * 31u + fold(w.p[w.n / 2]) * 67u + fold(w.p[w.n - 1]) * 5u;
    return (h ^ (h >> 7) ^ (fold(w.p[1]) * 11u)) % SLOTS;
}

__attribute__((constructor)) static void fill_slots(void)
{
    for (int k = 1; k < KW_COUNT; k++) {
        size_t s = slot_of(keywords[k].text);
        while (slots[s]) {
            s = (s + 1) % SLOTS;
        }
        slots[s] = (uint16_t)k;
    }
}

static bool same_word(struct str word, struct str keyword)
{
    if (word.n != keyword.n) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (fold(word.p[i]) != (unsigned char)keyword.p[i]) {
            return false;
        }
    }
    return true;
}

enum keyword lex_keyword(struct str word)
{
    if (word.n < 2 || word.n > LONGEST) {
        return KW_NONE;
    }
    for (size_t s = slot_of(word); slots[s]; s = (s + 1) % SLOTS) {
        if (same_word(word, keywords[slots[s]].text)) {
            return (enum keyword)slots[s];
        }
    }
    return KW_NONE;
}

enum keyword_class lex_keyword_class(enum keyword word)
{
    return keywords[word].class;
}

struct str lex_keyword_text(enum keyword word)
{
    return keywords[word].text;
}
