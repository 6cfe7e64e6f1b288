"""A PostgreSQL of the test's own: made by initdb in a temporary folder, reached by a socket in it, gone at the end.

Of the distribution's package only the programs are used; its system cluster is neither started nor needed."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from harness import eventually

MISSING = "no PostgreSQL server is installed (dev/bootstrap --test does it)"


def programs():
    """The folder of the newest version's programs; None where there is none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return pathlib.Path(there).resolve().parent if there else None


def unprivileged():
    """Whom the server runs as: it refuses root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("no unprivileged user to run PostgreSQL as")


class Postgres:
    """A context manager; `connect(user)` gives a psycopg connection, `uri` is for programs on libpq."""

    def __init__(self):
        self.bin, self.user = programs(), unprivileged()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="peer-"))
        self.uri = f"postgresql://postgres@/postgres?host={self.path}"
        self.process = None
        if self.user:
            os.chown(self.path, self.user.pw_uid, self.user.pw_gid)

    def as_user(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def __enter__(self):
        with open(self.path / "log", "wb") as log:
            subprocess.run([self.bin / "initdb", "-D", self.path / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                            "--lc-collate=C", "--lc-ctype=C.UTF-8", "--no-sync"],
                           check=True, stdout=log, stderr=log, cwd=self.path, **self.as_user())
        return self.start()

    def start(self):
        with open(self.path / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.path / "data", "-k", self.path, "-c", "listen_addresses=", "-c", "fsync=off",
                 "-c", "TimeZone=UTC", "-c", "default_transaction_isolation=repeatable read", "-c", "max_connections=300"],
                stdout=log, stderr=log, cwd=self.path, **self.as_user())
        eventually(self.is_ready)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.path / "log").read_text()
        return subprocess.run([self.bin / "pg_isready", "-q", "-h", self.path]).returncode == 0

    def connect(self, user):
        import psycopg
        return psycopg.connect(f"host={self.path} dbname=postgres user={user}", autocommit=True)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)  # it waits for no client
            self.process.wait(timeout=60)
        self.process = None

    def __exit__(self, *exc):
        self.stop()
        shutil.rmtree(self.path, ignore_errors=True)
