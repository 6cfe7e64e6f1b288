#include "place.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *server(void)
{
    return getenv("HATIDATA_TEST_STORE");
}

bool place_is_file(void)
{
    return !server();
}

const char *place_sql(const char *sqlite, const char *postgres)
{
    return place_is_file() ? sqlite : postgres;
}

static bool ask(const char *uri, const char *sql)
{
    PGconn *pg = PQconnectdb(uri);
    PQclear(PQexec(pg, "SET client_min_messages = error"));
    PGresult *r = PQexec(pg, sql);
    bool done = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

    if (!done) {
        print_message("%s", PQerrorMessage(pg));
    }
    PQclear(r);
    PQfinish(pg);
    return done;
}

static void use_schema(const char *format, const struct place *p)
{
    char sql[128];

    snprintf(sql, sizeof sql, format, strstr(p->where, "%3D") + 3);
    assert_true(ask(server(), sql));
}

void place_make(struct place *p)
{
    static int made;

    snprintf(p->dir, sizeof p->dir, "/tmp/hati-test-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    if (place_is_file()) {
        snprintf(p->where, sizeof p->where, "%s/control.db", p->dir);
    } else {
        snprintf(p->where, sizeof p->where, "%s&options=-csearch_path%%3Dt_%d_%d", server(),
                 (int)getpid(), made++);
        use_schema("CREATE SCHEMA %s", p);
    }
}

void place_empty(struct place *p)
{
    if (place_is_file()) {
        assert_int_equal(unlink(p->where), 0);
    } else {
        use_schema("DROP SCHEMA %s CASCADE", p);
        use_schema("CREATE SCHEMA %s", p);
    }
}

void place_remove(struct place *p)
{
    char command[128];

    if (!place_is_file()) {
        use_schema("DROP SCHEMA %s CASCADE", p);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
}

bool place_run(const struct place *p, const char *sql)
{
    sqlite3 *db;
    int result;

    if (!place_is_file()) {
        return ask(p->where, sql);
    }
    assert_int_equal(sqlite3_open(p->where, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return result == SQLITE_OK;
}
