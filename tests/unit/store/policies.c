/* Policies in the store: made as wished, the history of what they were, and what a change of the
 * database behind the program's back does to both. */
#include "store/policies.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "site.h"
#include "store/history.h"
#include "store/iam.h"

static const struct store_apply plainly = {0}, pruning = {.prune = true};

static enum status set(struct site *t, struct str org, const char *name, const char *json)
{
    struct store_policy out;
    return store_policy_set(t->s, me, org, str_of(name), str_of(json), true, t->a, &out, &t->e);
}

static enum status apply(struct site *t, struct str org, const struct store_policy_wish *wishes,
                         size_t n, const struct store_apply *how, struct store_applied *out)
{
    t->e = (struct error)ERROR_INIT;
    return store_policies_apply(t->s, me, org, wishes, n, how, t->a, out, &t->e);
}

/* "name=json; ..." of what is stored: a policy that is off has "!" before its name. */
static const char *stored(struct site *t, struct str org)
{
    struct store_policy *rows;
    const char *all = "";
    size_t n;
    assert_int_equal(store_policies(t->s, org, t->a, &rows, &n, &t->e), OK);
    for (size_t i = 0; i < n; i++) {
        all = arena_printf(t->a, "%s%s%s%.*s=%.*s", all, i ? "; " : "", rows[i].enabled ? "" : "!",
                           STR_ARG(rows[i].name), STR_ARG(rows[i].json));
    }
    return all;
}

/* "1 create a; 2 change a ..." */
static const char *history(struct site *t, struct str org)
{
    struct store_policy_version *rows;
    const char *all = "";
    size_t n;
    t->e = (struct error)ERROR_INIT;
    if (store_history(t->s, org, STR(""), t->a, &rows, &n, &t->e) != OK) {
        return t->e.message;
    }
    for (size_t i = 0; i < n; i++) {
        all =
            arena_printf(t->a, "%s%s%lld %.*s %.*s", all, i ? "; " : "", (long long)rows[i].version,
                         STR_ARG(rows[i].action), STR_ARG(rows[i].name));
    }
    return all;
}

static size_t trail(struct site *t, const char *action)
{
    struct store_iam *rows;
    size_t n, found = 0;
    assert_int_equal(store_iam_take(t->s, t->a, &rows, &n, &t->e), OK);
    for (size_t i = 0; i < n; i++) {
        found += str_is(rows[i].action, action);
    }
    return found;
}

static void test_policies(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex");
    struct store_policy first, second;
    assert_int_equal(
        store_policy_set(t->s, me, org, STR("masks"), STR("{\"a\":1}"), true, t->a, &first, &t->e),
        OK);
    assert_int_equal(
        store_policy_set(t->s, me, org, STR("masks"), STR("{\"a\":2}"), true, t->a, &second, &t->e),
        OK);
    assert_true(str_eq(first.id, second.id));
    assert_int_equal(second.version, 2);
    assert_int_equal(set(t, other, "masks", "{}"), OK);
    assert_string_equal(stored(t, org), "masks={\"a\":2}");
    assert_string_equal(stored(t, other), "masks={}");
    assert_int_equal(store_policy_enable(t->s, me, org, STR("masks"), false, &t->e), OK);
    assert_string_equal(stored(t, org), "!masks={\"a\":2}");
    assert_int_equal(store_policy_set(t->s, me, org, STR("off"), STR("{\"enabled\": false}"), false,
                                      t->a, &first, &t->e),
                     OK);
    assert_int_equal(store_policy_enable(t->s, me, org, STR("off"), true, &t->e), OK);
    assert_int_equal(store_policy_find(t->s, org, STR("off"), t->a, &first, &t->e), OK);
    assert_true(first.enabled && str_is(first.json, "{\"enabled\":true}"));
    assert_int_equal(store_policy_remove(t->s, me, other, second.id, &t->e), FAIL);
    assert_int_equal(store_policy_remove(t->s, me, org, second.id, &t->e), OK);
    assert_string_equal(history(t, org), "1 create masks; 2 change masks; 3 disable masks; "
                                         "4 create off; 5 enable off; 6 remove masks");
    assert_string_equal(history(t, other), "1 create masks");
}

