"""hatidata transpile and hatidata parse, as a person calls them."""
import pytest

from harness import hatidata


def transpile(sql, *options, check=True):
    return hatidata("transpile", *options, stdin=sql, check=check)


@pytest.mark.parametrize("options,sql,wanted", [
    ((), "SELECT zeroifnull(a) FROM t", "SELECT CASE WHEN a IS NULL THEN 0 ELSE a END FROM t;\n"),
    ((), "SELECT dateadd(day, 1, d)", "SELECT d + INTERVAL (1) day;\n"),
    ((), "SELECT length(x)", "SELECT CASE typeof(x) WHEN 'BLOB' THEN octet_length(CAST(x AS BLOB)) "
                             "ELSE length(CAST(x AS VARCHAR)) END;\n"),
    (("--to", "hatidata"), "SELECT dateadd(day, 1, d)", "SELECT date_add_part('day', 1, d);\n"),
    (("--from", "postgres"), "SELECT 7 / 2, a ~ 'x'", "SELECT 7 // 2, regexp_matches(a, 'x', 's');\n"),
    (("--from", "duckdb"), "SELECT 7 / 2, x::FLOAT", "SELECT 7 / 2, CAST(x AS float);\n"),
    ((), "SELECT a FROM t ORDER BY a DESC, b", "SELECT a FROM t ORDER BY a DESC NULLS FIRST, b;\n"),
    (("--from", "duckdb"), "SELECT a FROM t ORDER BY a DESC", "SELECT a FROM t ORDER BY a DESC;\n"),
    (("--from", "duckdb"), "SELECT a FROM t ORDER BY a NULLS LAST, b DESC NULLS FIRST, c NULLS FIRST",
     "SELECT a FROM t ORDER BY a, b DESC NULLS FIRST, c NULLS FIRST;\n"),
    ((), "SELECT 1; ; SELECT iff(a, b, c)", "SELECT 1;\nSELECT CASE WHEN a THEN b ELSE c END;\n"),
    ((), 'SELECT "Mixed Case", plain FROM "T"', 'SELECT "Mixed Case", plain FROM "T";\n'),
    ((), "-- nothing\n", ""),
])
def test_transpile(options, sql, wanted):
    assert transpile(sql, *options).stdout == wanted


def test_explain_lists_each_rule_once():
    out = transpile("SELECT nvl(a, b), nvl(c, d), year(e)", "--explain").stdout
    assert out == "-- nvl: coalesce($1, $2)\nSELECT coalesce(a, b), coalesce(c, d), year(e);\n"


def test_what_is_printed_runs_through_again():
    once = transpile("SELECT div0(a, b), split_part(s, '.', 2), last_day(d, week) FROM t").stdout
    assert transpile(once, "--from", "duckdb").stdout == once


def test_a_file(tmp_path):
    path = tmp_path / "query.sql"
    path.write_text("SELECT iff(a, 1, 2)")
    assert hatidata("transpile", path).stdout == "SELECT CASE WHEN a THEN 1 ELSE 2 END;\n"


def test_an_error_points_at_its_place():
    done = transpile("SELECT a,\n\tb, sha2('é', 512)\nFROM t", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == ("<stdin>:2:15: SHA-2 of another length than 256 is not supported\n"
                           "    2 | \tb, sha2('é', 512)\n"
                           "      | \t             ^\n"
                           "hint: Use a digest of 256 bits. [HATI_ERR_400_UNSUPPORTED]\n")


def test_an_error_at_the_end_of_a_long_line():
    done = transpile("SELECT " + "a + " * 1000, check=False)
    assert done.returncode == 1
    line, caret = done.stderr.splitlines()[1:3]
    assert len(line) < 200 and caret.endswith("^") and len(caret) <= len(line) + 1


@pytest.mark.parametrize("options,message", [
    (("--from", "oracle"), "there is no dialect 'oracle'"),
    (("--to", "postgres"), "transpiling to 'postgres' is not supported"),
    (("--nonsense",), "--nonsense"),
])
def test_wrong_usage(options, message):
    done = transpile("SELECT 1", *options, check=False)
    assert done.returncode == 2 and message in done.stderr


def test_a_file_that_is_missing(tmp_path):
    done = hatidata("transpile", tmp_path / "none.sql", check=False)
    assert done.returncode == 1 and "none.sql" in done.stderr


def test_parse():
    assert hatidata("parse", "--tree", stdin="SELECT 1").stdout == \
        "(QUERY body=(SELECT targets=[(TARGET expr=(LITERAL lit=3 text=`1`))]))\n"
    assert hatidata("parse", stdin="SELECT 1").stdout == ""
    done = hatidata("parse", "--from", "postgres", stdin="SELECT a FROM WHERE", check=False)
    assert done.returncode == 1 and "<stdin>:1:15: syntax error" in done.stderr
