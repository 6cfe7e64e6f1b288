/* Who can be cancelled: from the number and key of BackendKeyData to a session. Thread-safe. */
#ifndef SESSION_REGISTRY_H
#define SESSION_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "wire/startup.h"

struct registry;
struct session;

struct registry *registry_new(void);
void registry_free(struct registry *r); /* NULL is allowed */

/* A number that no living connection has, and a random key of `key_size` bytes. */
int32_t registry_reserve(struct registry *r, size_t key_size, struct cancel_key *key);

/* From when a session may be cancelled until it may not any more; NULL: not now. When the call
 * returns, no cancel is under way on the session that was there before. */
void registry_set(struct registry *r, int32_t pid, struct session *s);

/* Whose session it is (texts are copied), and how one that is asked to is ended: `end` is called on
 * any thread and must not call anything of this file. */
struct registry_owner {
    struct str org_id, user, environment, address;
    void (*end)(void *ctx, int32_t pid);
    void *ctx;
};
void registry_name(struct registry *r, int32_t pid, const struct registry_owner *owner);

/* The sessions of the same user in the same environment, in no order; in the arena. */
struct other_session;
size_t registry_list(struct registry *r, const struct registry_owner *owner, struct arena *a,
                     struct other_session **out);

void registry_release(struct registry *r, int32_t pid);

/* Cancels where number and key belong together. Takes the same time whatever the key. */
bool registry_cancel(struct registry *r, int32_t pid, const struct cancel_key *key);

/* Cancels what a session runs, or ends it, for another session. */
struct registry_asker {
    struct str org_id, user;
    bool of_all; /* of the organization, and not of the user alone */
};
enum registry_answer { REGISTRY_DONE, REGISTRY_UNKNOWN, REGISTRY_DENIED };
/* A number of another organization is not known. */
enum registry_answer registry_signal(struct registry *r, int32_t pid,
                                     const struct registry_asker *who, bool ends);

#endif
