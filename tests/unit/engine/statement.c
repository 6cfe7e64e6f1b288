/* Statements: parameters, rows, changes, transactions, errors. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "fixture.h"
#include "suites.h"

static int make(void **state)
{
    static struct fixture f;
    fixture_make(&f);
    fixture_open(&f);
    *state = &f;
    return 0;
}

static int drop(void **state)
{
    fixture_remove(*state);
    return 0;
}

static void selects(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(one(f, f->session, "SELECT 'hello'"), "hello");
    assert_int_equal(must(f, f->session, "CREATE TABLE shared.t (i INTEGER)"), 0);
    assert_int_equal(must(f, f->session, "INSERT INTO shared.t FROM range(10)"), 10);
    assert_int_equal(must(f, f->session, "UPDATE shared.t SET i = 1 WHERE i > 7"), 2);
    assert_int_equal(must(f, f->session, "DELETE FROM shared.t WHERE i = 0"), 1);
}

static void prepared_tells_types(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    must(f, f->session, "CREATE TABLE shared.prep (i INTEGER, d DECIMAL(9, 2))");
    assert_int_equal(engine_prepare(f->engine, f->session,
                                    STR("SELECT i AS \"My i\", d * 2 AS d2, $2::DATE AS t FROM "
                                        "shared.prep WHERE i = $1"),
                                    f->arena, &p, &e),
                     OK);
    assert_true(p.returns_rows);
    assert_int_equal(p.param_count, 2);
    assert_int_equal(p.params[0]->kind, TYPE_INT4);
    assert_int_equal(p.params[1]->kind, TYPE_DATE);
    assert_int_equal(p.column_count, 3);
    assert_true(str_is(p.columns[0].name, "My i"));
    assert_int_equal(p.columns[1].type->kind, TYPE_DECIMAL);
    assert_int_equal(p.columns[1].type->scale, 2);
    struct value one_value = {.type = type_simple(TYPE_INT4), .as.integer = 1};
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, &one_value, 1, 0, f->arena, &r, &e),
        FAIL);
    assert_int_equal(e.code, ERR_PROTOCOL);

    assert_int_equal(engine_prepare(f->engine, f->session, STR("SELECT $1"), f->arena, &p, &e), OK);
    assert_int_equal(p.params[0]->kind, TYPE_UNKNOWN);
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, &one_value, 1, 0, f->arena, &r, &e), OK);
    assert_int_equal(r.columns[0].type->kind, TYPE_INT4);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), OK);
    assert_int_equal(((const int32_t *)batch.children[0]->buffers[1])[0], 1);
    arrow_array_release(&batch);
    engine_cursor_close(f->engine, f->session, r.cursor);

    /* a changed table changes the result's columns, and the result says so */
    assert_int_equal(
        engine_prepare(f->engine, f->session, STR("SELECT * FROM shared.prep"), f->arena, &p, &e),
        OK);
    must(f, f->session, "ALTER TABLE shared.prep ADD COLUMN more VARCHAR");
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    assert_int_equal(p.column_count, 2);
    assert_int_equal(r.column_count, 3);
    engine_cursor_close(f->engine, f->session, r.cursor);
    assert_int_equal(engine_prepare(f->engine, f->session,
                                    STR("INSERT INTO shared.prep (i) VALUES "
                                        "($1)"),
                                    f->arena, &p, &e),
                     OK);
    assert_false(p.returns_rows);
    assert_int_equal(p.params[0]->kind, TYPE_INT4);
    assert_int_equal(engine_execute(f->engine, f->session, 999999, NULL, 0, 0, f->arena, &r, &e),
                     FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_STATEMENT);
}

