"""The control store in a PostgreSQL of another machine: TLS with the server's certificate and name verified, or nothing.
The names are in no DNS: `hostaddr` says where they are."""
import tempfile

import psycopg
import pytest

from harness import Installation, Server, free_port, hatidata
from identity_providers import Authority
from postgres import MISSING, Postgres, programs

pytestmark = pytest.mark.skipif(not programs(), reason=MISSING)
NAME = "store.example"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    good, other = Authority(folder / "good"), Authority(folder / "other", "another authority")
    with Postgres(port=free_port(), tls=good.certificate(NAME)) as postgres:
        yield folder, postgres, good, other


def uri(postgres, host=NAME, **options):
    options = {"hostaddr": "127.0.0.1", **options}
    return f"postgresql://postgres@{host}:{postgres.port}/postgres?" + "&".join(f"{k}={v}" for k, v in options.items())


def refusal(folder, postgres, store):
    """What `hatidata init` says: it must not have made anything there."""
    done = hatidata("init", "--data", tempfile.mkdtemp(dir=folder), store=store, check=False)
    assert done.returncode == 1, done.stdout
    assert tables(postgres) == set()
    assert "postgres@" not in done.stderr and "password" not in done.stderr
    return done.stderr


def tables(postgres):
    with psycopg.connect(f"host={postgres.path} port={postgres.port} user=postgres dbname=postgres") as c:
        return {name for name, in c.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


@pytest.mark.parametrize("case, says", [
    ("wrong name", 'does not match host name "another.example"'),
    ("wrong authority", "certificate verify failed"),
    ("no authority", "root certificate file"),
    ("authority of the same name", "SSL error"),
    ("not verified", "needs sslmode=verify-full"),
    ("not even TLS", "needs sslmode=verify-full")])
def test_what_is_not_proved_is_refused(place, case, says):
    folder, postgres, good, other = place
    store = {"wrong name": uri(postgres, "another.example", sslrootcert=good.file),
             "wrong authority": uri(postgres, sslrootcert=other.file),
             "authority of the same name": uri(postgres, sslrootcert=Authority(folder / "third").file),
             "no authority": uri(postgres, sslrootcert=folder / "nothing.pem"),
             "not verified": uri(postgres, sslrootcert=good.file, sslmode="require"),
             "not even TLS": uri(postgres, sslmode="disable")}[case]
    told = refusal(folder, postgres, store)
    assert says in told
    assert "sslrootcert=FILE" in told  # what to do


def test_a_server_without_tls_is_refused(place):
    folder, postgres, good, _ = place
    postgres.stop()
    tls, postgres.tls = postgres.tls, None
    try:
        postgres.start()
        assert "does not support SSL" in refusal(folder, postgres, uri(postgres, sslrootcert=good.file))
    finally:
        postgres.stop()
        postgres.tls = tls
        postgres.start()


def test_the_right_name_under_the_right_authority_serves(place):
    folder, postgres, good, _ = place
    inst = Installation(folder / "data", uri(postgres, sslrootcert=good.file))
    inst.run("init", "--data", inst.path)
    inst.add_org("acme")
    assert {"organizations", "users"} <= tables(postgres)
    with Server(inst) as server, server.connect("owner@acme") as c:
        assert c.execute("SELECT 1").fetchone() == (1,)
        with psycopg.connect(f"host={postgres.path} port={postgres.port} user=postgres dbname=postgres") as there:
            versions = {v for v, in there.execute(
                "SELECT version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                " WHERE application_name = 'hatidata' AND client_addr IS NOT NULL")}
        assert versions == {"TLSv1.3"}
