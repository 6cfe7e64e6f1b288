/* Whom a process is for AWS, as AWS's own tools find it out, in this order:
 *   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   the container's: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with
 *     AWS_CONTAINER_AUTHORIZATION_TOKEN or _TOKEN_FILE
 *   the instance's role (IMDSv2), unless AWS_EC2_METADATA_DISABLED is true
 * Neither files of a home folder nor web identities are looked at. */
#ifndef NET_AWS_CREDENTIALS_H
#define NET_AWS_CREDENTIALS_H

#include <stdint.h>

#include "base/error.h"

struct aws_chain;

struct aws_credentials {
    char key[512];    /* "ID:SECRET" */
    char token[4096]; /* of the session; "": none */
    int64_t until_us; /* wall time; INT64_MAX: no end is known */
};

/* Asks nothing yet. Never NULL. */
struct aws_chain *aws_chain_new(void);
void aws_chain_free(struct aws_chain *c); /* NULL is allowed */

/* Those that hold, asked for again five minutes before they end. ERR_CONFIG: there are none;
 * ERR_IO: the service that has them doesn't answer. The caller wipes *out. Blocks; used by one
 * thread at a time. */
MUST_USE enum status aws_credentials_get(struct aws_chain *c, struct aws_credentials *out,
                                         struct error *e);

/* AWS_REGION, else AWS_DEFAULT_REGION, else "us-east-1". */
const char *aws_region(void);

#endif
