/* hatidata quota: credits a month, statements at once, rows and time of a statement. */
#include <inttypes.h>
#include <stdio.h>

#include "command/api.h"
#include "store/quota.h"

enum { STATEMENT_MS_MAX = 24 * 3600 * 1000 };

struct quota_options {
    const char *credits, *concurrent, *rows, *role, *statement_ms;
};

/* Puts the number of an option, where it is given, into the body. */
static enum status put(struct admin *ad, json_t *body, const char *field, const char *option,
                       const char *text, int64_t least, int64_t most)
{
    int64_t n;

    if (!text) {
        return OK;
    }
    if (admin_number(option, text, least, most, &n, &ad->e) != OK) {
        return FAIL;
    }
    json_object_set_new(body, field, json_integer(n));
    return OK;
}

/* The limits of the role, or, without one, the time of everybody. */
static enum status set_limit(struct admin *ad, const struct quota_options *o)
{
    json_t *body = json_object();

    if (put(ad, body, "statement_ms", "--statement-ms", o->statement_ms, 0, STATEMENT_MS_MAX) !=
            OK ||
        put(ad, body, "max_rows", "--rows", o->role ? o->rows : NULL, 0, STORE_ROWS_MAX) != OK) {
        json_decref(body);
        return FAIL;
    }
    return api_call(
        ad, "PUT",
        api_path(ad, "billing", "quotas", "roles", o->role ? o->role : STORE_EVERY_ROLE, NULL),
        body, NULL);
}

/* What isn't given stays as it is. */
static enum status set_quota(struct admin *ad, const struct quota_options *o)
{
    const char *path = api_path(ad, "billing", "quotas", NULL);
    const json_t *now;
    json_t *body;

    if (api_call(ad, "GET", path, NULL, &now) != OK) {
        return FAIL;
    }
    body = json_pack("{s:I, s:I, s:I}", "monthly_credits",
                     (json_int_t)json_number_value(json_object_get(now, "monthly_credits")),
                     "max_concurrent", (json_int_t)api_int(now, "max_concurrent"), "max_rows",
                     (json_int_t)api_int(now, "max_rows"));
    if (put(ad, body, "monthly_credits", "--credits", o->credits, 1, STORE_CREDITS_MAX) != OK ||
        put(ad, body, "max_concurrent", "--concurrent", o->concurrent, 1, STORE_CONCURRENT_MAX) !=
            OK ||
        put(ad, body, "max_rows", "--rows", o->rows, 1, STORE_ROWS_MAX) != OK) {
        json_decref(body);
        return FAIL;
    }
    return api_call(ad, "PUT", path, body, NULL);
}

static enum status check_options(const struct quota_options *o, struct error *e)
{
    if (o->role && (o->credits || o->concurrent)) {
        return error_set(e, ERR_VALIDATION, "credits and concurrency are of the organization");
    }
    if (!o->credits && !o->concurrent && !o->rows && !o->statement_ms) {
        return error_set(e, ERR_VALIDATION,
                         "give --credits, --concurrent, --rows or --statement-ms");
    }
    return OK;
}

static int set(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct quota_options o = {0};
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   {"--credits", OPTION_TEXT, .text = &o.credits},
                                   {"--concurrent", OPTION_TEXT, .text = &o.concurrent},
                                   {"--rows", OPTION_TEXT, .text = &o.rows},
                                   {"--role", OPTION_TEXT, .text = &o.role},
                                   {"--statement-ms", OPTION_TEXT, .text = &o.statement_ms},
                                   {NULL}};
    enum status status;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = check_options(&o, &ad.e);
    if (status == OK && !o.role && (o.credits || o.concurrent || o.rows)) {
        status = set_quota(&ad, &o);
    }
    if (status == OK && (o.role || o.statement_ms)) {
        status = set_limit(&ad, &o);
    }
    return admin_end(&ad, status);
}

static void print_limit(const json_t *limit)
{
    printf("role %.*s", STR_ARG(api_text(limit, "role")));
    if (api_int(limit, "statement_ms")) {
        printf("\tstatement %" PRId64 " ms", api_int(limit, "statement_ms"));
    }
    if (api_int(limit, "max_rows")) {
        printf("\trows %" PRId64, api_int(limit, "max_rows"));
    }
    putchar('\n');
}

/* Of a data folder, what is used is what its servers have taken, which they may not have spent. */
static void print_quota(const json_t *usage, const json_t *quotas, bool is_remote)
{
    const json_t *limits = json_object_get(quotas, "limits_by_role");

    printf("period\t%.*s (UTC)\ncredits\t%.3f\nused\t%.3f%s\nconcurrent\t%" PRId64
           "\nrows\t%" PRId64 "\n",
           STR_ARG(api_text(usage, "period")),
           json_number_value(json_object_get(quotas, "monthly_credits")),
           json_number_value(json_object_get(usage, "credits_used")),
           is_remote ? "" : " (with what a running server holds)",
           api_int(quotas, "max_concurrent"), api_int(quotas, "max_rows"));
    for (size_t i = 0; i < json_array_size(limits); i++) {
        print_limit(json_array_get(limits, i));
    }
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *usage, *quotas;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = api_call(&ad, "GET", api_path(&ad, "billing", "usage", NULL), NULL, &usage);
    if (status == OK) {
        status = api_call(&ad, "GET", api_path(&ad, "billing", "quotas", NULL), NULL, &quotas);
    }
    if (status == OK) {
        print_quota(usage, quotas, ad.remote);
    }
    return admin_end(&ad, status);
}

int command_quota(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"set", "--org ORG [--credits N] [--concurrent N] [--rows N] [--statement-ms N]", set},
        {"set", "--org ORG --role ROLE [--rows N] [--statement-ms N]", set},
        {"show", "--org ORG", show},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
