/* hatidata org: organizations and their environments. */
#include <stdio.h>

#include "command/admin.h"
#include "command/signin.h"
#include "command/federation.h"

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_org org;
    const char *name;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = store_org_create(ad.store, ad.actor, str_of(name), ad.a, &org, &ad.e);
    if (status == OK) {
        printf("%.*s\t%.*s\n", STR_ARG(org.id), STR_ARG(org.name));
    }
    return admin_end(&ad, status);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_org *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_orgs(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        printf("%.*s\t%.*s\n", STR_ARG(rows[i].id), STR_ARG(rows[i].name));
    }
    return admin_end(&ad, status);
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_environment *rows;
    struct store_org org;
    const char *name;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = store_org_find(ad.store, str_of(name), ad.a, &org, &ad.e);
    if (status == OK) {
        status = store_environments(ad.store, org.id, ad.a, &rows, &n, &ad.e);
    }
    if (status == OK) {
        printf("id\t%.*s\nname\t%.*s\n", STR_ARG(org.id), STR_ARG(org.name));
    }
    for (size_t i = 0; status == OK && i < n; i++) {
        printf("environment\t%.*s\n", STR_ARG(rows[i].name));
    }
    return admin_end(&ad, status);
}

static int add_environment(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad,
                     store_environment_create(ad.store, ad.actor, ad.org.id, str_of(name), &ad.e));
}

int command_org(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "NAME", add},
        {"list", "", list},
        {"show", "NAME", show},
        {"require-mfa", "ORG on|off", org_require_mfa},
        {"rotate-signing-key", "", rotate_signing_key},
        {"add-environment", "NAME --org ORG", add_environment},
        {"federation", "VERB ...", federation_run},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
