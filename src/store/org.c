#include "store/org.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"
#include "store/environment.h"

#define ORG_IMAGE   "ss", "SELECT id, name FROM organizations WHERE id = ?1"
#define NAME_IMAGE  "s", "SELECT ?1 AS name"
#define ORG_COLUMNS "SELECT id, name, created_us, rate_tier FROM organizations "
#define TIER_IMAGE                                                                                 \
    "sss", "SELECT id, name, CASE rate_tier WHEN '' THEN 'default' ELSE rate_tier END"             \
           " AS rate_tier FROM organizations WHERE id = ?1"

/* Uniform over a-z and 0-9: capitals are skipped. */
static struct str new_id(struct arena *a)
{
    char *id = arena_alloc(a, STORE_ORG_ID_LENGTH + 1), c[2];
    size_t n = 0;

    while (n < STORE_ORG_ID_LENGTH) {
        id_alnum(c, 1);
        if (c[0] >= 'a' || c[0] <= '9') {
            id[n++] = c[0];
        }
    }
    return (struct str){id, n};
}

static void read_org(struct query *q, struct arena *a, struct store_org *out)
{
    out->id = query_text(q, a, 0);
    out->name = query_text(q, a, 1);
    out->created_us = query_int(q, 2);
    out->rate_tier = query_text(q, a, 3);
}

static void insert_environment(struct change *c, struct str org_id, struct str name)
{
    change_run(c, "INSERT INTO environments (org_id, name, created_us) VALUES (?1, ?2, ?3)", "ssi",
               org_id, name, clock_wall_us());
}

enum status store_org_create(struct store *s, struct str actor, struct str name, struct arena *a,
                             struct store_org *out, struct error *e)
{
    struct store_org org = {new_id(a), arena_str(a, name), clock_wall_us(), STR("")};
    struct change c;

