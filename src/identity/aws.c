#include "identity/aws.h"

#include <time.h>

#include "base/text.h"

enum { VALUE_MAX = 8192, SIGNATURE_SIZE = 64, DAY_SIZE = 8 };

/* What a signer may have put into the request. Which are sent: those with a name to send it under.
 */
enum header {
    H_AUTHORIZATION,
    H_DATE,
    H_TOKEN,
    H_SERVER,
    H_TYPE,
    H_HOST,
    H_LENGTH,
    H_AGENT,
    H_COUNT
};

static const struct {
    const char *name, *sent;
    bool signs; /* must be among the signed ones where it is there */
} known[H_COUNT] = {
    [H_AUTHORIZATION] = {"authorization", "Authorization", false},
    [H_DATE] = {"x-amz-date", "X-Amz-Date", true},
    [H_TOKEN] = {"x-amz-security-token", "X-Amz-Security-Token", true},
    [H_SERVER] = {AWS_SERVER_ID, "X-Hatidata-Server-Id", true},
    [H_TYPE] = {"content-type", "Content-Type", false},
    [H_HOST] = {"host", NULL, true},              /* libcurl's, of our own URL */
    [H_LENGTH] = {"content-length", NULL, false}, /* libcurl's, of our own body */
    [H_AGENT] = {"user-agent", NULL, false},
};

struct headers {
    struct str at[H_COUNT]; /* STR_NULL: not there */
};

static enum status refuse(struct error *e, const char *why)
{
    return error_set(e, ERR_AUTH, "the AWS token %s", why);
}

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < ' ' || s.p[i] > '~') {
            return false;
        }
    }
    return s.n > 0 && s.n <= VALUE_MAX;
}

static enum status read_headers(const json_t *object, struct headers *out, struct error *e)
{
    const char *name;
    json_t *value;

    *out = (struct headers){0};
    json_object_foreach((json_t *)object, name, value)
    {
        int h = 0;

        while (h < H_COUNT && !str_iis(str_of(name), known[h].name)) {
            h++;
        }
        if (h == H_COUNT || out->at[h].p) {
            return refuse(e, "has a header that isn't known, or one twice");
        }
        out->at[h] = (struct str){json_string_value(value), json_string_length(value)};
        if (!json_is_string(value) || !is_printable(out->at[h])) {
            return refuse(e, "has a header whose value isn't plain text");
        }
    }
    return OK;
}

/* ---- the signature ---- */

struct signature {
    struct str day, region, names; /* of the scope; the signed headers */
};

static bool take(struct str *s, const char *prefix)
{
    size_t n = strlen(prefix);
    bool has = str_starts(*s, prefix);

    if (has) {
        *s = (struct str){s->p + n, s->n - n};
    }
    return has;
}

static bool is_hex(struct str s)
{
    uint8_t bytes[SIGNATURE_SIZE / 2];

    return text_unhex(s, bytes, sizeof bytes);
}

/* "AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/sts/aws4_request, SignedHeaders=a;b, Signature=hex"
 */
static bool read_signature(struct str s, struct signature *out)
{
    struct str scope, hex;

    if (!take(&s, "AWS4-HMAC-SHA256 ")) {
        return false;
    }
    scope = str_trim(str_cut(&s, ','));
    out->names = str_trim(str_cut(&s, ','));
    hex = str_trim(s);
    if (!take(&scope, "Credential=") || !take(&out->names, "SignedHeaders=") ||
        !take(&hex, "Signature=") || !is_hex(hex) || str_cut(&scope, '/').n == 0) {
        return false;
    }
    out->day = str_cut(&scope, '/');
    out->region = str_cut(&scope, '/');
    return str_is(scope, "sts/aws4_request");
}

static bool is_signed(struct str names, const char *name)
{
    while (names.p) {
        if (str_is(str_cut(&names, ';'), name)) {
            return true;
        }
    }
    return false;
}

static enum status check_signed(const struct headers *h, struct str names, struct error *e)
{
    for (int i = 0; i < H_COUNT; i++) {
        if (known[i].signs && (h->at[i].p || i == H_HOST) && !is_signed(names, known[i].name)) {
            return refuse(e, "has a header that must be signed, and isn't");
        }
    }
    return OK;
}

/* ---- the request ---- */

/* "20260131T235959Z" */
static bool read_date(struct str s, int64_t *out)
{
    struct tm t = {0};
    char text[17];
    const char *end;

    if (s.n != 16) {
        return false;
    }
    memcpy(text, s.p, s.n);
    text[16] = '\0';
    end = strptime(text, "%Y%m%dT%H%M%SZ", &t);
    *out = end && !*end ? (int64_t)timegm(&t) : -1;
    return *out >= 0;
}

static bool is_region(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
            s.p[i] != '-') {
            return false;
        }
    }
    return s.n > 0 && s.n <= 32;
}

