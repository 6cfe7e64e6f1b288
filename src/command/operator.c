/* hatidata operator: keys with which the installation is operated from elsewhere. They are made,
 * seen and ended where its data folder is, and nowhere else. */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/api.h"
#include "identity/cidr.h"
#include "identity/operator.h"
#include "store/key.h"

enum { DAYS = 90, DAYS_MAX = 366 };

static enum status add_key(struct admin *ad, struct store_operator_key *row)
{
    char key[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
    if (cidr_check(row->ip_allowlist, &ad->e) != OK || api_identity(ad, false) != OK ||
        identity_issue_operator_key(ad->identity, key, hash, &ad->e) != OK) {
        return FAIL;
    }
    row->prefix = arena_str(ad->a, (struct str){key, STORE_KEY_PREFIX_LENGTH});
    row->hash = str_of(hash);
    enum status status = store_operator_key_add(ad->store, ad->actor, row, ad->a, &ad->e);
    if (status == OK) {
        puts(key);
    }
    mem_wipe(key, sizeof key);
    return status;
}

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *name, *ips = NULL, *days_text = NULL;
    const struct option known[] = {ADMIN_DATA(ad),
                                   {"--allow-ip", OPTION_TEXT, .text = &ips},
                                   {"--expires-days", OPTION_TEXT, .text = &days_text},
                                   {NULL}};
    int64_t days = DAYS;
    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    enum status status =
        days_text ? admin_number("--expires-days", days_text, 1, DAYS_MAX, &days, &ad.e) : OK;
    struct store_operator_key row = {.name = str_of(name),
                                     .ip_allowlist = list_of_words(ad.a, str_of(ips)),
                                     .expires_us = clock_wall_us() + days * 24 * 3600 * 1000000};
    return admin_end(&ad, status == OK ? add_key(&ad, &row) : FAIL);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_operator_key *rows = NULL;
    size_t n = 0;
    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = store_operator_keys(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        char until[CLOCK_TEXT_SIZE];
        clock_format(rows[i].revoked_us ? rows[i].revoked_us : rows[i].expires_us, until);
        printf("%.*s\t%.*s\t%.*s\t%s %s\n", STR_ARG(rows[i].id), STR_ARG(rows[i].prefix),
               STR_ARG(rows[i].name), rows[i].revoked_us ? "revoked" : "until", until);
    }
    return admin_end(&ad, status);
}

static int revoke(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    const char *which;
    if (!admin_begin(&ad, argc, argv, known, &which, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_operator_key_revoke(ad.store, ad.actor, str_of(which), &ad.e));
}

int command_operator(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "NAME [--allow-ip BLOCK,...] [--expires-days N]", add},
        {"list", "", list},
        {"revoke", "NAME|ID|PREFIX", revoke},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
