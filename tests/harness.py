"""The real server for tests: one data folder a test session, made with the program's own commands, and
one server on free ports of loopback. Nothing here stands in for a part of the product."""
import atexit
import contextlib
import functools
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("HATIDATA_BUILD", ROOT / "build"))
HATIDATA = BUILD / "src" / "hatidata"
THIRD_PARTY = ROOT / "third_party"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def eventually(holds, seconds=60):
    """Returns as soon as holds() does; fails where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def new_schema(server):
    """A schema of its own in the PostgreSQL that the URI names, as the URI of a control store."""
    import psycopg
    name = f"store_{os.getpid()}_{next(schemas)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{server}&options=-csearch_path%3D{name}"


schemas = itertools.count()


def hatidata(*args, data=None, store=None, check=True, stdin=None):
    """Runs the program; gives the finished process."""
    env = dict(os.environ)
    if store:
        env["HATIDATA_STORE"] = store
    if data:
        env["HATIDATA_DATA_DIR"] = str(data)
    done = subprocess.run([str(HATIDATA), *map(str, args)], env=env, capture_output=True, text=True,
                          input=stdin, timeout=300)
    if check and done.returncode != 0:
        raise AssertionError(f"hatidata {' '.join(map(str, args))}: code {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


class Principal:
    def __init__(self, user, key):
        self.user, self.key = user, key


class Installation:
    """A data folder with organizations acme and globex, their people and keys. Its control store is in the folder, or
    in the PostgreSQL that HATIDATA_TEST_STORE names (tests/on_postgres.py), or where `store` says."""

    def __init__(self, path, store=None):
        self.path = pathlib.Path(path)
        server = os.environ.get("HATIDATA_TEST_STORE")
        self.store = store or (new_schema(server) if server else None)
        self.principals = {}

    def run(self, *args, **kw):
        return hatidata(*args, data=self.path, store=self.store, **kw)

    def add_org(self, org):
        self.run("org", "add", org)
        self.add_user(org, "owner")

    def add_user(self, org, role, name=None, *options):
        name = name or role
        email = f"{name}@{org}.example"
        self.run("user", "add", email, "--org", org, "--role", role, *options)
        self.add_key(f"{name}@{org}", email, "--org", org, "--user", email)
        return self.principals[f"{name}@{org}"]

    def add_key(self, who, user, *options):
        key = self.run("key", "add", who.replace("@", "-"), "--quiet", *options).stdout.strip()
        self.principals[who] = Principal(user or key[:16], key)
        return self.principals[who]

    def set_policy(self, org, document):
        import json
        self.run("policy", "set", "-", "--org", org, stdin=json.dumps(document))

    @property
    def ca(self):
        return self.path / "ca.pem"

    @property
    def audit(self):
        return self.path / "audit"


class Server:
    """`hatidata serve` on an installation; a context manager."""

    def __init__(self, installation, *options, env=None):
        self.installation = installation
        self.command = "serve"
        self.options = [str(o) for o in options]
        store = {"HATIDATA_STORE": installation.store} if installation.store else {}
        self.env = dict(os.environ, **store, **(env or {}))
        self.port, self.metrics_port, self.control_port = free_port(), free_port(), free_port()
        self.log_path = installation.path / "serve.log"
        self.process = None

    def start(self, wait=True):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [str(HATIDATA), self.command, "--data-dir", str(self.installation.path),
             "--listen", f"127.0.0.1:{self.port}", "--control-listen", f"127.0.0.1:{self.control_port}",
             "--metrics-listen", f"127.0.0.1:{self.metrics_port}", *self.options],
            env=self.env, stdout=log, stderr=log)
        log.close()
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError):
                if self.get("/ready")[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError("the server was not ready in time:\n" + self.log())

    def get(self, path):
        with socket.create_connection(("127.0.0.1", self.metrics_port), timeout=10) as s:
            s.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            raw = b""
            while chunk := s.recv(65536):
                raw += chunk
        if not raw:
            raise ConnectionError("the server closed the connection without an answer")
        head, _, body = raw.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def stop(self, sig=signal.SIGTERM, seconds=60):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout=seconds) if self.process else None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def peak_memory_mib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmHWM")

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        code = self.stop()
        if exc[0] is None:
            assert code == 0, f"the server ended with {code}:\n{self.log()[-4000:]}"

    def conninfo(self, who, **more):
        p = self.installation.principals[who]
        parts = {"host": "localhost", "port": self.port, "dbname": "hatidata", "user": p.user,
                 "password": p.key, "sslmode": "verify-full", "sslrootcert": self.installation.ca,
                 "connect_timeout": 20, **more}
        return " ".join(f"{k}={v}" for k, v in parts.items())

    def connect(self, who, autocommit=True, **more):
        import psycopg
        return psycopg.connect(self.conninfo(who, **more), autocommit=autocommit)

    def psql(self, who, *commands, stdin=None, timeout=120, flags=()):
        """psql -c each command; gives the finished process."""
        args = ["psql", "-X", "-A", "-t", "-v", "VERBOSITY=verbose", *flags, self.conninfo(who)]
        for command in commands:
            args += ["-c", command]
        return subprocess.run(args, capture_output=True, text=True, input=stdin, timeout=timeout)


def make_installation(path, orgs=("acme", "globex"), sample=False, store=None):
    """A folder of its own, with TPC-H's tables where `sample` asks for them; copied from one that the program's
    commands made, which take seconds, unless its control store is elsewhere."""
    if store or os.environ.get("HATIDATA_TEST_STORE"):
        return fill(Installation(path, store), orgs, sample)
    made = installation_to_copy(tuple(orgs), sample)
    shutil.copytree(made.path, path, dirs_exist_ok=True)
    inst = Installation(path)
    inst.principals = dict(made.principals)
    return inst


@functools.cache
def installation_to_copy(orgs, sample):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hatidata-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return fill(Installation(folder / "data"), orgs, sample)


def fill(inst, orgs, sample):
    """Makes the folder, with people of every role and their keys in each organization."""
    inst.run("init", "--data", inst.path)
    for org in orgs:
        inst.add_org(org)
        for role in ("admin", "analyst", "auditor", "developer"):
            inst.add_user(org, role)
        inst.run("quota", "set", "--org", org, "--credits", 100000000, "--rows", 20000000)
    if "acme" in orgs:
        inst.add_key("agent@acme", None, "--org", "acme", "--agent", "order-bot", "--framework",
                     "langchain", "--role", "service_account", "--scopes", "query:read,agent:*")
    if sample:
        inst.run("sample", "tpch", "--scale", "0.01", "--orgs", ",".join(orgs))
    return inst
