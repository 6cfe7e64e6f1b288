/* Reading the configuration: precedence, and mistakes with their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"

struct fixture {
    struct arena *a;
    struct config c;
    struct buf mistakes;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->a = arena_new(0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_free(f->a);
    buf_free(&f->mistakes);
    free(f);
    return 0;
}

static enum status read_text(struct fixture *f, const char *text)
{
    return config_read(str_of(text), "f", &f->c, f->a, &f->mistakes);
}

static void defaults_are_right(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, ""), OK);
    assert_string_equal(f->c.listen, "127.0.0.1:5439");
    assert_string_equal(f->c.kms, "local:data/master.key");
    assert_string_equal(f->c.tls_cert, "data/tls/server.crt");
    assert_int_equal(f->c.engine_memory, 1LL << 30);
    assert_int_equal(f->c.statement_timeout, 300000);
}

static void values_are_read(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, "# comment\r\n data_dir = \"/x y/\\\"q\"  # why\r\n"
                                  "max_message=1 MiB\nauth_timeout = 250ms # c\n\n"
                                  "listen = [::1]:0\nlog_level=debug"),
                     OK);
    assert_string_equal(f->c.data_dir, "/x y/\"q");
    assert_string_equal(f->c.spill_dir, "/x y/\"q/spill");
    assert_int_equal(f->c.max_message, 1 << 20);
    assert_int_equal(f->c.auth_timeout, 250);
    assert_string_equal(f->c.listen, "[::1]:0");
}

static void all_mistakes_are_told_at_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, "lissten = 1\nworkers = 0\nworkers = 4\nauth_timeout = 10\n"
                                  "dialect = oracle\nfoo\nlisten = 5439\nheld_memory = 99999TiB\n"
                                  "data_dir = \"x\nmetrics_listen = a:70000\nqqqqqqqqq = 1\n"),
                     FAIL);
    assert_string_equal(
        buf_cstr(&f->mistakes),
        "f:1: there is no option \"lissten\"; did you mean \"listen\"?\n"
        "f:2: workers = \"0\": allowed are 1 to 1024\n"
        "f:3: workers is set a second time\n"
        "f:4: auth_timeout = \"10\": a duration is expected, such as 30s (ms, s, min, h, d)\n"
        "f:5: dialect = \"oracle\": one of snowflake|postgres|duckdb is expected\n"
        "f:6: \"name = value\" is expected\n"
        "f:7: listen = \"5439\": an address is expected, such as 127.0.0.1:5439, [::1]:5439 or "
        "*:5439\n"
        "f:8: held_memory = \"99999TiB\": allowed are 64KiB to 64GiB\n"
        "f:9: data_dir: the closing quote is missing\n"
        "f:10: metrics_listen = \"a:70000\": the port must be 0 to 65535\n"
        "f:11: there is no option \"qqqqqqqqq\"\n");
}

static enum status load(struct fixture *f, const char **argv)
{
    int argc = 0;
    while (argv[argc]) {
        argc++;
    }
    return config_load(argc, (char **)argv, &f->c, f->a, &f->mistakes);
}

static void flags_beat_environment_beats_file(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/hatidata-config-XXXXXX";
    int fd = mkstemp(path);
    static const char text[] = "workers = 3\nevent_loops = 3\nengine_threads = 3\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    setenv("HATIDATA_WORKERS", "4", 1);
    setenv("HATIDATA_EVENT_LOOPS", "4", 1);
    setenv("HATIDATA_OF_SOMEBODY_ELSE", "4", 1);
    const char *argv[] = {"serve",      "first", "--workers=5", "--config", path, "--print-config",
                          "--data-dir", "/d",    "--",          "--last",   NULL};
    assert_int_equal(load(f, argv), OK);
    unsetenv("HATIDATA_WORKERS");
    unsetenv("HATIDATA_EVENT_LOOPS");
    unlink(path);
    assert_int_equal(f->c.workers, 5);
    assert_int_equal(f->c.event_loops, 4);
    assert_int_equal(f->c.engine_threads, 3);
    assert_true(f->c.print_config);
    assert_int_equal(f->c.rest_count, 2);
    assert_string_equal(f->c.rest[0], "first");
    assert_string_equal(f->c.rest[1], "--last");
    struct buf out = BUF_INIT(0);
    config_print(&f->c, &out);
    assert_non_null(strstr(buf_cstr(&out), "\nworkers = 5  # --workers\n"));
    assert_non_null(strstr(buf_cstr(&out), "\nevent_loops = 4  # HATIDATA_EVENT_LOOPS\n"));
    assert_non_null(strstr(buf_cstr(&out), "\nmax_message = 64MiB  # default\n"));
    struct config again;
    assert_int_equal(config_read(buf_str(&out), "printed", &again, f->a, &f->mistakes), OK);
    assert_int_equal(again.workers, 5);
    buf_free(&out);
}

static void mistakes_of_all_sources_come_together(void **state)
{
    struct fixture *f = *state;
    setenv("HATIDATA_WORKERS", "many", 1);
    setenv("HATIDATA_WORKRS", "1", 1);
    const char *argv[] = {"serve",           "--worker",  "3", "--config",
                          "/nowhere/x.conf", "--dialect", NULL};
    assert_int_equal(load(f, argv), FAIL);
    unsetenv("HATIDATA_WORKERS");
    unsetenv("HATIDATA_WORKRS");
    static const char *const all[] = {
        "--worker: there is no option \"worker\"; did you mean \"workers\"?\n",
        "--dialect: a value is missing\n",
        "HATIDATA_WORKERS: workers = \"many\": a whole number is expected\n",
        "HATIDATA_WORKRS: there is no option \"workrs\"; did you mean \"workers\"?\n",
        "/nowhere/x.conf: it can't be read: No such file or directory\n"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!strstr(buf_cstr(&f->mistakes), all[i])) {
            print_message("missing: %s in\n%s", all[i], buf_cstr(&f->mistakes));
            fail();
        }
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(defaults_are_right),
        T(values_are_read),
        T(all_mistakes_are_told_at_once),
        T(flags_beat_environment_beats_file),
        T(mistakes_of_all_sources_come_together),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
