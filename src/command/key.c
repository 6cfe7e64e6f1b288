/* hatidata key: API keys of users and agents. A key is printed once, when it is made. */
#include <stdio.h>

#include "command/api.h"
#include "identity/key_rules.h"
#include "store/org.h"

struct key_options {
    const char *user, *agent, *framework, *role, *scopes, *schemas, *tables, *ips, *days, *env;
    struct option_values attributes;
    bool test, quiet;
};

/* A user of the organization, or an agent with a role. */
static enum status check_holder(struct admin *ad, const struct key_options *o)
{
    if (!o->user == !o->agent) {
        return error_set(&ad->e, ERR_VALIDATION, "give either --user USER or --agent NAME");
    }
    if (o->user && (o->role || o->framework)) {
        return error_set(&ad->e, ERR_VALIDATION,
                         "--role and --framework are for agents: a user's key has the user's role");
    }
    if (o->agent && !o->role) {
        return error_set(&ad->e, ERR_VALIDATION, "an agent's key needs --role ROLE");
    }
    return OK;
}

/* What only one kind of keys has. */
static json_t *holder_of(const struct key_options *o)
{
    return o->user ? json_pack("{s:s}", "user", o->user)
                   : json_pack("{s:s, s:s, s:s, s:s*}", "agent_name", o->agent, "role", o->role,
                               "environment", o->env ? o->env : STORE_DEFAULT_ENVIRONMENT,
                               "framework", o->framework);
}

static enum status make_body(struct admin *ad, const struct key_options *o, const char *name,
                             json_t **out)
{
    int64_t days = 0;
    json_t *pairs, *holder;
    if (check_holder(ad, o) != OK ||
        (o->days &&
         admin_number("--expires-days", o->days, 1, KEY_DAYS_MAX, &days, &ad->e) != OK) ||
        api_pairs(ad, &o->attributes, &pairs) != OK) {
        return FAIL;
    }
    *out = json_pack("{s:s, s:o, s:b, s:o*, s:o*, s:o*, s:o*, s:o*}", "name", name, "attributes",
                     pairs, "live", !o->test, "scopes", api_texts(ad, o->scopes), "ip_allowlist",
                     api_texts(ad, o->ips), "allowed_schemas", api_texts(ad, o->schemas),
                     "allowed_tables", api_texts(ad, o->tables), "expires_in_days",
                     days ? json_integer(days) : NULL);
    holder = holder_of(o);
    json_object_update(*out, holder);
    json_decref(holder);
    return OK;
}

static void print_new(const json_t *key, struct str secret, bool quiet)
{
    printf("%.*s\n", STR_ARG(secret));
    if (!quiet) {
        printf("This key is shown once. Its id is %.*s; its prefix, by which to revoke it, %.*s.\n",
               STR_ARG(api_text(key, "id")), STR_ARG(api_text(key, "prefix")));
    }
}

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct key_options o = {0};
    const struct option known[] = {API_TARGET(ad),
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
    const json_t *key;
    json_t *body;
    const char *name;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = make_body(&ad, &o, name, &body);
    if (status == OK) {
        status = api_identity(&ad, false);
    }
    if (status == OK) {
        const char *path =
            o.user ? api_env_path(&ad, o.env ? o.env : STORE_DEFAULT_ENVIRONMENT, "api-keys", NULL)
                   : api_path(&ad, "agent-keys", NULL);
        status = api_call(&ad, "POST", path, body, &key);
    }
    if (status == OK) {
        print_new(key, api_text(key, o.user ? "key" : "raw_key"), o.quiet);
    }
    return admin_end(&ad, status);
}

static void print_key(const json_t *key)
{
    struct str user = api_text(key, "user_id");
    const json_t *scopes = json_object_get(key, "scopes");

    printf("%.*s\t%.*s\t%.*s\t%.*s\t%s:%.*s\t", STR_ARG(api_text(key, "id")),
           STR_ARG(api_text(key, "prefix")), STR_ARG(api_text(key, "name")),
           STR_ARG(api_text(key, "status")), user.n ? "user" : "agent",
           STR_ARG(user.n ? user : api_text(key, "agent_name")));
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        printf("%s%s", i ? "," : "", json_string_value(json_array_get(scopes, i)));
    }
    putchar('\n');
}

static int list(int argc, char **argv)
{
    return api_run_list(argc, argv, "keys", "created_at", print_key);
}

static int rotate(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *grace = NULL, *which;
    bool quiet = false;
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   {"--grace-hours", OPTION_TEXT, .text = &grace},
                                   {"--quiet", OPTION_FLAG, .flag = &quiet},
                                   {NULL}};
    const json_t *answer, *key;
    int64_t hours = 0;
    enum status status = OK;

    if (!api_begin(&ad, argc, argv, known, &which, 1)) {
        return ad.code;
    }
    if (grace) {
        status = admin_number("--grace-hours", grace, 0, KEY_GRACE_HOURS_MAX, &hours, &ad.e);
    }
    if (status == OK) {
        status = api_identity(&ad, false);
    }
    if (status == OK) {
        json_t *body =
            json_pack("{s:o*}", "grace_period_hours", grace ? json_integer(hours) : NULL);
        status = api_call(&ad, "POST", api_path(&ad, "keys", which, "rotate", NULL), body, &answer);
    }
    if (status == OK) {
        key = json_object_get(answer, "new_key");
        print_new(key, api_text(key, "key"), quiet);
        if (!quiet) {
            printf("The key before it works until %.*s.\n",
                   STR_ARG(api_text(answer, "old_key_ends_at")));
        }
    }
    return admin_end(&ad, status);
}

static int revoke(int argc, char **argv)
{
    return api_run_change(argc, argv, "DELETE", "keys", NULL);
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
        {"rotate", "KEY-ID|PREFIX --org ORG [--grace-hours N] [--quiet]", rotate},
        {"revoke", "KEY-ID|PREFIX --org ORG", revoke},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
