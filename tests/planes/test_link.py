"""What goes wrong between the planes: a link that is cut, a control plane that is down, slow, restored or
another one, a proxy that was revoked. Each time a proxy is as strict as before, or stricter."""
import contextlib
import shutil
import signal

import psycopg
import pytest

from harness import eventually, make_installation
from planes import Control, Proxy, Wire


@contextlib.contextmanager
def behind_a_wire(control, path, *options):
    wire = Wire(control.plane_port)
    try:
        with Proxy(control, path, *options, node=wire.node) as proxy:
            yield wire, proxy
    finally:
        wire.close()


def answers(session):
    try:
        return session.execute("SELECT 1").fetchone() == (1,)
    except psycopg.errors.CannotConnectNow:  # 57P03
        return False


def refusal(proxy, who="admin@acme"):
    """What a new session is told; None: it is let in."""
    try:
        proxy.connect(who).close()
        return None
    except psycopg.OperationalError as e:
        return str(e)


def test_without_a_first_snapshot_nothing_is_answered(control, tmp_path):
    proxy = Proxy(control, tmp_path / "east")
    control.stop()
    proxy.start(wait=False)
    eventually(lambda: is_live(proxy))
    assert proxy.get("/ready") == (503, "not ready: this proxy has no policies yet: the control plane has not"
                                        " answered\n")
    assert proxy.metric("hatidata_link_up") == 0 and proxy.metric("hatidata_snapshot_age_seconds") < 0
    assert "has no policies yet" in refusal(proxy) and "HINT" in refusal(proxy)
    control.start()
    proxy.wait_until_ready()
    assert refusal(proxy) is None
    # Also one that had a snapshot in an earlier life: what became of it meanwhile, nobody knows.
    proxy.stop()
    control.stop()
    proxy.start(wait=False)
    eventually(lambda: is_live(proxy))
    assert "has no policies yet" in refusal(proxy)
    assert proxy.stop() == 0
    control.start()


def is_live(proxy):
    with contextlib.suppress(OSError):
        return proxy.get("/live")[0] == 200
    return False


@pytest.mark.parametrize("way", ["cut", "stall"])
def test_past_the_stale_limit_live_sessions_get_no_answer(control, tmp_path, way):
    with behind_a_wire(control, tmp_path / "east", "--stale-limit", "2s", "--control-timeout", "500ms") as (wire, proxy):
        with proxy.connect("admin@acme") as session:
            assert answers(session)
            getattr(wire, way)()
            eventually(lambda: not answers(session))
            assert "too old" in refusal(proxy)
            assert proxy.get("/ready")[0] == 503 and proxy.metric("hatidata_link_up") == 0
            wire.mend()
            eventually(lambda: answers(session))
            assert refusal(proxy) is None


def test_what_was_changed_during_a_cut_holds_from_its_end(control, tmp_path):
    with behind_a_wire(control, tmp_path / "east", "--stale-limit", "10min") as (wire, proxy):
        with proxy.connect("analyst@acme") as session, proxy.connect("admin@acme") as other:
            assert answers(session) and answers(other)  # credits are at hand
            wire.cut()
            eventually(lambda: proxy.metric("hatidata_link_up") == 0)
            control.run("user", "suspend", "analyst@acme.example", "--org", "acme")
            assert answers(other)  # within the limit the last snapshot serves
            wire.mend()
            with pytest.raises(psycopg.OperationalError):
                eventually(lambda: not answers(session))


def test_without_the_control_plane_no_new_credits_and_no_passwords(control, tmp_path):
    """A link that stalls answers nothing: what needs it is refused after a bounded time."""
    control.run("quota", "set", "--org", "acme", "--credits", "100")
    control.run("user", "set-password", "owner@acme.example", "--org", "acme", stdin="a long enough password\n")
    with behind_a_wire(control, tmp_path / "east", "--stale-limit", "10min", "--control-timeout", "300ms") as (wire, proxy):
        with proxy.connect("owner@acme") as session:
            session.execute("SELECT 1")
            wire.stall()
            with pytest.raises(psycopg.Error, match="control plane doesn't answer"):
                for _ in range(200):  # what lies in the block may be spent, not more
                    session.execute("SELECT 1")
            assert "control plane doesn't answer" in refusal_of_password(proxy)
            wire.mend()
            eventually(lambda: answers(session))


