#include "command/federation.h"

#include <stdio.h>

#include "command/admin.h"
#include "command/source.h"
#include "identity/provider.h"
#include "store/federation.h"

static enum status add_provider(struct admin *ad, const char *name, const char *file)
{
    struct store_provider row = {.org_id = ad->org.id, .name = str_of(name)};
    struct buf text = BUF_INIT(STORE_JSON_MAX);
    enum status status = source_read(file, &text, &ad->e);
    struct provider p;

    row.json = arena_str(ad->a, buf_str(&text));
    buf_free(&text);
    if (status != OK || provider_read(row.json, ad->a, &p, &ad->e) != OK) {
        return FAIL;
    }
    row.issuer = p.issuer;
    if (store_provider_add(ad->store, ad->actor, &row, p.audiences, ad->a, &ad->e) != OK) {
        return FAIL;
    }
    printf("%.*s\t%s\n", STR_ARG(row.id), name);
    return OK;
}

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *rest[2];

    if (!admin_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    return admin_end(&ad, add_provider(&ad, rest[0], rest[1]));
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_provider *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_providers(ad.store, ad.org.id, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        printf("%.*s\t%.*s\t%.*s\n", STR_ARG(rows[i].id), STR_ARG(rows[i].name),
               STR_ARG(rows[i].issuer));
    }
    return admin_end(&ad, status);
}

static enum status show_provider(struct admin *ad, struct str name)
{
    struct store_provider *rows;
    size_t n;

    if (store_providers(ad->store, ad->org.id, ad->a, &rows, &n, &ad->e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rows[i].name, name) || str_eq(rows[i].id, name)) {
            printf("%.*s\n", STR_ARG(str_trim(rows[i].json)));
            return OK;
        }
    }
    return error_set(&ad->e, ERR_NOT_FOUND, "the organization has no identity provider \"%.*s\"",
                     STR_ARG(name));
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, show_provider(&ad, str_of(name)));
}

static int drop(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad,
                     store_provider_remove(ad.store, ad.actor, ad.org.id, str_of(name), &ad.e));
}

int federation_run(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "NAME FILE --org ORG", add},
        {"list", "--org ORG", list},
        {"show", "NAME --org ORG", show},
        {"remove", "NAME --org ORG", drop},
        {NULL},
    };
    static char name[] = "org federation"; /* what the usage shows */

    argv[0] = name;
    return verbs_run(argc, argv, verbs);
}
