"""Two planes for tests: the real `hatidata control` and `hatidata proxy`, and a wire between them that
can be cut."""
import os
import contextlib
import re
import socket
import subprocess
import threading

from harness import HATIDATA, Installation, Server, eventually, free_port, hatidata


class Control(Server):
    """`hatidata control` on an installation; a context manager."""

    def __init__(self, installation, *options):
        super().__init__(installation, *options)
        self.plane_port = free_port()
        self.log_path = installation.path / "control.log"

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(HATIDATA), "control", "--data-dir", str(self.installation.path),
                 "--control-listen", f"127.0.0.1:{self.control_port}",
                 "--plane-listen", self.node, *self.options],
                env=self.env, stdout=log, stderr=log)
        eventually(self.is_up)
        return self

    def is_up(self):
        assert self.process.poll() is None, self.log()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.plane_port), timeout=10).close()
            return True
        return False

    def run(self, *args, **kw):
        return self.installation.run(*args, **kw)

    @property
    def node(self):
        return f"127.0.0.1:{self.plane_port}"

    def fingerprint(self):
        return self.run("proxy", "fingerprint").stdout.strip()

    def token(self, name, *options):
        return self.run("proxy", "token", name, *options).stdout.strip()

    def proxies(self):
        """Rows of `hatidata proxy list`: id, name and state."""
        return [line.split("\t") for line in self.run("proxy", "list").stdout.splitlines()]


def enrol(path, node, token, fingerprint, check=True):
    return hatidata("proxy", "enrol", "--data", path, "--control", node, "--token-file", "-",
                    "--ca-fingerprint", fingerprint, stdin=token + "\n", check=check)


class Proxy(Server):
    """A running `hatidata proxy` on a data folder of its own, enrolled when it is made; a context manager. `node`
    is where it finds the control plane, such as a Wire."""

    def __init__(self, control, path, *options, node=None):
        folder = Installation(path)
        folder.principals = control.installation.principals
        enrol(path, node or control.node, control.token(path.name), control.fingerprint())
        super().__init__(folder, *options)
        self.control = control
        self.command = "proxy"
        self.log_path = path / "proxy.log"

    def metric(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.get("/metrics")[1], re.M)[1])


class Wire:
    """A relay to the control plane that can be cut (connections end) or stalled (nothing passes, and
    nothing tells)."""

    def __init__(self, to):
        self.to = to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.flows, self.passes = threading.Event(), True
        self.flows.set()
        self.sockets, self.lock = [], threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def node(self):
        return f"127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.passes:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            with self.lock:
                self.sockets += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(a, b), daemon=True).start()

    def _copy(self, a, b):
        try:
            while data := a.recv(65536):
                self.flows.wait()
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        self.passes = False
        with self.lock:
            for s in self.sockets:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                s.close()
            self.sockets = []

    def mend(self):
        self.passes = True
        self.flows.set()

    def stall(self):
        self.flows.clear()

    def close(self):
        self.cut()
        self.flows.set()
        self.listener.close()
