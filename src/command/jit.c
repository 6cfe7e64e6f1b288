/* hatidata jit: just-in-time grants. What gives rights is done by a person who proves who he is;
 * what takes them away the operator may do too. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "command/credential.h"
#include "config/config.h"
#include "policy/policy.h"
#include "store/jit.h"

enum { MS_PER_MINUTE = 60000 };

/* The longest that the configuration allows: environment and file, as `hatidata serve` reads it. */
static enum status minutes_max(struct admin *ad, int64_t *out)
{
    char name[] = "jit", *argv[] = {name, NULL};
    struct buf mistakes = BUF_INIT(1 << 16);
    struct config config;
    enum status status = config_load(1, argv, &config, ad->a, &mistakes);

    if (status != OK) {
        error_set(&ad->e, ERR_CONFIG, "the configuration has mistakes: %s", buf_cstr(&mistakes));
    }
    *out = status == OK ? config.jit_max / MS_PER_MINUTE : 0;
    buf_free(&mistakes);
    return status;
}

static void print_row(const struct store_jit *r)
{
    bool over =
        str_is(r->status, "approved") && (r->expires_us <= clock_wall_us() || r->left_us == 0);

    printf("%.*s\t%.*s\t%.*s\t%.*s\t%" PRId64 " min\t%.*s\n", STR_ARG(r->id),
           STR_ARG(over ? STR("expired") : r->status),
           STR_ARG(r->user_email.n ? r->user_email : r->user_id), STR_ARG(r->role), r->minutes,
           STR_ARG(r->reason));
}

static int request(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct credential as = {0};
    const char *reason = NULL, *minutes = NULL, *role;
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   CREDENTIAL_OPTIONS(as),
                                   {"--reason", OPTION_TEXT, .text = &reason},
                                   {"--minutes", OPTION_TEXT, .text = &minutes},
                                   {NULL}};
    struct store_jit r = {0};
    struct principal *who;
    enum status status;
    int64_t most = 0;

    if (!admin_begin(&ad, argc, argv, known, &role, 1)) {
        return ad.code;
    }
    status = reason && minutes
                 ? minutes_max(&ad, &most)
                 : error_set(&ad.e, ERR_VALIDATION, "--reason TEXT and --minutes N are needed");
    if (status == OK) {
        status = admin_number("--minutes", minutes, 1, most, &r.minutes, &ad.e);
    }
    if (status == OK) {
        status = credential_verify(&ad, &as, &who);
    }
    if (status == OK) {
        r.org_id = ad.org.id;
        r.user_id = who->user_id;
        r.role = str_of(role);
        r.reason = str_of(reason);
        status = store_jit_request(ad.store, ad.actor, &r, most, clock_wall_us(), ad.a, &ad.e);
    }
    if (status == OK) {
        print_row(&r);
    }
    return admin_end(&ad, status);
}

/* The key of whoever decides must reach as far as his role. */
static enum status check_manager(struct admin *ad, const struct principal *who, const char *action,
                                 const char *id)
{
    if (policy_role_may(who, ACTION_MANAGE)) {
        return OK;
    }
    (void)!error_set(&ad->e, ERR_DENIED,
                     "deciding needs the role owner or admin and a key with the scope admin");
    return admin_refused(ad, action, arena_printf(ad->a, "jit/%s", id));
}

static int decide(int argc, char **argv, bool approve)
{
    struct admin ad = ADMIN_INIT;
    struct credential as = {0};
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), CREDENTIAL_OPTIONS(as), {NULL}};
    struct principal *who;
    const char *id;
    int64_t most = 0, now = clock_wall_us();
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    status = approve ? minutes_max(&ad, &most) : OK;
    if (status == OK) {
        status = credential_verify(&ad, &as, &who);
    }
    if (status == OK) {
        status = check_manager(&ad, who, approve ? "jit.approve" : "jit.deny", id);
    }
    if (status == OK) {
        status = approve ? store_jit_approve(ad.store, ad.actor, ad.org.id, str_of(id),
                                             who->user_id, most, now, &ad.e)
                         : store_jit_deny(ad.store, ad.actor, ad.org.id, str_of(id), who->user_id,
                                          now, &ad.e);
    }
    return admin_end(&ad, status);
}

static int approve(int argc, char **argv)
{
    return decide(argc, argv, true);
}

static int deny(int argc, char **argv)
{
    return decide(argc, argv, false);
}

static int revoke(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    struct credential as = {0};
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), CREDENTIAL_OPTIONS(as), {NULL}};
    struct principal *who;
    struct str by = STR("");
    enum status status = OK;
    const char *id;

    if (!admin_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    if (as.user) {
        status = credential_verify(&ad, &as, &who);
        by = status == OK ? who->user_id : by;
    }
    if (status == OK) {
        status =
            store_jit_revoke(ad.store, ad.actor, ad.org.id, str_of(id), by, clock_wall_us(), &ad.e);
    }
    return admin_end(&ad, status);
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_jit *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_jits(ad.store, ad.org.id, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        print_row(&rows[i]);
    }
    return admin_end(&ad, status);
}

static void print_time(const char *what, int64_t at_us)
{
    char text[CLOCK_TEXT_SIZE];

    if (at_us) {
        clock_format(at_us, text);
        printf("%s\t%s\n", what, text);
    }
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct store_jit r;
    enum status status;
    const char *id;

    if (!admin_begin(&ad, argc, argv, known, &id, 1)) {
        return ad.code;
    }
    status = store_jit_find(ad.store, ad.org.id, str_of(id), ad.a, &r, &ad.e);
    if (status == OK) {
        print_row(&r);
        printf("user\t%.*s, by himself %.*s\n", STR_ARG(r.user_id), STR_ARG(r.base_role));
        if (r.decided_by.n) {
            printf("decided by\t%.*s\n", STR_ARG(r.decided_by));
        }
        print_time("requested", r.requested_us);
        print_time("decided", r.decided_us);
        print_time("expires", r.expires_us);
        print_time("ended", r.ended_us);
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
