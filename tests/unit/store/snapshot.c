/* The snapshot and its replica: the same rows, none of the secrets, forward only, whole or not. */
#include "store/snapshot.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "site.h"
#include "store/key.h"
#include "store/password.h"
#include "store/quota.h"
#include "store/upstream.h"

static const struct store_upstream nobody;

struct pair {
    struct site *site;
    struct store *replica;
    struct str org;
};

static int make_pair(void **state)
{
    struct pair *p = calloc(1, sizeof *p);
    struct store_user owner;
    void *site;
    char path[128];
    if (make_site(&site) != 0) {
        return -1;
    }
    p->site = site;
    p->org = add_org(p->site, "acme");
    if (add_user(p->site, p->org, "own@acme.example", "owner", &owner) != OK) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/replica.db", p->site->place.dir);
    *state = p;
    return store_open_replica(path, &nobody, &p->replica, &p->site->e) == OK ? 0 : -1;
}

static int remove_pair(void **state)
{
    struct pair *p = *state;
    void *site = p->site;
    store_close(p->replica);
    free(p);
    return remove_site(&site);
}
#define PAIR(test) cmocka_unit_test_setup_teardown(test, make_pair, remove_pair)

static int columns_of(const char *path, const char *table)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*) FROM pragma_table_info(?1)", -1, &stmt, NULL),
        SQLITE_OK);
    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return n;
}

/* The document for a replica that has nothing; in the site's arena. */
static struct str document(struct pair *p)
{
    struct buf text = BUF_INIT(0);
    struct snapshot now;
    assert_int_equal(snapshot_read(p->site->s, p->site->a, &now, &p->site->e), OK);
    snapshot_write(&now, STR("store"), NULL, &text);
    struct str copy = arena_str(p->site->a, buf_str(&text));
    buf_free(&text);
    return copy;
}

static enum status apply(struct pair *p, struct str text)
{
    bool changed;
    return snapshot_apply(p->replica, STR("store"), text, &changed, &p->site->e);
}

static void assert_same(struct pair *p)
{
    struct snapshot a, b;
    assert_int_equal(snapshot_read(p->site->s, p->site->a, &a, &p->site->e), OK);
    assert_int_equal(snapshot_read(p->replica, p->site->a, &b, &p->site->e), OK);
    assert_int_equal(a.position, b.position);
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        assert_string_equal(a.at[i].digest, b.at[i].digest);
    }
}

static struct store_key laptop(const struct pair *p)
{
    return (struct store_key){.org_id = p->org,
                              .environment = STR(STORE_DEFAULT_ENVIRONMENT),
                              .name = STR("laptop"),
                              .prefix = STR("hd_live_abcdefgh"),
                              .hash = STR("$argon2id$")};
}

static void test_a_replica_reads_as_its_store(void **state)
{
    struct pair *p = *state;
    struct site *t = p->site;
    struct store_user user;
    struct store_key key = laptop(p);
    struct store_credential found;
    uint64_t a, b;
    assert_int_equal(add_user(t, p->org, "ann@acme.example", "analyst", &user), OK);
    key.user_id = user.id;
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    assert_int_equal(apply(p, document(p)), OK);
    assert_same(p);
    assert_int_equal(store_credential_find(p->replica, key.prefix, t->a, &found, &t->e), OK);
    assert_true(str_is(found.user.email, "ann@acme.example"));
    assert_int_equal(store_rights_version(t->s, &a, &t->e), OK);
    assert_int_equal(store_rights_version(p->replica, &b, &t->e), OK);
    assert_int_equal(a, b);
    /* The user takes his key along, here as there. */
    assert_int_equal(store_user_remove(t->s, me, p->org, user.id, &t->e), OK);
    assert_int_equal(apply(p, document(p)), OK);
    assert_same(p);
    assert_int_equal(store_credential_find(p->replica, key.prefix, t->a, &found, &t->e), FAIL);
}

static void test_only_what_differs_is_sent(void **state)
{
    struct pair *p = *state;
    struct site *t = p->site;
    json_t *held = json_object();
    struct buf text = BUF_INIT(0);
    struct snapshot now;
    assert_int_equal(snapshot_read(t->s, t->a, &now, &t->e), OK);
    assert_false(snapshot_is_held(&now, NULL));
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        json_object_set_new(held, now.at[i].name, json_string(now.at[i].digest));
    }
    assert_true(snapshot_is_held(&now, held));
    json_object_del(held, "users");
    assert_false(snapshot_is_held(&now, held));
    snapshot_write(&now, STR("store"), held, &text);
    json_t *sent = json_loadb((const char *)text.p, text.n, 0, NULL);
    assert_int_equal(json_object_size(json_object_get(sent, "tables")), 1);
    assert_non_null(json_object_get(json_object_get(sent, "tables"), "users"));
    json_decref(sent);
    json_decref(held);
    buf_free(&text);
}

