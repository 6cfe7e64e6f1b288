/* hatidata audit retention, holds, hold, lift. */
#include <inttypes.h>
#include <stdio.h>

#include "base/retention.h"
#include "command/api.h"
#include "command/audit.h"

static void print_days(const json_t *answer)
{
    printf("audit entries are kept for %" PRId64 " days; %" PRId64 " is the least\n",
           api_int(answer, "days"), api_int(answer, "least_days"));
}

int audit_command_retention(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *days = NULL;
    const struct option known[] = {
        API_TARGET(ad), ADMIN_ORG(ad), {"--days", OPTION_TEXT, .text = &days}, {NULL}};
    const json_t *answer;
    int64_t n = 0;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    const char *path = api_path(&ad, "audit-retention", NULL);
    enum status status =
        days ? admin_number("--days", days, RETENTION_LAW_DAYS, RETENTION_MAX_DAYS, &n, &ad.e) : OK;
    if (status == OK) {
        status =
            days ? api_call(&ad, "PUT", path, json_pack("{s:I}", "days", (json_int_t)n), &answer)
                 : api_call(&ad, "GET", path, NULL, &answer);
    }
    if (status == OK) {
        print_days(answer);
    }
    return admin_end(&ad, status);
}

static void print_hold(const json_t *hold)
{
    printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(api_text(hold, "id")),
           STR_ARG(api_text(hold, "placed_at")), STR_ARG(api_text(hold, "placed_by")),
           STR_ARG(api_text(hold, "reason")));
}

int audit_command_holds(int argc, char **argv)
{
    return api_run_list(argc, argv, "legal-holds", "placed_at", print_hold);
}

static json_t *reason_body(const char *reason)
{
    return json_pack("{s:s}", "reason", reason ? reason : "");
}

int audit_command_hold(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *reason = NULL;
    const struct option known[] = {
        API_TARGET(ad), ADMIN_ORG(ad), {"--reason", OPTION_TEXT, .text = &reason}, {NULL}};
    const json_t *hold;

    if (!api_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status =
        api_call(&ad, "POST", api_path(&ad, "legal-holds", NULL), reason_body(reason), &hold);
    if (status == OK) {
        print_hold(hold);
    }
    return admin_end(&ad, status);
}

int audit_command_lift(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *reason = NULL, *id;
    const struct option known[] = {
        API_TARGET(ad), ADMIN_ORG(ad), {"--reason", OPTION_TEXT, .text = &reason}, {NULL}};

    if (!api_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    return admin_end(&ad, api_call(&ad, "POST", api_path(&ad, "legal-holds", id, "lift", NULL),
                                   reason_body(reason), NULL));
}
