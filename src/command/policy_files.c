/* hatidata policy diff, apply: a folder in version control, and what is stored. */
#include "command/policy_files.h"

#include <stdio.h>

#include "command/policy_folder.h"
#include "command/policy_steps.h"

enum status policy_check_environments(struct admin *ad, const struct policy_document *d)
{
    struct str *names;
    size_t n = policy_environments(d, ad->a, &names);
    return store_environments_check(ad->store, ad->org.id, names, n, &ad->e) == OK
               ? OK
               : error_hint(&ad->e,
                            "Policy \"%.*s\" names it; `hatidata org show` lists those that are "
                            "there.",
                            STR_ARG(d->name));
}

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

static enum status read_wishes(struct admin *ad, const char *dir, struct store_policy_wish **wishes,
                               size_t *n)
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
    *wishes = ARENA_ARRAY(ad->a, struct store_policy_wish, folder.count);
    *n = folder.count;
    for (size_t i = 0; i < folder.count; i++) {
        const struct policy_document *d = &folder.files[i].document;
        (*wishes)[i] = (struct store_policy_wish){d->name, d->json, d->enabled};
        if (policy_check_environments(ad, d) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* An empty folder is more likely a wrong path than a wish to be without policies. */
static enum status check_prune(struct admin *ad, const char *dir, const struct store_apply *how,
                               size_t n)
{
    if (how->prune && !how->dry_run && n == 0) {
        error_set(&ad->e, ERR_VALIDATION, "%s has no policies: --prune would remove every policy",
                  dir);
        return error_hint(&ad->e, "Check the path; `hatidata policy remove` removes a policy.");
    }
    return OK;
}

static enum status apply(struct admin *ad, const char *dir, const struct store_apply *how,
                         struct store_applied *out)
{
    struct store_policy_wish *wishes = NULL;
    size_t n = 0;
    if (read_wishes(ad, dir, &wishes, &n) != OK || check_prune(ad, dir, how, n) != OK ||
        admin_seal(ad) != OK) {
        return FAIL;
    }
    return store_policies_apply(ad->store, ad->actor, ad->org.id, wishes, n, how, ad->a, out,
                                &ad->e);
}

int policy_diff(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_apply how = {.prune = true, .dry_run = true};
    struct store_applied applied = {0};
    const char *dir;
    if (!admin_begin(&ad, argc, argv, known, &dir, 1)) {
        return ad.code;
    }
    enum status status = apply(&ad, dir, &how, &applied);
    if (status == OK) {
        policy_steps_print(&applied, false);
    }
    int code = admin_end(&ad, status);
    return code == EXIT_DONE && applied.count ? EXIT_FAILED : code;
}

int policy_apply(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct store_apply how = {0};
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   {"--prune", OPTION_FLAG, .flag = &how.prune},
                                   {"--dry-run", OPTION_FLAG, .flag = &how.dry_run},
                                   {NULL}};
    struct store_applied applied;
    const char *dir;
    if (!admin_begin(&ad, argc, argv, known, &dir, 1)) {
        return ad.code;
    }
    enum status status = apply(&ad, dir, &how, &applied);
    if (status == OK) {
        policy_steps_print(&applied, true);
        policy_version_print(&applied, how.dry_run);
    }
    return admin_end(&ad, status);
}
