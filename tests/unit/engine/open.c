/* Opening: the key, damage, and the lock-down. */
#include <duckdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "fixture.h"
#include "suites.h"

static int make(void **state)
{
    static struct fixture f;
    fixture_make(&f);
    *state = &f;
    return 0;
}

static int drop(void **state)
{
    fixture_remove(*state);
    return 0;
}

static enum error_code open_error(struct fixture *f, struct error *e)
{
    *e = (struct error)ERROR_INIT;
    enum status st = engine_open(&f->config, &f->engine, e);
    if (st == OK) {
        f->session = engine_session_open(f->engine);
    } else {
        assert_null(f->engine);
    }
    return st == OK ? ERR_NONE : e->code;
}

static void write_marker(struct fixture *f)
{
    fixture_open(f);
    must(f, f->session,
         "CREATE TABLE shared.t AS SELECT range AS i, 'MARKER-' || range AS m "
         "FROM range(100000)");
    fixture_close(f);
}

static size_t read_file(const char *path, uint8_t *to, size_t max)
{
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t n = fread(to, 1, max, in);
    fclose(in);
    return n;
}

static void write_file(const char *path, const uint8_t *from, size_t n)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(from, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static uint8_t image[8 << 20], changed[8 << 20];

static void data_stays_and_is_encrypted(void **state)
{
    struct fixture *f = *state;
    write_marker(f);
    size_t n = read_file(f->path, image, sizeof image);
    assert_true(n > 100000);
    assert_null(memmem(image, n, "MARKER-", 7));
    fixture_open(f);
    assert_string_equal(one(f, f->session, "SELECT CAST(sum(i) AS VARCHAR) FROM shared.t"),
                        "4999950000");
}

static void no_key_and_wrong_key(void **state)
{
    struct fixture *f = *state;
    struct error e;
    char hex[65];
    write_marker(f);
    size_t n = read_file(f->path, image, sizeof image);
    f->config.data_key = NULL;
    assert_int_equal(open_error(f, &e), ERR_KEY);
    f->config.data_key = f->key;
    f->key[31] ^= 1;
    assert_int_equal(open_error(f, &e), ERR_KEY);
    text_hex(f->key, 32, hex);
    assert_null(strstr(e.message, hex));
    assert_int_equal(read_file(f->path, changed, sizeof changed), n);
    assert_memory_equal(image, changed, n);
    f->key[31] ^= 1;
    assert_int_equal(open_error(f, &e), ERR_NONE);
}

/* A flipped byte anywhere is an error, at opening or when read; never other data. */
static void damage_is_found(void **state)
{
    struct fixture *f = *state;
    struct error e;
    write_marker(f);
    size_t n = read_file(f->path, image, sizeof image);
    const size_t places[] = {8, 20, 70, 3000, 4096, 4200, 8192, 9000, 12288, 12400, n / 2, n - 5};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        memcpy(changed, image, n);
        changed[places[i]] ^= 1;
        write_file(f->path, changed, n);
        enum error_code code = open_error(f, &e);
        if (code == ERR_NONE) {
            code = fails(f, f->session, "SELECT sum(i), max(m) FROM shared.t", &e);
        }
        fixture_close(f);
        if (code != ERR_CORRUPT && code != ERR_KEY && code != ERR_NONE) {
            fail_msg("byte %zu: %s", places[i], e.message);
        }
        if (code == ERR_NONE) { /* a place that holds nothing: then the data must be right */
            fixture_open(f);
            assert_string_equal(
                one(f, f->session, "SELECT sum(i) || ' ' || min(m) || ' ' || max(m) FROM shared.t"),
                "4999950000 MARKER-0 MARKER-99999");
            fixture_close(f);
        }
    }
    write_file(f->path, image, n / 2);
    enum error_code cut = open_error(f, &e);
    assert_int_equal(cut != ERR_NONE ? cut
                                     : fails(f, f->session, "SELECT max(m) FROM shared.t", &e),
                     ERR_CORRUPT);
    fixture_close(f);
    write_file(f->path, (const uint8_t *)"not a database, whatever its name", 33);
    assert_int_equal(open_error(f, &e), ERR_CORRUPT);
}

/* A process that dies with commits in the log. */
static void write_and_die(struct fixture *f)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fixture_open(f);
        must(f, f->session, "CREATE TABLE shared.t (i BIGINT, m VARCHAR)");
        for (int i = 0; i < 20; i++) {
            must(f, f->session, "INSERT INTO shared.t VALUES (1, 'MARKER-')");
        }
        _exit(0);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void log_is_encrypted_and_replayed(void **state)
{
    struct fixture *f = *state;
    struct error e;
    char wal[128];
    snprintf(wal, sizeof wal, "%s.wal", f->path);
    write_and_die(f);
    size_t n = read_file(wal, image, sizeof image);
    static uint8_t data[1 << 20];
    size_t data_n = read_file(f->path, data, sizeof data);
    assert_true(n > 1000);
    assert_null(memmem(image, n, "MARKER-", 7));
    for (size_t at = 200; at < n; at += 311) { /* a length too long looks like the log's end */
        memcpy(changed, image, n);
        changed[at] ^= 1;
        write_file(f->path, data, data_n);
        write_file(wal, changed, n);
        enum error_code code = open_error(f, &e);
        if (code == ERR_NONE) {
            assert_string_not_equal(
                one(f, f->session, "SELECT CAST(count(*) AS VARCHAR) FROM shared.t"), "20");
        } else {
            assert_int_equal(code, ERR_CORRUPT);
        }
        fixture_close(f);
    }
    write_file(f->path, data, data_n);
    write_file(wal, image, n);
    assert_int_equal(open_error(f, &e), ERR_NONE);
    assert_string_equal(one(f, f->session, "SELECT CAST(sum(i) AS VARCHAR) FROM shared.t"), "20");
}