/* A name that is another policy's id is a name. */
static void test_a_name_like_an_id(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_policy victim, found;
    assert_int_equal(
        store_policy_set(t->s, me, org, STR("deny"), STR("{}"), true, t->a, &victim, &t->e), OK);
    const char *id = arena_strdup(t->a, victim.id);
    assert_int_equal(set(t, org, id, "{\"x\":1}"), OK);
    assert_int_equal(store_policy_find(t->s, org, STR("deny"), t->a, &found, &t->e), OK);
    assert_true(str_is(found.json, "{}") && str_eq(found.id, victim.id));
    assert_int_equal(store_policy_find(t->s, org, str_of(id), t->a, &found, &t->e), OK);
    assert_true(str_is(found.json, "{\"x\":1}"));
    assert_int_equal(store_policy_remove(t->s, me, org, str_of(id), &t->e), OK);
    assert_string_equal(stored(t, org), "deny={}");
}

static void test_apply_is_idempotent(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    const struct store_policy_wish wishes[] = {{STR("b"), STR("{\"x\": 1, \"y\": 2}"), true},
                                               {STR("a"), STR("{}"), false}};
    struct store_applied out;
    assert_int_equal(apply(t, org, wishes, 2, &plainly, &out), OK);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.version, 1);
    assert_true(str_is(out.steps[0].name, "a") && out.steps[0].before.n == 0);
    assert_string_equal(stored(t, org), "!a={}; b={\"x\": 1, \"y\": 2}");
    uint64_t before = version(t);
    const struct store_policy_wish same[] = {{STR("a"), STR(" { } "), false},
                                             {STR("b"), STR("{\"y\":2,\"x\":1}"), true}};
    assert_int_equal(apply(t, org, same, 2, &pruning, &out), OK);
    assert_int_equal(out.count, 0);
    assert_int_equal(out.version, 0);
    assert_int_equal(version(t), before);
    assert_string_equal(history(t, org), "1 create a; 1 create b");
    assert_int_equal(apply(t, org, same, 1, &plainly, &out), OK); /* b stays without --prune */
    assert_int_equal(out.count, 0);
    const struct store_apply dry = {.prune = true, .dry_run = true};
    assert_int_equal(apply(t, org, same, 1, &dry, &out), OK);
    assert_int_equal(out.count, 1);
    assert_true(str_is(out.steps[0].name, "b") && out.steps[0].after.n == 0);
    assert_int_equal(version(t), before);
    assert_int_equal(apply(t, org, same, 1, &pruning, &out), OK);
    assert_string_equal(stored(t, org), "!a={}");
    assert_string_equal(history(t, org), "1 create a; 1 create b; 2 remove b");
    assert_int_equal(trail(t, "policy.remove"), 1);
}

static enum status refuse_b(void *ctx, const struct store_policy_step *step, struct error *e)
{
    (void)ctx;
    return str_is(step->name, "b") ? error_set(e, ERR_VALIDATION, "not b") : OK;
}

static void test_all_or_nothing(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    const struct store_policy_wish wishes[] = {{STR("a"), STR("{}"), true},
                                               {STR("b"), STR("{}"), true}};
    const struct store_policy_wish named[] = {{STR("a"), STR("{}"), true},
                                              {STR("/bad"), STR("{}"), true}};
    const struct store_apply refusing = {.check = refuse_b};
    struct store_applied out;
    uint64_t before = version(t);
    assert_int_equal(apply(t, org, wishes, 2, &refusing, &out), FAIL);
    assert_string_equal(t->e.message, "not b");
    assert_int_equal(apply(t, org, named, 2, &plainly, &out), FAIL);
    run_sql(t, place_sql("CREATE TRIGGER no_b BEFORE INSERT ON policies WHEN NEW.name = 'b'"
                         " BEGIN SELECT RAISE(ABORT, 'no b'); END",
                         "ALTER TABLE policies ADD CHECK (name <> 'b')"));
    assert_int_equal(apply(t, org, wishes, 2, &plainly, &out), FAIL);
    assert_string_equal(stored(t, org), "");
    assert_string_equal(history(t, org), "");
    assert_int_equal(trail(t, "policy.create"), 0);
    assert_int_equal(version(t), before);
}

