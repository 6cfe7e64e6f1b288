"""A server on a data folder of its own, and connections that answer with text as it came over the wire."""
import pathlib
import re
import shutil
import tempfile

from harness import Installation, Server

# SQLSTATE classes whose errors tell of values that were computed, or of a fault of ours.
COMPUTED = ("22", "XX", "58")


class Reply:
    """One statement's answer: `rows` of text or None, `oids`; or `error`."""

    def __init__(self, result):
        self.status = (result.command_status or b"").decode()
        self.error = self.sqlstate = self.code = None
        self.names, self.oids, self.rows = [], [], []
        if result.status in (1, 2):  # COMMAND_OK, TUPLES_OK
            self.names = [(result.fname(i) or b"").decode() for i in range(result.nfields)]
            self.oids = [result.ftype(i) for i in range(result.nfields)]
            self.rows = [[None if (v := result.get_value(r, c)) is None else v.decode("utf-8", "replace")
                          for c in range(result.nfields)] for r in range(result.ntuples)]
        else:
            message = result.error_message.decode("utf-8", "replace")
            self.error = message.splitlines()[0].removeprefix("ERROR:").strip() if message else "no answer"
            self.sqlstate = (result.error_field(67) or b"").decode()  # PG_DIAG_SQLSTATE
            found = re.search(r"HATI_ERR_\w+", message)
            self.code = found.group() if found else None

    @property
    def ok(self):
        return self.error is None

    @property
    def is_refusal(self):
        """An error that came before any value: the statement isn't understood, or isn't allowed."""
        return self.error is not None and self.sqlstate is not None and self.sqlstate != "" and \
            not self.sqlstate.startswith(COMPUTED)

    @property
    def why(self):
        return f"{self.code or self.sqlstate or 'no code'}: {self.error}"


class Connection:
    """Keeps itself alive: after a lost connection the next statement makes a new one."""

    def __init__(self, server, who, dialect):
        self.server, self.who, self.dialect = server, who, dialect
        self.conn = None

    def run(self, sql):
        import psycopg
        try:
            if self.conn is None or self.conn.closed or self.conn.pgconn.status != 0:
                self.conn = self.server.connect(self.who)
                self.conn.pgconn.exec_(f"SET hatidata.dialect = '{self.dialect}'".encode())
            return Reply(self.conn.pgconn.exec_(sql.encode("utf-8", "replace")))
        except psycopg.OperationalError as e:
            self.conn = None
            reply = Reply.__new__(Reply)
            reply.status, reply.error, reply.sqlstate, reply.code = "", f"connection lost: {e}", "", None
            reply.names, reply.oids, reply.rows = [], [], []
            return reply

    def close(self):
        if self.conn is not None:
            self.conn.close()
            self.conn = None


class Warehouse:
    """`orgs` are made with an owner and a developer whose key has the attribute tenant=acme. `policies` False: govern()
    sets none."""

    def __init__(self, orgs, *options, policies=True):
        self.policies = policies
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="hatidata-conformance-"))
        self.installation = Installation(self.path / "data")
        self.installation.run("init", "--data", self.installation.path)
        for org in orgs:
            self.add_org(org)
        self.server = Server(self.installation, *options)

    def add_org(self, org):
        i = self.installation
        i.add_org(org)
        email = f"developer@{org}.example"
        i.run("user", "add", email, "--org", org, "--role", "developer")
        i.add_key(f"developer@{org}", email, "--org", org, "--user", email, "--attribute", "tenant=acme")
        i.run("quota", "set", "--org", org, "--credits", 1000000000, "--rows", 100000000)

    def govern(self, org, names):
        """Policies on every table of these names that let everything through to a developer: a filter TRUE, a predicate on
        an attribute, a filter in shadow mode that would hide all, masks from which his role is exempt, masks for an agent that
        he isn't. A document takes 1000 rules."""
        if not self.policies:
            return
        names = sorted(names)
        for kind, condition, mode in (("true", "TRUE", "enforce"), ("tenant", "'{tenant}' = 'acme'", "enforce"),
                                      ("shadow", "'{tenant}' = 'globex'", "shadow")):
            for i in range(0, len(names), 900):
                rules = [{"table": n, "filter": condition, "exempt_roles": ["owner"]}
                         for n in names[i:i + 900]]
                self.installation.set_policy(org, {"name": f"{kind} {i}", "type": "row_level_security",
                                                   "enabled": True, "mode": mode, "rules": rules})
        for kind, whom in (("exempt", {"exempt_roles": ["owner", "developer"]}), ("agent", {"agents": ["nobody"]})):
            for i in range(0, len(names), 900):
                rules = [{"table": n, "column": "*", "function": "null", **whom} for n in names[i:i + 900]]
                self.installation.set_policy(org, {"name": f"masks {kind} {i}", "type": "column_masking",
                                                   "enabled": True, "rules": rules})

    def connect(self, who, dialect):
        return Connection(self.server, who, dialect)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *exc):
        self.server.stop()
        shutil.rmtree(self.path, ignore_errors=True)
