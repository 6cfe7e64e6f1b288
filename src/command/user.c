/* hatidata user: people and their roles. */
#include <stdio.h>

#include "command/admin.h"
#include "command/signin.h"
#include "store/user.h"

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct option_values attributes = {.n = 0};
    const char *role = NULL, *email;
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   {"--role", OPTION_TEXT, .text = &role},
                                   {"--attribute", OPTION_MANY, .many = &attributes},
                                   {NULL}};
    struct store_pairs pairs;
    struct store_user user;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &email, 1)) {
        return ad.code;
    }
    status = role ? admin_pairs(ad.a, &attributes, &pairs, &ad.e)
                  : error_set(&ad.e, ERR_VALIDATION, "--role ROLE is missing");
    if (status == OK) {
        status = store_user_create(ad.store, ad.actor, ad.org.id, str_of(email), str_of(role),
                                   pairs, ad.a, &user, &ad.e);
    }
    if (status == OK) {
        printf("%.*s\t%.*s\t%.*s\n", STR_ARG(user.id), STR_ARG(user.email), STR_ARG(user.role));
    }
    return admin_end(&ad, status);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_user *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_users(ad.store, ad.org.id, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        printf("%.*s\t%.*s\t%.*s\t%s", STR_ARG(rows[i].id), STR_ARG(rows[i].email),
               STR_ARG(rows[i].role), rows[i].active ? "active" : "suspended");
        for (size_t k = 0; k < rows[i].attributes.n; k++) {
            const struct store_pair *pair = &rows[i].attributes.at[k];

            printf("\t%.*s=%.*s", STR_ARG(pair->name), STR_ARG(pair->value));
        }
        putchar('\n');
    }
    return admin_end(&ad, status);
}

static int set_role(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *rest[2];

    if (!admin_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    return admin_end(&ad, store_user_set_role(ad.store, ad.actor, ad.org.id, str_of(rest[0]),
                                              str_of(rest[1]), &ad.e));
}

static int set_attributes(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct option_values attributes = {.n = 0};
    const struct option known[] = {
        ADMIN_DATA(ad), ADMIN_ORG(ad), {"--attribute", OPTION_MANY, .many = &attributes}, {NULL}};
    struct store_pairs pairs;
    const char *who;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = admin_pairs(ad.a, &attributes, &pairs, &ad.e);
    if (status == OK) {
        status =
            store_user_set_attributes(ad.store, ad.actor, ad.org.id, str_of(who), pairs, &ad.e);
    }
    return admin_end(&ad, status);
}

static int set_active(int argc, char **argv, bool active)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *who;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    return admin_end(
        &ad, store_user_set_active(ad.store, ad.actor, ad.org.id, str_of(who), active, &ad.e));
}

static int suspend(int argc, char **argv)
{
    return set_active(argc, argv, false);
}

static int resume(int argc, char **argv)
{
    return set_active(argc, argv, true);
}

static int remove_user(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *who;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_user_remove(ad.store, ad.actor, ad.org.id, str_of(who), &ad.e));
}

int command_user(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "EMAIL --org ORG --role ROLE [--attribute NAME=VALUE]...", add},
        {"list", "--org ORG", list},
        {"set-role", "USER ROLE --org ORG", set_role},
        {"set-attributes", "USER --org ORG [--attribute NAME=VALUE]...", set_attributes},
        {"suspend", "USER --org ORG", suspend},
        {"resume", "USER --org ORG", resume},
        {"remove", "USER --org ORG", remove_user},
        {"set-password", "USER --org ORG   (a line of standard input)", user_set_password},
        {"invite", "USER --org ORG   (gives a token by which he sets a password)", user_invite},
        {"reset-factor", "USER --org ORG   (takes his second factor away)", user_reset_factor},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