static void test_rollback(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex");
    struct store_applied out;
    const struct store_policy_wish first[] = {{STR("mask"), STR("{\"v\":1}"), true},
                                              {STR("filter"), STR("{\"v\":1}"), true}};
    const struct store_policy_wish second[] = {{STR("mask"), STR("{\"v\":2}"), false},
                                               {STR("abac"), STR("{\"v\":2}"), true}};
    assert_int_equal(set(t, other, "mask", "{}"), OK);
    assert_int_equal(apply(t, org, first, 2, &pruning, &out), OK);
    assert_int_equal(apply(t, org, second, 2, &pruning, &out), OK);
    assert_string_equal(stored(t, org), "abac={\"v\":2}; !mask={\"v\":2}");
    assert_int_equal(store_policies_rollback(t->s, me, org, 1, &plainly, t->a, &out, &t->e), OK);
    assert_int_equal(out.version, 3);
    assert_int_equal(out.count, 3);
    assert_string_equal(stored(t, org), "filter={\"v\":1}; mask={\"v\":1}");
    assert_int_equal(trail(t, "policy.rollback"), 1);
    assert_int_equal(store_policies_rollback(t->s, me, org, 1, &plainly, t->a, &out, &t->e), OK);
    assert_int_equal(out.version, 0); /* as it was already */
    assert_int_equal(trail(t, "policy.rollback"), 1);
    assert_int_equal(store_policies_rollback(t->s, me, org, 2, &plainly, t->a, &out, &t->e), OK);
    assert_string_equal(stored(t, org), "abac={\"v\":2}; !mask={\"v\":2}");
    assert_string_equal(stored(t, other), "mask={}");
    for (int64_t version = 0; version <= 9; version += 9) {
        assert_int_equal(
            store_policies_rollback(t->s, me, org, version, &plainly, t->a, &out, &t->e), FAIL);
        assert_int_equal(t->e.code, ERR_NOT_FOUND);
    }
    const struct store_apply refusing = {.check = refuse_b};
    assert_int_equal(store_policies_rollback(t->s, me, org, 3, &refusing, t->a, &out, &t->e), OK);
}

/* Who changes the policies behind the program's back is told of by the next change. */
static void test_what_is_found(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_applied out;
    assert_int_equal(set(t, org, "mask", "{\"strict\":1}"), OK);
    assert_int_equal(set(t, org, "gone", "{}"), OK);
    run_sql(t, "UPDATE policies SET json = '{\"loose\":1}' WHERE name = 'mask';"
               "DELETE FROM policies WHERE name = 'gone';"
               "INSERT INTO policies SELECT 'id', org_id, 'new', '{}', 1, 1, 1 FROM policies");
    assert_int_equal(set(t, org, "next", "{}"), OK);
    assert_string_equal(history(t, org), "1 create mask; 2 create gone; 3 found gone; "
                                         "3 found mask; 3 found new; 4 create next");
    assert_int_equal(trail(t, "policy.found"), 3);
    assert_int_equal(store_policies_rollback(t->s, me, org, 2, &plainly, t->a, &out, &t->e), OK);
    assert_string_equal(stored(t, org), "gone={}; mask={\"strict\":1}");
}

