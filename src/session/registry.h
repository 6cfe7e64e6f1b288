/* Who can be cancelled: from the number and secret of BackendKeyData to a session. Thread-safe. */
#ifndef SESSION_REGISTRY_H
#define SESSION_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

struct registry;
struct session;

struct registry *registry_new(void);
void registry_free(struct registry *r); /* NULL is allowed */

/* A number that no living connection has, and its random secret. */
int32_t registry_reserve(struct registry *r, uint32_t *secret);

/* From when a session may be cancelled until it may not any more; NULL: not now. When the call
 * returns, no cancel is under way on the session that was there before. */
void registry_set(struct registry *r, int32_t pid, struct session *s);

void registry_release(struct registry *r, int32_t pid);

/* Cancels where number and secret belong together. Takes the same time whatever the secret. */
bool registry_cancel(struct registry *r, int32_t pid, uint32_t secret);

#endif
