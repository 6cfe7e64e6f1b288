#include "net/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

struct http_client {
    char *ca_file, *proxy, *authority, *fingerprint, *identity_file; /* NULL: as the header says */
    char *certificate;
    bool newest_tls, metadata, loopback;
    int timeout_ms;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static char *copy(const char *text)
{
    return text && *text ? mem_strdup(text) : NULL;
}

struct http_client *http_client_new(const struct http_client_config *c)
{
    struct http_client *h = mem_alloc(sizeof *h);

    pthread_once(&once, start_curl);
    h->ca_file = copy(c->ca_file);
    h->proxy = copy(c->proxy);
    h->authority = copy(c->authority);
    h->fingerprint = copy(c->fingerprint);
    h->identity_file = copy(c->identity_file);
    h->certificate = copy(c->certificate);
    h->newest_tls = c->newest_tls;
    h->metadata = c->metadata;
    h->loopback = c->loopback;
    h->timeout_ms = c->timeout_ms;
    return h;
}

void http_client_free(struct http_client *h)
{
    if (h) {
        free(h->ca_file);
        free(h->proxy);
        free(h->authority);
        free(h->fingerprint);
        free(h->identity_file);
        free(h->certificate);
        free(h);
    }
}

static size_t take_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct buf *out = ctx;

    buf_put(out, bytes, size * n);
    return out->failed ? 0 : size * n;
}

/* 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291), the first also mapped into IPv6. */
static bool is_link_local(const struct curl_sockaddr *to)
{
    const struct sockaddr_in6 *six = (const void *)&to->addr;
    const uint8_t *at = six->sin6_addr.s6_addr;

    if (to->family == AF_INET) {
        const struct sockaddr_in *four = (const void *)&to->addr;

        return ntohl(four->sin_addr.s_addr) >> 16 == 0xa9fe;
    }
    if (to->family != AF_INET6) {
        return true; /* nothing that we know */
    }
    return (at[0] == 0xfe && (at[1] & 0xc0) == 0x80) ||
           (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && at[12] == 169 && at[13] == 254);
}

/* 127.0.0.0/8, ::1. */
static bool is_loopback(const struct curl_sockaddr *to)
{
    const struct sockaddr_in *four = (const void *)&to->addr;
    const struct sockaddr_in6 *six = (const void *)&to->addr;
    return (to->family == AF_INET && ntohl(four->sin_addr.s_addr) >> 24 == 127) ||
           (to->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr));
}

static bool may_connect(const struct http_client *h, const struct curl_sockaddr *to)
{
    return h->loopback   ? is_loopback(to)
           : h->metadata ? is_link_local(to) || is_loopback(to)
                         : !is_link_local(to);
}

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    return may_connect(ctx, to) ? socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol)
                                : CURL_SOCKET_BAD;
}

static enum status make_headers(const struct http_request *r, struct curl_slist **out,
                                struct error *e)
{
    *out = NULL;
    for (size_t i = 0; i < r->header_count; i++) {
        struct curl_slist *longer =
            strpbrk(r->headers[i], "\r\n") ? NULL : curl_slist_append(*out, r->headers[i]);

        if (!longer) {
            curl_slist_free_all(*out);
            return error_set(e, ERR_VALIDATION, "a header has a line end in it");
        }
        *out = longer;
    }
    return OK;
}

/* ---- servers of our own ---- */

static bool has_fingerprint(const X509 *cert, const char *fingerprint)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;
    if (X509_digest(cert, EVP_sha256(), digest, &n) != 1) {
        return false;
    }
    text_hex(digest, n, text);
    return strcasecmp(text, fingerprint) == 0;
}

/* Trusts what the server sent along if it is the authority we know by its fingerprint; then the
 * chain is verified as ever. */
static int verify_pinned(X509_STORE_CTX *ctx, void *fingerprint)
{
    const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
    for (int i = 0; i < sk_X509_num(sent); i++) {
        X509 *cert = sk_X509_value(sent, i);
        if (has_fingerprint(cert, fingerprint) &&
            X509_STORE_add_cert(X509_STORE_CTX_get0_store(ctx), cert) != 1) {
            return 0;
        }
    }
    return X509_verify_cert(ctx);
}

static CURLcode pin(CURL *c, void *ssl_ctx, void *fingerprint)
{
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_pinned, fingerprint);
    return CURLE_OK;
}

static void set_own(CURL *c, const struct http_client *h)
{
    struct curl_blob authority = {.data = h->authority,
                                  .len = h->authority ? strlen(h->authority) : 0,
                                  .flags = CURL_BLOB_NOCOPY};
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    if (h->authority) {
        curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &authority);
    } else {
        curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, pin);
        curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, h->fingerprint);
    }
    if (h->identity_file) {
        curl_easy_setopt(c, CURLOPT_SSLCERT, h->identity_file);
        curl_easy_setopt(c, CURLOPT_SSLKEY, h->identity_file);
    }
}

