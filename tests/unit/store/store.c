/* The control store on real files: opening, migrating, damage, the rules, the trail, the version.
 */
#include "store/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "site.h"
#include "store/iam.h"
#include "store/key.h"
#include "store/migrate.h"
#include "store/org.h"
#include "store/policies.h"
#include "store/quota.h"
#include "store/tables.h"
#include "store/user.h"

static void assert_open_fails(struct site *t, enum error_code code)
{
    t->e = (struct error)ERROR_INIT;
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), FAIL);
    assert_int_equal(t->e.code, code);
    t->s = NULL;
}

static void test_reopened(void **state)
{
    struct site *t = *state;
    struct store_org org;
    struct str id = add_org(t, "acme");
    struct stat st;

    if (place_is_file()) {
        assert_int_equal(stat(t->place.where, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    assert_int_equal(id.n, STORE_ORG_ID_LENGTH);
    store_close(t->s);
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), OK);
    assert_int_equal(store_org_find(t->s, STR("acme"), t->a, &org, &t->e), OK);
    assert_true(str_eq(org.id, id));
    assert_int_equal(store_org_find(t->s, id, t->a, &org, &t->e), OK);
    assert_int_equal(store_org_find(t->s, STR("none"), t->a, &org, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
}

static void test_newer_schema_is_refused(void **state)
{
    struct site *t = *state;
    char sql[96];

    store_close(t->s);
    snprintf(
        sql, sizeof sql,
        place_sql("PRAGMA user_version = %d", "UPDATE meta SET value = %d WHERE name = 'schema'"),
        migrate_newest() + 1);
    run_sql(t, sql);
    assert_open_fails(t, ERR_CONFIG);
}

static void test_foreign_database_is_refused(void **state)
{
    struct site *t = *state;

    store_close(t->s);
    place_empty(&t->place);
    run_sql(t, place_sql("CREATE TABLE other (x); PRAGMA user_version = 1",
                         "CREATE TABLE other (x int)"));
    assert_open_fails(t, ERR_CORRUPT);
}

static void overwrite(const char *path, long at, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "r+");

    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void test_corrupt_file_is_refused(void **state)
{
    struct site *t = *state;
    char junk[4096];

    if (!place_is_file()) {
        return; /* PostgreSQL keeps its own files */
    }
    memset(junk, 0x5a, sizeof junk);
    add_org(t, "acme");
    store_close(t->s);
    t->s = NULL;
    for (long page = 1; page < 4; page++) { /* page 1 holds the schema: the header stays */
        overwrite(t->place.where, page * 4096, junk, sizeof junk);
    }
    assert_open_fails(t, ERR_CORRUPT);
    overwrite(t->place.where, 0, "not a database at all", 21);
    assert_open_fails(t, ERR_CORRUPT);
}

static void test_last_owner_stays(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_user user, found;

    assert_int_equal(add_user(t, org, "first@acme.example", "analyst", &user), FAIL);
    assert_int_equal(t->e.code, ERR_CONSTRAINT);
    assert_int_equal(add_user(t, org, "Boss@Acme.example", "owner", &user), OK);
    assert_true(str_is(user.email, "boss@acme.example"));
    assert_int_equal(store_user_set_role(t->s, me, org, user.email, STR("admin"), &t->e), FAIL);
    assert_int_equal(store_user_set_active(t->s, me, org, user.email, false, &t->e), FAIL);
    assert_int_equal(store_user_remove(t->s, me, org, user.email, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_CONSTRAINT);
    assert_int_equal(store_user_find(t->s, org, user.id, t->a, &found, &t->e), OK);
    assert_true(str_is(found.role, "owner") && found.active);
    assert_int_equal(add_user(t, org, "second@acme.example", "owner", &found), OK);
    assert_int_equal(store_user_set_role(t->s, me, org, user.email, STR("analyst"), &t->e), OK);
    assert_int_equal(store_user_remove(t->s, me, org, found.id, &t->e), FAIL);
    assert_int_equal(store_user_remove(t->s, me, org, user.id, &t->e), OK);
}

static void test_names_and_addresses(void **state)
{
    static const char *const bad_mails[] = {"",        "a",       "@b.c",    "a@",      "a@b..c",
                                            "a@-b.c",  "a b@c.d", "a@b@c",   "a@b.c\n", ".a@b.c",
                                            "a'@b_.c", "a@b c",   "\xc3@b.c"};
    static const char *const bad_names[] = {"", " a", "a ", "-a", "a\n", "a/b", "a;b", "\xc3\xa9"};
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_user user;
    struct store_org other;
    char name[STORE_NAME_MAX + 2];

    for (size_t i = 0; i < sizeof bad_mails / sizeof *bad_mails; i++) {
        assert_int_equal(add_user(t, org, bad_mails[i], "owner", &user), FAIL);
        assert_int_equal(t->e.code, ERR_VALIDATION);
    }
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        assert_int_equal(store_org_create(t->s, me, str_of(bad_names[i]), t->a, &other, &t->e),
                         FAIL);
        assert_int_equal(t->e.code, ERR_VALIDATION);
    }
    memset(name, 'a', sizeof name);
    assert_int_equal(
        store_org_create(t->s, me, (struct str){name, STORE_NAME_MAX + 1}, t->a, &other, &t->e),
        FAIL);
    assert_int_equal(
        store_org_create(t->s, me, (struct str){name, STORE_NAME_MAX}, t->a, &other, &t->e), OK);
    assert_int_equal(store_org_create(t->s, me, STR("a\0b"), t->a, &other, &t->e), FAIL);
    assert_int_equal(store_org_create(t->s, me, STR("ACME"), t->a, &other, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_EXISTS);
    assert_int_equal(add_user(t, org, "a@b.example", "king", &user), FAIL);
}

static struct store_key agent_key(struct str org)
{
    static const struct str scopes[] = {{"query:read", 10}, {"agent:*", 7}};
    static const struct store_pair pairs[] = {{{"segment", 7}, {"A \"quoted\"", 10}}};

    return (struct store_key){.org_id = org,
                              .environment = STR("hatidata"),
                              .agent_id = STR("order-bot"),
                              .agent_framework = STR("langchain"),
                              .role = STR("service_account"),
                              .name = STR("bot key"),
                              .prefix = STR("hd_live_abcdefgh"),
                              .hash = STR("$argon2id$x"),
                              .scopes = {scopes, 2},
                              .attributes = {pairs, 1}};
}

static void test_keys(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex");
    struct store_key key = agent_key(org), *rows;
    struct store_credential c;
    size_t n;
    int64_t total;

    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    assert_int_equal(store_credential_find(t->s, key.prefix, t->a, &c, &t->e), OK);
    assert_true(str_eq(c.key.id, key.id) && str_is(c.org_name, "acme"));
    assert_int_equal(c.key.scopes.n, 2);
    assert_true(str_is(c.key.scopes.at[1], "agent:*"));
    assert_true(str_is(c.key.attributes.at[0].value, "A \"quoted\""));
    assert_int_equal(c.user.id.n, 0);
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL); /* the prefix is taken */
    assert_int_equal(t->e.code, ERR_EXISTS);
    assert_int_equal(store_key_revoke(t->s, me, other, key.prefix, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    assert_int_equal(store_key_revoke(t->s, me, org, key.prefix, &t->e), OK);
    const struct store_key_search all = {.users = true, .agents = true, .limit = 9};
    assert_int_equal(store_keys(t->s, org, &all, t->a, &rows, &n, &total, &t->e), OK);
    assert_true(n == 1 && total == 1 && rows[0].revoked_us > 0);
}

static size_t found(struct site *t, struct str org, struct store_key_search which, int64_t *total,
                    struct str *last)
{
    struct store_key *rows;
    size_t n;
    which.limit = which.limit ? which.limit : 9;
    assert_int_equal(store_keys(t->s, org, &which, t->a, &rows, &n, total, &t->e), OK);
    for (size_t i = 0; i < n; i++) {
        assert_true(str_eq(rows[i].org_id, org) &&
                    (i == 0 || str_cmp(rows[i - 1].id, rows[i].id) < 0));
    }
    *last = n ? rows[n - 1].id : STR("");
    return n;
}

static void test_keys_are_searched_and_paged(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex"), last;
    struct store_user boss;
    int64_t total;
    assert_int_equal(add_user(t, org, "boss@acme.example", "owner", &boss), OK);
    assert_int_equal(store_environment_create(t->s, me, org, STR("staging"), &t->e), OK);
    for (int i = 0; i < 6; i++) {
        struct store_key key = agent_key(i == 5 ? other : org);
        key.prefix = str_of(arena_printf(t->a, "hd_live_%c_00000%d", i < 2 ? 'a' : 'b', i));
        if (i == 0) {
            key.agent_id = key.agent_framework = key.role = STR("");
            key.user_id = boss.id;
        }
        key.environment = i == 3 ? STR("staging") : key.environment;
        assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    }
    const struct store_key_search all = {.users = true, .agents = true};
    struct store_key_search which = all;
    assert_int_equal(found(t, org, which, &total, &last), 5);
    which.agents = false;
    assert_int_equal(found(t, org, which, &total, &last), 1);
    which = (struct store_key_search){.agents = true, .environment = STR("staging")};
    assert_int_equal(found(t, org, which, &total, &last), 1);
    which = all;
    which.prefix = STR("hd_live_b");
    assert_int_equal(found(t, org, which, &total, &last), 3); /* none of the other organization's */
    which.prefix = STR("hd_live_%");
    assert_int_equal(found(t, org, which, &total, &last), 0);
    which = all;
    which.limit = 2;
    for (size_t n = 2, seen = 0; n == 2; seen += n) {
        n = found(t, org, which, &total, &last);
        assert_int_equal(total, 5);
        assert_int_equal(n, seen == 4 ? 1 : 2);
        which.after = last;
    }
}

/* ---- what a search looks at ---- */

static int compared; /* prefixes of keys, since it was set to 0 */

/* substr(text, 1, n) of ASCII, counted. */
static void count_substr(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    assert_int_equal(sqlite3_value_int(argv[1]), 1);
    int n = sqlite3_value_int(argv[2]), all = sqlite3_value_bytes(argv[0]);
    sqlite3_result_text(context, (const char *)sqlite3_value_text(argv[0]), n < all ? n : all,
                        SQLITE_TRANSIENT);
    compared++;
}

static int watch_substr(sqlite3 *db, char **message, const struct sqlite3_api_routines *unused)
{
    (void)message;
    (void)unused;
    return sqlite3_create_function(db, "substr", 3, SQLITE_UTF8, NULL, count_substr, NULL, NULL);
}

/* What a search costs must not tell how near a prefix is to one that there is: each of the
 * organization's keys is looked at, whether none, one or all of them begin so, and no other's. */
static void test_a_search_looks_at_each_key(void **state)
{
    static const char *const prefixes[] = {
        "h", "hd_live_",        "hd_live_k_00", "hd_live_k_000003", "hd_live_k_000013",
        "x", "zzzzzzzzzzzzzzzz"};
    struct site *t = *state;
    if (!place_is_file()) {
        skip();
    }
    store_close(t->s);
    sqlite3_auto_extension((void (*)(void))watch_substr);
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), OK);
    sqlite3_reset_auto_extension();
    struct str org = add_org(t, "acme"), other = add_org(t, "globex"), last;
    for (int i = 0; i < 20; i++) {
        struct store_key key = agent_key(i < 12 ? org : other);
        key.prefix = str_of(arena_printf(t->a, "hd_live_k_%06d", i));
        assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const struct store_key_search which = {
            .users = true, .agents = true, .prefix = str_of(prefixes[i]), .limit = 50};
        int64_t total;
        compared = 0;
        size_t n = found(t, org, which, &total, &last);
        assert_int_equal(n, i < 3 ? 12 : i == 3);
        assert_int_equal(n, total);
        assert_int_equal(compared, 2 * 12); /* counted, then read */
    }
}

/* ---- rotation ---- */

static void test_a_key_is_rotated(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex");
    int64_t now = clock_wall_us(), hour = (int64_t)3600 * 1000000, ends = now + hour;
    struct store_key first = agent_key(org), found_key;
    first.expires_us = now + 24 * hour;
    assert_int_equal(store_key_create(t->s, me, &first, t->a, &t->e), OK);
    struct store_key second = {.prefix = STR("hd_live_second__"), .hash = STR("$argon2id$y")};
    assert_int_equal(store_key_rotate(t->s, me, other, first.id, &ends, &second, t->a, &t->e),
                     FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    second = (struct store_key){.prefix = STR("hd_live_second__"), .hash = STR("$argon2id$y")};
    assert_int_equal(store_key_rotate(t->s, me, org, first.id, &ends, &second, t->a, &t->e), OK);
    assert_int_equal(ends, now + hour);
    assert_int_equal(second.expires_us, first.expires_us); /* not the grace's end */
    assert_true(str_eq(second.replaces, first.id) && str_eq(second.agent_id, first.agent_id));
    assert_int_equal(store_key_find(t->s, org, first.id, t->a, &found_key, &t->e), OK);
    assert_int_equal(found_key.expires_us, ends);
    /* What has an hour is given no more of it, and neither is what comes of it. */
    struct store_key third = {.prefix = STR("hd_live_third___"), .hash = STR("$argon2id$z")};
    int64_t later = now + 48 * hour;
    assert_int_equal(store_key_rotate(t->s, me, org, first.id, &later, &third, t->a, &t->e), OK);
    assert_int_equal(later, ends);
    assert_int_equal(third.expires_us, ends);
    /* The end of the newest is the end of all before it, and of nothing else. */
    struct store_key fourth = {.prefix = STR("hd_live_fourth__"), .hash = STR("$argon2id$z")};
    later = now + 48 * hour;
    assert_int_equal(store_key_rotate(t->s, me, org, second.id, &later, &fourth, t->a, &t->e), OK);
    assert_int_equal(later, first.expires_us);
    assert_int_equal(store_key_revoke(t->s, me, org, fourth.prefix, &t->e), OK);
    const struct str ended[] = {fourth.id, second.id, first.id};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) {
        assert_int_equal(store_key_find(t->s, org, ended[i], t->a, &found_key, &t->e), OK);
        assert_true(found_key.revoked_us > 0);
    }
    assert_int_equal(store_key_find(t->s, org, third.id, t->a, &found_key, &t->e), OK);
    assert_int_equal(found_key.revoked_us, 0);
    struct store_key none = {.prefix = STR("hd_live_fifth___"), .hash = STR("$argon2id$z")};
    assert_int_equal(store_key_rotate(t->s, me, org, first.id, &later, &none, t->a, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_CONSTRAINT);
}

static void test_keys_that_can_not_be(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), other = add_org(t, "globex");
    struct store_user user;
    struct store_key key;

    assert_int_equal(add_user(t, other, "boss@globex.example", "owner", &user), OK);
    key = agent_key(org);
    key.user_id = user.id; /* both */
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL);
    key.agent_id = STR(""); /* another organization's user */
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    key = agent_key(org);
    key.environment = STR("staging");
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    key = agent_key(org);
    key.role = STR("admin");
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_VALIDATION);
    key.role = STR("");
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_VALIDATION);
}

