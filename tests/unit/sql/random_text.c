#include "random_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_grammar.h"

enum { MOST_DEEP = 7, PRODUCTIONS = sizeof productions / sizeof *productions };

struct writer {
    struct random_text from;
    unsigned dialect; /* S, P or D */
    bool by_bytes;
    struct buf *out;
};

static uint32_t draw(struct writer *w, uint32_t below)
{
    if (w->by_bytes) {
        struct str *left = &w->from.choices;
        uint32_t choice = left->n ? (uint8_t)*left->p % below : 0;
        left->p += left->n ? 1 : 0;
        left->n -= left->n ? 1 : 0;
        return choice;
    }
    w->from.seed = w->from.seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->from.seed >> 33) % below);
}

/* The productions of a name that the dialect has. */
static size_t candidates(const struct writer *w, struct str name, const struct production **out)
{
    size_t n = 0;
    for (size_t i = 0; i < PRODUCTIONS; i++) {
        const char *has = productions[i].name;
        if ((productions[i].dialects & w->dialect) && *has == *name.p && str_is(name, has)) {
            out[n++] = &productions[i];
        }
    }
    if (n == 0) {
        fprintf(stderr, "no production %.*s\n", STR_ARG(name));
        abort();
    }
    return n;
}

static void write_any(struct writer *w, struct str name, int depth);

static void write_text(struct writer *w, const char *text, int depth)
{
    for (const char *at = text; *at; at++) {
        if (*at != '%') {
            buf_u8(w->out, (uint8_t)*at);
        } else if (at[1] == '%') {
            buf_u8(w->out, '%');
            at++;
        } else {
            size_t n = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
            write_any(w, (struct str){at + 1, n}, depth + 1);
            at += n;
        }
    }
}

static void write_any(struct writer *w, struct str name, int depth)
{
    const struct production *of_name[PRODUCTIONS];
    size_t n = candidates(w, name, of_name);
    /* Deep down what only ends is still drawn among all. */
    bool ends = depth > MOST_DEEP && strchr(of_name[0]->text, '%') == NULL;
    size_t choice = depth <= MOST_DEEP ? draw(w, (uint32_t)n) : 0;
    if (ends) {
        size_t other = draw(w, (uint32_t)n);
        choice = strchr(of_name[other]->text, '%') ? 0 : other;
    }
    write_text(w, of_name[choice]->text, depth);
}

void random_statement(struct random_text from, struct buf *out)
{
    unsigned dialect = from.dialect == DIALECT_SNOWFLAKE  ? S
                       : from.dialect == DIALECT_POSTGRES ? P
                                                          : D;
    struct writer w = {
        .from = from, .dialect = dialect, .by_bytes = from.choices.n > 0, .out = out};
    write_any(&w, STR("statement"), 0);
}
