#include "store/quota.h"

#include "store/change.h"

#define QUOTA_IMAGE                                                                                \
    "SELECT json_object('monthly_millicredits', monthly_millicredits, 'max_concurrent',"           \
    " max_concurrent, 'max_rows', max_rows) FROM quotas WHERE org_id = ?1"

enum status store_quota_get(struct store *s, struct str org_id, struct store_quota *out,
                            bool *is_set, struct error *e)
{
    struct query q;

    read_begin(&q, s, e,
               "SELECT monthly_millicredits, max_concurrent, max_rows FROM quotas"
               " WHERE org_id = ?1",
               "s", org_id);
    *is_set = query_next(&q);
    if (*is_set) {
        *out = (struct store_quota){query_int(&q, 0), query_int(&q, 1), query_int(&q, 2)};
    }
    return read_end(&q);
}

enum status store_quota_set(struct store *s, struct str actor, struct str org_id,
                            const struct store_quota *q, struct error *e)
{
    struct str before;
    struct change c;

    if (q->monthly_millicredits <= 0 || q->max_concurrent <= 0 || q->max_rows <= 0) {
        return error_set(e, ERR_VALIDATION,
                         "credits, concurrent statements and rows must be more "
                         "than 0");
    }
    change_open(&c, s, actor, e);
    before = change_image(&c, QUOTA_IMAGE, org_id);
    change_run(&c,
               "INSERT INTO quotas (org_id, monthly_millicredits, max_concurrent, max_rows)"
               " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (org_id) DO UPDATE SET"
               " monthly_millicredits = ?2, max_concurrent = ?3, max_rows = ?4",
               "siii", org_id, q->monthly_millicredits, q->max_concurrent, q->max_rows);
    change_note(&c, org_id, "quota.set", "quota", org_id, before,
                change_image(&c, QUOTA_IMAGE, org_id));
    return change_close(&c);
}

static void read_leased(struct change *c, struct str org_id, struct str period, int64_t *leased)
{
    struct query q;

    *leased = 0;
    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->s, c->e, "SELECT leased FROM usage WHERE org_id = ?1 AND period = ?2", "ss",
                org_id, period);
    if (query_next(&q)) {
        *leased = query_int(&q, 0);
    }
    change_check(c, query_end(&q));
}

static void add_leased(struct change *c, struct str org_id, struct str period, int64_t millicredits)
{
    change_run(c,
               "INSERT INTO usage (org_id, period, leased) VALUES (?1, ?2, max(0, ?3))"
               " ON CONFLICT (org_id, period) DO UPDATE SET leased = max(0, leased + ?3)",
               "ssi", org_id, period, millicredits);
}

enum status store_usage_lease(struct store *s, struct str org_id, struct str period, int64_t limit,
                              int64_t want, int64_t *granted, struct error *e)
{
    int64_t leased;
    struct change c;

    *granted = 0;
    change_open(&c, s, STR(""), e);
    read_leased(&c, org_id, period, &leased);
    if (c.status == OK && leased < limit && want > 0) {
        int64_t left = limit - leased;

        *granted = want < left ? want : left;
        add_leased(&c, org_id, period, *granted);
    }
    if (change_close(&c) != OK) {
        *granted = 0;
        return FAIL;
    }
    return OK;
}

enum status store_usage_add(struct store *s, struct str org_id, struct str period,
                            int64_t millicredits, struct error *e)
{
    struct change c;

    change_open(&c, s, STR(""), e);
    add_leased(&c, org_id, period, millicredits);
    return change_close(&c);
}

enum status store_usage_get(struct store *s, struct str org_id, struct str period, int64_t *leased,
                            struct error *e)
{
    struct query q;

    *leased = 0;
    read_begin(&q, s, e, "SELECT leased FROM usage WHERE org_id = ?1 AND period = ?2", "ss", org_id,
               period);
    if (query_next(&q)) {
        *leased = query_int(&q, 0);
    }
    return read_end(&q);
}