/* Policies that are older than the history begin it. */
static void test_older_than_the_history(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    assert_int_equal(set(t, org, "old", "{}"), OK);
    store_close(t->s);
    t->s = NULL;
    run_sql(t, "DROP TABLE policy_versions; DROP TABLE limits;"); /* as it was before */
    run_sql(t, place_sql("DROP TRIGGER users_removed; DROP TRIGGER users_end_sign_ins",
                         "DROP FUNCTION users_removed, users_end_sign_ins CASCADE"));
    run_sql(t, "DROP TABLE removed_users;"
               "DROP TABLE identity_audiences; DROP TABLE identity_providers;"
               "DROP TABLE signing_keys;"
               "DROP TABLE sign_ins; DROP TABLE recovery_codes; DROP TABLE factors;"
               "DROP TABLE invitations; DROP TABLE passwords; DROP INDEX users_by_email;"
               "ALTER TABLE organizations DROP COLUMN require_factor;"
               "ALTER TABLE organizations DROP COLUMN rate_tier; DROP TABLE operator_keys;"
               "ALTER TABLE api_keys DROP COLUMN description;"
               "ALTER TABLE api_keys DROP COLUMN replaces;"
               "DROP TABLE plane_authority; DROP TABLE proxy_tokens; DROP TABLE proxies;"
               "DROP TABLE redaction_patterns;"
               "DROP TABLE proxy_checkpoints; DROP TABLE retentions; DROP TABLE legal_holds;"
               "DELETE FROM meta WHERE name = 'snapshot'");
    run_sql(t, place_sql("DROP TRIGGER jit_requests_asked_snapshot;"
                         "DROP TRIGGER jit_requests_shorter_snapshot",
                         "DROP FUNCTION jit_requests_asked_snapshot,"
                         " jit_requests_shorter_snapshot CASCADE"));
    run_sql(
        t, place_sql("PRAGMA user_version = 2", "UPDATE meta SET value = 2 WHERE name = 'schema'"));
    assert_int_equal(reopen(t), OK);
    assert_string_equal(stored(t, org), "old={}");
    assert_int_equal(set(t, org, "new", "{}"), OK);
    assert_string_equal(history(t, org), "1 found old; 2 create new");
}

/* The attack: a row of the history made looser, and the loose policy brought back by a rollback
 * that looks like a return to something that was approved. */
static void test_tampered_history(void **state)
{
    const char *open =
        place_sql("DROP TRIGGER IF EXISTS policy_versions_stay;"
                  "DROP TRIGGER IF EXISTS policy_versions_remain;",
                  "DROP TRIGGER IF EXISTS policy_versions_stay ON policy_versions;"
                  "DROP TRIGGER IF EXISTS policy_versions_remain ON policy_versions");
    static const char *const attacks[] = {
        "UPDATE policy_versions SET json = '{\"loose\":1}' WHERE version = 1",
        "UPDATE policy_versions SET enabled = 0 WHERE version = 1",
        "UPDATE policy_versions SET actor = 'cli:bob' WHERE version = 1",
        "UPDATE policy_versions SET at_us = at_us + 1 WHERE version = 1",
        "DELETE FROM policy_versions WHERE version = 2", /* "it was never made strict" */
        "UPDATE policy_versions SET version = 5 - version",
        "UPDATE policy_versions SET json = (SELECT json FROM policy_versions WHERE version = 3),"
        " seal = (SELECT seal FROM policy_versions WHERE version = 3) WHERE version = 1",
        "INSERT INTO policy_versions (org_id, version, at_us, actor, action, policy_id, name, json,"
        " enabled, seal) SELECT org_id, 1, at_us, actor, action, policy_id, name,"
        " '{\"loose\":1}', 1, seal FROM policy_versions WHERE version = 3",
    };
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        struct site *t = *state;
        struct str org = add_org(t, arena_printf(t->a, "org-%zu", i));
        struct store_applied out;
        for (int v = 1; v <= 3; v++) {
            assert_int_equal(set(t, org, "mask", arena_printf(t->a, "{\"strict\":%d}", v)), OK);
        }
        assert_int_equal(store_policies_rollback(t->s, me, org, 1, &plainly, t->a, &out, &t->e),
                         OK); /* it works on a history that is whole */
        run_sql(t, open);
        run_sql(t, arena_printf(t->a, "%s", attacks[i]));
        t->e = (struct error)ERROR_INIT;
        assert_int_equal(store_policies_rollback(t->s, me, org, 1, &plainly, t->a, &out, &t->e),
                         FAIL);
        assert_int_equal(t->e.code, ERR_CORRUPT);
        assert_string_equal(stored(t, org), "mask={\"strict\":1}");
        assert_non_null(strstr(history(t, org), "isn't as it was written"));
        assert_int_equal(set(t, org, "mask", "{\"strict\":9}"), OK); /* going on is possible */
        assert_non_null(strstr(history(t, org), "isn't as it was written"));
        run_sql(t, "DELETE FROM policy_versions");
    }
}

