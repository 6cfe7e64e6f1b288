#include "command/federation.h"

#include <stdio.h>

#include "command/api.h"
#include "command/source.h"

static enum status add_provider(struct admin *ad, const char *name, const char *file)
{
    struct buf text = BUF_INIT(STORE_JSON_MAX);
    enum status status = source_read(file, &text, &ad->e);
    const json_t *provider;
    json_t *body = status == OK ? json_pack("{s:s, s:s%}", "name", name, "configuration", text.p,
                                            (size_t)text.n)
                                : NULL;
    buf_free(&text);
    if (status == OK && !body) {
        status = error_set(&ad->e, ERR_VALIDATION, "%s isn't UTF-8", file);
    }
    if (status != OK ||
        api_call(ad, "POST", api_path(ad, "identity-providers", NULL), body, &provider) != OK) {
        return FAIL;
    }
    printf("%.*s\t%.*s\n", STR_ARG(api_text(provider, "id")), STR_ARG(api_text(provider, "name")));
    return OK;
}

static int add(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const char *rest[2];

    if (!api_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    return admin_end(&ad, add_provider(&ad, rest[0], rest[1]));
}

static void print_provider(const json_t *row)
{
    printf("%.*s\t%.*s\t%.*s\n", STR_ARG(api_text(row, "id")), STR_ARG(api_text(row, "name")),
           STR_ARG(api_text(row, "issuer")));
}

static int list(int argc, char **argv)
{
    return api_run_list(argc, argv, "identity-providers", "name", print_provider);
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *provider;
    const char *name;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    status = api_call(&ad, "GET", api_path(&ad, "identity-providers", name, NULL), NULL, &provider);
    if (status == OK) {
        printf("%.*s\n", STR_ARG(str_trim(api_text(provider, "configuration"))));
    }
    return admin_end(&ad, status);
}

static int drop(int argc, char **argv)
{
    return api_run_change(argc, argv, "DELETE", "identity-providers", NULL);
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
