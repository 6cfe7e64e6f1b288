#include "meter/meter.h"

#include "base/arena.h"
#include "store/quota.h"

static enum status take(const struct store_limit *l, struct quota *q, struct error *e)
{
    enum role role = ROLE_NONE;

    if (!str_is(l->role, STORE_EVERY_ROLE) && !role_parse(l->role, &role)) {
        return error_set(e, ERR_CORRUPT, "the control store has limits of an unknown role");
    }
    q->of_roles[role] = (struct limits){l->statement_ms, l->max_rows};
    return OK;
}

static enum status limits_read(struct store *s, struct str org_id, struct quota *q, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_limit *rows = NULL;
    size_t n = 0;
    enum status status = store_limits(s, org_id, a, &rows, &n, e);

    for (size_t i = 0; i < n && status == OK; i++) {
        status = take(&rows[i], q, e);
    }
    arena_free(a);
    return status;
}

enum status quota_read(struct store *s, struct str org_id, struct quota *out, struct error *e)
{
    struct quota quota = QUOTA_DEFAULT;
    struct store_quota q;
    bool is_set;

    if (store_quota_get(s, org_id, &q, &is_set, e) != OK ||
        limits_read(s, org_id, &quota, e) != OK) {
        return FAIL;
    }
    if (is_set) {
        quota.monthly_millicredits = q.monthly_millicredits;
        quota.max_concurrent = q.max_concurrent;
        quota.max_rows = q.max_rows;
    }
    *out = quota;
    return OK;
}

static int64_t lowest(int64_t a, int64_t b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

struct limits quota_limits(const struct quota *q, enum role role)
{
    const struct limits *all = &q->of_roles[ROLE_NONE];
    const struct limits *own = &q->of_roles[(unsigned)role < LIMITS_ROLES ? role : ROLE_NONE];

    return (struct limits){
        .statement_ms = lowest(all->statement_ms, own->statement_ms),
        .max_rows = lowest(q->max_rows, lowest(all->max_rows, own->max_rows)),
    };
}
