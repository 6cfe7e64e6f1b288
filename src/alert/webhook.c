#include "alert/webhook.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/keyfile.h"
#include "metrics/metrics.h"
#include "net/courier.h"
#include "net/http_client.h"

enum { TIMEOUT_MS = 10000, TRIES = 10, ANSWER_MAX = 64 << 10, SECRET_LEAST = 16 };

struct webhook {
    struct webhooks *all;
    char *url;
    struct http_client *http;
    struct courier *courier;
    bool complained; /* the courier's: since it worked last */
};

struct webhooks {
    char secret[WEBHOOK_SECRET_MAX];
    size_t secret_size;
    struct webhook at[WEBHOOKS_MAX];
    size_t n;
};

void webhook_sign(struct str secret, int64_t seconds, struct str body, char out[128])
{
    struct buf text = BUF_INIT(0);
    uint8_t mac[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;
    buf_printf(&text, "%lld.", (long long)seconds);
    buf_put_str(&text, body);
    if (HMAC(EVP_sha256(), secret.p, (int)secret.n, text.p, text.n, mac, &n)) {
        text_hex(mac, n, hex);
    }
    snprintf(out, 128, "t=%lld,v1=%.64s", (long long)seconds, hex);
    buf_free(&text);
}

/* --- one delivery, on the courier's thread --- */

static enum status post(struct webhook *w, struct str body, struct error *e)
{
    char signature[128], header[160];
    struct buf answer = BUF_INIT(ANSWER_MAX);
    int status = 0;
    webhook_sign((struct str){w->all->secret, w->all->secret_size}, clock_wall_us() / 1000000, body,
                 signature);
    snprintf(header, sizeof header, "X-Hatidata-Signature: %s", signature);
    const char *headers[] = {"Content-Type: application/json", header};
    const struct http_request r = {
        .url = w->url, .body = body.p, .headers = headers, .header_count = 2, .status = &status};
    enum status done = http_client_fetch(w->http, &r, &answer, e);
    buf_free(&answer);
    if (done == OK && (status < 200 || status > 299)) {
        return error_set(e, ERR_IO, "HTTP status %d", status);
    }
    return done;
}

/* A URL's path and query may be secrets: messages have the host alone. */
static struct str host_of(const struct webhook *w)
{
    const char *host = strstr(w->url, "://") + 3;
    return (struct str){host, strcspn(host, "/?#")};
}

static bool deliver(void *ctx, uint64_t tag, struct str body)
{
    struct webhook *w = ctx;
    struct error e = ERROR_INIT;
    (void)tag;
    bool done = post(w, body, &e) == OK;
    metrics_add(done ? METRIC_WEBHOOKS_SENT : METRIC_WEBHOOK_FAILURES, 1);
    if (!done && !w->complained) {
        log_error("alert", "webhook at %.*s: %s; it is tried again", STR_ARG(host_of(w)),
                  e.message);
    } else if (done && w->complained) {
        log_info("alert", "webhook at %.*s takes alerts again", STR_ARG(host_of(w)));
    }
    w->complained = !done;
    return done;
}

static void dropped(void *ctx, uint64_t tag)
{
    (void)ctx, (void)tag;
    metrics_add(METRIC_WEBHOOKS_DROPPED, 1);
}

/* --- the configuration --- */

static bool is_loopback_url(const char *url)
{
    static const char *const heads[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t n = strlen(heads[i]);
        if (strncmp(url, heads[i], n) == 0 && strchr(":/", url[n])) { /* or the end */
            return true;
        }
    }
    return false;
}

static enum status check_url(const char *url, struct error *e)
{
    size_t n = strncmp(url, "https://", 8) == 0 ? 8 : is_loopback_url(url) ? 7 : 0;
    size_t host = n + strcspn(url + n, "/?#");
    if (n == 0 || host == n || memchr(url, '@', host) || strpbrk(url, " \t\r\n\"<>\\")) {
        error_set(e, ERR_CONFIG, "alert_webhooks: one is no address of a webhook");
        return error_hint(e, "Write https://HOST/PATH without user or password; http:// goes to "
                             "127.0.0.1, localhost and [::1] alone.");
    }
    return OK;
}

static enum status read_secret(struct webhooks *w, const char *file, struct error *e)
{
    size_t n = 0;
    if (!file || !*file) {
        error_set(e, ERR_CONFIG, "alert_webhook_secret: webhooks need one");
        return error_hint(e, "Name a file of mode 0600 with %d random bytes or more, as text.",
                          SECRET_LEAST);
    }
    if (keyfile_read(file, w->secret, sizeof w->secret, &n, e) != OK) {
        return FAIL;
    }
    w->secret_size = str_trim((struct str){w->secret, n}).n;
    if (w->secret_size < SECRET_LEAST || w->secret_size > n || strchr(" \t\r\n", w->secret[0])) {
        return error_set(e, ERR_CONFIG, "alert_webhook_secret: %s has no secret of %d to %d bytes",
                         file, SECRET_LEAST, WEBHOOK_SECRET_MAX);
    }
    return OK;
}

static enum status add(struct webhooks *w, const char *url, const char *ca_file, struct error *e)
{
    if (w->n == WEBHOOKS_MAX) {
        return error_set(e, ERR_CONFIG, "alert_webhooks: at most %d", WEBHOOKS_MAX);
    }
    if (check_url(url, e) != OK) {
        return FAIL;
    }
    struct webhook *one = &w->at[w->n++];
    const struct http_client_config http = {
        .ca_file = ca_file, .timeout_ms = TIMEOUT_MS, .loopback = is_loopback_url(url)};
    const struct courier_config courier = {
        .deliver = deliver, .dropped = dropped, .ctx = one, .tries = TRIES};
    one->all = w;
    one->url = mem_strdup(url);
    one->http = http_client_new(&http);
    return courier_start(&courier, &one->courier, e);
}

enum status webhooks_start(const char *urls, const char *secret_file, const char *ca_file,
                           struct webhooks **out, struct error *e)
{
    struct webhooks *w = mem_alloc(sizeof *w);
    char *copy = mem_strdup(urls), *rest = copy, *one;
    enum status status = OK;
    while (status == OK && (one = strtok_r(NULL, ", ", &rest))) {
        status = add(w, one, ca_file, e);
    }
    if (status == OK && w->n) {
        status = read_secret(w, secret_file, e);
    }
    free(copy);
    if (status != OK) {
        webhooks_stop(w);
        return FAIL;
    }
    *out = w;
    return OK;
}

void webhooks_stop(struct webhooks *w)
{
    if (!w) {
        return;
    }
    for (size_t i = 0; i < w->n; i++) {
        size_t left = courier_stop(w->at[i].courier);
        if (left) {
            log_warn("alert", "webhook at %.*s: %zu alerts weren't taken before the end",
                     STR_ARG(host_of(&w->at[i])), left);
        }
        http_client_free(w->at[i].http);
        free(w->at[i].url);
    }
    mem_wipe(w, sizeof *w);
    free(w);
}

void webhooks_send(struct webhooks *w, struct str body)
{
    for (size_t i = 0; i < w->n; i++) {
        courier_send(w->at[i].courier, 0, body);
    }
}
