/* hatidata user: people and their roles. */
#include <stdio.h>

#include "command/api.h"
#include "command/signin.h"

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct option_values attributes = {.n = 0};
    const char *role = NULL, *email;
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   {"--role", OPTION_TEXT, .text = &role},
                                   {"--attribute", OPTION_MANY, .many = &attributes},
                                   {NULL}};
    const json_t *user;
    json_t *pairs;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &email, 1)) {
        return ad.code;
    }
    status = role ? api_pairs(&ad, &attributes, &pairs)
                  : error_set(&ad.e, ERR_VALIDATION, "--role ROLE is missing");
    if (status == OK) {
        json_t *body =
            json_pack("{s:s, s:s, s:o}", "email", email, "role", role, "attributes", pairs);
        status = api_call(&ad, "POST", api_path(&ad, "users", NULL), body, &user);
    }
    if (status == OK) {
        printf("%.*s\t%.*s\t%.*s\n", STR_ARG(api_text(user, "id")),
               STR_ARG(api_text(user, "email")), STR_ARG(api_text(user, "role")));
    }
    return admin_end(&ad, status);
}

static void print_user(const json_t *user)
{
    const char *name;
    json_t *value;

    printf("%.*s\t%.*s\t%.*s\t%.*s", STR_ARG(api_text(user, "id")),
           STR_ARG(api_text(user, "email")), STR_ARG(api_text(user, "role")),
           STR_ARG(api_text(user, "status")));
    json_object_foreach(json_object_get(user, "attributes"), name, value)
    {
        printf("\t%s=%s", name, json_string_value(value));
    }
    putchar('\n');
}

static int list(int argc, char **argv)
{
    return api_run_list(argc, argv, "users", "email", print_user);
}

static int set_role(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *rest[2];

    if (!api_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    return admin_end(&ad, api_call(&ad, "PUT", api_path(&ad, "users", rest[0], "role", NULL),
                                   json_pack("{s:s}", "role", rest[1]), NULL));
}

static int set_attributes(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct option_values attributes = {.n = 0};
    const struct option known[] = {
        API_TARGET(ad), ADMIN_ORG(ad), {"--attribute", OPTION_MANY, .many = &attributes}, {NULL}};
    json_t *pairs;
    const char *who;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = api_pairs(&ad, &attributes, &pairs);
    if (status == OK) {
        status = api_call(&ad, "PUT", api_path(&ad, "users", who, "attributes", NULL),
                          json_pack("{s:o}", "attributes", pairs), NULL);
    }
    return admin_end(&ad, status);
}

static int suspend(int argc, char **argv)
{
    return api_run_change(argc, argv, "POST", "users", "suspend");
}

static int resume(int argc, char **argv)
{
    return api_run_change(argc, argv, "POST", "users", "resume");
}

static int reset_factor(int argc, char **argv)
{
    return api_run_change(argc, argv, "DELETE", "users", "second-factor");
}

static int remove_user(int argc, char **argv)
{
    return api_run_change(argc, argv, "DELETE", "users", NULL);
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
        {"reset-factor", "USER --org ORG   (takes his second factor away)", reset_factor},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
