"""What `hatidata control` tells a scraper of itself: what it counts and whether it works, and no name of anybody's."""
from harness import eventually, make_installation
from planes import Control
from rest import Rest


def metric(text, name):
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))


def test_the_control_plane_has_metrics_and_no_names(tmp_path):
    control = Control(make_installation(tmp_path / "control", orgs=("acme",)))
    control.options += ["--control-metrics-listen", f"127.0.0.1:{control.metrics_port}"]
    with control:
        assert control.get("/live") == (200, "live\n") and control.get("/ready") == (200, "ready\n")
        before = metric(control.get("/metrics")[1], "hatidata_audit_entries_total")
        admin = Rest(control, "admin@acme")
        made = admin("POST", "/v1/environments/hatidata/api-keys", {"name": "secret-of-mine", "scopes": ["query:read"]})
        assert made.status_code == 201
        hold = admin("POST", "/v1/organizations/acme/legal-holds", {"reason": "Doe v. Acme"})
        assert hold.status_code == 201

        def counted():
            return metric(control.get("/metrics")[1], "hatidata_audit_entries_total") > before
        eventually(counted)
        text = control.get("/metrics")[1]
        assert "hatidata_audit_fsync_seconds_count" in text and "hatidata_audit_broken 0" in text
        for name in ("acme", "admin", "secret-of-mine", "Doe", made.json()["key"], control.installation.principals["admin@acme"].user):
            assert name not in text, name

