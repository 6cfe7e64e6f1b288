/* hatidata org: organizations and their environments. */
#include <stdio.h>

#include "catalog/catalog.h"
#include "command/api.h"
#include "command/datadir.h"
#include "command/federation.h"
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

/* All schemas of the environment on the engine. FAIL where anything is in one of them. */
static enum status drop_schemas(struct engine *engine, uint64_t session, struct space space,
                                struct admin *ad)
{
    struct table_source *all;
    size_t n, things = 0;
    struct space owner;

    if (engine_describe(engine, session, ad->a, &all, &n, &ad->e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        bool is_its = catalog_space_of(ad->a, all[i].engine_schema, &owner);
        things += is_its && space_same(owner, space) && !all[i].is_schema;
    }
    if (things > 0) {
        error_set(&ad->e, ERR_EXISTS, "the environment has %zu tables or other objects", things);
        return error_hint(&ad->e, "Drop them in a session of it first.");
    }
    for (size_t i = 0; i < n; i++) {
        bool is_its = catalog_space_of(ad->a, all[i].engine_schema, &owner);
        const char *sql =
            arena_printf(ad->a, "DROP SCHEMA \"%.*s\"", STR_ARG(all[i].engine_schema));
        if (is_its && space_same(owner, space) && all[i].is_schema &&
            engine_run(engine, session, str_of(sql), &ad->e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status empty_environment(struct admin *ad, struct str name)
{
    struct space space = {ad->org.id, name};
    struct engine *engine = NULL;
    struct datadir d;

    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_engine(&d, NULL, false, NULL, &engine, &ad->e) != OK) {
        return FAIL;
    }
    uint64_t session = engine_session_open(engine);
    enum status status = drop_schemas(engine, session, space, ad);
    engine_session_close(engine, session);
    engine_close(engine);
    return status;
}

/* The schemas first: an environment without them gets them anew, schemas without it would be of the
 * next one of that name. */
static int remove_environment(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!api_begin_here(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    enum status status = store_environment_removable(ad.store, ad.org.id, str_of(name), &ad.e);
    if (status == OK) {
        status = empty_environment(&ad, str_of(name));
    }
    if (status == OK) {
        status = store_environment_remove(ad.store, ad.actor, ad.org.id, str_of(name), &ad.e);
    }
    return admin_end(&ad, status);
}

static int list_patterns(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *rows = NULL;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = api_list(&ad, api_path(&ad, "redaction-patterns", NULL), "name", &rows);
    for (size_t i = 0; status == OK && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        printf("%.*s\t%.*s\n", STR_ARG(api_text(row, "name")), STR_ARG(api_text(row, "pattern")));
    }
    return admin_end(&ad, status);
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
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(
        &ad, api_call(&ad, "DELETE", api_path(&ad, "redaction-patterns", name, NULL), NULL, NULL));
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
