/* hatidata quota: credits a month, statements at once, rows a statement. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "command/admin.h"
#include "meter/meter.h"
#include "meter/period.h"
#include "store/quota.h"

static const int64_t credits_max = (int64_t)1000000000000;
enum { CONCURRENT_MAX = 100000, MILLI = 1000 };
static const int64_t rows_max = (int64_t)1000000000000;

/* The organization's own quota, or the default. */
static enum status current(struct admin *ad, struct store_quota *out)
{
    const struct quota standard = QUOTA_DEFAULT;
    bool is_set;

    *out = (struct store_quota){standard.monthly_millicredits, standard.max_concurrent,
                                standard.max_rows};
    return store_quota_get(ad->store, ad->org.id, out, &is_set, &ad->e);
}

static int set(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *credits = NULL, *concurrent = NULL, *rows = NULL;
    const struct option known[] = {ADMIN_DATA(ad),
                                   ADMIN_ORG(ad),
                                   {"--credits", OPTION_TEXT, .text = &credits},
                                   {"--concurrent", OPTION_TEXT, .text = &concurrent},
                                   {"--rows", OPTION_TEXT, .text = &rows},
                                   {NULL}};
    struct store_quota q;
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = credits || concurrent || rows
                 ? current(&ad, &q)
                 : error_set(&ad.e, ERR_VALIDATION, "give --credits, --concurrent or --rows");
    if (status == OK && credits) {
        status = admin_number("--credits", credits, 1, credits_max, &q.monthly_millicredits, &ad.e);
        q.monthly_millicredits *= status == OK ? MILLI : 1;
    }
    if (status == OK && concurrent) {
        status =
            admin_number("--concurrent", concurrent, 1, CONCURRENT_MAX, &q.max_concurrent, &ad.e);
    }
    if (status == OK && rows) {
        status = admin_number("--rows", rows, 1, rows_max, &q.max_rows, &ad.e);
    }
    if (status == OK) {
        status = store_quota_set(ad.store, ad.actor, ad.org.id, &q, &ad.e);
    }
    return admin_end(&ad, status);
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
    }
    return admin_end(&ad, status);
}

int command_quota(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"set", "--org ORG [--credits N] [--concurrent N] [--rows N]", set},
        {"show", "--org ORG", show},
        {NULL},
    };

    return verbs_run(argc, argv, verbs);
}
