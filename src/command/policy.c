/* hatidata policy: masks, row filters and attribute rules, as JSON documents. */
#include "policy/policy.h"

#include <inttypes.h>
#include <stdio.h>

#include "command/api.h"
#include "command/policy_files.h"
#include "command/policy_test.h"
#include "command/source.h"

/* What is wrong with the document itself is told before it goes anywhere. */
static enum status put_document(struct admin *ad, const char *path, const json_t **stored)
{
    struct policy_document document = {0};
    struct buf text = BUF_INIT(0);
    enum status status = source_read(path, &text, &ad->e);

    document.json = arena_str(ad->a, buf_str(&text));
    buf_free(&text);
    if (status != OK || policy_head_read(document.json, ad->a, &document, &ad->e) != OK ||
        policy_validate(&document, &ad->e) != OK || api_seal(ad) != OK) {
        return FAIL;
    }
    json_t *body = json_pack("{s:s%}", "document", document.json.p, document.json.n);
    const char *name = arena_strdup(ad->a, document.name);
    return api_call(ad, "PUT", api_path(ad, "policies", name, NULL), body, stored);
}

static int set(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *stored;
    const char *path;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &path, 1)) {
        return ad.code;
    }
    status = put_document(&ad, path, &stored);
    if (status == OK) {
        printf("%.*s\t%.*s\tversion %" PRId64 "%s\n", STR_ARG(api_text(stored, "id")),
               STR_ARG(api_text(stored, "name")), api_int(stored, "version"),
               api_bool(stored, "shadow") ? "\tshadow" : "");
    }
    return admin_end(&ad, status);
}

static void print_policy(const json_t *row)
{
    printf("%.*s\t%.*s\t%s\tversion %" PRId64 "%s\n", STR_ARG(api_text(row, "id")),
           STR_ARG(api_text(row, "name")), api_bool(row, "enabled") ? "enabled" : "disabled",
           api_int(row, "version"), api_bool(row, "shadow") ? "\tshadow" : "");
}

static int list(int argc, char **argv)
{
    return api_run_list(argc, argv, "policies", "name", print_policy);
}

/* The document as it is, or as it was as of a version of the history. */
static enum status get_document(struct admin *ad, const char *name, const char *version,
                                const json_t **out)
{
    const char *path = version ? api_path(ad, "policies", name, "versions", version, NULL)
                               : api_path(ad, "policies", name, NULL);
    int64_t wanted;

    if (version && (admin_number("--version", version, 1, INT64_MAX, &wanted, &ad->e) != OK ||
                    api_seal(ad) != OK)) {
        return FAIL;
    }
    return api_call(ad, "GET", path, NULL, out);
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *version = NULL, *name;
    const struct option known[] = {
        API_TARGET(ad), ADMIN_ORG(ad), {"--version", OPTION_TEXT, .text = &version}, {NULL}};
    const json_t *policy;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = get_document(&ad, name, version, &policy);
    if (status == OK) {
        printf("%.*s\n", STR_ARG(str_trim(api_text(policy, "document"))));
    }
    return admin_end(&ad, status);
}

/* A verb that needs no more than the policy. */
static int change(int argc, char **argv, const char *method, const char *action)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    enum status status;
    const char *name;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = api_seal(&ad);
    if (status == OK) {
        status = api_call(&ad, method, api_path(&ad, "policies", name, action, NULL), NULL, NULL);
    }
    return admin_end(&ad, status);
}

static int enable(int argc, char **argv)
{
    return change(argc, argv, "POST", "enable");
}

static int disable(int argc, char **argv)
{
    return change(argc, argv, "POST", "disable");
}

static int remove_policy(int argc, char **argv)
{
    return change(argc, argv, "DELETE", NULL);
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
        {"apply", "FOLDER --org ORG [--prune] [--dry-run] [--if-version N]", policy_apply},
        {"test", "FOLDER|FILE --org ORG [--policies FOLDER] [--env NAME]", policy_test},
        {"history", "[NAME] --org ORG", policy_history},
        {"rollback", "VERSION --org ORG [--dry-run] [--if-version N]", policy_rollback},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
