#include "command/plane.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "crypto/datakey.h"
#include "identity/federation.h"
#include "identity/identity.h"
#include "net/http_client.h"
#include "store/history.h"

const char *plane_address(struct arena *a, const char *address, uint16_t *port)
{
    const char *colon = strrchr(address, ':');
    struct str host = {address, (size_t)(colon - address)};
    *port = (uint16_t)strtoul(colon + 1, NULL, 10);
    if (host.n >= 2 && host.p[0] == '[') {
        host = (struct str){host.p + 1, host.n - 2};
    }
    return str_is(host, "*") ? "0.0.0.0" : arena_strdup(a, host);
}

struct identity_config plane_identity(const struct config *c, const struct keyring *keys,
                                      uint8_t secret_key[KMS_KEY_SIZE])
{
    struct identity_config identity = IDENTITY_CONFIG_DEFAULT;
    keyring_store_key(keys, secret_key);
    identity.secret_key = secret_key;
    identity.issuer = c->token_issuer;
    identity.argon2_memory_kib = (int)(c->argon2_memory / 1024);
    identity.argon2_passes = (int)c->argon2_passes;
    return identity;
}

struct federation *plane_federation(const struct config *c, struct store *store,
                                    struct http_client **client)
{
    enum { FRESH_MS = 3600 * 1000, STALE_MS = 24 * FRESH_MS };
    struct http_client_config http = {.ca_file = c->federation_ca,
                                      .proxy = c->federation_proxy,
                                      .timeout_ms = (int)c->federation_timeout};
    *client = http_client_new(&http);
    struct federation_config federation = {
        .store = store,
        .http = *client,
        .sts_connect = c->federation_sts,
        .key_interval_ms = c->federation_interval,
        .key_fresh_ms = FRESH_MS,
        .key_stale_ms = STALE_MS,
        .wall_us = clock_wall_us,
    };
    return federation_new(&federation);
}

void plane_seal(const struct keyring *keys, struct store *store)
{
    uint8_t key[KMS_KEY_SIZE];
    keyring_seal_key(keys, key);
    store_seal_with(store, key);
    mem_wipe(key, sizeof key);
}

enum status plane_start(const struct config *c, struct arena *a, const struct plane *p,
                        struct control **out, struct error *e)
{
    struct control_config o = CONTROL_CONFIG_DEFAULT;
    o.address = plane_address(a, c->control_listen, &o.port);
    o.certificate_file = c->tls_cert;
    o.key_file = c->tls_key;
    o.workers = (int)c->control_workers;
    o.queue = (int)c->control_max_connections; /* a connection has one request waiting */
    o.max_connections = (int)c->control_max_connections;
    o.idle_seconds = (int)((c->control_idle_timeout + 999) / 1000);
    o.max_body = (size_t)c->control_max_body;
    o.rate = control_rate_of(c->rate_tier);
    o.jit_minutes_max = c->jit_max / 60000;
    o.version = HATIDATA_VERSION;
    o.store = p->store;
    o.identity = p->identity;
    o.audit_dir = p->audit_dir;
    o.pipeline = p->pipeline;
    o.ledger = p->ledger;
    o.admission = p->admission;
    o.queue_ms = c->queue_timeout;
    return control_start(&o, out, e);
}

void plane_prepare(const struct config *c, sigset_t *stops)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < 4; i++) {
        if (!strcmp(c->log_level, levels[i])) {
            log_set_level((enum log_level)i);
        }
    }
    sigemptyset(stops);
    sigaddset(stops, SIGINT);
    sigaddset(stops, SIGTERM);
    sigaddset(stops, SIGHUP);
    pthread_sigmask(SIG_BLOCK, stops, NULL);
}

static int print_all(const struct config *c)
{
    struct buf text = BUF_INIT(0);
    config_print(c, &text);
    fwrite(text.p, 1, text.n, stdout);
    buf_free(&text);
    return EXIT_DONE;
}

static int help(const char *command, const char *about)
{
    struct buf text = BUF_INIT(0);
    buf_printf(&text,
               "usage: hatidata %s [OPTIONS]\n"
               "%s Flags go before environment (HATIDATA_NAME), that before the\n"
               "file (--config FILE, else hatidata.conf); --print-config shows what holds.\n\n",
               command, about);
    config_help(&text);
    fwrite(text.p, 1, text.n, stdout);
    buf_free(&text);
    return EXIT_DONE;
}

int plane_run(int argc, char **argv, const char *about,
              int (*run)(const struct config *c, struct arena *a))
{
    struct arena *a = arena_new(0);
    struct buf mistakes = BUF_INIT(1 << 20);
    struct config config;
    int code;
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        code = help(argv[0], about);
    } else if (config_load(argc, argv, &config, a, &mistakes) != OK) {
        fwrite(mistakes.p, 1, mistakes.n, stderr);
        code = EXIT_USAGE;
    } else if (config.rest_count) {
        fprintf(stderr, "hatidata %s: unexpected argument '%s'\n", argv[0], config.rest[0]);
        code = EXIT_USAGE;
    } else {
        code = config.print_config ? print_all(&config) : run(&config, a);
    }
    buf_free(&mistakes);
    arena_free(a);
    return code;
}