static void test_history_is_only_added_to(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    assert_int_equal(set(t, org, "mask", "{}"), OK);
    assert_false(place_run(&t->place, "UPDATE policy_versions SET json = ''"));
    assert_false(place_run(&t->place, "DELETE FROM policy_versions"));
    assert_string_equal(history(t, org), "1 create mask");
}

static void test_no_change_without_the_key(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    assert_int_equal(set(t, org, "mask", "{}"), OK);
    store_close(t->s);
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), OK);
    assert_int_equal(set(t, org, "mask", "{\"x\":1}"), FAIL);
    assert_int_equal(t->e.code, ERR_KEY);
    assert_int_equal(store_policy_remove(t->s, me, org, STR("mask"), &t->e), FAIL);
    assert_int_equal(store_policy_enable(t->s, me, org, STR("mask"), false, &t->e), FAIL);
    assert_string_equal(stored(t, org), "mask={}");
    static const uint8_t another[STORE_SEAL_KEY_SIZE] = {9};
    store_seal_with(t->s, another);
    assert_non_null(strstr(history(t, org), "isn't as it was written"));
}

static void test_damage_can_be_removed(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    assert_int_equal(set(t, org, "p", "{}"), OK);
    run_sql(t, "UPDATE policies SET json = '{'");
    assert_int_equal(store_policy_enable(t->s, me, org, STR("p"), false, &t->e), OK);
    assert_int_equal(store_policy_remove(t->s, me, org, STR("p"), &t->e), OK);
}

struct applier {
    struct site *t;
    struct str org;
    const char *json;
};

/* A connection of its own, as another command would have. */
static void *apply_often(void *arg)
{
    const struct applier *w = arg;
    struct site own = {.place = w->t->place, .a = arena_new(0), .e = ERROR_INIT};
    enum status status = reopen(&own);
    for (int i = 0; status == OK && i < 20; i++) {
        const struct store_policy_wish wishes[] = {{STR("mask"), str_of(w->json), true},
                                                   {STR("filter"), str_of(w->json), true}};
        struct store_applied out;
        status = apply(&own, w->org, wishes, 2, &pruning, &out);
    }
    store_close(own.s);
    arena_free(own.a);
    return status == OK ? arg : NULL;
}

static void test_applied_at_once(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    pthread_t threads[3];
    struct applier appliers[] = {
        {t, org, "{\"v\":1}"}, {t, org, "{\"v\":2}"}, {t, org, "{\"v\":3}"}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, apply_often, &appliers[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        void *good;
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
    /* Both of one apply in every version, and the last of them is what is stored. */
    struct store_policy_version *rows;
    size_t n;
    assert_int_equal(store_history(t->s, org, STR(""), t->a, &rows, &n, &t->e), OK);
    assert_true(n >= 6 && n % 2 == 0);
    for (size_t i = 0; i < n; i += 2) {
        assert_int_equal(rows[i].version, i / 2 + 1);
        assert_int_equal(rows[i + 1].version, i / 2 + 1);
        assert_true(str_eq(rows[i].json, rows[i + 1].json));
    }
    assert_string_equal(stored(t, org),
                        arena_printf(t->a, "filter=%.*s; mask=%.*s", STR_ARG(rows[n - 1].json),
                                     STR_ARG(rows[n - 1].json)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_policies),
        CASE(test_a_name_like_an_id),
        CASE(test_apply_is_idempotent),
        CASE(test_all_or_nothing),
        CASE(test_rollback),
        CASE(test_what_is_found),
        CASE(test_older_than_the_history),
        CASE(test_tampered_history),
        CASE(test_history_is_only_added_to),
        CASE(test_no_change_without_the_key),
        CASE(test_damage_can_be_removed),
        CASE(test_applied_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
