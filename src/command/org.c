/* hatidata org: organizations and their environments. */
#include <stdio.h>

#include "command/api.h"
#include "command/federation.h"
#include "command/offline.h"
#include "command/signin.h"

static enum status add_org(struct admin *ad, const char *name, const char *owner)
{
    const json_t *org, *invited;
    if ((owner && api_identity(ad, true) != OK) ||
        api_call(ad, "POST", "/v1/organizations", json_pack("{s:s}", "name", name), &org) != OK) {
        return FAIL;
    }
    struct str id = api_text(org, "id");
    printf("%.*s\t%.*s\n", STR_ARG(id), STR_ARG(api_text(org, "name")));
    if (!owner) {
        return OK;
    }
    if (api_org(ad, arena_strdup(ad->a, id)) != OK ||
        api_call(ad, "POST", api_path(ad, "first-owner", NULL), json_pack("{s:s}", "email", owner),
                 &invited) != OK) {
        return FAIL;
    }
    printf("%.*s\n", STR_ARG(api_text(invited, "invitation")));
    return OK;
}

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *name, *owner = NULL;
    const struct option known[] = {
        API_TARGET(ad), {"--owner", OPTION_TEXT, .text = &owner}, {NULL}};

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, add_org(&ad, name, owner));
}

static int set_rate_tier(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), {NULL}};
    const char *rest[2];

    if (!api_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    enum status status = api_org(&ad, rest[0]);
    if (status == OK) {
        status = api_call(&ad, "PUT", api_path(&ad, "rate-tier", NULL),
                          json_pack("{s:s}", "rate_tier", rest[1]), NULL);
    }
    return admin_end(&ad, status);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), {NULL}};
    const json_t *rows = NULL;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = api_list(&ad, "/v1/organizations", "name", &rows);
    for (size_t i = 0; status == OK && i < json_array_size(rows); i++) {
        const json_t *org = json_array_get(rows, i);

        printf("%.*s\t%.*s\n", STR_ARG(api_text(org, "id")), STR_ARG(api_text(org, "name")));
    }
    return admin_end(&ad, status);
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), {NULL}};
    const json_t *org, *rows = NULL;
    const char *name;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = api_org(&ad, name);
    if (status == OK) {
        status = api_call(&ad, "GET", api_path(&ad, NULL), NULL, &org);
    }
    if (status == OK) {
        status = api_list(&ad, api_path(&ad, "environments", NULL), "name", &rows);
    }
    if (status == OK) {
        printf("id\t%.*s\nname\t%.*s\nrate tier\t%.*s\n", STR_ARG(api_text(org, "id")),
               STR_ARG(api_text(org, "name")), STR_ARG(api_text(org, "rate_tier")));
    }
    for (size_t i = 0; status == OK && i < json_array_size(rows); i++) {
        printf("environment\t%.*s\n", STR_ARG(api_text(json_array_get(rows, i), "name")));
    }
    return admin_end(&ad, status);
}

static int add_environment(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, api_call(&ad, "POST", api_path(&ad, "environments", NULL),
                                   json_pack("{s:s}", "name", name), NULL));
}

static enum status remove_it(struct admin *ad, const char *name, struct offline *folder)
{
    static const char hint[] = "No server may have the data folder open: do it through the server "
                               "(hatidata login), or stop it.";
    if (!ad->remote && offline_open(ad, hint, folder) != OK) {
        return FAIL;
    }
    ad->pipeline = folder->pipeline;
    return api_call(ad, "DELETE", api_path(ad, "environments", name, NULL), NULL, NULL);
}

static int remove_environment(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    struct offline folder = {0};
    const char *name;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    enum status status = remove_it(&ad, name, &folder);
    offline_close(&folder);
    return admin_end(&ad, status);
}

static void print_pattern(const json_t *row)
{
    printf("%.*s\t%.*s\n", STR_ARG(api_text(row, "name")), STR_ARG(api_text(row, "pattern")));
}

static int list_patterns(int argc, char **argv)
{
    return api_run_list(argc, argv, "redaction-patterns", "name", print_pattern);
}

static int set_pattern(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *set[2];

    if (!api_begin(&ad, argc, argv, known, set, 2)) {
        return ad.code;
    }
    return admin_end(&ad, api_call(&ad, "PUT", api_path(&ad, "redaction-patterns", set[0], NULL),
                                   json_pack("{s:s}", "pattern", set[1]), NULL));
}

static int remove_pattern(int argc, char **argv)
{
    return api_run_change(argc, argv, "DELETE", "redaction-patterns", NULL);
}

int command_org(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "NAME [--owner E-MAIL]", add},
        {"list", "", list},
        {"show", "NAME", show},
        {"set-rate-tier", "ORG default|free|cloud|growth|enterprise", set_rate_tier},
        {"require-mfa", "ORG on|off", org_require_mfa},
        {"rotate-signing-key", "", rotate_signing_key},
        {"add-environment", "NAME --org ORG", add_environment},
        {"remove-environment", "NAME --org ORG", remove_environment},
        {"set-pattern", "NAME REGEX --org ORG   what the audit log redacts besides", set_pattern},
        {"list-patterns", "--org ORG", list_patterns},
        {"remove-pattern", "NAME --org ORG", remove_pattern},
        {"federation", "VERB ...", federation_run},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
