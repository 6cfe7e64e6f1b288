#include "net/s3.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/aws_credentials.h"
#include "net/http_client.h"
#include "net/s3_reply.h"

enum {
    BUCKET_MAX = 63,
    KEY_MAX = 900, /* S3: 1,024 */
    URL_SIZE = 4096,
    ANSWER_MAX = 4 << 20,
    WORD_SIZE = 64,
    HEADERS_MAX = 8,
    DIGEST_BYTES = 32,
    MD5_BYTES = 16,
};

struct s3 {
    struct http_client *http;
    struct aws_chain *chain;
    char bucket[BUCKET_MAX + 1];
    char base[1024]; /* URL up to the key, with its slash */
    char sign[128];
};

/* ---- the bucket ---- */

static bool has_only(const char *text, const char *besides)
{
    for (const char *p = text; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr(besides, *p)) {
            return false;
        }
    }
    return true;
}

bool s3_is_key(const char *text)
{
    return strlen(text) <= KEY_MAX && has_only(text, "._-/") && text[0] != '/' &&
           !strstr(text, "//") && !strstr(text, "..");
}

static bool is_endpoint(const char *url)
{
    static const char scheme[] = "https://";
    size_t n = sizeof scheme - 1;
    return strncmp(url, scheme, n) == 0 && url[n] && has_only(url + n, ".-:[]");
}

/* A bucket whose name has dots isn't in the certificate of its own host. */
static void make_base(struct s3 *s, const char *endpoint, const char *region)
{
    if (endpoint && *endpoint) {
        snprintf(s->base, sizeof s->base, "%s/%s/", endpoint, s->bucket);
    } else if (strchr(s->bucket, '.')) {
        snprintf(s->base, sizeof s->base, "https://s3.%s.amazonaws.com/%s/", region, s->bucket);
    } else {
        snprintf(s->base, sizeof s->base, "https://%s.s3.%s.amazonaws.com/", s->bucket, region);
    }
}

enum status s3_new(const struct s3_config *c, struct s3 **out, struct error *e)
{
    const char *region = c->region && *c->region ? c->region : aws_region();
    size_t n = strlen(c->bucket);
    if (n < 3 || n > BUCKET_MAX || !has_only(c->bucket, ".-") || strstr(c->bucket, "..")) {
        return error_set(e, ERR_CONFIG, "\"%.80s\" is no name of a bucket", c->bucket);
    }
    if (strlen(region) > 64 || !has_only(region, "-")) {
        return error_set(e, ERR_CONFIG, "\"%.80s\" is no region", region);
    }
    if (c->endpoint && *c->endpoint && (strlen(c->endpoint) > 512 || !is_endpoint(c->endpoint))) {
        error_set(e, ERR_CONFIG, "\"%.80s\" is no endpoint of an object store", c->endpoint);
        return error_hint(e, "Write https://HOST or https://HOST:PORT.");
    }
    struct s3 *s = mem_alloc(sizeof *s);
    const struct http_client_config http = {.ca_file = c->ca_file, .timeout_ms = c->timeout_ms};
    snprintf(s->bucket, sizeof s->bucket, "%s", c->bucket);
    snprintf(s->sign, sizeof s->sign, "aws:amz:%s:s3", region);
    make_base(s, c->endpoint, region);
    s->http = http_client_new(&http);
    s->chain = aws_chain_new();
    *out = s;
    return OK;
}

void s3_free(struct s3 *s)
{
    if (s) {
        http_client_free(s->http);
        aws_chain_free(s->chain);
        free(s);
    }
}

/* ---- one request ---- */

struct exchange {
    const char *method, *body; /* NULL: GET, none */
    const char *path;          /* the key and the query; parameters in the order of their names */
    const char *headers[HEADERS_MAX];
    size_t header_count;
    int status;
};

/* All zeros where the library hasn't that digest: S3 refuses them. */
static void digest_of(struct str body, const EVP_MD *kind, uint8_t digest[DIGEST_BYTES])
{
    unsigned n = 0;
    if (EVP_Digest(body.p ? body.p : "", body.n, digest, &n, kind, NULL) != 1) {
        memset(digest, 0, DIGEST_BYTES);
    }
}

static enum status exchange(struct s3 *s, struct exchange *x, struct buf *answer, struct error *e)
{
    static const char content[] = "x-amz-content-sha256: ";
    struct aws_credentials who;
    char url[URL_SIZE], token[sizeof who.token + 32], sum[sizeof content + 2 * DIGEST_BYTES] = "";
    uint8_t digest[DIGEST_BYTES];
    if (aws_credentials_get(s->chain, &who, e) != OK) {
        return FAIL;
    }
    if (who.token[0]) {
        snprintf(token, sizeof token, "x-amz-security-token: %s", who.token);
        x->headers[x->header_count++] = token;
    }
    digest_of(str_of(x->body), EVP_sha256(), digest);
    memcpy(sum, content, sizeof content);
    text_hex(digest, sizeof digest, sum + sizeof content - 1);
    x->headers[x->header_count++] = sum; /* S3 demands it; not every libcurl sends it by itself */
    snprintf(url, sizeof url, "%s%s", s->base, x->path);
    const struct http_request r = {.url = url,
                                   .method = x->method,
                                   .body = x->body,
                                   .headers = x->headers,
                                   .header_count = x->header_count,
                                   .sign = s->sign,
                                   .sign_with = who.key,
                                   .status = &x->status};
    enum status status = http_client_fetch(s->http, &r, answer, e);
    mem_wipe(&who, sizeof who);
    mem_wipe(token, sizeof token);
    return status;
}

