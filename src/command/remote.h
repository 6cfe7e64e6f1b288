/* A control plane elsewhere, as whoever is signed in there (command/saved.h). HTTPS with TLS 1.3
 * alone; the server's certificate is always verified, by the system's authorities, those of the
 * sign-in, or its fingerprint. */
#ifndef COMMAND_REMOTE_H
#define COMMAND_REMOTE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"
#include "command/saved.h"

struct remote;

/* By the saved sign-in, which must be of `url` where that isn't NULL. Asks nothing of the server.
 */
MUST_USE enum status remote_open(const char *url, struct arena *a, struct remote **out,
                                 struct error *e);

/* One that isn't signed in: with `who`'s url, ca and fingerprint, which must outlive it. */
struct remote *remote_new(const struct saved *who, struct arena *a);
void remote_close(struct remote *r); /* NULL is allowed */

const struct saved *remote_saved(const struct remote *r);

/* An answer of whatever status; the JSON, NULL where it isn't any, is the caller's to free. */
struct remote_answer {
    int status;
    json_t *json;
};

/* `body` is JSON; STR_NULL: none. Blocks. FAIL where no answer came, or there is no credential. */
MUST_USE enum status remote_call(struct remote *r, const char *method, const char *path,
                                 struct str body, struct remote_answer *out, struct error *e);

/* The same without a credential. */
MUST_USE enum status remote_ask(struct remote *r, const char *method, const char *path,
                                struct str body, struct remote_answer *out, struct error *e);

/* What is an error in the server's own form becomes `e`, with its code and hint; `fault`, of the
 * arena, has the request's id and the field that it is about, NULL where there is none. OK where
 * the answer is no error. */
struct remote_fault {
    const char *request_id, *field, *constraint;
};
MUST_USE enum status remote_judge(struct remote *r, const struct remote_answer *answer,
                                  struct remote_fault *fault, struct error *e);

/* Is it "https://host" or "https://host:port"? In the arena without a slash at the end.
 * ERR_VALIDATION. */
MUST_USE enum status remote_url(const char *given, struct arena *a, const char **out,
                                struct error *e);

#endif
