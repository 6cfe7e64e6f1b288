"""What psql and libpq have learnt since version 15: TLS without a request before it, protocol 3.2, cancels over TLS, prepared
statements and pipelines by backslash commands."""
import contextlib
import re
import signal
import subprocess

import pytest
from harness import eventually
from psqls import psql_18


@pytest.fixture
def ask(server):
    psql = psql_18()

    def run(script, fails=False, **more):
        done = psql.run(server.conninfo("owner@acme", **more), "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", stdin=script,
                        options="-c hatidata.dialect=postgres")
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout.splitlines()
    return run


@pytest.mark.parametrize("words", [{}, {"sslnegotiation": "direct"}], ids=["asked", "direct"])
def test_tls(ask, words):
    told = dict(line.split("|") for line in ask(r"\conninfo", **words))
    assert told["SSL Protocol"] == "TLSv1.3" and told["ALPN"] == "postgresql" and told["Password Used"] == "true"


@pytest.mark.parametrize("words, spoken", [
    ({}, "3.0"), ({"max_protocol_version": "3.0"}, "3.0"), ({"max_protocol_version": "3.2"}, "3.2"),
    ({"max_protocol_version": "latest"}, "3.2"), ({"min_protocol_version": "3.2", "max_protocol_version": "latest"}, "3.2")])
def test_protocol(ask, words, spoken):
    assert f"Protocol Version|{spoken}" in ask(r"\conninfo", **words)


@pytest.mark.parametrize("version", ["3.0", "3.2"])
def test_cancel(server, version):
    def running():
        return int(re.search(r"^hatidata_statements_running (\d+)", server.get("/metrics")[1], re.M).group(1))
    one = psql_18().start(server.conninfo("owner@acme", max_protocol_version=version), "-c",
                          "SELECT sum(a.i * b.i) FROM range(1000000000) AS a(i), range(1000000000) AS b(i)")
    try:
        eventually(running)

        def interrupt():  # again where it came before there was anything to cancel
            one.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return one.wait(timeout=3) is not None
        eventually(interrupt)
        said = one.communicate()[1]
    finally:
        one.kill()
    assert "Cancel request sent" in said and "HATI_ERR_499_CANCELED" in said


def test_bind_and_prepared_statements(ask):
    assert ask("SELECT $1::int + $2::int \\bind 40 2 \\g\n"
               "SELECT $1 || '!' \\parse greet\n"
               "\\bind_named greet hello \\g\n\\bind_named greet bye \\g\n\\close_prepared greet\n"
               "SELECT count(*) FROM pg_prepared_statements;\n") == ["42", "hello!", "bye!", "0"]
    assert "26000" in ask("\\set VERBOSITY verbose\n\\bind_named never \\g\n", fails=True)


def test_pipelines(ask):
    assert ask("\\startpipeline\nSELECT 1 \\bind \\sendpipeline\nSELECT $1 \\bind two \\sendpipeline\n\\flushrequest\n"
               "\\getresults\nSELECT 3;\n\\syncpipeline\nSELECT 4;\n\\echo :PIPELINE_COMMAND_COUNT\n\\endpipeline\nSELECT 5;\n") == [
        "1", "two", "1", "3", "4", "5"]


def test_a_pipeline_stops_at_an_error_until_its_sync(ask):
    assert ask("\\set ON_ERROR_STOP 0\nCREATE TABLE piped (a int);\n\\startpipeline\nINSERT INTO piped VALUES (1);\n\\syncpipeline\n"
               "INSERT INTO piped VALUES (2);\nSELECT 1/0 AS no, never FROM piped;\nINSERT INTO piped VALUES (3);\n\\syncpipeline\n"
               "INSERT INTO piped VALUES (4);\n\\endpipeline\nSELECT string_agg(a::text, ' ' ORDER BY a) FROM piped;\n"
               "DROP TABLE piped;\n")[-1] == "1 4"


def test_variables_and_conditions(ask):
    assert ask("SELECT 7 AS n, 'x y' AS word \\gset my_\n\\echo :my_n :'my_word'\nSELECT :my_n > 5 AS large \\gset\n"
               "\\if :large\n\\echo large\n\\else\n\\echo small\n\\endif\nSELECT :'my_word' AS w;\n"
               "SELECT format('SELECT %s', n) FROM generate_series(1, 2) AS g(n) \\gexec\n"
               "\\echo :ROW_COUNT :SQLSTATE :SERVER_VERSION_NUM\n")[:-1] == ["7 'x y'", "large", "x y", "1", "2"]


def test_watch(ask):
    assert [w for w in ask("SELECT 'again' \\watch interval=0.01 count=3\n") if w == "again"] == ["again"] * 3


def test_rows_in_chunks(ask):
    assert ask("\\set FETCH_COUNT 3\nSELECT g FROM generate_series(1, 10) AS t(g);\n") == [str(n) for n in range(1, 11)]