def refusal_of_password(proxy):
    with pytest.raises(psycopg.OperationalError) as e:
        proxy.connect("owner@acme", user="owner@acme.example", password="'a long enough password'")
    return str(e.value)


def test_a_killed_control_plane_comes_back(control, tmp_path):
    with Proxy(control, tmp_path / "east") as proxy, proxy.connect("analyst@acme") as session:
        assert answers(session)
        control.stop(signal.SIGKILL)
        eventually(lambda: proxy.metric("hatidata_link_up") == 0)
        assert answers(session)
        control.run("user", "remove", "analyst@acme.example", "--org", "acme")
        assert answers(session)
        control.start()
        with pytest.raises(psycopg.OperationalError):
            eventually(lambda: not answers(session))


def test_a_store_that_went_back_is_refused(control, tmp_path):
    data = control.installation.path
    with Proxy(control, tmp_path / "east", "--stale-limit", "1s") as proxy:
        control.stop()
        shutil.copy(data / "control.db", tmp_path / "old.db")
        control.start()
        control.run("user", "suspend", "analyst@acme.example", "--org", "acme")
        eventually(lambda: refusal(proxy, "analyst@acme") and refusal(proxy) is None)
        control.stop()
        for left in data.glob("control.db-*"):
            left.unlink()
        shutil.copy(tmp_path / "old.db", data / "control.db")
        control.start()
        eventually(lambda: proxy.metric("hatidata_snapshots_refused_total") > 0)
        eventually(lambda: "too old" in (refusal(proxy) or ""))
        assert "older than what is held here" in proxy.log()
        assert refusal(proxy, "analyst@acme")


def test_another_control_plane_at_the_same_address_is_refused(control, tmp_path):
    with Proxy(control, tmp_path / "east", "--stale-limit", "1s") as proxy:
        control.stop()
        with Control(make_installation(tmp_path / "other", orgs=("acme",))) as other:
            other.stop()
            other.plane_port = control.plane_port
            other.start()
            eventually(lambda: "certificate" in proxy.log())
            eventually(lambda: "too old" in (refusal(proxy) or ""))
            assert proxy.metric("hatidata_snapshots_refused_total") == 0  # it came to none
        control.start()
        eventually(lambda: refusal(proxy) is None)


def test_a_revoked_proxy_has_no_link_from_then_on(control, tmp_path):
    with Proxy(control, tmp_path / "east", "--stale-limit", "10min") as proxy:
        with proxy.connect("admin@acme") as session:
            assert answers(session)
            control.run("proxy", "revoke", "east")
            eventually(lambda: not answers(session))
            assert "was revoked" in refusal(proxy)
        proxy.stop()
        proxy.start(wait=False)
        eventually(lambda: is_live(proxy))
        eventually(lambda: "was revoked" in refusal(proxy))
    assert control.proxies()[0][3].startswith("revoked")
    assert control.token("east")  # the name is free again


def test_a_certificate_is_renewed_before_it_ends(tmp_path):
    inst = make_installation(tmp_path / "control", orgs=("acme",))
    with Control(inst, "--proxy-certificate", "6s") as control:
        with Proxy(control, tmp_path / "east", "--stale-limit", "2s") as proxy:
            seen = set()

            def renewed():
                seen.add((proxy.installation.path / "proxy.pem").read_bytes())
                return len(seen) > 3
            eventually(renewed)
            assert refusal(proxy) is None
            control.run("proxy", "revoke", "east")
            eventually(lambda: "was revoked" in (refusal(proxy) or ""))


def test_when_one_control_node_dies_the_other_goes_on(control, tmp_path):
    """Two nodes of one store."""
    with Control(control.installation) as second:
        both = f"{control.node},{second.node}"
        with Proxy(control, tmp_path / "east", node=both) as proxy, proxy.connect("analyst@acme") as session:
            for node in (control, second):
                node.stop(signal.SIGKILL)
                eventually(lambda: proxy.metric("hatidata_link_up") == 1 and refusal(proxy) is None)
                if node is control:
                    assert answers(session)
                    control.run("user", "suspend", "analyst@acme.example", "--org", "acme")
                    with pytest.raises(psycopg.OperationalError):
                        eventually(lambda: not answers(session))
                    control.start()
            second.start()
