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
    """A context manager; `connect(user)` gives a psycopg connection."""

    def __init__(self):
        self.bin, self.user = programs(), unprivileged()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="peer-"))
        self.process = None
        if self.user:
            os.chown(self.path, self.user.pw_uid, self.user.pw_gid)

    def as_user(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def __enter__(self):
        data, log = self.path / "data", open(self.path / "log", "wb")
        subprocess.run([self.bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8",
                        "--no-sync"],
                       check=True, stdout=log, stderr=log, cwd=self.path, **self.as_user())
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", data, "-k", self.path, "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "TimeZone=UTC", "-c", "default_transaction_isolation=repeatable read"],
            stdout=log, stderr=log, cwd=self.path, **self.as_user())
        log.close()
        eventually(self.is_ready)
        return self

    def is_ready(self):
        import psycopg
        assert self.process.poll() is None, (self.path / "log").read_text()
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, user):
        import psycopg
        return psycopg.connect(f"host={self.path} dbname=postgres user={user}", autocommit=True)

    def __exit__(self, *exc):
        if self.process:
            self.process.send_signal(signal.SIGINT)  # it waits for no client
            self.process.wait(timeout=60)
        shutil.rmtree(self.path, ignore_errors=True)
