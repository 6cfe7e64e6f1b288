"""control_max_connections, at both programs that serve the REST API: so many are served at once, more wait, none is lost
or disturbed, and who sits on a connection can't keep the others out for longer than control_idle_timeout."""
import contextlib
import http.client
import socket
import ssl

import pytest

from harness import Server, make_installation
from planes import Control

ROOM = 3
IDLE_SECONDS = 5


@pytest.fixture(scope="module", params=[Server, Control], ids=["serve", "control"])
def server(request, tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("connections") / "data", orgs=("acme",))
    with request.param(inst, "--control-max-connections", ROOM, "--control-idle-timeout", f"{IDLE_SECONDS}s") as server:
        yield server


class Client:
    """One TLS connection, which the server may not have taken yet."""

    def __init__(self, server):
        plain = socket.create_connection(("127.0.0.1", server.control_port), timeout=30)
        context = ssl.create_default_context(cafile=str(server.installation.ca))
        self.tls = context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)

    def served(self, seconds=30):
        """False where the server didn't so much as shake hands."""
        self.tls.settimeout(seconds)
        try:
            self.tls.do_handshake()
        except TimeoutError:
            return False
        self.tls.settimeout(30)
        self.tls.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = http.client.HTTPResponse(self.tls)
        answer.begin()
        assert answer.status == 200 and b"healthy" in answer.read()
        return True

    def close(self):
        with contextlib.suppress(OSError):
            self.tls.close()


@pytest.fixture
def dial(server):
    """Makes connections, which are closed at the end."""
    clients = []

    def one():
        clients.append(Client(server))
        return clients[-1]
    yield one
    for client in clients:
        client.close()


def full(dial):
    """As many as there is room for, each of them served."""
    held = [dial() for _ in range(ROOM)]
    assert all(client.served() for client in held)
    return held


def test_more_wait_until_one_ends(dial):
    held = full(dial)
    late = [dial(), dial()]
    assert not late[0].served(seconds=1) and not late[1].served(seconds=0.1)
    assert all(client.served() for client in held), "those that are there go on"
    held.pop().close()
    assert late[0].served(), "in the order in which they came"
    assert not late[1].served(seconds=1)
    held.pop().close()
    assert late[1].served() and held[0].served() and late[0].served()


def test_who_gives_up_takes_no_room(dial):
    held = full(dial)
    waiting = [dial() for _ in range(40)]
    assert not waiting[0].served(seconds=0.2)
    for client in waiting:
        client.close()
    for client in held:
        client.close()
    again = full(dial)
    assert not dial().served(seconds=1), "no more room than before, and no less"
    assert all(client.served() for client in again)


@pytest.mark.parametrize("sent", [None, b"", b"GET /health HTTP/1.1\r\nHost: loc"], ids=["no TLS", "no request", "half of one"])
def test_who_only_sits_there_is_sent_away(dial, sent):
    for _ in range(ROOM):
        client = dial()
        if sent is not None:
            client.tls.do_handshake()
            client.tls.sendall(sent)
    late = dial()
    assert not late.served(seconds=1)
    assert late.served(seconds=IDLE_SECONDS * 4)
