/* Edit distance (Wagner and Fischer, 1974) over names, without regard to ASCII case; names longer
 * than the limit are never suggested. */
#include "sql/bind_suggest.h"

#include <limits.h>

#define LONGEST 64

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

static unsigned distance(struct str x, struct str y)
{
    unsigned row[LONGEST + 1];
    if (x.n > LONGEST || y.n > LONGEST) {
        return UINT_MAX;
    }
    for (unsigned k = 0; k <= y.n; k++) {
        row[k] = k;
    }
    for (unsigned i = 1; i <= x.n; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned k = 1; k <= y.n; k++) {
            unsigned above = row[k];
            unsigned cost = fold(x.p[i - 1]) != fold(y.p[k - 1]);
            row[k] = least(above + 1, row[k - 1] + 1, diagonal + cost);
            diagonal = above;
        }
    }
    return row[y.n];
}

struct suggestion suggestion_for(struct str wanted)
{
    return (struct suggestion){.wanted = wanted, .distance = (unsigned)wanted.n / 2 + 1};
}

void suggestion_offer(struct suggestion *s, struct str name, struct str text)
{
    unsigned d = distance(s->wanted, name);
    if (d < s->distance && d <= 3) {
        s->distance = d;
        s->text = text;
    }
}
