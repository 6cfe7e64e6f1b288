"""The PostgreSQL protocol byte by byte, for what no client library lets a test say: the order of messages,
Flush, row limits of portals, errors in the middle of a pipeline, cuts and lies."""
import socket
import ssl
import struct

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def message(kind, body=b""):
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def text(s):
    return (s.encode() if isinstance(s, str) else s) + b"\0"


def query(sql):
    return message("Q", text(sql))


def parse(sql, name="", types=()):
    return message("P", text(name) + text(sql) + struct.pack(f"!h{len(types)}I", len(types), *types))


def bind(values=(), statement="", portal="", formats=(), results=()):
    body = text(portal) + text(statement)
    body += struct.pack(f"!h{len(formats)}h", len(formats), *formats)
    body += struct.pack("!h", len(values))
    for v in values:
        body += struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v
    return message("B", body + struct.pack(f"!h{len(results)}h", len(results), *results))


def describe(what, name=""):
    return message("D", what.encode() + text(name))


def close(what, name=""):
    return message("C", what.encode() + text(name))


def execute(rows=0, portal=""):
    return message("E", text(portal) + struct.pack("!i", rows))


SYNC, FLUSH, TERMINATE = message("S"), message("H"), message("X")


def startup(user, database="hatidata", minor=0, **options):
    body = struct.pack("!hh", 3, minor)
    for name, value in dict(user=user, database=database, **options).items():
        body += text(name) + text(value)
    return struct.pack("!i", len(body) + 5) + body + b"\0"


class Message:
    """One message of the server."""

    def __init__(self, kind, body):
        self.kind, self.body = kind, body

    def __repr__(self):
        return f"{self.kind}{self.body!r}"

    @property
    def fields(self):
        """Of ErrorResponse and NoticeResponse: by their letters."""
        return {part[:1].decode(): part[1:].decode() for part in self.body.split(b"\0") if part}

    @property
    def row(self):
        """Of DataRow: the values, None for NULL."""
        out, at = [], 2
        for _ in range(struct.unpack_from("!h", self.body)[0]):
            n, = struct.unpack_from("!i", self.body, at)
            at += 4
            out.append(None if n < 0 else self.body[at:at + n])
            at += max(n, 0)
        return out

    @property
    def columns(self):
        """Of RowDescription: (name, type, format) each."""
        out, at = [], 2
        for _ in range(struct.unpack_from("!h", self.body)[0]):
            end = self.body.index(b"\0", at)
            _, _, oid, _, _, form = struct.unpack_from("!IhIhih", self.body, end + 1)
            out.append((self.body[at:end].decode(), oid, form))
            at = end + 19
        return out

    @property
    def tag(self):
        return self.body.rstrip(b"\0").decode()


class Raw:
    """A connection. `log_in` fills `status` and `key`, then the test has the word."""

    def __init__(self, server, direct=False, timeout=20, context=None):
        self.server, self.buffer, self.at, self.status, self.key = server, b"", 0, {}, None
        context = context or ssl.create_default_context(cafile=str(server.installation.ca))
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as libpq does
        if direct:
            context.set_alpn_protocols(["postgresql"])
        else:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise ConnectionError("no TLS here")
        self.socket = context.wrap_socket(plain, server_hostname="localhost")

    def log_in(self, who, **options):
        p = self.server.installation.principals[who]
        self.send(startup(p.user, **options))
        assert self.take().body == struct.pack("!i", 3)  # AuthenticationCleartextPassword
        self.send(message("p", text(p.key)))
        assert self.take().body == struct.pack("!i", 0)
        for m in self.until("Z"):
            if m.kind == "S":
                name, value = m.body.decode().split("\0")[:2]
                self.status[name] = value
            elif m.kind == "K":
                self.key = m.body
        return self

    def send(self, *messages):
        self.socket.sendall(b"".join(messages))

    def take(self):
        """The next message; EOFError where there is none any more."""
        while True:
            there = len(self.buffer) - self.at
            if there >= 5:
                n = 1 + struct.unpack_from("!i", self.buffer, self.at + 1)[0]
                if there >= n:
                    m = Message(chr(self.buffer[self.at]), self.buffer[self.at + 5:self.at + n])
                    self.at += n
                    return m
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer, self.at = self.buffer[self.at:] + more, 0

    def until(self, *kinds):
        """Messages up to and with the first of these kinds."""
        out = [self.take()]
        while out[-1].kind not in kinds:
            out.append(self.take())
        return out

    def ask(self, *messages):
        """Sends, and gives what comes up to ReadyForQuery."""
        self.send(*messages)
        return self.until("Z")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def kinds(messages):
    """Their letters: DataRow after DataRow counts as one."""
    said = "".join(m.kind for m in messages)
    while "DD" in said:
        said = said.replace("DD", "D")
    return said