/* A column that the schema gets later must be thought of here. */
static void test_rows_are_whole(void **state)
{
    struct pair *p = *state;
    struct site *t = p->site;
    struct store_user user;
    struct store_quota q = {1, 1, 1};
    struct store_key key = laptop(p);
    if (!place_is_file()) {
        skip();
    }
    assert_int_equal(add_user(t, p->org, "ann@acme.example", "analyst", &user), OK);
    key.user_id = user.id;
    assert_int_equal(store_key_create(t->s, me, &key, t->a, &t->e), OK);
    assert_int_equal(store_quota_set(t->s, me, p->org, &q, &t->e), OK);
    assert_int_equal(store_password_set(t->s, me, p->org, user.id, STR("h"), &t->e), OK);
    json_t *sent = json_loadb(document(p).p, document(p).n, 0, NULL);
    const char *name;
    json_t *table;
    json_object_foreach(json_object_get(sent, "tables"), name, table)
    {
        const json_t *row = json_array_get(json_object_get(table, "rows"), 0);
        if (row) {
            /* An organization's rate tier is of requests, and which key another was rotated from
             * is asked to revoke both: no data plane does either. */
            int left_out = strcmp(name, "organizations") == 0 || strcmp(name, "api_keys") == 0;
            assert_int_equal(json_array_size(row) + left_out,
                             columns_of(p->site->place.where, name));
        }
    }
    json_decref(sent);
}

static void test_no_hash_of_a_password_is_in_it(void **state)
{
    struct pair *p = *state;
    struct site *t = p->site;
    struct store_user user;
    assert_int_equal(add_user(t, p->org, "ann@acme.example", "analyst", &user), OK);
    assert_int_equal(store_password_set(t->s, me, p->org, user.id, STR("S3CRET"), &t->e), OK);
    struct str text = document(p);
    assert_null(memmem(text.p, text.n, "S3CRET", 6));
    assert_int_equal(apply(p, text), OK);
    assert_same(p);
}

static void test_it_only_goes_forward(void **state)
{
    struct pair *p = *state;
    struct str old = document(p);
    struct store_user user;
    assert_int_equal(add_user(p->site, p->org, "ann@acme.example", "analyst", &user), OK);
    assert_int_equal(apply(p, document(p)), OK);
    assert_int_equal(apply(p, old), FAIL);
    assert_int_equal(p->site->e.code, ERR_DENIED);
    assert_same(p);
}

static void test_another_store_is_refused(void **state)
{
    struct pair *p = *state;
    bool changed;
    assert_int_equal(snapshot_apply(p->replica, STR("another"), document(p), &changed, &p->site->e),
                     FAIL);
    assert_int_equal(p->site->e.code, ERR_DENIED);
}

/* Each in the place of the first text of the document that is `from`. */
static void assert_altered_is_refused(struct pair *p, const char *from, const char *to)
{
    struct str text = document(p);
    char *at = memmem(text.p, text.n, from, strlen(from));
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
    assert_int_equal(apply(p, text), FAIL);
    assert_int_equal(p->site->e.code, ERR_VALIDATION);
}

static void test_an_altered_document_changes_nothing(void **state)
{
    struct pair *p = *state;
    struct snapshot before, after;
    assert_int_equal(snapshot_read(p->replica, p->site->a, &before, &p->site->e), OK);
    assert_altered_is_refused(p, "acme", "evil");
    assert_altered_is_refused(p, "\"format\":2", "\"format\":1");
    assert_altered_is_refused(p, "\"quotas\"", "\"quotes\"");
    assert_altered_is_refused(p, "\"rows\"", "\"wors\"");
    assert_altered_is_refused(p, "\"position\"", "\"noitisop\"");
    assert_int_equal(apply(p, STR("")), FAIL);
    assert_int_equal(apply(p, STR("[]")), FAIL);
    assert_int_equal(snapshot_read(p->replica, p->site->a, &after, &p->site->e), OK);
    assert_memory_equal(before.at[1].digest, after.at[1].digest, SNAPSHOT_DIGEST_SIZE);
    assert_int_equal(before.position, after.position);
}

static void test_a_replica_is_changed_by_nothing_else(void **state)
{
    struct pair *p = *state;
    struct store_quota q = {1, 1, 1};
    assert_int_equal(apply(p, document(p)), OK);
    assert_int_equal(store_quota_set(p->replica, me, p->org, &q, &p->site->e), FAIL);
    assert_int_equal(p->site->e.code, ERR_NOT_HERE);
    assert_same(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR(test_a_replica_reads_as_its_store),
        PAIR(test_only_what_differs_is_sent),
        PAIR(test_rows_are_whole),
        PAIR(test_no_hash_of_a_password_is_in_it),
        PAIR(test_it_only_goes_forward),
        PAIR(test_another_store_is_refused),
        PAIR(test_an_altered_document_changes_nothing),
        PAIR(test_a_replica_is_changed_by_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
