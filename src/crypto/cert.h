/* Certificates for a start without a public authority: a private one of ours (EC P-256, ten years)
 * and a server certificate signed by it, for localhost, 127.0.0.1, ::1 and the host's name. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "base/error.h"

/* Makes ca.pem, ca.key, server.pem and server.key in the folder `dir` (keys with mode 0600). What
 * is there stays: the authority is made only where neither of its files is there, the server's pair
 * only where neither of its is. A half pair is ERR_CONFIG. `host` may be NULL: the machine's own
 * name. */
MUST_USE enum status cert_make(const char *dir, const char *host, struct error *e);

#endif
