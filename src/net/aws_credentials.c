#include "net/aws_credentials.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/http_client.h"

enum { TIMEOUT_MS = 2000, ANSWER_MAX = 64 << 10, TOKEN_FILE_MAX = 16 << 10 };
static const int64_t renew_us = 5 * 60 * 1000000LL;

struct aws_chain {
    struct http_client *http;
    struct aws_credentials held; /* asked for; until_us 0: none */
};

struct aws_chain *aws_chain_new(void)
{
    struct aws_chain *c = mem_alloc(sizeof *c);
    c->http =
        http_client_new(&(struct http_client_config){.metadata = true, .timeout_ms = TIMEOUT_MS});
    return c;
}

void aws_chain_free(struct aws_chain *c)
{
    if (c) {
        http_client_free(c->http);
        mem_wipe(c, sizeof *c);
        free(c);
    }
}

static const char *given(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const char *aws_region(void)
{
    const char *region = given("AWS_REGION");
    region = region ? region : given("AWS_DEFAULT_REGION");
    return region ? region : "us-east-1";
}

static enum status take(const char *id, const char *secret, const char *token, int64_t until_us,
                        struct aws_credentials *out, struct error *e)
{
    token = token ? token : "";
    if (!id || !secret || !*id || !*secret || strchr(id, ':') ||
        snprintf(out->key, sizeof out->key, "%s:%s", id, secret) >= (int)sizeof out->key ||
        snprintf(out->token, sizeof out->token, "%s", token) >= (int)sizeof out->token) {
        return error_set(e, ERR_CONFIG, "the AWS credentials that were found can't be used");
    }
    out->until_us = until_us;
    return OK;
}

/* ---- from a service on this host ---- */

/* "2026-01-31T23:59:59Z"; what can't be read is asked for again soon. */
static int64_t read_end(const char *text)
{
    struct tm t = {.tm_isdst = 0};
    if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &t)) {
        return clock_wall_us() + 2 * renew_us;
    }
    return (int64_t)timegm(&t) * 1000000;
}

static enum status read_answer(const struct buf *answer, struct aws_credentials *out,
                               struct error *e)
{
    json_t *j = json_loadb(answer->p ? (const char *)answer->p : "", answer->n, 0, NULL);
    struct aws_credentials found;
    enum status status =
        take(json_string_value(json_object_get(j, "AccessKeyId")),
             json_string_value(json_object_get(j, "SecretAccessKey")),
             json_string_value(json_object_get(j, "Token")),
             read_end(json_string_value(json_object_get(j, "Expiration"))), &found, e);
    json_decref(j);
    if (status == OK) {
        *out = found;
    }
    mem_wipe(&found, sizeof found);
    return status;
}

static enum status ask(struct aws_chain *c, const char *method, const char *url, const char *header,
                       struct buf *out, struct error *e)
{
    const struct http_request r = {
        .url = url, .method = method, .headers = &header, .header_count = header ? 1 : 0};
    buf_clear(out);
    if (http_client_fetch(c->http, &r, out, e) == OK && buf_cstr(out)) {
        return OK;
    }
    char why[sizeof e->message];
    snprintf(why, sizeof why, "%s", e->message);
    return error_set(e, ERR_IO, "no AWS credentials: %s", why);
}

/* The line of a file that the container's agent renews. */
static bool read_token_file(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;
    if (f) {
        fclose(f);
    }
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return n > 0;
}

static enum status from_container(struct aws_chain *c, const char *url, struct buf *answer,
                                  struct error *e)
{
    const char *file = given("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = given("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    char header[TOKEN_FILE_MAX + 32] = "Authorization: ";
    size_t at = strlen(header);
    if (file && !read_token_file(file, header + at, TOKEN_FILE_MAX)) {
        return error_set(e, ERR_CONFIG, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read: %s",
                         strerror(errno));
    }
    if (!file && token) {
        snprintf(header + at, TOKEN_FILE_MAX, "%s", token);
    }
    enum status status = ask(c, NULL, url, file || token ? header : NULL, answer, e);
    mem_wipe(header, sizeof header);
    return status;
}

/* IMDSv2: a token, the name of the role, its credentials. */
static enum status from_instance(struct aws_chain *c, struct buf *answer, struct error *e)
{
    static const char role[] = "/latest/meta-data/iam/security-credentials/";
    const char *base = given("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    char url[1024], header[1024];
    base = base ? base : "http://169.254.169.254";
    snprintf(url, sizeof url, "%s/latest/api/token", base);
    if (ask(c, "PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: 300", answer, e) != OK) {
        return FAIL;
    }
    snprintf(header, sizeof header, "X-aws-ec2-metadata-token: %s", buf_cstr(answer));
    snprintf(url, sizeof url, "%s%s", base, role);
    if (ask(c, NULL, url, header, answer, e) != OK) {
        return FAIL;
    }
    struct str rest = buf_str(answer), name = str_trim(str_cut(&rest, '\n'));
    snprintf(url, sizeof url, "%s%s%.*s", base, role, STR_ARG(name));
    return ask(c, NULL, url, header, answer, e);
}

static enum status from_service(struct aws_chain *c, struct buf *answer, struct error *e)
{
    const char *relative = given("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = given("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *off = given("AWS_EC2_METADATA_DISABLED");
    char url[1024];
    if (relative) {
        snprintf(url, sizeof url, "http://169.254.170.2%s", relative);
        return from_container(c, url, answer, e);
    }
    if (full) {
        return from_container(c, full, answer, e);
    }
    if (!off || str_iis(str_of(off), "false")) {
        return from_instance(c, answer, e);
    }
    error_set(e, ERR_CONFIG, "there are no AWS credentials");
    return error_hint(e, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the instance or "
                         "container a role.");
}

enum status aws_credentials_get(struct aws_chain *c, struct aws_credentials *out, struct error *e)
{
    const char *id = given("AWS_ACCESS_KEY_ID");
    if (id) {
        return take(id, given("AWS_SECRET_ACCESS_KEY"), given("AWS_SESSION_TOKEN"), INT64_MAX, out,
                    e);
    }
    if (clock_wall_us() > c->held.until_us - renew_us) {
        struct buf answer = BUF_INIT(ANSWER_MAX);
        struct error why = ERROR_INIT;
        enum status status = from_service(c, &answer, &why);
        status = status == OK ? read_answer(&answer, &c->held, &why) : FAIL;
        mem_wipe(answer.p, answer.n);
        buf_free(&answer);
        if (status != OK && clock_wall_us() >= c->held.until_us) {
            *e = why;
            return FAIL;
        }
    }
    *out = c->held;
    return OK;
}
