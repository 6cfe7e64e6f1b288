/* hatidata key: API keys of users and agents. A key is printed once, when it is made. */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/admin.h"
#include "identity/identity.h"
#include "identity/key_rules.h"
#include "store/key.h"
#include "store/user.h"

struct key_options {
    const char *user, *agent, *framework, *role, *scopes, *schemas, *tables, *ips, *days, *env;
    struct option_values attributes;
    bool test, quiet;
};

/* The holder: a user of the organization, or an agent with a role. */
static enum status set_holder(struct admin *ad, const struct key_options *o, struct store_key *key)
{
    struct store_user user;

    if (!o->user == !o->agent) {
        return error_set(&ad->e, ERR_VALIDATION, "give either --user USER or --agent NAME");
    }
    if (o->user) {
        if (o->role || o->framework) {
            return error_set(&ad->e, ERR_VALIDATION,
                             "--role and --framework are for agents: a user's key has the user's "
                             "role");
        }
        if (store_user_find(ad->store, ad->org.id, str_of(o->user), ad->a, &user, &ad->e) != OK) {
            return FAIL;
        }
        key->user_id = user.id;
        key->role = user.role;
        return OK;
    }
    if (!o->role) {
        return error_set(&ad->e, ERR_VALIDATION, "an agent's key needs --role ROLE");
    }
    key->agent_id = str_of(o->agent);
    key->agent_framework = o->framework ? str_of(o->framework) : STR("");
    key->role = str_of(o->role);
    return OK;
}

static enum status fill(struct admin *ad, const struct key_options *o, struct store_key *key)
{
    int64_t days = 0;

    if (set_holder(ad, o, key) != OK ||
        admin_pairs(ad->a, &o->attributes, &key->attributes, &ad->e) != OK ||
        (o->days &&
         admin_number("--expires-days", o->days, 1, KEY_DAYS_MAX, &days, &ad->e) != OK)) {
        return FAIL;
    }
    key->org_id = ad->org.id;
    key->environment = o->env ? str_of(o->env) : STR(STORE_DEFAULT_ENVIRONMENT);
    key->scopes =
        admin_list(ad->a, o->scopes ? o->scopes : key_default_scopes(o->agent, key->role));
    key->allowed_schemas = admin_list(ad->a, o->schemas);
    key->allowed_tables = admin_list(ad->a, o->tables);
    key->ip_allowlist = admin_list(ad->a, o->ips);
    key->expires_us = key_expiry(clock_wall_us(), days);
    return key_check(key, &ad->e);
}

static void print_new(const struct store_key *key, const char *secret, bool quiet)
{
    if (quiet) {
        puts(secret);
        return;
    }
    printf("%s\n", secret);
    printf("This key is shown once. Its id is %.*s; its prefix, by which to revoke it, %.*s.\n",
           STR_ARG(key->id), STR_ARG(key->prefix));
}

static int add(int argc, char **argv)
{
    static const struct identity_config config = IDENTITY_CONFIG_DEFAULT;
    struct admin ad = ADMIN_INIT;
    struct key_options o = {0};
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   {"--user", OPTION_TEXT, .text = &o.user},
                                   {"--agent", OPTION_TEXT, .text = &o.agent},
                                   {"--framework", OPTION_TEXT, .text = &o.framework},
                                   {"--role", OPTION_TEXT, .text = &o.role},
                                   {"--scopes", OPTION_TEXT, .text = &o.scopes},
                                   {"--allow-schema", OPTION_TEXT, .text = &o.schemas},
                                   {"--allow-table", OPTION_TEXT, .text = &o.tables},
                                   {"--allow-ip", OPTION_TEXT, .text = &o.ips},
                                   {"--expires-days", OPTION_TEXT, .text = &o.days},
                                   {"--attribute", OPTION_MANY, .many = &o.attributes},
                                   {"--env", OPTION_TEXT, .text = &o.env},
                                   {"--test", OPTION_FLAG, .flag = &o.test},
                                   {"--quiet", OPTION_FLAG, .flag = &o.quiet},
                                   {NULL}};
    char secret[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
    struct store_key key = {0};
    const char *name;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    key.name = str_of(name);
    status = fill(&ad, &o, &key);
    if (status == OK) {
        status = identity_make_key(&config, !o.test, secret, hash, &ad.e);
    }
    if (status == OK) {
        key.prefix = (struct str){secret, STORE_KEY_PREFIX_LENGTH};
        key.hash = str_of(hash);
        status = store_key_create(ad.store, ad.actor, &key, ad.a, &ad.e);
    }
    if (status == OK) {
        print_new(&key, secret, o.quiet);
    }
    mem_wipe(secret, sizeof secret);
    return admin_end(&ad, status);
}

static const char *state_of(const struct store_key *key)
{
    if (key->revoked_us) {
        return "revoked";
    }
    return key->expires_us && key->expires_us <= clock_wall_us() ? "expired" : "active";
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_key *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_keys(ad.store, ad.org.id, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        const struct store_key *k = &rows[i];

        printf("%.*s\t%.*s\t%.*s\t%s\t%s:%.*s\t", STR_ARG(k->id), STR_ARG(k->prefix),
               STR_ARG(k->name), state_of(k), k->user_id.n ? "user" : "agent",
               STR_ARG(k->user_id.n ? k->user_id : k->agent_id));
        for (size_t j = 0; j < k->scopes.n; j++) {
            printf("%s%.*s", j ? "," : "", STR_ARG(k->scopes.at[j]));
        }
        putchar('\n');
    }
    return admin_end(&ad, status);
}

static int revoke(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *which;

    if (!admin_begin(&ad, argc, argv, known, &which, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_key_revoke(ad.store, ad.actor, ad.org.id, str_of(which), &ad.e));
}

int command_key(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add",
         "NAME --org ORG (--user USER | --agent NAME --role ROLE [--framework NAME])\n"
         "      [--scopes A,B] [--allow-schema A,B] [--allow-table A,B] [--allow-ip BLOCK,BLOCK]\n"
         "      [--expires-days N] [--attribute NAME=VALUE]... [--env NAME] [--test] [--quiet]",
         add},
        {"list", "--org ORG", list},
        {"revoke", "KEY-ID|PREFIX --org ORG", revoke},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