/* In place of OpenSSL's own verification: is it the certificate that we know? */
static int verify_certificate(X509_STORE_CTX *ctx, void *fingerprint)
{
    const X509 *cert = X509_STORE_CTX_get0_cert(ctx);
    bool same = cert && has_fingerprint(cert, fingerprint) &&
                X509_cmp_current_time(X509_get0_notBefore(cert)) < 0 &&
                X509_cmp_current_time(X509_get0_notAfter(cert)) > 0;
    X509_STORE_CTX_set_error(ctx, same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return same;
}

static CURLcode pin_certificate(CURL *c, void *ssl_ctx, void *fingerprint)
{
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_certificate, fingerprint);
    return CURLE_OK;
}

/* Its name is nothing to us then. A libcurl that can't do it goes on verifying as ever. */
static void set_certificate(CURL *c, const struct http_client *h)
{
    if (curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, h->certificate) == CURLE_OK &&
        curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, pin_certificate) == CURLE_OK) {
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_limits(CURL *c, const struct http_client *h)
{
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, h->metadata || h->loopback ? "http" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_PROXY, h->proxy ? h->proxy : "");
    curl_easy_setopt(c, CURLOPT_NOPROXY, "");
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    if (h->ca_file) {
        curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
        curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    }
    if (h->authority || h->fingerprint) {
        set_own(c, h);
    }
    if (h->newest_tls) {
        curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    }
    if (h->certificate) {
        set_certificate(c, h);
    }
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)h->timeout_ms);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)h);
}

static int is_abandoned(void *abandon, curl_off_t all_down, curl_off_t down, curl_off_t all_up,
                        curl_off_t up)
{
    return atomic_load((const atomic_bool *)abandon);
}

static void set_request(CURL *c, const struct http_request *r, struct curl_slist *headers,
                        struct curl_slist *connect, struct buf *out)
{
    curl_easy_setopt(c, CURLOPT_URL, r->url);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_CONNECT_TO, connect);
    if (r->timeout_ms) {
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    }
    if (r->abandon) {
        curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, is_abandoned);
        curl_easy_setopt(c, CURLOPT_XFERINFODATA, (void *)(uintptr_t)r->abandon);
    }
    if (r->body) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)strlen(r->body));
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
    }
    if (r->method) {
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
    }
    if (r->sign) {
        curl_easy_setopt(c, CURLOPT_AWS_SIGV4, r->sign);
        curl_easy_setopt(c, CURLOPT_USERPWD, r->sign_with);
    }
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, out);
}

/* For messages: the URL's host, or the whole where it can't be told. */
static struct str host_of(const char *url)
{
    struct str rest = str_of(url);
    const char *slashes = strstr(url, "://");

    if (slashes) {
        rest = str_of(slashes + 3);
    }
    return str_cut(&rest, '/');
}

static enum status perform(CURL *c, const struct http_request *r, const struct buf *out,
                           struct error *e)
{
    CURLcode result = curl_easy_perform(c);
    struct str host = host_of(r->url);
    long status = 0;

    if (out->failed) {
        return error_set(e, ERR_IO, "%.*s: the answer has more than %zu bytes", STR_ARG(host),
                         out->max);
    }
    if (result != CURLE_OK) {
        return error_set(e, ERR_IO, "%.*s: %s", STR_ARG(host), curl_easy_strerror(result));
    }
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (r->status) {
        *r->status = (int)status;
        return OK;
    }
    return status == 200 ? OK
                         : error_set(e, ERR_IO, "%.*s: HTTP status %ld", STR_ARG(host), status);
}

enum status http_client_fetch(struct http_client *h, const struct http_request *r, struct buf *out,
                              struct error *e)
{
    struct curl_slist *headers, *connect = NULL;
    enum status status = FAIL;
    char to[512];
    CURL *c;

    if (make_headers(r, &headers, e) != OK) {
        return FAIL;
    }
    if (r->connect) {
        snprintf(to, sizeof to, "::%s", r->connect); /* any host, any port, to this one */
        connect = curl_slist_append(NULL, to);
    }
    c = curl_easy_init();
    if (c) {
        set_limits(c, h);
        set_request(c, r, headers, connect, out);
        status = perform(c, r, out, e);
        curl_easy_cleanup(c);
    } else {
        error_set(e, ERR_MEMORY, "libcurl has no memory");
    }
    curl_slist_free_all(connect);
    curl_slist_free_all(headers);
    return status;
}
