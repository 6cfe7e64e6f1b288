#include "store/quota.h"

#include "base/json.h"
#include "store/change.h"
#include "store/check.h"
#include "store/upstream.h"

#define QUOTA_IMAGE                                                                                \
    "iii", "SELECT monthly_millicredits, max_concurrent, max_rows FROM quotas WHERE org_id = ?1"

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

enum status store_limits(struct store *s, struct str org_id, struct arena *a,
                         struct store_limit **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_limit) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT role, statement_ms, max_rows FROM limits WHERE org_id = ?1 ORDER BY role",
               "s", org_id);
    while (query_next(&q)) {
        struct store_limit row = {query_text(&q, a, 0), query_int(&q, 1), query_int(&q, 2)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

/* The organization's limits as one object by role, so that the trail shows all that held. */
static struct str limits_image(struct change *c, struct str org_id)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);
    struct query q;

    if (c->status != OK) {
        return STR("");
    }
    query_begin(&q, c->db, c->e,
                "SELECT statement_ms, max_rows, role FROM limits WHERE org_id = ?1 ORDER BY role",
                "s", org_id);
    json_open(&j, '{');
    while (query_next(&q)) {
        json_key(&j, query_text(&q, c->a, 2).p);
        json_raw(&j, query_object(&q, c->a, "ii"));
    }
    json_close(&j, '}');
    change_check(c, query_end(&q));
    struct str image = arena_str(c->a, buf_str(&text));
    buf_free(&text);
    return image;
}

enum status store_limit_set(struct store *s, struct str actor, struct str org_id,
                            const struct store_limit *l, struct error *e)
{
    struct str before;
    struct change c;

    if (!str_is(l->role, STORE_EVERY_ROLE) && check_role(l->role, e) != OK) {
        return FAIL;
    }
    if (l->statement_ms < 0 || l->max_rows < 0) {
        return error_set(e, ERR_VALIDATION, "time and rows can't be less than 0");
    }
    change_open(&c, s, actor, e);
    before = limits_image(&c, org_id);
    change_run(&c, "DELETE FROM limits WHERE org_id = ?1 AND role = ?2", "ss", org_id, l->role);
    if (l->statement_ms > 0 || l->max_rows > 0) {
        change_run(&c,
                   "INSERT INTO limits (org_id, role, statement_ms, max_rows)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   "ssii", org_id, l->role, l->statement_ms, l->max_rows);
    }
    change_note(&c, org_id, "limit.set", "limit", l->role, before, limits_image(&c, org_id));
    return change_close(&c);
}

static void read_leased(struct change *c, struct str org_id, struct str period, int64_t *leased)
{
    struct query q;

    *leased = 0;
    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e, "SELECT leased FROM usage WHERE org_id = ?1 AND period = ?2", "ss",
                org_id, period);
    if (query_next(&q)) {
        *leased = query_int(&q, 0);
    }
    change_check(c, query_end(&q));
}

static void add_leased(struct change *c, struct str org_id, struct str period, int64_t millicredits)
{
    change_run(c,
               "INSERT INTO usage (org_id, period, leased) VALUES (?1, ?2, ?4)"
               " ON CONFLICT (org_id, period) DO UPDATE SET leased ="
               " CASE WHEN usage.leased + ?3 > 0 THEN usage.leased + ?3 ELSE 0 END",
               "ssii", org_id, period, millicredits, millicredits > 0 ? millicredits : 0);
}

enum status store_usage_lease(struct store *s, struct str org_id, struct str period, int64_t limit,
                              int64_t want, int64_t *granted, struct error *e)
{
    int64_t leased;
    struct change c;

    *granted = 0;
    if (s->upstream) {
        return s->upstream->usage_lease(s->upstream->ctx, org_id, period, want, granted, e);
    }
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

    if (s->upstream) {
        return s->upstream->usage_add(s->upstream->ctx, org_id, period, millicredits, e);
    }
    change_open(&c, s, STR(""), e);
    add_leased(&c, org_id, period, millicredits);
    return change_close(&c);
}

enum status store_usage_get(struct store *s, struct str org_id, struct str period, int64_t *leased,
                            struct error *e)
{
    struct query q;

    *leased = 0;
    if (s->upstream) {
        return s->upstream->usage_get(s->upstream->ctx, org_id, period, leased, e);
    }
    read_begin(&q, s, e, "SELECT leased FROM usage WHERE org_id = ?1 AND period = ?2", "ss", org_id,
               period);
    if (query_next(&q)) {
        *leased = query_int(&q, 0);
    }
    return read_end(&q);
}
