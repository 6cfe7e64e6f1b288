/* Where policy tests with tables of their own are run: an installation for that file alone, with
 * the organization, tags, policies, limits and keys of the real one, an empty engine, and a log and
 * a ledger that are thrown away. */
#ifndef TRIAL_PLACE_H
#define TRIAL_PLACE_H

#include "crypto/datakey.h"
#include "pipeline/pipeline.h"
#include "store/org.h"
#include "trial/case.h"

/* What such installations are made of, and where. */
struct trial_site {
    struct store *store; /* the real one, which is copied */
    const struct keyring *keys;
    const char *folder; /* each is a folder within this one (0700) */
    const char *extension_dir;
    size_t memory; /* bytes of its engine */
    int threads;
    int64_t statement_ms; /* how long a statement may run; 0: for ever */
    int64_t run_ms;       /* after which no table and no case of a file begins; 0: never */
    struct str actor;
};

/* Which policies to decide by. */
struct policy_choice {
    bool given; /* false: those that are stored */
    const struct policy_document *at;
    size_t n;
};

/* Asked before each table; FAIL ends it. */
struct trial_pace {
    enum status (*go_on)(const void *ctx, struct error *e);
    const void *ctx;
};

struct trial;

/* Makes it and its tables: those of `shared` are as they are registered, or as `tenant` says,
 * others are the organization's in `environment`. Credits are no limit. A server may have the real
 * one open. A FAIL about a table has its line in `*line`. What is given outlives it. */
MUST_USE enum status trial_open(const struct trial_site *site, const struct store_org *org,
                                struct str environment, const struct policy_cases *cases,
                                const struct policy_choice *policies, const struct trial_pace *pace,
                                struct trial **out, int *line, struct error *e);
void trial_close(struct trial *t); /* removes the folder; NULL is allowed */

struct pipeline *trial_pipeline(const struct trial *t);

#endif
