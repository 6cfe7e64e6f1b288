import psycopg
import pytest


@pytest.fixture(scope="session")
def system_catalog(server):
    """For clients that read pg_type before anything else."""
    with server.connect("owner@acme") as c:
        try:
            c.execute("SELECT 1 FROM pg_catalog.pg_type LIMIT 1")
        except psycopg.errors.UndefinedTable:
            pytest.skip("this client reads pg_catalog.pg_type, which isn't there yet")