/* A stopped statement makes its transaction fail, so that no half of it is committed. */
static void stopped_in_transaction(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct error e = ERROR_INIT;
    must(f, f->session, "CREATE TABLE shared.stx (i BIGINT)");
    assert_int_equal(engine_run(f->engine, f->session, STR("BEGIN"), &e), OK);
    must(f, f->session, "INSERT INTO shared.stx VALUES (1)");
    assert_int_equal(engine_prepare(f->engine, f->session,
                                    STR("INSERT INTO shared.stx SELECT a.range FROM "
                                        "range(1000000000) a, range(1000) b WHERE a.range % 1000 "
                                        "= b.range"),
                                    f->arena, &p, &e),
                     OK);
    assert_int_equal(engine_execute(f->engine, f->session, p.statement, NULL, 0,
                                    clock_mono_ns() + 100000000, f->arena, &r, &e),
                     FAIL);
    assert_int_equal(e.code, ERR_TIMEOUT);
    assert_int_equal(fails(f, f->session, "SELECT 1", &e), ERR_IN_FAILED_TRANSACTION);
    assert_int_equal(engine_run(f->engine, f->session, STR("ROLLBACK"), &e), OK);
    assert_string_equal(one(f, f->session, "SELECT count(*)::VARCHAR FROM shared.stx"), "0");
}

static void transactions(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    uint64_t a = f->session, b = engine_session_open(f->engine);
    must(f, a, "CREATE TABLE shared.tx AS SELECT range AS i, 0 AS v FROM range(10)");
    assert_int_equal(engine_run(f->engine, a, STR("BEGIN"), &e), OK);
    assert_int_equal(engine_run(f->engine, b, STR("BEGIN"), &e), OK);
    must(f, a, "UPDATE shared.tx SET v = 1 WHERE i = 3");
    assert_string_equal(one(f, b, "SELECT CAST(sum(v) AS VARCHAR) FROM shared.tx"), "0");
    assert_int_equal(fails(f, b, "UPDATE shared.tx SET v = 2 WHERE i = 3", &e), ERR_CONFLICT);
    assert_int_equal(fails(f, b, "SELECT 1", &e), ERR_IN_FAILED_TRANSACTION);
    assert_int_equal(engine_run(f->engine, b, STR("ROLLBACK"), &e), OK);
    assert_int_equal(engine_run(f->engine, a, STR("COMMIT"), &e), OK);
    assert_string_equal(one(f, b, "SELECT CAST(sum(v) AS VARCHAR) FROM shared.tx"), "1");
    engine_session_close(f->engine, b);
}

/* A SELECT left half read ends with its cursor, and leaves the transaction as it was. */
static void abandoned_cursor(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    must(f, f->session, "CREATE TABLE shared.half (i INTEGER)");
    assert_int_equal(engine_run(f->engine, f->session, STR("BEGIN"), &e), OK);
    must(f, f->session, "INSERT INTO shared.half VALUES (1)");
    assert_int_equal(engine_prepare(f->engine, f->session, STR("SELECT * FROM range(10000000)"),
                                    f->arena, &p, &e),
                     OK);
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), OK);
    arrow_array_release(&batch);
    engine_cursor_close(f->engine, f->session, r.cursor);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), FAIL);
    assert_int_equal(engine_run(f->engine, f->session, STR("COMMIT"), &e), OK);
    assert_string_equal(one(f, f->session, "SELECT CAST(count(*) AS VARCHAR) FROM shared.half"),
                        "1");
}

/* A second statement ends a stream: an error, never a result that looks complete. */
static void lost_cursor(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    assert_int_equal(engine_prepare(f->engine, f->session, STR("SELECT * FROM range(10000000)"),
                                    f->arena, &p, &e),
                     OK);
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), OK);
    arrow_array_release(&batch);
    assert_string_equal(one(f, f->session, "SELECT 'other'"), "other");
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_PORTAL);
    engine_cursor_close(f->engine, f->session, r.cursor);
}

/* A cancel that comes between two batches belongs to the statement that is being fetched. */
static void cancel_between_batches(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    assert_int_equal(engine_prepare(f->engine, f->session, STR("SELECT * FROM range(10000000)"),
                                    f->arena, &p, &e),
                     OK);
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), OK);
    arrow_array_release(&batch);
    engine_cancel(f->engine, f->session);
    assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), FAIL);
    assert_int_equal(e.code, ERR_CANCELED);
    engine_cursor_close(f->engine, f->session, r.cursor);
    assert_string_equal(one(f, f->session, "SELECT 'next'"), "next");
}

