/* An entry's members, one after another, without a tree of them: for reading a few of many. */
#ifndef AUDIT_MEMBER_H
#define AUDIT_MEMBER_H

#include <stdbool.h>

#include "base/str.h"

struct member {
    struct str name;
    struct str value; /* of a plain string what is between its quotes, else JSON text */
    bool is_plain;    /* a string without escapes */
};

struct members {
    struct str line;
    size_t at;
    bool failed; /* the line isn't what members can be told from: JSON's parser must judge it */
};

/* Begins with a line. It fails where the line has white space between members, control characters
 * or what isn't UTF-8, as no line of the log has. */
void members_begin(struct members *m, struct str line);

/* The next member, in the line. False at the end, and once it failed. That what is behind is right
 * isn't known then. */
bool members_next(struct members *m, struct member *out);

#endif
