/* hatidata jit: just-in-time grants. What gives rights is done by a person who proves who he is;
 * what takes them away the operator may do too. */
#include <inttypes.h>
#include <stdio.h>

#include "command/api.h"
#include "config/config.h"
#include "store/jit.h"

enum { MS_PER_MINUTE = 60000 };

/* The longest grant that may be: by the configuration (environment and file, as `hatidata serve`
 * reads it), or, remotely, that can be at all: the control plane knows its own. */
static enum status read_minutes_max(struct admin *ad)
{
    char name[] = "jit", *argv[] = {name, NULL};
    struct buf mistakes = BUF_INIT(1 << 16);
    struct config config;
    enum status status;

    ad->jit_minutes_max = STORE_JIT_MINUTES_MAX;
    if (ad->remote) {
        return OK;
    }
    status = config_load(1, argv, &config, ad->a, &mistakes);
    if (status != OK) {
        error_set(&ad->e, ERR_CONFIG, "the configuration has mistakes: %s", buf_cstr(&mistakes));
    }
    ad->jit_minutes_max = status == OK ? config.jit_max / MS_PER_MINUTE : 0;
    buf_free(&mistakes);
    return status;
}

static void print_row(const json_t *r)
{
    struct str email = api_text(r, "email");

    printf("%.*s\t%.*s\t%.*s\t%.*s\t%" PRId64 " min\t%.*s\n", STR_ARG(api_text(r, "id")),
           STR_ARG(api_text(r, "status")), STR_ARG(email.n ? email : api_text(r, "user_id")),
           STR_ARG(api_text(r, "requested_role")), api_int(r, "duration_minutes"),
           STR_ARG(api_text(r, "reason")));
}

static int request(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct credential as = {0};
    const char *reason = NULL, *text = NULL, *role;
    const struct option known[] = {API_TARGET(ad),
                                   ADMIN_ORG(ad),
                                   CREDENTIAL_OPTIONS(as),
                                   {"--reason", OPTION_TEXT, .text = &reason},
                                   {"--minutes", OPTION_TEXT, .text = &text},
                                   {NULL}};
    const json_t *grant;
    enum status status;
    int64_t minutes = 0;

    if (!api_begin(&ad, argc, argv, known, &role, 1)) {
        return ad.code;
    }
    status = reason && text
                 ? read_minutes_max(&ad)
                 : error_set(&ad.e, ERR_VALIDATION, "--reason TEXT and --minutes N are needed");
    if (status == OK) {
        status = admin_number("--minutes", text, 1, ad.jit_minutes_max, &minutes, &ad.e);
    }
    if (status == OK) {
        status = api_act_as(&ad, &as);
    }
    if (status == OK) {
        json_t *body = json_pack("{s:s, s:s, s:I}", "requested_role", role, "reason", reason,
                                 "duration_minutes", (json_int_t)minutes);
        status = api_call(&ad, "POST", api_env_path(&ad, NULL, "jit-access", NULL), body, &grant);
    }
    if (status == OK) {
        print_row(grant);
    }
    return admin_end(&ad, status);
}

/* What gives rights is a person's to do, not the operator's. */
static int decide(int argc, char **argv, const char *verb, bool needs_person)
{
    struct admin ad = ADMIN_INIT;
    struct credential as = {0};
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), CREDENTIAL_OPTIONS(as), {NULL}};
    const char *id;
    enum status status;

    if (!api_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    status = read_minutes_max(&ad);
    if (status == OK && (needs_person || as.user || ad.remote)) {
        status = api_act_as(&ad, &as);
    }
    if (status == OK) {
        status = api_call(&ad, "POST", api_env_path(&ad, NULL, "jit-access", id, verb, NULL), NULL,
                          NULL);
    }
    return admin_end(&ad, status);
}

static int approve(int argc, char **argv)
{
    return decide(argc, argv, "approve", true);
}

static int deny(int argc, char **argv)
{
    return decide(argc, argv, "deny", true);
}

static int revoke(int argc, char **argv)
{
    return decide(argc, argv, "revoke", false);
}

static int list(int argc, char **argv)
{
    return api_run_list(argc, argv, "jit", "requested_at", print_row);
}

static void print_if(const char *what, struct str value)
{
    if (value.n) {
        printf("%s\t%.*s\n", what, STR_ARG(value));
    }
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {API_TARGET(ad), ADMIN_ORG(ad), {NULL}};
    const json_t *r;
    enum status status;
    const char *id;

    if (!api_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    status = api_call(&ad, "GET", api_env_path(&ad, NULL, "jit-access", id, NULL), NULL, &r);
    if (status == OK) {
        print_row(r);
        printf("user\t%.*s, by himself %.*s\n", STR_ARG(api_text(r, "user_id")),
               STR_ARG(api_text(r, "own_role")));
        print_if("decided by", api_text(r, "decided_by"));
        print_if("requested", api_text(r, "requested_at"));
        print_if("decided", api_text(r, "decided_at"));
        print_if("expires", api_text(r, "expires_at"));
        print_if("ended", api_text(r, "ended_at"));
    }
    return admin_end(&ad, status);
}

int command_jit(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"request", "ROLE --org ORG --minutes N --reason TEXT " CREDENTIAL_USAGE, request},
        {"approve", "REQUEST --org ORG " CREDENTIAL_USAGE, approve},
        {"deny", "REQUEST --org ORG " CREDENTIAL_USAGE, deny},
        {"revoke", "REQUEST --org ORG [" CREDENTIAL_USAGE "]", revoke},
        {"list", "--org ORG", list},
        {"show", "REQUEST --org ORG", show},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