/* The region's own address, or the first one of all, which is us-east-1's; none other. */
static const char *sts_host(struct str region, struct str url, struct arena *a)
{
    const char *domain = str_starts(region, "cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    const char *host = arena_printf(a, "sts.%.*s.%s", STR_ARG(region), domain);

    if (str_is(region, "us-east-1") && str_iis(url, "https://sts.amazonaws.com/")) {
        host = "sts.amazonaws.com";
    }
    return str_iis(url, arena_printf(a, "https://%s/", host)) ? host : NULL;
}

static enum status check_fixed(const json_t *root, const struct headers *h, const char *host,
                               struct error *e)
{
    const char *method = json_string_value(json_object_get(root, "method"));
    const char *body = json_string_value(json_object_get(root, "body"));
    struct str type = h->at[H_TYPE];

    if (!method || strcmp(method, "POST") != 0 || !body || strcmp(body, AWS_BODY) != 0) {
        return refuse(e, "isn't a POST that asks for the caller's identity and nothing else");
    }
    if (!host) {
        return refuse(e, "is for another address than STS's in the region of its signature");
    }
    if (h->at[H_HOST].p && !str_iis(h->at[H_HOST], host)) {
        return refuse(e, "has a Host header that isn't its address");
    }
    if (h->at[H_LENGTH].p && !str_is(h->at[H_LENGTH], "43")) {
        return refuse(e, "has a Content-Length that isn't its body's");
    }
    if (!str_is(type, "application/x-www-form-urlencoded") &&
        !str_is(type, "application/x-www-form-urlencoded; charset=utf-8")) {
        return refuse(e, "has a Content-Type that isn't a form's");
    }
    return OK;
}

static enum status check_date(const struct headers *h, const struct signature *s, int64_t now_s,
                              int64_t *at, struct error *e)
{
    struct str date = h->at[H_DATE];

    if (!read_date(date, at) || !str_eq((struct str){date.p, DAY_SIZE}, s->day)) {
        return refuse(e, "has no X-Amz-Date of the day that it is signed for");
    }
    return *at > now_s + AWS_AHEAD_S || *at + AWS_AGE_S <= now_s ? refuse(e, "isn't fresh") : OK;
}

static void rebuild(const struct headers *h, struct arena *a, struct aws_request *out)
{
    for (int i = 0; i < H_COUNT; i++) {
        if (known[i].sent && h->at[i].p) {
            out->headers[out->header_count++] =
                arena_printf(a, "%s: %.*s", known[i].sent, STR_ARG(h->at[i]));
        }
    }
}

static enum status read_request(const json_t *root, int64_t now_s, struct arena *a,
                                struct aws_request *out, struct error *e)
{
    const json_t *headers = json_object_get(root, "headers"), *url = json_object_get(root, "url");
    struct signature s;
    struct headers h;
    const char *host;

    if (json_object_size(root) != 4 || !json_is_object(headers) || !json_is_string(url)) {
        return refuse(e, "isn't an object of method, url, headers and body");
    }
    if (read_headers(headers, &h, e) != OK) {
        return FAIL;
    }
    if (!h.at[H_AUTHORIZATION].p || !read_signature(h.at[H_AUTHORIZATION], &s) ||
        !is_region(s.region)) {
        return refuse(e, "has no signature of version 4 for STS");
    }
    if (!h.at[H_SERVER].p) {
        return refuse(e, "doesn't say which server it is for");
    }
    host = sts_host(s.region, (struct str){json_string_value(url), json_string_length(url)}, a);
    if (check_fixed(root, &h, host, e) != OK || check_signed(&h, s.names, e) != OK ||
        check_date(&h, &s, now_s, &out->signed_at_s, e) != OK) {
        return FAIL;
    }
    out->region = arena_str(a, s.region);
    out->server_id = arena_str(a, h.at[H_SERVER]);
    out->url = arena_printf(a, "https://%s/", host);
    rebuild(&h, a, out);
    return OK;
}

enum status aws_read(struct str token, int64_t now_s, struct arena *a, struct aws_request *out,
                     struct error *e)
{
    enum status status;
    json_t *root;
    char *json;

    *out = (struct aws_request){0};
    if (token.n > AWS_TOKEN_MAX || !take(&token, AWS_TOKEN_PREFIX)) {
        return refuse(e, "is too long, or none");
    }
    json = arena_alloc(a, TEXT_UNBASE64URL_SIZE(token.n) + 1);
    if (!text_unbase64url(token, json)) {
        return refuse(e, "isn't base64url without padding");
    }
    root = json_loadb(json, TEXT_UNBASE64URL_SIZE(token.n), JSON_REJECT_DUPLICATES, NULL);
    status = read_request(root, now_s, a, out, e);
    json_decref(root);
    return status;
}