/* A cancel that comes while nothing runs yet, between the stages of a statement. */
static void a_statement_is_cancelled_before_it_runs(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p, end;
    struct engine_result r;
    struct error e = ERROR_INIT;
    uint64_t session = engine_session_open(f->engine);
    must(f, session, "BEGIN");
    engine_heed(f->engine, session);
    assert_int_equal(engine_prepare(f->engine, session, STR("SELECT 'never'"), f->arena, &p, &e),
                     OK);
    engine_cancel(f->engine, session);
    for (int i = 0; i < 2; i++) { /* also what the statement would run besides */
        assert_int_equal(
            engine_execute(f->engine, session, p.statement, NULL, 0, 0, f->arena, &r, &e), FAIL);
        assert_int_equal(e.code, ERR_CANCELED);
    }
    assert_int_equal(engine_prepare(f->engine, session, STR("ROLLBACK"), f->arena, &end, &e), OK);
    assert_int_equal(
        engine_execute(f->engine, session, end.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    engine_heed(f->engine, session);
    assert_string_equal(one(f, session, "SELECT 'next'"), "next");
    engine_session_close(f->engine, session);
}

static void returning_is_done_at_once(void **state)
{
    struct fixture *f = *state;
    struct engine_prepared p;
    struct engine_result r;
    struct error e = ERROR_INIT;
    must(f, f->session, "CREATE TABLE shared.ret (i INTEGER)");
    assert_int_equal(engine_prepare(f->engine, f->session,
                                    STR("INSERT INTO shared.ret FROM range(5000) RETURNING i"),
                                    f->arena, &p, &e),
                     OK);
    assert_true(p.returns_rows);
    assert_int_equal(
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e), OK);
    assert_true(r.returns_rows);
    engine_cursor_close(f->engine, f->session, r.cursor); /* nothing was fetched */
    assert_string_equal(one(f, f->session, "SELECT CAST(count(*) AS VARCHAR) FROM shared.ret"),
                        "5000");
}

/* --- stopping --- */

static const char endless[] = "SELECT count(*) FROM range(10000000000) a, range(1000000) b "
                              "WHERE a.range * b.range % 7 = 3";
static const char sorting[] = "SELECT * FROM (SELECT hash(range) AS h FROM range(200000000)) "
                              "ORDER BY h";

static void *cancel_soon(void *ctx)
{
    struct fixture *f = ctx;
    struct timespec t = {0, 200000000};
    nanosleep(&t, NULL);
    engine_cancel(f->engine, f->session);
    return NULL;
}

static void check_stopped(struct fixture *f, const char *sql, int64_t timeout_ns)
{
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    pthread_t thread;
    int64_t start = clock_mono_ns();
    assert_int_equal(engine_prepare(f->engine, f->session, str_of(sql), f->arena, &p, &e), OK);
    if (!timeout_ns) {
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, f), 0);
    }
    enum status st = engine_execute(f->engine, f->session, p.statement, NULL, 0,
                                    timeout_ns ? start + timeout_ns : 0, f->arena, &r, &e);
    while (st == OK && (st = engine_next(f->engine, f->session, r.cursor, &batch, &e)) == OK) {
        assert_non_null(batch.release); /* it has no end of its own within our patience */
        arrow_array_release(&batch);
    }
    if (!timeout_ns) {
        pthread_join(thread, NULL);
    }
    assert_int_equal(e.code, timeout_ns ? ERR_TIMEOUT : ERR_CANCELED);
    assert_true(clock_mono_ns() - start < 20000000000);
    engine_statement_close(f->engine, f->session, p.statement);
    assert_string_equal(one(f, f->session, "SELECT 'alive'"), "alive");
}

static void cancel_stops(void **state)
{
    struct fixture *f = *state;
    check_stopped(f, endless, 0);
    check_stopped(f, sorting, 0);
    check_stopped(f, "SELECT * FROM range(100000000000)", 0); /* between and in batches */
}

static void deadline_stops(void **state)
{
    struct fixture *f = *state;
    check_stopped(f, endless, 200000000);
    check_stopped(f, sorting, 200000000);
    check_stopped(f, "SELECT * FROM range(100000000000)", 200000000);
}