static void test_removed_user_takes_keys_along(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_user boss, user;
    struct store_key key = agent_key(org);
    struct store_credential c;
    struct store_iam *trail;
    size_t n, removed = 0;

    assert_int_equal(add_user(t, org, "boss@acme.example", "owner", &boss), OK);
    assert_int_equal(add_user(t, org, "ann@acme.example", "analyst", &user), OK);
    key.agent_id = STR("");
    key.user_id = user.id;
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    assert_int_equal(store_user_remove(t->s, me, org, user.email, &t->e), OK);
    assert_int_equal(store_credential_find(t->s, key.prefix, t->a, &c, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    assert_int_equal(store_iam_take(t->s, t->a, &trail, &n, &t->e), OK);
    for (size_t i = 0; i < n; i++) {
        removed += str_is(trail[i].action, "key.remove");
    }
    assert_int_equal(removed, 1);
}

static void test_tables_and_tags(void **state)
{
    struct site *t = *state;
    struct store_tag tag = {STR(""), STR("shared"), STR("customer"), STR("c_phone"), STR("pii")};
    struct store_registration *tables;
    struct store_tag *tags;
    size_t n;

    assert_int_equal(store_table_register(t->s, me, STR("customer"), STR("org_id"), &t->e), OK);
    assert_int_equal(store_table_register(t->s, me, STR("customer"), STR("tenant"), &t->e), OK);
    assert_int_equal(store_table_register(t->s, me, STR("Customer"), STR("x"), &t->e), FAIL);
    assert_int_equal(store_table_register(t->s, me, STR("x\"; --"), STR("x"), &t->e), FAIL);
    assert_int_equal(store_registrations(t->s, t->a, &tables, &n, &t->e), OK);
    assert_int_equal(n, 1);
    assert_true(str_is(tables[0].tenant_column, "tenant"));
    assert_int_equal(store_tag_add(t->s, me, &tag, &t->e), OK);
    assert_int_equal(store_tag_add(t->s, me, &tag, &t->e), OK);
    assert_int_equal(store_tags(t->s, t->a, &tags, &n, &t->e), OK);
    assert_int_equal(n, 1);
    assert_int_equal(store_tag_remove(t->s, me, &tag, &t->e), OK);
    assert_int_equal(store_tag_remove(t->s, me, &tag, &t->e), FAIL);
    assert_int_equal(store_table_unregister(t->s, me, STR("customer"), &t->e), OK);
    assert_int_equal(store_table_unregister(t->s, me, STR("customer"), &t->e), FAIL);
}

static void test_trail(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_quota bad = {0, 1, 1}, good = {1, 1, 1};
    struct store_user user;
    struct store_iam *rows;
    size_t n;

    assert_int_equal(add_user(t, org, "boss@acme.example", "owner", &user), OK);
    assert_int_equal(store_quota_set(t->s, me, org, &bad, &t->e), FAIL);
    assert_int_equal(store_user_set_role(t->s, me, org, user.id, STR("analyst"), &t->e), FAIL);
    assert_int_equal(store_quota_set(t->s, me, org, &good, &t->e), OK);
    assert_int_equal(store_iam_take(t->s, t->a, &rows, &n, &t->e), OK);
    assert_int_equal(n, 4); /* nothing of what was no change at all */
    assert_true(str_is(rows[0].action, "org.create") && str_eq(rows[0].actor, me));
    assert_true(str_is(rows[1].action, "user.create") && rows[1].before.n == 0);
    assert_non_null(strstr(rows[1].after.p, "boss@acme.example"));
    assert_true(str_is(rows[2].action, "user.set-role.refuse") && rows[2].before.n == 0);
    assert_true(str_eq(rows[2].org_id, org) && str_eq(rows[2].actor, me));
    assert_non_null(strstr(rows[2].resource.p, user.id.p));
    assert_non_null(strstr(rows[2].after.p, "{\"error\":\"HATI_ERR_409"));
    assert_true(str_is(rows[3].action, "quota.set") && str_eq(rows[3].org_id, org));
    assert_int_equal(store_iam_done(t->s, rows[1].id, &t->e), OK);
    assert_int_equal(store_iam_take(t->s, t->a, &rows, &n, &t->e), OK);
    assert_int_equal(n, 2);
    assert_true(str_is(rows[1].action, "quota.set"));
}

/* Answers each byte with one change, in a process of its own. */
static void change_on_demand(const char *path, int ask, int tell)
{
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    struct store *s;
    struct store_org org;
    char c, name[32];

    if (store_open(path, &s, &e) != OK) {
        _exit(1);
    }
    for (int i = 0; read(ask, &c, 1) == 1; i++) {
        snprintf(name, sizeof name, "org-%d", i);
        if (store_org_create(s, me, str_of(name), a, &org, &e) != OK || write(tell, &c, 1) != 1) {
            _exit(1);
        }
    }
    _exit(0);
}

/* What another process has committed is seen: in a file, by the very next read of the version. */
static void test_version_moves_with_other_processes(void **state)
{
    struct site *t = *state;
    uint64_t before;
    int ask[2], tell[2], status, rounds = place_is_file() ? 100 : 5;
    char c = 0;

    store_close(t->s);
    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork(); /* while no database is open: a connection must not pass a fork */
    if (child == 0) {
        close(ask[1]);
        change_on_demand(t->place.where, ask[0], tell[1]);
    }
    close(ask[0]);
    close(tell[1]);
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), OK);
    before = version(t);
    for (int i = 0; i < rounds; i++) {
        assert_int_equal(version(t), before);
        assert_int_equal(write(ask[1], &c, 1), 1);
        assert_int_equal(read(tell[0], &c, 1), 1);
        before = version_beyond(t, before);
    }
    close(ask[1]);
    close(tell[0]);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void test_version_moves_with_changes_alone(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_user user;
    struct store *other;
    struct store_iam *rows;
    uint64_t before, after;
    int64_t granted;
    size_t n;

    before = version(t);
    assert_int_equal(store_usage_lease(t->s, org, STR("2026-11"), 100, 10, &granted, &t->e), OK);
    assert_int_equal(store_iam_take(t->s, t->a, &rows, &n, &t->e), OK);
    assert_int_equal(store_iam_done(t->s, rows[0].id, &t->e), OK);
    assert_int_equal(version(t), before);
    assert_int_equal(store_open(t->place.where, &other, &t->e), OK);
    assert_int_equal(store_user_create(other, me, org, STR("b@acme.example"), STR("owner"),
                                       (struct store_pairs){0}, t->a, &user, &t->e),
                     OK);
    after = version_beyond(t, before); /* through another connection */
    assert_int_equal(store_policy_remove(other, me, org, STR("none"), &t->e), FAIL);
    assert_int_equal(version(t), after);
    store_close(other);
    run_sql(t, "UPDATE users SET status = 'suspended'"); /* behind our back */
    version_beyond(t, after);
}

static void test_leases_keep_to_the_limit(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme"), month = STR("2026-11");
    int64_t granted, sum;

    assert_int_equal(store_usage_lease(t->s, org, month, 100, 70, &granted, &t->e), OK);
    assert_int_equal(granted, 70);
    assert_int_equal(store_usage_lease(t->s, org, month, 100, 70, &granted, &t->e), OK);
    assert_int_equal(granted, 30);
    assert_int_equal(store_usage_lease(t->s, org, month, 100, 70, &granted, &t->e), OK);
    assert_int_equal(granted, 0);
    assert_int_equal(store_usage_add(t->s, org, month, -40, &t->e), OK);
    assert_int_equal(store_usage_lease(t->s, org, month, 50, 70, &granted, &t->e), OK);
    assert_int_equal(granted, 0); /* the limit was lowered below what is leased */
    assert_int_equal(store_usage_add(t->s, org, month, -1000, &t->e), OK);
    assert_int_equal(store_usage_get(t->s, org, month, &sum, &t->e), OK);
    assert_int_equal(sum, 0);
    assert_int_equal(store_usage_lease(t->s, STR("nobody"), month, 100, 1, &granted, &t->e), FAIL);
    assert_int_equal(granted, 0);
}

struct writer {
    const char *path;
    struct str org;
    int number;
    atomic_int *done;
};

/* Half of them on a connection of their own, as another program would be. */
static void *write_users(void *arg)
{
    struct writer *w = arg;
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct store *s;

    if (store_open(w->path, &s, &e) == OK) {
        for (int i = 0; i < 10; i++) {
            char email[64];
            struct store_user user;

            snprintf(email, sizeof email, "u%d-%d@acme.example", w->number, i);
            if (store_user_create(s, me, w->org, str_of(email), STR("owner"),
                                  (struct store_pairs){0}, a, &user, &e) == OK) {
                atomic_fetch_add(w->done, 1);
            } else {
                print_message("%s\n", e.message);
            }
        }
        store_close(s);
    } else {
        print_message("%s\n", e.message);
    }
    arena_free(a);
    return NULL;
}

static void test_many_writers(void **state)
{
    enum { THREADS = 6 };
    struct site *t = *state;
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    struct str org = add_org(t, "acme");
    struct store_user *rows;
    atomic_int done = 0;
    size_t n;

    for (int i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){t->place.where, org, i, &done};
        pthread_create(&threads[i], NULL, write_users, &writers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(done, THREADS * 10);
    assert_int_equal(store_users(t->s, org, t->a, &rows, &n, &t->e), OK);
    assert_int_equal(n, THREADS * 10);
}

static void *open_and_close(void *arg)
{
    struct error e = ERROR_INIT;
    struct store *s;

    if (store_open(arg, &s, &e) != OK) {
        print_message("%s\n", e.message);
        return arg;
    }
    store_close(s);
    return NULL;
}

static void test_made_by_several_at_once(void **state)
{
    enum { THREADS = 8 };
    struct site *t = *state;
    pthread_t threads[THREADS];
    void *failed;

    store_close(t->s);
    t->s = NULL;
    for (int round = 0; round < 5; round++) {
        place_empty(&t->place);
        for (int i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, open_and_close, t->place.where);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], &failed);
            assert_null(failed);
        }
    }
}

