/* "Did you mean": the nearest of the names that the caller may see. */
#ifndef SQL_BIND_SUGGEST_H
#define SQL_BIND_SUGGEST_H

#include "base/str.h"

struct suggestion {
    struct str wanted, text; /* text empty: nothing is near enough */
    unsigned distance;
};

struct suggestion suggestion_for(struct str wanted);

/* Offers `name`; `text` is what to show for it. The first of equally near ones stays. */
void suggestion_offer(struct suggestion *s, struct str name, struct str text);

#endif
