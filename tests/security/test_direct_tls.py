"""TLS at once, as libpq 17 does it with sslnegotiation=direct (PostgreSQL's protocol, "SSL Session Encryption"): only with the
protocol name postgresql, so that no TLS of another protocol ends here, and only TLS 1.3."""
import socket
import ssl
import warnings

import pytest
from rawclient import Raw, message, startup, text


def context(server, *names):
    made = ssl.create_default_context(cafile=str(server.installation.ca))
    if names:
        made.set_alpn_protocols(list(names))
    return made


def direct(server, made):
    return made.wrap_socket(socket.create_connection(("127.0.0.1", server.port), timeout=20), server_hostname="localhost")


def is_closed(connection):
    """Nothing comes but the end."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_without_a_protocol_name_it_is_closed(server):
    p = server.installation.principals["owner@acme"]
    with direct(server, context(server)) as tls:
        assert tls.version() == "TLSv1.3" and tls.selected_alpn_protocol() is None
        try:
            tls.sendall(startup(p.user) + message("p", text(p.key)))
        except OSError:
            pass  # closed before it could be sent
        assert is_closed(tls)


@pytest.mark.parametrize("names", [["http/1.1"], ["h2", "postgres"], ["POSTGRESQL"], ["postgresql "]])
def test_another_protocol_fails_in_the_handshake(server, names):
    with pytest.raises(ssl.SSLError):
        direct(server, context(server, *names))
    with pytest.raises(ssl.SSLError):
        Raw(server, context=context(server, *names))  # after a request, too


def test_the_name_is_found_among_others_and_chosen(server):
    with direct(server, context(server, "h2", "postgresql")) as tls:
        assert tls.selected_alpn_protocol() == "postgresql"
    with Raw(server, context=context(server, "postgresql")) as asked:
        assert asked.socket.selected_alpn_protocol() == "postgresql"
    with Raw(server) as nameless:  # as clients before version 17 ask
        assert nameless.socket.selected_alpn_protocol() is None


def test_an_older_tls_is_refused(server):
    old = context(server, "postgresql")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        direct(server, old)


@pytest.mark.parametrize("first", [b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01"])
def test_what_only_begins_like_tls_gets_no_session(server, first):
    """Plain bytes of the protocol behind it are no protocol."""
    p = server.installation.principals["owner@acme"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
        plain.sendall(first + startup(p.user) + message("p", text(p.key)))
        answer = b""
        try:
            while more := plain.recv(1000):
                answer += more
        except ConnectionResetError:
            pass
    assert len(answer) <= 7 and answer[:1] in (b"", b"\x15")  # at most an alert of TLS


def test_plain_bytes_after_the_handshake(server):
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    with context(server, "postgresql").wrap_socket(plain, server_hostname="localhost") as tls:
        p = server.installation.principals["owner@acme"]
        with socket.socket(fileno=socket.dup(tls.fileno())) as beneath:
            beneath.settimeout(20)
            beneath.sendall(startup(p.user) + message("p", text(p.key)))
            answer = b""
            try:
                while more := beneath.recv(1000):
                    answer += more
            except ConnectionResetError:
                pass
        assert b"AuthenticationOk" not in answer and b"server_version" not in answer and p.user.encode() not in answer


def test_a_request_inside_of_direct_tls_is_refused(server):
    with direct(server, context(server, "postgresql")) as tls:
        tls.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
        assert is_closed(tls)