/* A plain file where ours should be is refused, and stays as it is. */
static void plain_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error e;
    duckdb_database db;
    duckdb_connection c;
    assert_int_equal(duckdb_open(f->path, &db), DuckDBSuccess);
    assert_int_equal(duckdb_connect(db, &c), DuckDBSuccess);
    assert_int_equal(duckdb_query(c, "CREATE TABLE t AS SELECT 42 AS i", NULL), DuckDBSuccess);
    duckdb_disconnect(&c);
    duckdb_close(&db);
    size_t n = read_file(f->path, image, sizeof image);
    assert_int_equal(open_error(f, &e), ERR_KEY);
    assert_int_equal(read_file(f->path, changed, sizeof changed), n);
    assert_memory_equal(image, changed, n);
}

static void lock_down_holds(void **state)
{
    struct fixture *f = *state;
    static const char *const attacks[] = {
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_csv_auto('/etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM read_text('http://169.254.169.254/latest/meta-data/')",
        "COPY (SELECT 1) TO '/tmp/engine-test-copied'",
        "COPY (SELECT 1) TO 's3://bucket/x.parquet'",
        "EXPORT DATABASE '/tmp/engine-test-exported'",
        "IMPORT DATABASE '/tmp'",
        "ATTACH '/tmp/engine-test-attached.db' AS other",
        "INSTALL postgres",
        "INSTALL httpfs FROM 'http://example.com'",
        "LOAD '/tmp/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET GLOBAL threads = 1",
        "SET memory_limit = '1TB'",
        "SET temp_file_encryption = false",
        "SET allowed_directories = ['/']",
        "RESET temp_directory",
        "SET allowed_configs = ['TimeZone', 'threads']", /* the one that a session may set */
        "RESET allowed_configs",
        "SET errors_as_json = true",
    };
    fixture_open(f);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        if (fails(f, f->session, attacks[i], NULL) == ERR_NONE) {
            fail_msg("%s", attacks[i]);
        }
    }
    assert_int_not_equal(access("/tmp/engine-test-copied", F_OK), 0);
    assert_int_not_equal(access("/tmp/engine-test-attached.db", F_OK), 0);
    assert_string_equal(one(f, f->session, "SELECT current_setting('TimeZone')"), "UTC");
}

/* Wherever the engine could repeat the statement that carried the key, it isn't there. */
static void key_is_nowhere(void **state)
{
    struct fixture *f = *state;
    struct error e;
    char hex[65], sql[512];
    text_hex(f->key, sizeof f->key, hex);
    const char *path = f->config.path;
    static const char *const bad[] = {"/nowhere/at/all.db", "/tmp", "/dev/null", "x'y\"z/no.db"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        f->config.path = bad[i];
        assert_int_not_equal(open_error(f, &e), ERR_NONE);
        assert_null(strstr(e.message, hex));
        assert_null(strstr(e.hint, hex));
    }
    f->config.path = path;
    fixture_open(f);
    static const char *const places[] = {"duckdb_settings()", "duckdb_databases()",
                                         "duckdb_secrets()", "duckdb_logs", "duckdb_variables()"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT count(*)::VARCHAR FROM %s AS x WHERE x::VARCHAR LIKE '%%%s%%'", places[i],
                 hex);
        assert_string_equal(one(f, f->session, sql), "0");
    }
}

static void bad_folders_are_refused(void **state)
{
    struct fixture *f = *state;
    struct error e;
    f->config.extension_dir = f->dir;
    assert_int_equal(open_error(f, &e), ERR_CONFIG);
    f->config.extension_dir = f->extensions;
    assert_int_equal(chmod(f->spill, 0755), 0);
    assert_int_equal(open_error(f, &e), ERR_CONFIG);
    assert_int_not_equal(access(f->path, F_OK), 0);
}

int open_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(data_stays_and_is_encrypted, make, drop),
        cmocka_unit_test_setup_teardown(no_key_and_wrong_key, make, drop),
        cmocka_unit_test_setup_teardown(damage_is_found, make, drop),
        cmocka_unit_test_setup_teardown(log_is_encrypted_and_replayed, make, drop),
        cmocka_unit_test_setup_teardown(plain_database_is_refused, make, drop),
        cmocka_unit_test_setup_teardown(lock_down_holds, make, drop),
        cmocka_unit_test_setup_teardown(key_is_nowhere, make, drop),
        cmocka_unit_test_setup_teardown(bad_folders_are_refused, make, drop),
    };
    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
