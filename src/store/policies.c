#include "store/policies.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"

#define POLICY_COLUMNS "SELECT id, org_id, name, json, enabled, version, changed_us FROM policies "
#define POLICY_IMAGE                                                                               \
    "SELECT json_object('id', id, 'name', name, 'enabled', json(iif(enabled, 'true', 'false')),"   \
    " 'version', version" JSON_FIELD("document", "json") ") FROM policies WHERE id = ?1"

static void read_policy(struct query *q, struct arena *a, struct store_policy *out)
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

        read_policy(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

static enum status find(struct store *s, struct str org_id, struct str id_or_name, struct arena *a,
                        struct store_policy *out, struct error *e)
{
    struct query q;

    query_begin(&q, s, e,
                POLICY_COLUMNS "WHERE org_id = ?1 AND ?2 IN (id, name) ORDER BY id = ?2 DESC"
                               " LIMIT 1",
                "ss", org_id, id_or_name);
    if (query_next(&q)) {
        read_policy(&q, a, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the organization has no policy \"%.*s\"",
                             STR_ARG(id_or_name));
    }
    return query_end(&q);
}

enum status store_policy_find(struct store *s, struct str org_id, struct str id_or_name,
                              struct arena *a, struct store_policy *out, struct error *e)
{
    enum status status;

    store_lock(s);
    status = find(s, org_id, id_or_name, a, out, e);
    store_unlock(s);
    return status;
}

enum status store_policy_set(struct store *s, struct str actor, struct str org_id, struct str name,
                             struct str json, bool enabled, struct arena *a,
                             struct store_policy *out, struct error *e)
{
    char new_id[ID_UUID_SIZE];
    struct store_policy old = {0};
    struct str id, before;
    struct change c;

    if (check_name("the policy's name", name, e) != OK) {
        return FAIL;
    }
    if (json.n > STORE_JSON_MAX) {
        return error_set(e, ERR_VALIDATION, "the policy is longer than %d bytes", STORE_JSON_MAX);
    }
    id_uuid(new_id);
    change_open(&c, s, actor, e);
    id = c.status == OK && find(s, org_id, name, c.a, &old, NULL) == OK ? old.id : str_of(new_id);
    before = change_image(&c, POLICY_IMAGE, id);
    change_run(&c,
               "INSERT INTO policies (id, org_id, name, json, enabled, version, changed_us)"
               " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT (id) DO UPDATE SET json = ?4,"
               " enabled = ?5, version = version + 1, changed_us = ?6",
               "ssssii", id, org_id, name, json, (int64_t)enabled, clock_wall_us());
    change_note(&c, org_id, before.n ? "policy.change" : "policy.create", "policy", id, before,
                change_image(&c, POLICY_IMAGE, id));
    change_check(&c, c.status == OK ? find(s, org_id, id, a, out, e) : FAIL);
    return change_close(&c);
}

enum status store_policy_enable(struct store *s, struct str actor, struct str org_id,
                                struct str id_or_name, bool enabled, struct error *e)
{
    struct store_policy policy;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_check(&c, c.status == OK ? find(s, org_id, id_or_name, c.a, &policy, e) : FAIL)) {
        struct str before = change_image(&c, POLICY_IMAGE, policy.id);

        change_run(&c,
                   "UPDATE policies SET enabled = ?2, version = version + 1, changed_us = ?3,"
                   " json = iif(json_valid(json), json_replace(json, '$.enabled',"
                   " json(iif(?2, 'true', 'false'))), json)"
                   " WHERE id = ?1",
                   "sii", policy.id, (int64_t)enabled, clock_wall_us());
        change_note(&c, org_id, enabled ? "policy.enable" : "policy.disable", "policy", policy.id,
                    before, change_image(&c, POLICY_IMAGE, policy.id));
    }
    return change_close(&c);
}

enum status store_policy_remove(struct store *s, struct str actor, struct str org_id,
                                struct str id_or_name, struct error *e)
{
    struct store_policy policy;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_check(&c, c.status == OK ? find(s, org_id, id_or_name, c.a, &policy, e) : FAIL)) {
        struct str before = change_image(&c, POLICY_IMAGE, policy.id);

        change_run(&c, "DELETE FROM policies WHERE id = ?1", "s", policy.id);
        change_note(&c, org_id, "policy.remove", "policy", policy.id, before, STR(""));
    }
    return change_close(&c);
}
