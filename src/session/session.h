/* A session: what a client has after its login. It takes whole messages and fills a queue of
 * replies; it knows nothing of sockets.
 *
 * Used by one thread at a time, but for what says that any may call it. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdatomic.h>

#include "base/buf.h"
#include "pipeline/pipeline.h"
#include "session/replies.h"
#include "wire/startup.h"

struct identity;
struct session;
struct advisory;
struct registry;

/* What all sessions of a server share. */
struct session_env {
    struct pipeline *pipeline;
    struct identity *identity;
    struct held_limits *held;
    const char *version;
    int64_t started_us; /* since 1970 UTC */
    struct advisory *locks;
    struct registry *registry;
    size_t max_message;
    size_t max_statements;
    int64_t idle_in_transaction_ms; /* of new sessions; 0: none */
};

/* A verified principal and the role that he acts with, counted: the session and the periodic check
 * hold it. With another role it is another login. */
struct login {
    atomic_int holders;
    struct arena *arena;
    const struct principal *principal;
};
struct login *login_new(void); /* held once, without a principal */
struct login *login_hold(struct login *l);
void login_drop(struct login *l); /* NULL is allowed */

/* Verifies the secret and opens the session; its replies then begin with AuthenticationOk and end
 * with ReadyForQuery. Blocks. `start` may go afterwards. */
MUST_USE enum status session_open(const struct session_env *env, const struct startup *start,
                                  struct str secret, const char *source_ip, int32_t pid,
                                  const struct cancel_key *key, struct session **out,
                                  struct error *e);
void session_close(struct session *s); /* blocks: rolls back what is open. NULL is allowed */

/* Where whole messages are put for the next session_run(). */
struct buf *session_input(struct session *s);
bool session_has_input(const struct session *s);

/* Handles what is in the input, until it is used up or many replies wait. Blocks. */
void session_run(struct session *s);

/* As session_run(), but every statement gets this error: the server is too busy. */
void session_refuse(struct session *s, const struct error *why);

/* Has it stopped before a lock that another session holds? Then it goes on with the next
 * session_run(), for which `wake` asks, once and on any thread, when the lock is there, the wait
 * has expired or the session is cancelled. */
bool session_waits(const struct session *s);
void session_arm(struct session *s, void (*wake)(void *ctx), void *ctx);
int64_t session_wait_ms(const struct session *s); /* until it expires; 0: never */
void session_wait_expired(struct session *s);

struct replies *session_replies(struct session *s);

/* Adds a last error and ends the session: FATAL. */
void session_fatal(struct session *s, const struct error *why);

/* For admission: whose it is, how urgent what waits is, and how many of his may run at once. Not
 * while it runs; the last may read the store. */
struct str session_org(const struct session *s);
struct str session_environment(const struct session *s);
struct str session_user(const struct session *s); /* or the key, where nobody stands behind it */
const char *session_priority(const struct session *s);
int64_t session_concurrency(const struct session *s);

bool session_is_ending(const struct session *s);     /* close it when the replies are sent */
struct login *session_hold_login(struct session *s); /* any thread; drop it afterwards */

/* How long it may wait for its client now, in milliseconds; 0: for ever. */
int64_t session_idle_ms(const struct session *s);
void session_idle_expired(struct session *s); /* FATAL 25P03 */

/* Stops what runs, or what is about to. Any thread. */
void session_cancel(struct session *s);

/* Stops what runs, or is about to, under a login that doesn't hold any more; nothing where the
 * session has got another since. Any thread. */
void session_overtake(struct session *s, const struct login *l);

/* A job has ended: a cancel that came too late for it must not stop the next. */
void session_forget_cancel(struct session *s);

#endif
