/* Principals in words: the same as a login would make, and every mistake at its word. */
#include "trial/asker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/key.h"
#include "store/user.h"

static const struct str me = {"cli:test", 8};

struct site {
    char dir[64], path[96];
    struct arena *a;
    struct store *s;
    struct store_org org, other;
    struct store_user ann;
    struct asker asker;
    struct error e;
};

static void add_key(struct site *t, struct store_key *key, const char *prefix)
{
    key->org_id = t->org.id;
    key->environment = STR(STORE_DEFAULT_ENVIRONMENT);
    key->name = str_of(prefix);
    key->prefix = str_of(prefix);
    key->hash = STR("$argon2id$x");
    assert_int_equal(store_key_create(t->s, me, key, t->a, &t->e), OK);
}

static int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);
    const struct store_pair department = {STR("department"), STR("sales")};
    snprintf(t->dir, sizeof t->dir, "/tmp/hati-principal-XXXXXX");
    if (!mkdtemp(t->dir)) {
        return -1;
    }
    snprintf(t->path, sizeof t->path, "%s/control.db", t->dir);
    t->a = arena_new(0);
    *state = t;
    if (store_open(t->path, &t->s, &t->e) != OK ||
        store_org_create(t->s, me, STR("acme"), t->a, &t->org, &t->e) != OK ||
        store_environment_create(t->s, me, t->org.id, STR("test"), &t->e) != OK ||
        store_org_create(t->s, me, STR("rival"), t->a, &t->other, &t->e) != OK ||
        store_user_create(t->s, me, t->org.id, STR("ann@acme.example"), STR("owner"),
                          (struct store_pairs){&department, 1}, t->a, &t->ann, &t->e) != OK) {
        return -1;
    }
    return 0;
}

static int remove_site(void **state)
{
    struct site *t = *state;
    store_close(t->s);
    arena_free(t->a);
    for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end; end++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", t->path, *end);
        unlink(path);
    }
    int result = rmdir(t->dir);
    free(t);
    return result;
}

static const struct principal *read_words(struct site *t, const char *words)
{
    t->e = (struct error)ERROR_INIT;
    if (asker_read(t->s, &t->org, STR_NULL, str_of(words), t->a, &t->asker, &t->e) != OK) {
        fail_msg("%s: %s", words, t->e.message);
    }
    return t->asker.principal;
}

static void refused(struct site *t, const char *words, enum error_code code, int64_t position,
                    const char *part)
{
    t->e = (struct error)ERROR_INIT;
    assert_int_equal(asker_read(t->s, &t->org, STR_NULL, str_of(words), t->a, &t->asker, &t->e),
                     FAIL);
    if (t->e.code != code || t->e.position != position || !strstr(t->e.message, part)) {
        fail_msg("%s: at %lld: %s", words, (long long)t->e.position, t->e.message);
    }
}

static const char *attribute(const struct principal *p, const char *name)
{
    for (size_t i = 0; i < p->attribute_count; i++) {
        if (str_is(p->attributes[i].name, name)) {
            return p->attributes[i].value.p;
        }
    }
    return NULL;
}

static void test_nobody_in_the_store(void **state)
{
    struct site *t = *state;
    const struct principal *p = read_words(t, "role=analyst");
    assert_int_equal(p->role, ROLE_ANALYST);
    assert_int_equal(p->scopes, SCOPE_QUERY_READ | SCOPE_QUERY_WRITE | SCOPE_SCHEMA_READ);
    assert_true(str_eq(p->org_id, t->org.id));
    assert_true(str_is(p->environment, "hatidata"));
    assert_int_equal(p->user_id.n + p->user_email.n + p->agent_id.n + p->source_ip.n, 0);
    assert_int_equal(t->asker.at_us, 0);
    p = read_words(t, "  role=service_account agent=order-bot framework=langchain "
                      "scopes=query:read ip=10.0.0.1 tables=orders,shared.nation env=test "
                      "attr.name=\"Ann Lee\"\tat=1970-01-02T01:00:00+01:00 ");
    assert_int_equal(p->scopes, SCOPE_QUERY_READ);
    assert_true(str_is(p->agent_id, "order-bot") && str_is(p->agent_framework, "langchain"));
    assert_true(str_is(p->user_id, "agent:order-bot") && str_is(p->source_ip, "10.0.0.1"));
    assert_int_equal(p->allowed_table_count, 2);
    assert_true(str_is(p->allowed_tables[1], "shared.nation") && str_is(p->environment, "test"));
    assert_string_equal(attribute(p, "name"), "Ann Lee");
    assert_int_equal(t->asker.at_us, INT64_C(86400) * 1000000);
}