static void test_damage_can_be_removed(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_key key = agent_key(org);

    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    run_sql(t, "UPDATE api_keys SET scopes = '{'");
    assert_int_equal(store_key_revoke(t->s, me, org, key.prefix, &t->e), OK);
}

static void test_damaged_row_fails(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_key key = agent_key(org);
    struct store_credential c;

    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    run_sql(t, "UPDATE api_keys SET allowed_tables = '[1]'");
    assert_int_equal(store_credential_find(t->s, key.prefix, t->a, &c, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_reopened),
        CASE(test_newer_schema_is_refused),
        CASE(test_foreign_database_is_refused),
        CASE(test_corrupt_file_is_refused),
        CASE(test_last_owner_stays),
        CASE(test_names_and_addresses),
        CASE(test_keys),
        CASE(test_keys_are_searched_and_paged),
        CASE(test_a_search_looks_at_each_key),
        CASE(test_a_key_is_rotated),
        CASE(test_keys_that_can_not_be),
        CASE(test_removed_user_takes_keys_along),
        CASE(test_tables_and_tags),
        CASE(test_trail),
        CASE(test_version_moves_with_changes_alone),
        CASE(test_version_moves_with_other_processes),
        CASE(test_leases_keep_to_the_limit),
        CASE(test_many_writers),
        CASE(test_made_by_several_at_once),
        CASE(test_damage_can_be_removed),
        CASE(test_damaged_row_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
