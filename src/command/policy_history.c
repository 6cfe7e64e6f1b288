/* hatidata policy history, rollback. */
#include <inttypes.h>
#include <stdio.h>

#include "command/policy_files.h"
#include "command/policy_steps.h"

/* The time to the second, as PostgreSQL shows it. */
static void put_row(const json_t *v)
{
    struct str at = api_text(v, "at"), actor = api_text(v, "actor");
    printf("%" PRId64 "\t%.10s %.8s+00\t%.*s\t%.*s\t%.*s\t%.*s\n", api_int(v, "version"),
           at.n > 19 ? at.p : "", at.n > 19 ? at.p + 11 : "", STR_ARG(actor.n ? actor : STR("?")),
           STR_ARG(api_text(v, "action")), STR_ARG(api_text(v, "name")),
           STR_ARG(api_text(v, "state")));
}

/* Also of a history that isn't whole: to be looked at. */
static enum status print_history(struct admin *ad, const char *name, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "versions");
    struct str fault = api_text(answer, "fault");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        put_row(json_array_get(rows, i));
    }
    if (fault.n) {
        error_set(&ad->e, ERR_CORRUPT, "%.*s", STR_ARG(fault));
        return error_hint(&ad->e, "%.*s", STR_ARG(api_text(answer, "hint")));
    }
    return name && json_array_size(rows) == 0
               ? error_set(&ad->e, ERR_NOT_FOUND, "no policy \"%s\" has a history", name)
               : OK;
}

int policy_history(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *answer;
    const char *name = NULL;
    if (!api_begin_upto(&ad, argc, argv, known, &name, 0, 1)) {
        return ad.code;
    }
    const char *path = api_path(&ad, "policy-history", NULL);
    enum status status = api_seal(&ad);
    if (status == OK) {
        path = name ? arena_printf(ad.a, "%s?name=%s", path, api_escape(&ad, str_of(name))) : path;
        status = api_call(&ad, "GET", path, NULL, &answer);
    }
    if (status == OK) {
        status = print_history(&ad, name, answer);
    }
    return admin_end(&ad, status);
}

int policy_rollback(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *text, *if_version = NULL;
    bool dry_run = false;
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   {"--dry-run", OPTION_FLAG, .flag = &dry_run},
                                   {"--if-version", OPTION_TEXT, .text = &if_version},
                                   {NULL}};
    struct store_applied applied;
    const json_t *answer;
    int64_t version = 0;
    if (!api_begin(&ad, argc, argv, known, &text, 1)) {
        return ad.code;
    }
    enum status status = admin_number("the version", text, 1, INT64_MAX, &version, &ad.e);
    json_t *body = json_pack("{s:I, s:b}", "version", (json_int_t)version, "dry_run", dry_run);
    if (status != OK || policy_expect(&ad, body, if_version) != OK || api_seal(&ad) != OK) {
        json_decref(body);
        return admin_end(&ad, FAIL);
    }
    status =
        api_call(&ad, "POST", api_path(&ad, "policy-history", "rollback", NULL), body, &answer);
    if (status == OK) {
        policy_applied_read(answer, ad.a, &applied);
        policy_steps_print(&applied, true);
        policy_version_print(&applied, dry_run);
    }
    return admin_end(&ad, status);
}