static void test_a_user(void **state)
{
    struct site *t = *state;
    const struct principal *p = read_words(t, "ann@acme.example");
    assert_int_equal(p->role, ROLE_OWNER);
    assert_true(p->scopes & SCOPE_ADMIN);
    assert_true(str_eq(p->user_id, t->ann.id) && str_is(p->user_email, "ann@acme.example"));
    assert_string_equal(attribute(p, "department"), "sales");
    p = read_words(t, "ann@acme.example role=auditor attr.department=hr attr.x=1");
    assert_int_equal(p->role, ROLE_AUDITOR);
    assert_int_equal(p->scopes, SCOPE_SCHEMA_READ);
    assert_string_equal(attribute(p, "department"), "hr");
    assert_int_equal(p->attribute_count, 2);
    p = read_words(t, "ann@acme.example attr.department=");
    assert_string_equal(attribute(p, "department"), "");
    refused(t, "bob@acme.example", ERR_NOT_FOUND, 0, "bob@acme.example");
    refused(t, "ann@acme.example agent=x", ERR_VALIDATION, -1, "not both");
}

static void test_a_key(void **state)
{
    struct site *t = *state;
    const struct str scopes[] = {STR("query:read")}, ips[] = {STR("10.0.0.0/8")};
    struct store_key key = {.agent_id = STR("bot"),
                            .agent_framework = STR("crew"),
                            .role = STR("analyst"),
                            .scopes = {scopes, 1},
                            .ip_allowlist = {ips, 1}};
    add_key(t, &key, "hd_live_aaaaaaaa");
    const struct principal *p = read_words(t, "hd_live_aaaaaaaa ip=10.1.1.1");
    assert_true(str_is(p->agent_id, "bot") && str_is(p->agent_framework, "crew"));
    assert_int_equal(p->scopes, SCOPE_QUERY_READ);
    assert_true(str_eq(p->key_id, key.id));
    refused(t, "hd_live_aaaaaaaa", ERR_DENIED, -1, "the address is not in the key's list");
    refused(t, "hd_live_bbbbbbbb", ERR_NOT_FOUND, 0, "no key");
    assert_int_equal(store_key_revoke(t->s, me, t->org.id, key.id, &t->e), OK);
    refused(t, "hd_live_aaaaaaaa ip=10.1.1.1", ERR_DENIED, -1, "the key is revoked");
    struct store_org org = t->org;
    t->org = t->other; /* another organization's key is none */
    refused(t, "hd_live_aaaaaaaa ip=10.1.1.1", ERR_NOT_FOUND, 0, "no key");
    refused(t, "ann@acme.example", ERR_NOT_FOUND, 0, "ann@");
    t->org = org;
}

static void test_mistakes(void **state)
{
    struct site *t = *state;
    refused(t, "", ERR_VALIDATION, -1, "needs a user");
    refused(t, "ip=10.0.0.1", ERR_VALIDATION, -1, "needs a user");
    refused(t, "role=analyst rolle=owner", ERR_VALIDATION, 13, "rolle: no field");
    refused(t, "role=king", ERR_VALIDATION, 0, "role: not a role");
    refused(t, "role=none", ERR_VALIDATION, 0, "role: not a role");
    refused(t, "role=analyst role=owner", ERR_VALIDATION, 13, "twice");
    refused(t, "role=analyst scopes=query:read,all", ERR_VALIDATION, 13, "scopes: not a scope");
    refused(t, "role=analyst ip=10.0.0.0/8", ERR_VALIDATION, 13, "ip: not an address");
    refused(t, "role=analyst ip=", ERR_VALIDATION, 13, "is empty");
    refused(t, "role=analyst ann@acme.example", ERR_VALIDATION, 13, "stands first");
    refused(t, "role=analyst framework=crew", ERR_VALIDATION, -1, "framework");
    refused(t, "role=analyst attr.=1", ERR_VALIDATION, 13, "attr.: no field");
    refused(t, "role=analyst attr.a=\"b", ERR_VALIDATION, 13, "no end");
    refused(t, "role=analyst at=2026-01-31T08:00:00", ERR_VALIDATION, 13, "at: must be");
    refused(t, "role=analyst at=2026-01-31", ERR_VALIDATION, 13, "at: must be");
    refused(t, "role=analyst at=monday", ERR_VALIDATION, 13, "at: must be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody_in_the_store, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_a_user, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_a_key, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_mistakes, make_site, remove_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
