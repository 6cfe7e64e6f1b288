#include "command/admin.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/datadir.h"
#include "identity/identity.h"
#include "store/history.h"
#include "store/iam.h"

int command_fail(const struct error *e)
{
    fprintf(stderr, "hatidata: %s\n", e->message);
    if (*error_advice(e)) {
        fprintf(stderr, "hint: %s\n", error_advice(e));
    }
    fprintf(stderr, "code: %s\n", error_info(e->code)->name);
    return EXIT_FAILED;
}

static int usage(FILE *out, const char *command, const struct verb *verbs)
{
    fputs("usage:\n", out);
    for (const struct verb *v = verbs; v->name; v++) {
        fprintf(out, "  hatidata %s %s%s%s\n", command, v->name, *v->usage ? " " : "", v->usage);
    }
    fputs("Each takes --data DIR (default: $HATIDATA_DATA_DIR, else ./data). With a sign-in\n"
          "(hatidata login) and without a data folder, or with --control URL, what the control\n"
          "plane there can do is done by it, and --org is needed no more.\n",
          out);
    return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

int verbs_run(int argc, char **argv, const struct verb *verbs)
{
    if (asks_help(argc, argv)) {
        return usage(stdout, argv[0], verbs);
    }
    if (argc < 2) {
        return usage(stderr, argv[0], verbs);
    }
    for (const struct verb *v = verbs; v->name; v++) {
        if (strcmp(argv[1], v->name) == 0) {
            return v->run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "hatidata %s: unknown verb '%s'\n", argv[0], argv[1]);
    return usage(stderr, argv[0], verbs);
}

struct str command_actor(struct arena *a)
{
    struct passwd entry, *found = NULL;
    char text[4096];

    if (getpwuid_r(getuid(), &entry, text, sizeof text, &found) == 0 && found) {
        return str_of(arena_printf(a, "cli:%s", found->pw_name));
    }
    return str_of(arena_printf(a, "cli:uid-%u", (unsigned)getuid()));
}

static enum status open_store(struct admin *ad)
{
    const char *home = getenv("HATIDATA_DATA_DIR");
    const char *dir = ad->data ? ad->data : home && *home ? home : "data";
    struct datadir d;

    ad->dir = dir;
    if (datadir_not_proxy(dir, &ad->e) != OK) {
        return FAIL;
    }
    datadir_paths(ad->a, dir, &d);
    return datadir_store(&d, &ad->store, &ad->e);
}

bool admin_takes_org(const struct admin *ad, const struct option *known)
{
    for (const struct option *o = known; o->name; o++) {
        if (o->kind == OPTION_TEXT && o->text == &ad->org_name) {
            return true;
        }
    }
    return false;
}

bool admin_begin(struct admin *ad, int argc, char **argv, const struct option *known,
                 const char **rest, size_t rest_count)
{
    return admin_begin_upto(ad, argc, argv, known, rest, rest_count, rest_count);
}

bool admin_parse(struct admin *ad, int argc, char **argv, const struct option *known,
                 const char **rest, size_t least, size_t most)
{
    size_t given;

    ad->code = EXIT_USAGE;
    if (!options_parse(argc, argv, known, rest, most, &given)) {
        return false;
    }
    if (given < least) {
        fprintf(stderr, "%s: an argument is missing\nhint: --help tells the usage\n", argv[0]);
        return false;
    }
    ad->a = arena_new(0);
    ad->actor = command_actor(ad->a);
    ad->code = EXIT_DONE;
    return true;
}

bool admin_open(struct admin *ad, const struct option *known, const char *command)
{
    bool wants_org = admin_takes_org(ad, known);

    if (wants_org && !ad->org_name) {
        fprintf(stderr, "%s: --org NAME is missing\nhint: --help tells the usage\n", command);
        arena_free(ad->a);
        ad->code = EXIT_USAGE;
        return false;
    }
    if (open_store(ad) != OK || (wants_org && store_org_find(ad->store, str_of(ad->org_name), ad->a,
                                                             &ad->org, &ad->e) != OK)) {
        ad->code = admin_end(ad, FAIL);
        return false;
    }
    return true;
}

bool admin_begin_upto(struct admin *ad, int argc, char **argv, const struct option *known,
                      const char **rest, size_t least, size_t most)
{
    return admin_parse(ad, argc, argv, known, rest, least, most) && admin_open(ad, known, argv[0]);
}

enum status admin_seal(struct admin *ad)
{
    uint8_t key[KMS_KEY_SIZE];
    struct datadir d;
    struct keyring *keys;

    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_keyring(d.kms_uri, d.keyring, &keys, &ad->e) != OK) {
        return FAIL;
    }
    keyring_seal_key(keys, key);
    store_seal_with(ad->store, key);
    mem_wipe(key, sizeof key);
    keyring_close(keys);
    return OK;
}

void command_fault(const struct remote_fault *f)
{
    if (f->field) {
        fprintf(stderr, "field: %s, which must be %s\n", f->field, f->constraint);
    }
    if (f->request_id) {
        fprintf(stderr, "request: %s\n", f->request_id);
    }
}

enum status admin_refused(struct admin *ad, const char *action, const char *resource)
{
    struct error unwritten = ERROR_INIT;

    if (store_iam_refuse(ad->store, ad->org.id, ad->actor, action, str_of(resource), &ad->e,
                         &unwritten) != OK) {
        ad->e = unwritten;
    }
    return FAIL;
}

int admin_end(struct admin *ad, enum status status)
{
    int code = EXIT_DONE;

    if (status != OK) {
        code = command_fail(&ad->e);
        command_fault(&ad->fault);
    } else if (fflush(stdout) != 0) {
        perror("hatidata: standard output");
        code = EXIT_FAILED;
    }
    json_decref(ad->answers);
    remote_close(ad->remote);
    identity_close(ad->identity);
    store_close(ad->store);
    arena_free(ad->a);
    return code;
}

enum status admin_number(const char *what, const char *text, int64_t least, int64_t most,
                         int64_t *out, struct error *e)
{
    if (!str_to_i64(str_of(text), out) || *out < least || *out > most) {
        return error_set(e, ERR_VALIDATION,
                         "%s must be a whole number from %" PRId64 " to %" PRId64, what, least,
                         most);
    }
    return OK;
}
