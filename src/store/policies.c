#include "store/policies.h"

#include "store/apply.h"
#include "store/rowjson.h"

void policy_read(struct query *q, struct arena *a, struct store_policy *out)
{
    out->id = query_text(q, a, 0);
    out->org_id = query_text(q, a, 1);
    out->name = query_text(q, a, 2);
    out->json = query_text(q, a, 3);
    out->enabled = query_int(q, 4) != 0;
    out->version = query_int(q, 5);
    out->changed_us = query_int(q, 6);
}

enum status store_policies(struct store *s, struct str org_id, struct arena *a,
                           struct store_policy **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_policy) list = {0};
    struct query q;

    read_begin(&q, s, e, POLICY_COLUMNS "WHERE ?1 IN ('', org_id) ORDER BY org_id, name", "s",
               org_id);
    while (query_next(&q)) {
        struct store_policy row;

        policy_read(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status policy_find(struct db *db, struct str org_id, struct str name_or_id, struct arena *a,
                        struct store_policy *out, struct error *e)
{
    struct query q;

    query_begin(&q, db, e,
                POLICY_COLUMNS "WHERE org_id = ?1 AND ?2 IN (id, name) ORDER BY name = ?2 DESC"
                               " LIMIT 1",
                "ss", org_id, name_or_id);
    if (query_next(&q)) {
        policy_read(&q, a, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the organization has no policy \"%.*s\"",
                             STR_ARG(name_or_id));
    }
    return query_end(&q);
}

enum status store_policy_find(struct store *s, struct str org_id, struct str name_or_id,
                              struct arena *a, struct store_policy *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = policy_find(db, org_id, name_or_id, a, out, e);

    db_return(db);
    return status;
}

enum status store_policy_set(struct store *s, struct str actor, struct str org_id, struct str name,
                             struct str json, bool enabled, struct arena *a,
                             struct store_policy *out, struct error *e)
{
    struct store_policy_wish wish = {name, json, enabled};
    struct store_apply how = {0};
    struct store_applied ignored;

    if (store_policies_apply(s, actor, org_id, &wish, 1, &how, a, &ignored, e) != OK) {
        return FAIL;
    }
    return store_policy_find(s, org_id, name, a, out, e);
}

enum status store_policy_enable(struct store *s, struct str actor, struct str org_id,
                                struct str name_or_id, bool enabled, struct error *e)
{
    struct store_apply how = {.action = enabled ? "enable" : "disable"};
    struct store_policy policy;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_check(&c, c.status == OK ? policy_find(c.db, org_id, name_or_id, c.a, &policy, e)
                                        : FAIL)) {
        struct store_policy_wish wish = {policy.name, rowjson_enable(c.a, policy.json, enabled),
                                         enabled};

        policies_change(&c, org_id, &wish, 1, &how, NULL);
    }
    return change_close(&c);
}

enum status store_policy_remove(struct store *s, struct str actor, struct str org_id,
                                struct str name_or_id, struct error *e)
{
    struct store_apply how = {0};
    struct store_policy policy;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_check(&c, c.status == OK ? policy_find(c.db, org_id, name_or_id, c.a, &policy, e)
                                        : FAIL)) {
        policies_change(&c, org_id, &(struct store_policy_wish){.name = policy.name}, 1, &how,
                        NULL);
    }
    return change_close(&c);
}