    if (check_name("the organization's name", name, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    change_run(&c, "INSERT INTO organizations (id, name, created_us) VALUES (?1, ?2, ?3)", "ssi",
               org.id, org.name, org.created_us);
    insert_environment(&c, org.id, STR(STORE_DEFAULT_ENVIRONMENT));
    change_note(&c, org.id, "org.create", "org", org.id, STR(""),
                change_image(&c, ORG_IMAGE, org.id));
    if (change_close(&c) != OK) {
        return FAIL;
    }
    *out = org;
    return OK;
}

enum status store_org_find(struct store *s, struct str id_or_name, struct arena *a,
                           struct store_org *out, struct error *e)
{
    struct query q;
    bool found;

    read_begin(&q, s, e,
               ORG_COLUMNS "WHERE id = ?1 OR lower(name) = lower(?1)"
                           " ORDER BY id = ?1 DESC LIMIT 1",
               "s", id_or_name);
    found = query_next(&q);
    if (found) {
        read_org(&q, a, out);
    } else if (q.status == OK) {
        q.status =
            error_set(e, ERR_NOT_FOUND, "there is no organization \"%.*s\"", STR_ARG(id_or_name));
    }
    return read_end(&q);
}

enum status store_orgs(struct store *s, struct arena *a, struct store_org **rows, size_t *n,
                       struct error *e)
{
    VEC_OF(struct store_org) list = {0};
    struct query q;

    read_begin(&q, s, e, ORG_COLUMNS "ORDER BY lower(name)", "");
    while (query_next(&q)) {
        struct store_org row;

        read_org(&q, a, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_org_set_rate_tier(struct store *s, struct str actor, struct str org_id,
                                    struct str tier, struct error *e)
{
    struct change c;

    if (tier.n && !str_is(tier, "free") && !str_is(tier, "cloud") && !str_is(tier, "growth") &&
        !str_is(tier, "enterprise")) {
        return error_set(e, ERR_VALIDATION,
                         "a rate tier is free, cloud, growth or enterprise, not \"%.*s\"",
                         STR_ARG(tier));
    }
    change_open(&c, s, actor, e);
    struct str before = change_image(&c, TIER_IMAGE, org_id);
    if (change_run(&c, "UPDATE organizations SET rate_tier = ?2 WHERE id = ?1", "ss", org_id,
                   tier) == 0 &&
        c.status == OK) {
        c.status = error_set(e, ERR_NOT_FOUND, "there is no such organization");
    }
    change_note(&c, org_id, "org.set-rate-tier", "org", org_id, before,
                change_image(&c, TIER_IMAGE, org_id));
    return change_close(&c);
}

enum status store_environment_create(struct store *s, struct str actor, struct str org_id,
                                     struct str name, struct error *e)
{
    struct change c;

    if (check_name("the environment's name", name, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    insert_environment(&c, org_id, name);
    change_note(&c, org_id, "environment.create", "environment", name, STR(""),
                change_image(&c, NAME_IMAGE, name));
    return change_close(&c);
}

enum status store_environments(struct store *s, struct str org_id, struct arena *a,
                               struct store_environment **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_environment) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT org_id, name, created_us FROM environments WHERE org_id = ?1 ORDER BY name",
               "s", org_id);
    while (query_next(&q)) {
        struct store_environment row = {query_text(&q, a, 0), query_text(&q, a, 1),
                                        query_int(&q, 2)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status environment_find(struct db *db, struct str org_id, struct str name, struct error *e)
{
    struct query q;
    query_begin(&q, db, e, "SELECT 1 FROM environments WHERE org_id = ?1 AND name = ?2", "ss",
                org_id, name);
    bool found = query_next(&q);
    if (query_end(&q) != OK) {
        return FAIL;
    }
    return found ? OK
                 : error_set(e, ERR_NOT_FOUND, "the organization has no environment \"%.*s\"",
                             STR_ARG(name));
}

enum status store_environment_check(struct store *s, struct str org_id, struct str name,
                                    struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = environment_find(db, org_id, name, e);

    db_return(db);
    return status;
}

enum status store_environments_check(struct store *s, struct str org_id, const struct str *names,
                                     size_t n, struct error *e)
{
    enum status status = OK;
    for (size_t i = 0; status == OK && i < n; i++) {
        status = store_environment_check(s, org_id, names[i], e);
    }
    return status;
}

/* A key that isn't revoked could log in to what is being removed. */
static enum status check_removable(struct db *db, struct str org_id, struct str name,
                                   struct error *e)
{
    struct query q;
    if (str_is(name, STORE_DEFAULT_ENVIRONMENT)) {
        return error_set(e, ERR_VALIDATION, "the default environment can't be removed");
    }
    if (environment_find(db, org_id, name, e) != OK) {
        return FAIL;
    }
    query_begin(&q, db, e,
                "SELECT count(*) FROM api_keys WHERE org_id = ?1 AND environment = ?2"
                " AND revoked_us = 0",
                "ss", org_id, name);
    int64_t n = query_next(&q) ? query_int(&q, 0) : 0;
    if (query_end(&q) != OK) {
        return FAIL;
    }
    if (n > 0) {
        error_set(e, ERR_EXISTS, "the environment has %lld keys that aren't revoked", (long long)n);
        return error_hint(e, "`hatidata key list` shows them, `hatidata key revoke` ends them.");
    }
    return OK;
}

enum status store_environment_removable(struct store *s, struct str org_id, struct str name,
                                        struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = check_removable(db, org_id, name, e);

    db_return(db);
    return status;
}

enum status store_environment_remove(struct store *s, struct str actor, struct str org_id,
                                     struct str name, struct error *e)
{
    struct change c;

    change_open(&c, s, actor, e);
    if (c.status == OK) {
        (void)change_check(&c, check_removable(c.db, org_id, name, e));
    }
    change_run(&c, "DELETE FROM api_keys WHERE org_id = ?1 AND environment = ?2", "ss", org_id,
               name);
    change_run(&c, "DELETE FROM environments WHERE org_id = ?1 AND name = ?2", "ss", org_id, name);
    change_note(&c, org_id, "environment.remove", "environment", name,
                change_image(&c, NAME_IMAGE, name), STR(""));
    return change_close(&c);
}
