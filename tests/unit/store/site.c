#include "site.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/history.h"

const struct str me = {"cli:test", 8};

enum status reopen(struct site *t)
{
    static const uint8_t seal_key[STORE_SEAL_KEY_SIZE] = {1, 2, 3};

    store_close(t->s);
    t->s = NULL;
    if (store_open(t->path, &t->s, &t->e) != OK) {
        return FAIL;
    }
    store_seal_with(t->s, seal_key);
    return OK;
}

int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);

    snprintf(t->dir, sizeof t->dir, "/tmp/hati-store-XXXXXX");
    if (!mkdtemp(t->dir)) {
        return -1;
    }
    snprintf(t->path, sizeof t->path, "%s/control.db", t->dir);
    t->a = arena_new(0);
    *state = t;
    return reopen(t) == OK ? 0 : -1;
}

int remove_site(void **state)
{
    struct site *t = *state;
    char command[128];
    int result;

    store_close(t->s);
    arena_free(t->a);
    snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
    result = system(command);
    free(t);
    return result;
}

struct str add_org(struct site *t, const char *name)
{
    struct store_org org;

    assert_int_equal(store_org_create(t->s, me, str_of(name), t->a, &org, &t->e), OK);
    return org.id;
}

enum status add_user(struct site *t, struct str org, const char *email, const char *role,
                     struct store_user *out)
{
    return store_user_create(t->s, me, org, str_of(email), str_of(role), (struct store_pairs){0},
                             t->a, out, &t->e);
}

uint64_t version(struct site *t)
{
    uint64_t v = 0;

    assert_int_equal(store_version(t->s, &v, &t->e), OK);
    return v;
}

void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
