/* Sends alerts to the operator's own addresses, by POST, signed. https, or http to loopback; no
 * redirect is followed, no address but the configuration's is ever asked. docs/alerts.md has the
 * form. */
#ifndef ALERT_WEBHOOK_H
#define ALERT_WEBHOOK_H

#include "base/error.h"
#include "base/str.h"

enum { WEBHOOKS_MAX = 8, WEBHOOK_SECRET_MAX = 256 };

struct webhooks;

/* `urls` with a comma between them; none is allowed. The secret is in `secret_file` (mode 0600, at
 * least 16 bytes, white space at its end is none of it); `ca_file` as in http_client.h. ERR_CONFIG
 * names what is wrong. */
MUST_USE enum status webhooks_start(const char *urls, const char *secret_file, const char *ca_file,
                                    struct webhooks **out, struct error *e);
void webhooks_stop(struct webhooks *w); /* tries what waits once more; NULL is allowed */

/* To each; never blocks. `body` is JSON. */
void webhooks_send(struct webhooks *w, struct str body);

/* "t=SECONDS,v1=HEX": HMAC-SHA-256 under the secret of SECONDS, a point, and the body. */
void webhook_sign(struct str secret, int64_t seconds, struct str body, char out[128]);

#endif
