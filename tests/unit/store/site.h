/* A control store of its own for each test, in a new folder. Include it after cmocka.h. */
#ifndef TESTS_STORE_SITE_H
#define TESTS_STORE_SITE_H

#include "../place.h"
#include "store/org.h"
#include "store/store.h"
#include "store/user.h"

extern const struct str me; /* who acts */

struct site {
    struct place place;
    struct arena *a;
    struct store *s;
    struct error e;
};

/* For cmocka. */
int make_site(void **state);
int remove_site(void **state);
#define CASE(test) cmocka_unit_test_setup_teardown(test, make_site, remove_site)

/* Opens the store again, with the key of the seals. */
enum status reopen(struct site *t);

struct str add_org(struct site *t, const char *name);
enum status add_user(struct site *t, struct str org, const char *email, const char *role,
                     struct store_user *out);
uint64_t version(struct site *t);

/* As an operator with a shell of the database would. */
void run_sql(struct site *t, const char *sql);

/* The version, which another program's change must move beyond `before`: at once in a file, soon in
 * PostgreSQL. */
uint64_t version_beyond(struct site *t, uint64_t before);

#endif
