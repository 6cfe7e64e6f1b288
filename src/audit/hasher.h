/* SHA-256 of many short texts, as the chain and the tree over it need it. One thread at a time. */
#ifndef AUDIT_HASHER_H
#define AUDIT_HASHER_H

#include "base/str.h"

enum { HASHER_SIZE = 32 };

struct hasher;
struct hasher *hasher_new(void);    /* never NULL */
void hasher_free(struct hasher *h); /* NULL is allowed */

/* The digest of the two parts in a row. */
void hasher_digest(struct hasher *h, struct str first, struct str second, uint8_t out[HASHER_SIZE]);

#endif
