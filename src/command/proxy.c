/* hatidata proxy: the data plane alone, and what makes a host one: a token at the control plane,
 * enrolment at the host. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/admin.h"
#include "command/datadir.h"
#include "command/plane.h"
#include "command/serve.h"
#include "planes/enrol.h"
#include "planes/planeca.h"
#include "store/proxies.h"

enum { TOKEN_MINUTES = 60, TOKEN_MINUTES_MAX = 7 * 24 * 60, TOKEN_LINE = 256, NAME_MAX_BYTES = 64 };

/* ---- at the control plane ---- */

static enum status open_ca(struct admin *ad, struct planeca *out)
{
    uint8_t key[KMS_KEY_SIZE];
    struct keyring *keys;
    struct datadir d;
    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_keyring(d.kms_uri, d.keyring, &keys, &ad->e) != OK) {
        return FAIL;
    }
    keyring_store_key(keys, key);
    keyring_close(keys);
    enum status status = planeca_open(ad->store, key, ad->actor, ad->a, out, &ad->e);
    mem_wipe(key, sizeof key);
    return status;
}

static enum status check_name(const char *name, struct error *e)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", name[i])) {
            n = 0;
        }
    }
    return n > 0 && n <= NAME_MAX_BYTES
               ? OK
               : error_set(e, ERR_VALIDATION,
                           "a proxy's name is 1 to %d of a-z, 0-9, dot and hyphen", NAME_MAX_BYTES);
}

static int proxy_token(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *name, *minutes_text = NULL;
    const struct option known[] = {
        ADMIN_DATA(ad), {"--minutes", OPTION_TEXT, .text = &minutes_text}, {NULL}};
    int64_t minutes = TOKEN_MINUTES;
    struct planeca ca = {.authority = NULL};
    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    enum status status = check_name(name, &ad.e);
    if (status == OK && minutes_text) {
        status = admin_number("--minutes", minutes_text, 1, TOKEN_MINUTES_MAX, &minutes, &ad.e);
    }
    if (status == OK) {
        status = open_ca(&ad, &ca);
    }
    if (status == OK) {
        struct str token = planeca_token(ad.a);
        status = store_proxy_token(ad.store, ad.actor, planeca_token_digest(token, ad.a),
                                   str_of(name), clock_wall_us() + minutes * 60 * 1000000, &ad.e);
        if (status == OK) {
            printf("%.*s\n", STR_ARG(token));
        }
    }
    authority_free(ca.authority);
    return admin_end(&ad, status);
}

static int proxy_fingerprint(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct planeca ca = {.authority = NULL};
    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = open_ca(&ad, &ca);
    if (status == OK) {
        puts(ca.fingerprint);
    }
    authority_free(ca.authority);
    return admin_end(&ad, status);
}

static int proxy_list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_proxy *rows = NULL;
    size_t n = 0;
    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = store_proxies(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; i < n && status == OK; i++) {
        char since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
        clock_format(rows[i].enrolled_us, since);
        clock_format(rows[i].revoked_us ? rows[i].revoked_us : rows[i].ends_us, until);
        printf("%.*s\t%.*s\tenrolled %s\t%s %s\n", STR_ARG(rows[i].id), STR_ARG(rows[i].name),
               since, rows[i].revoked_us ? "revoked" : "certificate until", until);
    }
    return admin_end(&ad, status);
}

static int proxy_revoke(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    const char *who;
    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_proxy_revoke(ad.store, ad.actor, str_of(who), &ad.e));
}

/* ---- at the proxy ---- */

static enum status read_token(const char *path, char token[TOKEN_LINE], struct error *e)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!f) {
        return error_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    bool read = fgets(token, TOKEN_LINE, f) != NULL;
    if (f != stdin) {
        fclose(f);
    }
    if (!read) {
        return error_set(e, ERR_VALIDATION, "%s has no token", path);
    }
    token[strcspn(token, "\r\n")] = '\0';
    return OK;
}

static int enrol(struct arena *a, const char *dir, const char *nodes, const char *token_file,
                 const char *fingerprint)
{
    char token[TOKEN_LINE] = "";
    uint8_t mask_key[KMS_KEY_SIZE];
    struct error e = ERROR_INIT;
    struct enrolment x;
    struct datadir d;
    datadir_paths(a, dir, &d);
    enum status status = read_token(token_file, token, &e);
    if (status == OK) {
        status = datadir_init_proxy(&d, &e);
    }
    if (status == OK) {
        status = enrol_proxy(dir, nodes, fingerprint, str_of(token), a, &x, mask_key, &e);
    }
    if (status == OK) {
        status = datadir_take_mask(&d, mask_key, &e);
    }
    if (status == OK) {
        status = enrol_finish(dir, &x, a, &e);
    }
    mem_wipe(mask_key, sizeof mask_key);
    mem_wipe(token, sizeof token);
    if (status != OK) {
        return command_fail(&e);
    }
    printf("%s is the proxy %.*s (%.*s). Start it with: hatidata proxy --data-dir %s\n", dir,
           STR_ARG(x.name), STR_ARG(x.proxy), dir);
    return EXIT_DONE;
}

static int proxy_enrol(int argc, char **argv)
{
    const char *home = getenv("HATIDATA_DATA_DIR"), *data = home && *home ? home : "data";
    const char *nodes = NULL, *token_file = NULL, *fingerprint = NULL;
    const struct option known[] = {{"--data", OPTION_TEXT, .text = &data},
                                   {"--control", OPTION_TEXT, .text = &nodes},
                                   {"--token-file", OPTION_TEXT, .text = &token_file},
                                   {"--ca-fingerprint", OPTION_TEXT, .text = &fingerprint},
                                   {NULL}};
    size_t rest = 0;
    if (!options_parse(argc, argv, known, NULL, 0, &rest)) {
        return EXIT_USAGE;
    }
    if (!nodes || !token_file || !fingerprint) {
        fprintf(stderr, "enrol: --control, --token-file or --ca-fingerprint is missing\n"
                        "hint: --help tells the usage\n");
        return EXIT_USAGE;
    }
    struct arena *a = arena_new(0);
    int code = enrol(a, data, nodes, token_file, fingerprint);
    arena_free(a);
    return code;
}

static int run(const struct config *c, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct enrolment x;
    if (enrol_read(c->data_dir, a, &x, &e) != OK ||
        (*c->control_nodes && enrol_nodes(c->control_nodes, a, &x, &e) != OK)) {
        return command_fail(&e);
    }
    return serve_run(c, a, &x);
}

static const struct verb verbs[] = {
    {"token", "NAME [--minutes N]", proxy_token},
    {"fingerprint", "", proxy_fingerprint},
    {"list", "", proxy_list},
    {"revoke", "ID|NAME", proxy_revoke},
    {"enrol", "--control HOST:PORT[,...] --token-file FILE|- --ca-fingerprint SHA256", proxy_enrol},
    {NULL},
};

int command_proxy(int argc, char **argv)
{
    for (const struct verb *v = verbs; argc > 1 && v->name; v++) {
        if (strcmp(argv[1], v->name) == 0) {
            return verbs_run(argc, argv, verbs);
        }
    }
    return plane_run(
        argc, argv,
        "Runs the data plane alone, for the control plane that it enrolled with.\n"
        "Verbs: token, fingerprint, list, revoke (at the control plane); enrol (here):\n"
        "`hatidata proxy list --help` tells their usage.",
        run);
}
