/* hatidata quota: credits a month, statements at once, rows and time of a statement. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "command/admin.h"
#include "meter/meter.h"
#include "meter/period.h"
#include "store/quota.h"

enum { MILLI = 1000, STATEMENT_MS_MAX = 24 * 3600 * 1000 };

/* The organization's own quota, or the default. */
static enum status current(struct admin *ad, struct store_quota *out)
{
    const struct quota standard = QUOTA_DEFAULT;
    bool is_set;

    *out = (struct store_quota){standard.monthly_millicredits, standard.max_concurrent,
                                standard.max_rows};
    return store_quota_get(ad->store, ad->org.id, out, &is_set, &ad->e);
}

struct quota_options {
    const char *credits, *concurrent, *rows, *role, *statement_ms;
};

/* The limits of the role, or, without one, the time of everybody. */
static enum status set_limit(struct admin *ad, const struct quota_options *o)
{
    struct store_limit l = {.role = str_of(o->role ? o->role : STORE_EVERY_ROLE)}, *rows = NULL;
    size_t n = 0;

    if (store_limits(ad->store, ad->org.id, ad->a, &rows, &n, &ad->e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        l = str_eq(rows[i].role, l.role) ? rows[i] : l;
    }
    if ((o->statement_ms && admin_number("--statement-ms", o->statement_ms, 0, STATEMENT_MS_MAX,
                                         &l.statement_ms, &ad->e) != OK) ||
        (o->role && o->rows &&
         admin_number("--rows", o->rows, 0, STORE_ROWS_MAX, &l.max_rows, &ad->e) != OK)) {
        return FAIL;
    }
    return store_limit_set(ad->store, ad->actor, ad->org.id, &l, &ad->e);
}

static enum status set_quota(struct admin *ad, const struct quota_options *o)
{
    struct store_quota q;
    enum status status = current(ad, &q);

    if (status == OK && o->credits) {
        status = admin_number("--credits", o->credits, 1, STORE_CREDITS_MAX,
                              &q.monthly_millicredits, &ad->e);
        q.monthly_millicredits *= status == OK ? MILLI : 1;
    }
    if (status == OK && o->concurrent) {
        status = admin_number("--concurrent", o->concurrent, 1, STORE_CONCURRENT_MAX,
                              &q.max_concurrent, &ad->e);
    }
    if (status == OK && o->rows) {
        status = admin_number("--rows", o->rows, 1, STORE_ROWS_MAX, &q.max_rows, &ad->e);
    }
    return status == OK ? store_quota_set(ad->store, ad->actor, ad->org.id, &q, &ad->e) : FAIL;
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
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   {"--credits", OPTION_TEXT, .text = &o.credits},
                                   {"--concurrent", OPTION_TEXT, .text = &o.concurrent},
                                   {"--rows", OPTION_TEXT, .text = &o.rows},
                                   {"--role", OPTION_TEXT, .text = &o.role},
                                   {"--statement-ms", OPTION_TEXT, .text = &o.statement_ms},
                                   {NULL}};
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
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

static enum status print_limits(struct admin *ad)
{
    struct store_limit *rows = NULL;
    size_t n = 0;

    if (store_limits(ad->store, ad->org.id, ad->a, &rows, &n, &ad->e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        printf("role %.*s", STR_ARG(rows[i].role));
        if (rows[i].statement_ms) {
            printf("\tstatement %" PRId64 " ms", rows[i].statement_ms);
        }
        if (rows[i].max_rows) {
            printf("\trows %" PRId64, rows[i].max_rows);
        }
        putchar('\n');
    }
    return OK;
}

static int show(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), ADMIN_ORG(ad), {NULL}};
    struct period period = period_at(clock_wall_us());
    struct store_quota q;
    int64_t leased = 0;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = current(&ad, &q);
    if (status == OK) {
        status = store_usage_get(ad.store, ad.org.id, str_of(period.name), &leased, &ad.e);
    }
    if (status == OK) {
        printf("period\t%s (UTC)\ncredits\t%.3f\nused\t%.3f (with what a running server holds)\n"
               "concurrent\t%" PRId64 "\nrows\t%" PRId64 "\n",
               period.name, (double)q.monthly_millicredits / MILLI, (double)leased / MILLI,
               q.max_concurrent, q.max_rows);
        status = print_limits(&ad);
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
