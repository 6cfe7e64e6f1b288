"""psycopg2's own suite, unmodified from its source package, against a real server. Each failure must have a reason here:
docs/clients.md has the table."""
import collections
import os
import subprocess
import sys
import xml.etree.ElementTree as tree

import pytest

from harness import THIRD_PARTY

SUITE = THIRD_PARTY / "psycopg2"

# Why, and which tests: a test is MODULE::NAME or one of MODULE's whose name begins so.
WHY = {
    "large objects: there are none": ["test_lobject"],
    "SERIALIZABLE is refused, weaker levels are all REPEATABLE READ": [
        "test_connection::test_isolation_level", "test_connection::test_set_isolation_level", "test_connection::test_setattr_isolation",
        "test_connection::test_reset", "test_connection::test_set_session_autocommit", "test_transaction"],
    "DEFERRABLE is taken, and not shown": ["test_connection::test_set_deferrable", "test_connection::test_setattr_deferrable"],
    "types inet and cidr": ["test_ipaddress", "test_types_basic::testNetworkArray", "test_types_extras::testINET"],
    "range types": ["test_types_extras::test_adapt_", "test_types_extras::test_cast_", "test_types_extras::test_rang",
                    "test_types_extras::test_register_range", "test_types_extras::test_schema_range"],
    "composite types in pg_type: records and structures are what they are": ["test_types_extras::" + t for t in (
        "test_cast_composite", "test_cast_nested", "test_composite", "test_empty_string", "test_non_dbapi", "test_subclass",
        "test_wrong_schema")],
    "jsonb is json (or a composite type, as above)": ["test_types_extras::test_loads", "test_types_extras::test_register_"],
    "client encodings other than UTF8": ["test_connection::test_encoding_name", "test_copy::test_copy_bytes",
                                         "test_copy::test_copy_expert_textiobase", "test_copy::test_copy_text", "test_quote::test_koi8",
                                         "test_quote::test_latin1"],
    "standard_conforming_strings is always on": ["test_types_extras::test_scs"],
    "LISTEN": ["test_async::test_poll_conn_for_notification"],
    "notices of level DEBUG": ["test_async::test_notices", "test_connection::test_notices"],
    "rows of a cursor come of one moment": ["test_extras_dictcursor"],
    "values taken otherwise: two dimensions for a column int[], NaN, 24:00, zones with seconds, rounding": [
        "test_types_basic", "test_dates"],
    "names of CHECK, and constraints that are looked at when a transaction ends": ["test_module"],
    "functions: in a session's own schema, and lower('A') in FROM": ["test_cursor::test_callproc_dict", "test_psycopg2_dbapi20"],
    "which table an output is of isn't told": ["test_cursor::test_description_extra_attribs"],
    "pg_cursors lists none; another SQLSTATE where a cursor only goes forward": ["test_cursor::test_stolen", "test_cursor::test_not_scroll"],
    "a session that ends itself is told after the answer": ["test_connection::test_cleanup_on_badconn_close"],
    "SHOW password_encryption": ["test_connection::test_encrypt_server"],
    "the test loads another libpq than the package's": ["test_connection::test_pgconn_ptr"],
}


def reason(module, name):
    return next((why for why, tests in WHY.items() for m, _, begins in (t.partition("::") for t in tests)
                 if m == module and name.startswith(begins)), None)


def run(server, folder):
    p = server.installation.principals["owner@acme"]
    words = {"DB": "hatidata", "DB_HOST": "localhost", "DB_PORT": str(server.port), "DB_USER": p.user, "DB_PASSWORD": p.key}
    env = dict(os.environ, **{f"PSYCOPG2_TEST{k}": v for k, v in words.items()}, PSYCOPG2_TEST_FAST="1", PGPASSWORD=p.key,
               PGSSLMODE="verify-full", PGSSLROOTCERT=str(server.installation.ca), PGOPTIONS="-c hatidata.dialect=postgres")
    report = folder / "report.xml"
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "--rootdir=.",
                           "-c", os.devnull, "tests"], cwd=SUITE, env=env, capture_output=True, text=True, timeout=1200)
    assert report.exists(), done.stdout + done.stderr
    return report


def test_what_fails_has_a_reason(server, tmp_path, capsys):
    if not (SUITE / "tests").is_dir():
        pytest.skip("no source of psycopg2: dev/bootstrap --clients")
    passed, skipped, failed, unknown = 0, 0, collections.Counter(), []
    for case in tree.parse(run(server, tmp_path)).getroot().iter("testcase"):
        module, name = case.get("classname").split(".")[1], case.get("name")
        told = case.find("failure") if case.find("failure") is not None else case.find("error")
        if told is not None:
            why = reason(module, name)
            failed[why] += 1
            unknown += [] if why else [f"{module}::{name}: {told.get('message')[:200]}"]
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    with capsys.disabled():
        print(f"\n    psycopg2's suite: {passed} passed, {skipped} skipped by itself, {sum(failed.values())} failed")
        for why, n in failed.most_common():
            print(f"    {n:4} {why}")
    assert unknown == []
    assert set(WHY) - set(failed) == set(), "reasons that nothing fails for any more"
    assert passed > 500
