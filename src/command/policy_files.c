/* hatidata policy diff, apply: a folder in version control, and what is stored. */
#include "command/policy_files.h"

#include <stdio.h>

#include "command/policy_folder.h"
#include "command/policy_steps.h"

struct applying {
    bool prune, dry_run;
    const char *if_version; /* of --if-version */
};

/* As much of the list as fits on a few lines. */
static void name_others(const struct policy_folder *folder)
{
    enum { NAMED = 5 };
    for (size_t i = 0; i < folder->other_count && i < NAMED; i++) {
        fprintf(stderr, "not a policy (its name doesn't end in .json): %s\n", folder->others[i]);
    }
    if (folder->other_count > NAMED) {
        fprintf(stderr, "and %zu more files that are no policies\n", folder->other_count - NAMED);
    }
}

/* The folder's documents, each as its file has it. Where one is wrong, none goes anywhere. */
static enum status read_documents(struct admin *ad, const char *dir, json_t **out)
{
    struct policy_folder folder;
    size_t mistakes;
    if (policy_folder_read(dir, ad->a, &folder, &mistakes, &ad->e) != OK) {
        return FAIL;
    }
    name_others(&folder);
    if (mistakes) {
        error_set(&ad->e, ERR_VALIDATION, "%zu mistake%s in %s; nothing is applied", mistakes,
                  mistakes == 1 ? "" : "s", dir);
        return error_hint(&ad->e, "Correct the places named above.");
    }
    *out = json_array();
    for (size_t i = 0; i < folder.count; i++) {
        struct str text = folder.files[i].document.json;
        json_array_append_new(*out, json_stringn(text.p, text.n));
    }
    return OK;
}

/* An empty folder is more likely a wrong path than a wish to be without policies. */
static enum status check_prune(struct admin *ad, const char *dir, const struct applying *how,
                               const json_t *documents)
{
    if (how->prune && !how->dry_run && json_array_size(documents) == 0) {
        error_set(&ad->e, ERR_VALIDATION, "%s has no policies: --prune would remove every policy",
                  dir);
        return error_hint(&ad->e, "Check the path; `hatidata policy remove` removes a policy.");
    }
    return OK;
}

static enum status apply(struct admin *ad, const char *dir, const struct applying *how,
                         struct store_applied *out)
{
    json_t *documents = NULL;
    const json_t *answer;
    if (read_documents(ad, dir, &documents) != OK) {
        return FAIL;
    }
    json_t *body = json_pack("{s:o, s:b, s:b}", "documents", documents, "prune", how->prune,
                             "dry_run", how->dry_run);
    if (check_prune(ad, dir, how, documents) != OK ||
        policy_expect(ad, body, how->if_version) != OK || api_seal(ad) != OK) {
        json_decref(body);
        return FAIL;
    }
    if (api_call(ad, "POST", api_path(ad, "policies", NULL), body, &answer) != OK) {
        return FAIL;
    }
    policy_applied_read(answer, ad->a, out);
    return OK;
}

int policy_diff(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    struct applying how = {.prune = true, .dry_run = true};
    struct store_applied applied = {0};
    const char *dir;
    if (!api_begin(&ad, argc, argv, known, &dir, 1)) {
        return ad.code;
    }
    enum status status = apply(&ad, dir, &how, &applied);
    if (status == OK) {
        policy_steps_print(&applied, false);
        printf("the policies are at version %lld\n", (long long)applied.base);
    }
    int code = admin_end(&ad, status);
    return code == EXIT_DONE && applied.count ? EXIT_FAILED : code;
}

int policy_apply(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct applying how = {0};
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   {"--prune", OPTION_FLAG, .flag = &how.prune},
                                   {"--dry-run", OPTION_FLAG, .flag = &how.dry_run},
                                   {"--if-version", OPTION_TEXT, .text = &how.if_version},
                                   {NULL}};
    struct store_applied applied;
    const char *dir;
    if (!api_begin(&ad, argc, argv, known, &dir, 1)) {
        return ad.code;
    }
    enum status status = apply(&ad, dir, &how, &applied);
    if (status == OK) {
        policy_steps_print(&applied, true);
        policy_version_print(&applied, how.dry_run);
    }
    return admin_end(&ad, status);
}