/* What S3 answers in place of what was asked for. */
static enum status refuse(const struct s3 *s, const struct exchange *x, const struct buf *answer,
                          struct error *e)
{
    char word[WORD_SIZE];
    s3_read_word(buf_str(answer), "Code", word, sizeof word);
    bool later = x->status >= 500 || x->status == 429 || x->status == 409;
    return error_set(e, later ? ERR_IO : ERR_CONFIG, "bucket %s: HTTP status %d %s", s->bucket,
                     x->status, word);
}

enum status s3_is_locking(struct s3 *s, bool *out, struct error *e)
{
    struct exchange x = {.path = "?object-lock="};
    struct buf answer = BUF_INIT(ANSWER_MAX);
    char word[WORD_SIZE];
    enum status status = exchange(s, &x, &answer, e);
    if (status == OK) {
        s3_read_word(buf_str(&answer), x.status == 200 ? "ObjectLockEnabled" : "Code", word,
                     sizeof word);
        *out = x.status == 200 && strcmp(word, "Enabled") == 0;
        if (x.status != 200 && strcmp(word, "ObjectLockConfigurationNotFoundError") != 0) {
            status = refuse(s, &x, &answer, e);
        }
    }
    buf_free(&answer);
    return status;
}

/* S3 wants a checksum of each locked object: AWS any, others MD5. */
static void checksums(struct str body, char sha256[128], char md5[128])
{
    uint8_t digest[DIGEST_BYTES];
    char text[TEXT_BASE64_SIZE(DIGEST_BYTES) + 1];
    digest_of(body, EVP_sha256(), digest);
    text_base64(digest, DIGEST_BYTES, text);
    snprintf(sha256, 128, "x-amz-checksum-sha256: %s", text);
    digest_of(body, EVP_md5(), digest);
    text_base64(digest, MD5_BYTES, text);
    snprintf(md5, 128, "Content-MD5: %s", text);
}

enum status s3_put_locked(struct s3 *s, const char *key, struct str body, int64_t until_us,
                          struct error *e)
{
    char sha256[128], md5[128], until[128], when[CLOCK_TEXT_SIZE];
    char *text = mem_strndup(body.p, body.n);
    struct buf answer = BUF_INIT(ANSWER_MAX);
    checksums(body, sha256, md5);
    clock_format(until_us, when);
    snprintf(until, sizeof until, "x-amz-object-lock-retain-until-date: %.19sZ", when);
    struct exchange x = {.method = "PUT",
                         .body = text,
                         .path = key,
                         .headers = {"Content-Type: text/plain; charset=utf-8", "If-None-Match: *",
                                     "x-amz-object-lock-mode: COMPLIANCE", sha256, md5, until},
                         .header_count = 6};
    enum status status = exchange(s, &x, &answer, e);
    if (status == OK && x.status == 412) {
        status = error_set(e, ERR_EXISTS, "bucket %s: %s is there", s->bucket, key);
    } else if (status == OK && x.status != 200) {
        status = refuse(s, &x, &answer, e);
    }
    free(text);
    buf_free(&answer);
    return status;
}

/* A parameter's value: all but the unreserved characters as %XX (RFC 3986, section 2.1). */
static void put_parameter(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%c%s=", memchr(out->p ? out->p : (uint8_t *)"", '?', out->n) ? '&' : '?',
               name);
    for (const char *p = value; *p; p++) {
        if (isalnum((unsigned char)*p) || strchr("-._~", *p)) {
            buf_u8(out, (uint8_t)*p);
        } else {
            buf_printf(out, "%%%02X", (unsigned char)*p);
        }
    }
}

enum status s3_get(struct s3 *s, const char *key, const char *version, struct buf *out,
                   struct error *e)
{
    struct buf path = BUF_INIT(URL_SIZE / 2);
    buf_puts(&path, key);
    if (version) {
        put_parameter(&path, "versionId", version);
    }
    struct exchange x = {.path = buf_cstr(&path)};
    enum status status = x.path ? exchange(s, &x, out, e)
                                : error_set(e, ERR_CORRUPT, "an object's name is too long");
    buf_free(&path);
    if (status == OK && x.status == 404) {
        return error_set(e, ERR_NOT_FOUND, "bucket %s: there is no %s", s->bucket, key);
    }
    return status == OK && x.status != 200 ? refuse(s, &x, out, e) : status;
}

static enum status list_page(struct s3 *s, const char *prefix, size_t max, struct arena *a,
                             struct s3_versions *out, struct s3_page *page, struct error *e)
{
    struct buf path = BUF_INIT(URL_SIZE / 2), answer = BUF_INIT(ANSWER_MAX);
    if (page->more) {
        put_parameter(&path, "key-marker", page->key);
    }
    put_parameter(&path, "prefix", prefix);
    if (page->more && page->version[0]) {
        put_parameter(&path, "version-id-marker", page->version);
    }
    put_parameter(&path, "versions", "");
    struct exchange x = {.path = buf_cstr(&path)};
    enum status status = x.path ? exchange(s, &x, &answer, e)
                                : error_set(e, ERR_CORRUPT, "an object's name is too long");
    if (status == OK) {
        status = x.status == 200 ? s3_read_versions(buf_str(&answer), max, a, out, page, e)
                                 : refuse(s, &x, &answer, e);
    }
    buf_free(&path);
    buf_free(&answer);
    return status;
}

enum status s3_list_versions(struct s3 *s, const char *prefix, size_t max, struct arena *a,
                             struct s3_versions *out, struct error *e)
{
    struct s3_page page = {.more = false};
    *out = (struct s3_versions){NULL, 0};
    do {
        if (list_page(s, prefix, max, a, out, &page, e) != OK) {
            return FAIL;
        }
    } while (page.more);
    return OK;
}