static void stopped_change_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    must(f, f->session, "CREATE TABLE shared.stop (i BIGINT)");
    check_stopped(f,
                  "INSERT INTO shared.stop SELECT a.range FROM range(1000000000) a, "
                  "range(1000) b WHERE a.range % 1000 = b.range",
                  300000000);
    assert_string_equal(one(f, f->session, "SELECT CAST(count(*) AS VARCHAR) FROM shared.stop"),
                        "0");
}

static void cancel_of_nothing_hits_nothing(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        engine_cancel(f->engine, f->session);
        assert_string_equal(
            one(f, f->session, "SELECT CAST(sum(range) AS VARCHAR) FROM range(99999)"),
            "4999850001");
    }
    engine_cancel(f->engine, 123456); /* no such session */
}

static atomic_bool is_over;

static void *cancel_always(void *ctx)
{
    struct fixture *f = ctx;
    while (!atomic_load(&is_over)) {
        for (uint64_t session = 1; session < 400; session++) {
            engine_cancel(f->engine, session);
        }
        sched_yield();
    }
    return NULL;
}

/* Cancelling sessions that open, run and close meanwhile: nothing but ERR_CANCELED may come of it.
 */
static void cancel_against_close(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    atomic_store(&is_over, false);
    assert_int_equal(pthread_create(&thread, NULL, cancel_always, f), 0);
    for (int i = 0; i < 200; i++) {
        uint64_t session = engine_session_open(f->engine);
        enum error_code code = fails(f, session, "SELECT max(range) FROM range(10000)", NULL);
        assert_true(code == ERR_NONE || code == ERR_CANCELED);
        engine_session_close(f->engine, session);
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
}

/* --- errors --- */

static void errors_carry_no_values(void **state)
{
    static const struct {
        const char *sql;
        enum error_code code;
        const char *word; /* must be in the message; NULL: any */
    } cases[] = {
        {"SELECT CAST(s AS INTEGER) FROM shared.err", ERR_BAD_VALUE, "INTEGER"},
        {"SELECT CAST(s AS DATE) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT CAST(s AS UUID) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT CAST(s AS JSON) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT CAST(s AS BOOLEAN) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT CAST(s AS DECIMAL(9, 2)) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT CAST(i AS TINYINT) FROM shared.err", ERR_OUT_OF_RANGE, "TINYINT"},
        {"SELECT i * 9223372036854775807 FROM shared.err", ERR_OUT_OF_RANGE, NULL},
        {"SELECT error(s) FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT strptime(s, '%Y') FROM shared.err", ERR_BAD_VALUE, NULL},
        {"SELECT regexp_matches('x', s || '(') FROM shared.err", ERR_BAD_VALUE, NULL},
        {"INSERT INTO shared.err VALUES (77001, 'SECRET other')", ERR_UNIQUE, NULL},
        {"INSERT INTO shared.err VALUES (1, NULL)", ERR_NOT_NULL, "\"s\""},
        {"UPDATE shared.err SET s = 'SECRET' || s", ERR_CHECK, NULL},
        {"INSERT INTO shared.err_of VALUES (77002)", ERR_FOREIGN_KEY, NULL},
        {"DELETE FROM shared.err", ERR_FOREIGN_KEY, NULL},
        {"DROP TABLE shared.err", ERR_DEPENDENT, NULL},
        {"INSERT INTO shared.err_cast VALUES ('SECRET')", ERR_CHECK, NULL},
        {"SELECT * FROM shared.nothing", ERR_UNKNOWN_TABLE, NULL},
        {"SELECT nothing FROM shared.err", ERR_UNKNOWN_COLUMN, "nothing"},
        {"SELECT nothing(1)", ERR_UNKNOWN_FUNCTION, NULL},
        {"SELECT abs('a', 'b')", ERR_UNKNOWN_FUNCTION, NULL},
        {"SELECT 1::nothing", ERR_UNKNOWN_TYPE, NULL},
        {"SELECT FROM WHERE", ERR_BAD_SQL, NULL},
        {"SELECT 1; SELECT 2", ERR_BAD_VALUE, NULL},
        {"CREATE TABLE shared.err (i INTEGER)", ERR_DUPLICATE_TABLE, NULL},
    };
    struct fixture *f = *state;
    must(f, f->session,
         "CREATE TABLE shared.err (i BIGINT PRIMARY KEY, s VARCHAR NOT NULL CHECK "
         "(length(s) < 20))");
    must(f, f->session, "INSERT INTO shared.err VALUES (77001, 'SECRET to INT8')");
    must(f, f->session, "CREATE TABLE shared.err_of (i BIGINT REFERENCES shared.err (i))");
    must(f, f->session, "INSERT INTO shared.err_of VALUES (77001)");
    must(f, f->session, "CREATE TABLE shared.err_cast (s VARCHAR CHECK (CAST(s AS INTEGER) > 0))");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = ERROR_INIT;
        enum error_code code = fails(f, f->session, cases[i].sql, &e);
        if (code != cases[i].code) {
            fail_msg("%s: code %d (%s), want %d", cases[i].sql, (int)code, e.message,
                     (int)cases[i].code);
        }
        if (strstr(e.message, "SECRET") || strstr(e.message, "77001") || strstr(e.hint, "SECRET") ||
            strstr(e.clue, "SECRET") || strstr(e.clue, "77001") ||
            (cases[i].word && !strstr(e.message, cases[i].word))) {
            fail_msg("%s: %s", cases[i].sql, e.message);
        }
    }
}

