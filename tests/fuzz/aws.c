/* Any bytes as an AWS token, as the JSON in one, and as STS's answer. What is taken for a request
 * goes to STS and nowhere else, with headers that are one line each. */
#include <stdlib.h>

#include "base/text.h"
#include "identity/aws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const int64_t seeds_time = 1795723200; /* of the seeds' X-Amz-Date */

static void check_token(struct str token, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct aws_request r;

    if (aws_read(token, seeds_time, a, &r, &e) != OK) {
        if (e.code != ERR_AUTH) {
            abort();
        }
        return;
    }
    if (strncmp(r.url, "https://sts.", 12) != 0 || strlen(r.url) > 80 ||
        strpbrk(r.url + 12, "@?#:\\")) {
        abort();
    }
    for (size_t i = 0; i < r.header_count; i++) {
        if (strpbrk(r.headers[i], "\r\n")) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct str text = arena_str(a, (struct str){(const char *)data, n});
    struct error e = ERROR_INIT;
    json_t *claims;
    char *token = arena_alloc(a, sizeof AWS_TOKEN_PREFIX + TEXT_BASE64URL_SIZE(n));

    check_token(text, a);
    memcpy(token, AWS_TOKEN_PREFIX, strlen(AWS_TOKEN_PREFIX));
    text_base64url(text.p ? text.p : "", text.n, token + strlen(AWS_TOKEN_PREFIX));
    check_token(str_of(token), a);
    if (aws_claims(text, &claims, &e) == OK) {
        json_decref(claims);
    } else if (e.code != ERR_IO) {
        abort();
    }
    arena_free(a);
    return 0;
}
