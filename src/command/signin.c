#include "command/signin.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "command/api.h"

static enum status set_password(struct admin *ad, const char *who, const char *password)
{
    json_t *body = json_pack("{s:s}", "new_password", password);

    if (!body) {
        return error_set(&ad->e, ERR_VALIDATION, "the password isn't UTF-8");
    }
    return api_call(ad, "PUT", api_path(ad, "users", who, "password", NULL), body, NULL);
}

int user_set_password(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    char password[CREDENTIAL_LINE];
    enum status status;
    const char *who;

    if (!api_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = credential_ask("New password", who, password, &ad.e);
    if (status == OK) {
        status = api_identity(&ad, true);
    }
    if (status == OK) {
        status = set_password(&ad, who, password);
    }
    mem_wipe(password, sizeof password);
    return admin_end(&ad, status);
}

int user_invite(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *answer;
    enum status status;
    const char *who;

    if (!api_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = api_identity(&ad, true);
    if (status == OK) {
        status =
            api_call(&ad, "POST", api_path(&ad, "users", who, "invitation", NULL), NULL, &answer);
    }
    if (status == OK) {
        printf("%.*s\n", STR_ARG(api_text(answer, "invitation")));
    }
    return admin_end(&ad, status);
}

int org_require_mfa(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), {NULL}};
    const char *rest[2];
    enum status status;
    bool on;

    if (!api_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    on = strcmp(rest[1], "on") == 0;
    status = on || strcmp(rest[1], "off") == 0
                 ? api_org(&ad, rest[0])
                 : error_set(&ad.e, ERR_VALIDATION, "it is on or off, not \"%s\"", rest[1]);
    if (status == OK) {
        status = api_call(&ad, "PUT", api_path(&ad, "second-factor", NULL),
                          json_pack("{s:b}", "required", on), NULL);
    }
    return admin_end(&ad, status);
}

int rotate_signing_key(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), {NULL}};
    enum status status;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = api_identity(&ad, true);
    if (status == OK) {
        status = api_call(&ad, "POST", "/v1/auth/signing-keys/rotate", NULL, NULL);
    }
    return admin_end(&ad, status);
}
