/* hatidata policy: masks, row filters and attribute rules, as JSON documents. */
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "command/admin.h"
#include "command/policy_files.h"
#include "command/policy_folder.h"
#include "command/policy_test.h"
#include "store/policies.h"

static enum status read_document(const char *path, struct buf *out, struct error *e)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    enum status status = OK;
    char piece[8192];
    size_t n;

    if (!f) {
        return error_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    while ((n = fread(piece, 1, sizeof piece, f)) > 0) {
        buf_put(out, piece, n);
    }
    if (ferror(f)) {
        status = error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    } else if (out->failed) {
        status = error_set(e, ERR_VALIDATION, "%s: a policy may have at most %d bytes", path,
                           STORE_JSON_MAX);
    }
    if (f != stdin) {
        fclose(f);
    }
    return status;
}

static int set(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct buf text = BUF_INIT(STORE_JSON_MAX);
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct policy_document document = {0};
    struct store_policy stored;
    const char *path;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &path, 1)) {
        return ad.code;
    }
    status = read_document(path, &text, &ad.e);
    if (status == OK) {
        status = policy_head_read(buf_str(&text), ad.a, &document, &ad.e);
    }
    if (status == OK) {
        document.org_id = ad.org.id;
        status = policy_validate(&document, &ad.e);
    }
    if (status == OK) {
        status = policy_check_environments(&ad, &document);
    }
    if (status == OK) {
        status = admin_seal(&ad);
    }
    if (status == OK) {
        status = store_policy_set(ad.store, ad.actor, ad.org.id, document.name, document.json,
                                  document.enabled, ad.a, &stored, &ad.e);
    }
    if (status == OK) {
        printf("%.*s\t%.*s\tversion %lld%s\n", STR_ARG(stored.id), STR_ARG(stored.name),
               (long long)stored.version, policy_is_shadow(&document) ? "\tshadow" : "");
    }
    buf_free(&text);
    return admin_end(&ad, status);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_policy *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_policies(ad.store, ad.org.id, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        struct policy_document document = {.json = rows[i].json};
        printf("%.*s\t%.*s\t%s\tversion %lld%s\n", STR_ARG(rows[i].id), STR_ARG(rows[i].name),
               rows[i].enabled ? "enabled" : "disabled", (long long)rows[i].version,
               policy_is_shadow(&document) ? "\tshadow" : "");
    }
    return admin_end(&ad, status);
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *version = NULL, *name;
    const struct option known[] = {
        ADMIN_DATA(ad), ADMIN_ORG(ad), {"--version", OPTION_TEXT, .text = &version}, {NULL}};
    struct store_policy policy;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = version ? policy_as_of(&ad, str_of(name), version, &policy.json)
                     : store_policy_find(ad.store, ad.org.id, str_of(name), ad.a, &policy, &ad.e);
    if (status == OK) {
        struct str json = str_trim(policy.json);

        fwrite(json.p, 1, json.n, stdout);
        putchar('\n');
    }
    return admin_end(&ad, status);
}

static int set_enabled(int argc, char **argv, bool enabled)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, admin_seal(&ad) == OK ? store_policy_enable(ad.store, ad.actor, ad.org.id,
                                                                      str_of(name), enabled, &ad.e)
                                                : FAIL);
}

static int enable(int argc, char **argv)
{
    return set_enabled(argc, argv, true);
}

static int disable(int argc, char **argv)
{
    return set_enabled(argc, argv, false);
}

static int remove_policy(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, admin_seal(&ad) == OK ? store_policy_remove(ad.store, ad.actor, ad.org.id,
                                                                      str_of(name), &ad.e)
                                                : FAIL);
}

int command_policy(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"set", "FILE|- --org ORG", set},
        {"list", "--org ORG", list},
        {"show", "NAME --org ORG [--version VERSION]", show},
        {"enable", "NAME --org ORG", enable},
        {"disable", "NAME --org ORG", disable},
        {"remove", "NAME --org ORG", remove_policy},
        {"diff", "FOLDER --org ORG", policy_diff},
        {"apply", "FOLDER --org ORG [--prune] [--dry-run]", policy_apply},
        {"test", "FOLDER|FILE --org ORG [--policies FOLDER] [--env NAME]", policy_test},
        {"history", "[NAME] --org ORG", policy_history},
        {"rollback", "VERSION --org ORG [--dry-run]", policy_rollback},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
