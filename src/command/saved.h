/* The saved sign-in: which control plane, how it is known, and the credential. One file,
 * $XDG_CONFIG_HOME/hatidata/sign-in.json (else under ~/.config), of mode 0600 in a folder of mode
 * 0700. What others may read, or what is another's, is refused. */
#ifndef COMMAND_SAVED_H
#define COMMAND_SAVED_H

#include "base/arena.h"
#include "base/error.h"

/* Texts of the arena; NULL where it has none. */
struct saved {
    const char *url;         /* "https://host:8443", without a slash at the end */
    const char *ca;          /* PEM of the authorities; NULL: the system's */
    const char *fingerprint; /* of the server's certificate, as in net/http_client.h */
    const char *user;        /* e-mail, user id or agent */
    const char *organization_id, *organization, *environment;
    const char *refresh_token; /* of a sign-in by password */
    const char *access_token;  /* what it was last exchanged for */
    int64_t access_ends;       /* seconds since 1970 */
    const char *api_key_file;  /* in place of the tokens: the key stays where it is */
};

/* Is there one? Asks no more than whether the file is there. */
bool saved_exists(void);

/* ERR_NOT_FOUND: there is none; ERR_VALIDATION: it isn't protected, or is no sign-in. */
MUST_USE enum status saved_load(struct arena *a, struct saved *out, struct error *e);

/* Makes the folder, with those above it, and checks it: before anything is asked of anybody. */
MUST_USE enum status saved_prepare(struct error *e);

/* In the place of what was there, at once or not at all, and durable. The folder must be prepared.
 */
MUST_USE enum status saved_store(const struct saved *s, struct error *e);
MUST_USE enum status saved_remove(struct error *e); /* fine where there is none */

/* One command at a time from here to saved_unlock(): waits for its turn. -1 after FAIL. */
MUST_USE enum status saved_lock(int *lock, struct error *e);
void saved_unlock(int lock); /* -1 is allowed */

/* Where it lies, for messages. */
const char *saved_path(struct arena *a);

/* Refuses a file that is another's or that others may read: `fd` of `path`. */
MUST_USE enum status saved_check_private(int fd, const char *path, struct error *e);

#endif
