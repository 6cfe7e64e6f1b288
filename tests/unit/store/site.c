#include "site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/history.h"

const struct str me = {"cli:test", 8};

enum status reopen(struct site *t)
{
    static const uint8_t seal_key[STORE_SEAL_KEY_SIZE] = {1, 2, 3};

    store_close(t->s);
    t->s = NULL;
    if (store_open(t->place.where, &t->s, &t->e) != OK) {
        return FAIL;
    }
    store_seal_with(t->s, seal_key);
    return OK;
}

int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);

    place_make(&t->place);
    t->a = arena_new(0);
    *state = t;
    return reopen(t) == OK ? 0 : -1;
}

int remove_site(void **state)
{
    struct site *t = *state;

    store_close(t->s);
    arena_free(t->a);
    place_remove(&t->place);
    free(t);
    return 0;
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

uint64_t version_beyond(struct site *t, uint64_t before)
{
    int64_t until = clock_mono_ns() + 30 * (int64_t)1000000000;
    uint64_t now = version(t);

    while (now <= before && !place_is_file()) {
        assert_true(clock_mono_ns() < until);
        usleep(1000);
        now = version(t);
    }
    assert_true(now > before);
    return now;
}

void run_sql(struct site *t, const char *sql)
{
    assert_true(place_run(&t->place, sql));
}
