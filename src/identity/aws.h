/* Sign-in by AWS identity: the client signs a GetCallerIdentity request (AWS Signature Version 4)
 * and gives it to us instead of sending it; we send one that is rebuilt from what was signed, and
 * AWS tells who signed. Nothing of the client's decides where the request goes or what it asks: the
 * parts are compared with what they must be, and made anew. No network here.
 *
 * The token: "hd_aws_" and base64url of {"method", "url", "headers", "body"}; see
 * docs/federation.md. */
#ifndef IDENTITY_AWS_H
#define IDENTITY_AWS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/row.h"

#define AWS_TOKEN_PREFIX "hd_aws_"
#define AWS_BODY         "Action=GetCallerIdentity&Version=2011-06-15"
#define AWS_SERVER_ID    "x-hatidata-server-id"

enum {
    AWS_TOKEN_MAX = 16 * 1024,
    AWS_REPLY_MAX = 64 * 1024,
    AWS_HEADERS_MAX = 8,
    AWS_AGE_S = 15 * 60, /* AWS's own limit of a signature's age */
    AWS_AHEAD_S = 60
};

/* A request as we send it. */
struct aws_request {
    struct str region;                    /* that the signature is for */
    struct str server_id;                 /* which server the client meant: the audience */
    const char *url;                      /* "https://sts.eu-central-1.amazonaws.com/" */
    const char *headers[AWS_HEADERS_MAX]; /* "Name: value" */
    size_t header_count;
    int64_t signed_at_s; /* since 1970 */
};

/* Reads a token, in the arena. ERR_AUTH, with what is wrong, where it isn't a POST of exactly that
 * body to STS's address in the region that the signature is for, where a header is missing,
 * unknown, twice there or, of those that must be, not signed, or where it is older or newer than
 * above. */
MUST_USE enum status aws_read(struct str token, int64_t now_s, struct arena *a,
                              struct aws_request *out, struct error *e);

/* Who signed, from STS's answer, as claims: arn, account, user_id, kind ("assumed-role", "user",
 * "federated-user", "root"), and of an assumed role also role and session. The caller frees
 * `*claims`. ERR_IO where the answer isn't that XML, has a document type, or names one of them
 * twice. */
MUST_USE enum status aws_claims(struct str xml, json_t **claims, struct error *e);

#endif
