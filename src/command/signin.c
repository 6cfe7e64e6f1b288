#include "command/signin.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "command/admin.h"
#include "command/credential.h"
#include "command/datadir.h"
#include "identity/signin.h"
#include "store/factor.h"

/* Identity with the keyring's key, as the server has it. */
static enum status open_identity(struct admin *ad, struct identity **out)
{
    struct identity_config config = IDENTITY_CONFIG_DEFAULT;
    uint8_t key[KMS_KEY_SIZE];
    struct datadir d;
    struct keyring *keys;
    enum status status;

    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_keyring(d.kms_uri, d.keyring, &keys, &ad->e) != OK) {
        return FAIL;
    }
    keyring_store_key(keys, key);
    keyring_close(keys);
    config.secret_key = key;
    status = identity_open(ad->store, &config, out, &ad->e);
    mem_wipe(key, sizeof key);
    return status;
}

int user_set_password(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    char password[CREDENTIAL_LINE];
    struct identity *identity = NULL;
    enum status status;
    const char *who;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = credential_ask("New password", who, password, &ad.e);
    if (status == OK) {
        status = open_identity(&ad, &identity);
    }
    if (status == OK) {
        status = signin_set_password(identity, ad.actor, ad.org.id, str_of(who), str_of(password),
                                     &ad.e);
    }
    mem_wipe(password, sizeof password);
    identity_close(identity);
    return admin_end(&ad, status);
}

int user_invite(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct identity *identity = NULL;
    struct str token;
    enum status status;
    const char *who;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    status = open_identity(&ad, &identity);
    if (status == OK) {
        status = signin_invite(identity, ad.actor, ad.org.id, str_of(who), ad.a, &token, &ad.e);
    }
    if (status == OK) {
        printf("%.*s\n", STR_ARG(token));
    }
    identity_close(identity);
    return admin_end(&ad, status);
}

int user_reset_factor(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *who;

    if (!admin_begin(&ad, argc, argv, known, &who, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_factor_remove(ad.store, ad.actor, ad.org.id, str_of(who), &ad.e));
}

int org_require_mfa(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    const char *rest[2];
    enum status status;
    bool on;

    if (!admin_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    on = strcmp(rest[1], "on") == 0;
    status = on || strcmp(rest[1], "off") == 0
                 ? store_org_find(ad.store, str_of(rest[0]), ad.a, &ad.org, &ad.e)
                 : error_set(&ad.e, ERR_VALIDATION, "it is on or off, not \"%s\"", rest[1]);
    if (status == OK) {
        status = store_factor_require(ad.store, ad.actor, ad.org.id, on, &ad.e);
    }
    return admin_end(&ad, status);
}

int rotate_signing_key(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct identity *identity = NULL;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = open_identity(&ad, &identity);
    if (status == OK) {
        status = identity_rotate_keys(identity, ad.actor, &ad.e);
    }
    identity_close(identity);
    return admin_end(&ad, status);
}
