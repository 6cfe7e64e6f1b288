/* hatidata policy history, rollback. */
#include <inttypes.h>
#include <stdio.h>

#include "command/policy_files.h"
#include "command/policy_steps.h"
#include "policy/policy.h"
#include "store/history.h"
#include "wire/datetime.h"

static void put_row(const struct store_policy_version *v)
{
    char at[DATETIME_ROOM];
    *datetime_put_stamp(at, v->at_us / 1000000 * 1000000, true) = '\0';
    printf("%" PRId64 "\t%s\t%.*s\t%.*s\t%.*s\t%s\n", v->version, at,
           STR_ARG(v->actor.n ? v->actor : STR("?")), STR_ARG(v->action), STR_ARG(v->name),
           !v->json.n   ? "gone"
           : v->enabled ? "enabled"
                        : "disabled");
}

int policy_history(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_policy_version *rows = NULL;
    const char *name = NULL;
    size_t n = 0;
    if (!admin_begin_upto(&ad, argc, argv, known, &name, 0, 1)) {
        return ad.code;
    }
    enum status status = admin_seal(&ad);
    if (status == OK) {
        status = store_history(ad.store, ad.org.id, str_of(name), ad.a, &rows, &n, &ad.e);
    }
    for (size_t i = 0; i < n; i++) { /* also of a history that isn't whole: to be looked at */
        put_row(&rows[i]);
    }
    if (status == OK && name && n == 0) {
        status = error_set(&ad.e, ERR_NOT_FOUND, "no policy \"%s\" has a history", name);
    }
    return admin_end(&ad, status);
}

enum status policy_as_of(struct admin *ad, struct str name, const char *version, struct str *json)
{
    struct store_policy_version *rows = NULL;
    int64_t wanted;
    size_t n;
    if (admin_number("--version", version, 1, INT64_MAX, &wanted, &ad->e) != OK ||
        admin_seal(ad) != OK ||
        store_history(ad->store, ad->org.id, name, ad->a, &rows, &n, &ad->e) != OK) {
        return FAIL;
    }
    *json = STR("");
    for (size_t i = 0; i < n && rows[i].version <= wanted; i++) {
        *json = rows[i].json;
    }
    return json->n ? OK
                   : error_set(&ad->e, ERR_NOT_FOUND, "there was no policy \"%.*s\" then",
                               STR_ARG(name));
}

/* A document that was good then may be none for this program. */
static enum status check_step(void *ctx, const struct store_policy_step *step, struct error *e)
{
    struct policy_document d = {
        .name = step->name, .json = step->after, .enabled = step->is_enabled};
    struct error why = ERROR_INIT;
    (void)ctx;
    if (step->after.n == 0 || policy_validate(&d, &why) == OK) {
        return OK;
    }
    error_set(e, why.code, "policy \"%.*s\" of that version: %s", STR_ARG(step->name), why.message);
    return error_hint(e, "%s", error_advice(&why));
}

int policy_rollback(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct store_apply how = {.check = check_step};
    const struct option known[] = {
        ADMIN_DATA(ad), ADMIN_ORG(ad), {"--dry-run", OPTION_FLAG, .flag = &how.dry_run}, {NULL}};
    struct store_applied applied;
    const char *text;
    int64_t version;
    if (!admin_begin(&ad, argc, argv, known, &text, 1)) {
        return ad.code;
    }
    enum status status = admin_number("the version", text, 1, INT64_MAX, &version, &ad.e);
    if (status == OK) {
        status = admin_seal(&ad);
    }
    if (status == OK) {
        status = store_policies_rollback(ad.store, ad.actor, ad.org.id, version, &how, ad.a,
                                         &applied, &ad.e);
    }
    if (status == OK) {
        policy_steps_print(&applied, true);
        policy_version_print(&applied, how.dry_run);
    }
    return admin_end(&ad, status);
}
