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
    """A context manager; `connect(user)` gives a psycopg connection, `uri` is for programs on libpq. With `port` it
    listens on loopback, too; with `tls`, the files of a certificate and its key, it speaks TLS there."""

    def __init__(self, port=None, tls=None):
        self.port, self.tls = port, tls
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
                [self.bin / "postgres", "-D", self.path / "data", "-k", self.path, *self.listening(), "-c", "fsync=off",
                 "-c", "TimeZone=UTC", "-c", "default_transaction_isolation=repeatable read", "-c", "max_connections=300"],
                stdout=log, stderr=log, cwd=self.path, **self.as_user())
        eventually(self.is_ready)
        return self

    def listening(self):
        if not self.port:
            return ["-c", "listen_addresses="]
        options = ["-c", "listen_addresses=127.0.0.1", "-p", str(self.port)]
        for name, file in zip(("ssl_cert_file", "ssl_key_file"), self.tls or ()):
            own = self.path / name  # it wants its key to be its own, and nobody else's
            shutil.copy(file, own)
            own.chmod(0o600)
            if self.user:
                os.chown(own, self.user.pw_uid, self.user.pw_gid)
            options += ["-c", f"{name}={own}"]
        return options + ["-c", f"ssl={'on' if self.tls else 'off'}"]

    def is_ready(self):
        assert self.process.poll() is None, (self.path / "log").read_text()
        return subprocess.run([self.bin / "pg_isready", "-q", "-h", self.path, *(["-p", str(self.port)] if self.port else [])]).returncode == 0

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