/* --- memory and spilling --- */

static bool file_has(const char *dir, const char *marker, size_t *bytes)
{
    char command[256];
    snprintf(command, sizeof command, "grep -aq '%s' %s/* 2>/dev/null", marker, dir);
    DIR *d = opendir(dir);
    struct dirent *entry;
    struct stat st;
    while (d && (entry = readdir(d))) {
        if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode)) {
            *bytes += (size_t)st.st_size;
        }
    }
    closedir(d);
    return system(command) == 0;
}

/* A sort larger than the memory: what it writes to disk is there while the rows stream, and isn't
 * readable. */
static void spill_is_encrypted(void **state)
{
    struct fixture *f = *state;
    struct fixture own;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    struct error e = ERROR_INIT;
    size_t bytes = 0;
    (void)f;
    fixture_make(&own);
    own.config.memory_limit = (size_t)48 << 20;
    own.config.threads = 1;
    fixture_open(&own);
    assert_int_equal(engine_prepare(own.engine, own.session,
                                    STR("SELECT 'MARKER-' || repeat(h::VARCHAR, 4) FROM (SELECT "
                                        "hash(range) AS h, range FROM range(1500000)) ORDER BY 1"),
                                    own.arena, &p, &e),
                     OK);
    if (engine_execute(own.engine, own.session, p.statement, NULL, 0, 0, own.arena, &r, &e) != OK ||
        engine_next(own.engine, own.session, r.cursor, &batch, &e) != OK) {
        fail_msg("%s", e.message);
    }
    assert_non_null(batch.release);
    arrow_array_release(&batch);
    assert_false(file_has(own.spill, "MARKER-", &bytes));
    assert_true(bytes > (size_t)16 << 20); /* it did spill */
    engine_cursor_close(own.engine, own.session, r.cursor);
    fixture_remove(&own);
}

int statement_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects),
        cmocka_unit_test(prepared_tells_types),
        cmocka_unit_test(transactions),
        cmocka_unit_test(stopped_in_transaction),
        cmocka_unit_test(abandoned_cursor),
        cmocka_unit_test(lost_cursor),
        cmocka_unit_test(cancel_between_batches),
        cmocka_unit_test(a_statement_is_cancelled_before_it_runs),
        cmocka_unit_test(returning_is_done_at_once),
        cmocka_unit_test(cancel_stops),
        cmocka_unit_test(deadline_stops),
        cmocka_unit_test(stopped_change_leaves_nothing),
        cmocka_unit_test(cancel_of_nothing_hits_nothing),
        cmocka_unit_test(cancel_against_close),
        cmocka_unit_test(errors_carry_no_values),
        cmocka_unit_test(spill_is_encrypted),
    };
    return cmocka_run_group_tests_name("statement", tests, make, drop);
}
