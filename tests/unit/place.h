/* Where a test's control store is: in a new file, or, where HATIDATA_TEST_STORE names a PostgreSQL
 * (postgresql://...?host=FOLDER), in a new schema of that. */
#ifndef TESTS_PLACE_H
#define TESTS_PLACE_H

#include <stdbool.h>

enum { PLACE_SIZE = 256 };

struct place {
    char dir[64];           /* of the test's own */
    char where[PLACE_SIZE]; /* for store_open */
};

/* Both fail the test where they can't. */
void place_make(struct place *p);
void place_remove(struct place *p);

/* Empty again, as it was when it was made; the store is closed. */
void place_empty(struct place *p);

bool place_is_file(void);

/* What an operator would write to the database that this one is. */
const char *place_sql(const char *sqlite, const char *postgres);

/* As an operator with a shell of the database would; false where the database refuses it. */
bool place_run(const struct place *p, const char *sql);

#endif
