/* Messages between the planes: JSON objects (RFC 8259) in the bodies of POST requests to
 * /planes/NAME and of their answers, on mutual TLS 1.3. What isn't a 200 has an error:
 * {"error": {"code", "message", "hint", "retry_s"}}. */
#ifndef PLANES_MESSAGE_H
#define PLANES_MESSAGE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "policy/principal.h"

enum {
    MESSAGE_MAX = 256 << 10,  /* bytes of a message */
    SNAPSHOT_MAX = 512 << 20, /* bytes of a snapshot's document */
    MESSAGE_ID_MAX = 256,     /* of an id, a name, an address */
    MESSAGE_WAIT_MAX_MS = 30000
};

/* Reads one. It fails once and is checked once: after a failure each read gives what is empty. */
struct reading {
    json_t *root;
    struct arena *a; /* what is read lies here */
    struct error *e;
    enum status status;
};
void reading_open(struct reading *r, struct str text, struct arena *a, struct error *e);
struct str read_text(struct reading *r, const char *name, size_t max); /* must be there */
int64_t read_number(struct reading *r, const char *name, int64_t least, int64_t most);
bool read_bool(struct reading *r, const char *name);
const json_t *read_object(struct reading *r, const char *name); /* valid until it is closed */
MUST_USE enum status reading_close(struct reading *r);          /* ERR_VALIDATION */

/* An error, and the same on the other side. What isn't an error's message becomes ERR_IO. */
void message_write_error(const struct error *why, struct buf *out);
enum status message_read_error(struct str text, int http_status, struct error *e);

/* Whom the control plane let in, and by what: proof, user_id, key_id, provider_id, environment,
 * base_role, scopes, expires_us and second_factor of the principal; `position` is where a snapshot
 * has what was decided by. */
void message_write_login(const struct principal *p, uint64_t position, struct buf *out);
MUST_USE enum status message_read_login(struct str text, struct arena *a, struct principal *p,
                                        uint64_t *position, struct error *e);

#endif
