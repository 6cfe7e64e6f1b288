/* hatidata control: the REST API without the data plane. Changes go into the store; whichever
 * server holds the audit log writes them down there. */
#include "control/control.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"
#include "command/plane.h"
#include "control/openapi.h"
#include "identity/federation.h"
#include "identity/identity.h"
#include "net/http_client.h"
#include "store/store.h"

struct running {
    struct keyring *keys;
    struct store *store;
    struct http_client *http_client;
    struct federation *federation;
    struct identity *identity;
    struct control *control;
};

static enum status start(struct running *r, const struct config *c, struct arena *a,
                         struct error *e)
{
    struct identity_config identity;
    enum status status;
    uint8_t key[KMS_KEY_SIZE];
    struct datadir dir;
    datadir_paths(a, c->data_dir, &dir);
    dir.store = c->store;
    if (datadir_keyring(c->kms, dir.keyring, &r->keys, e) != OK ||
        datadir_store(&dir, &r->store, e) != OK) {
        return FAIL;
    }
    plane_seal(r->keys, r->store);
    identity = plane_identity(c, r->keys, key);
    r->federation = plane_federation(c, r->store, &r->http_client);
    identity.federation = r->federation;
    status = identity_open(r->store, &identity, &r->identity, e);
    mem_wipe(key, sizeof key);
    if (status != OK) {
        return FAIL;
    }
    const struct plane plane = {.store = r->store, .identity = r->identity, .audit_dir = dir.audit};
    return plane_start(c, a, &plane, &r->control, e);
}

/* Each second grants that are over end, as in `serve`. */
static void run_until_told(struct running *r, const sigset_t *stops)
{
    const struct timespec tick = {.tv_sec = 1};
    bool complained = false;
    while (sigtimedwait(stops, NULL, &tick) < 0) {
        struct error e = ERROR_INIT;
        if (identity_tick(r->identity, &e) != OK && !complained) {
            log_error("control", "the ends of grants can't be written down: %s", e.message);
            complained = true;
        }
    }
}

static int control(const struct config *c, struct arena *a)
{
    struct running r = {0};
    struct error e = ERROR_INIT;
    int code = EXIT_DONE;
    sigset_t stops;
    plane_prepare(c, &stops);
    if (start(&r, c, a, &e) == OK) {
        log_info("control", "REST on %s", c->control_listen);
        run_until_told(&r, &stops);
    } else {
        code = command_fail(&e);
    }
    control_stop(r.control);
    identity_close(r.identity);
    federation_free(r.federation);
    http_client_free(r.http_client);
    store_close(r.store);
    keyring_close(r.keys);
    return code;
}

/* The same document as GET /v1/openapi.json. */
static int print_openapi(void)
{
    struct arena *a = arena_new(0);
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    openapi_write(&j, HATIDATA_VERSION, a);
    printf("%.*s\n", (int)text.n, text.p);
    buf_free(&text);
    arena_free(a);
    return EXIT_DONE;
}

int command_control(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--openapi")) {
        return print_openapi();
    }
    return plane_run(argc, argv,
                     "Runs the REST API without the data plane; --openapi alone prints its "
                     "OpenAPI document.",
                     control);
}
