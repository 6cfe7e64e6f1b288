"""What redaction finds and what it takes too much, a category at a time: the figures are printed."""
import subprocess

from harness import BUILD


def test_recall_and_false_alarms(capsys):
    done = subprocess.run([BUILD / "tests" / "unit" / "test_redact_figures"], capture_output=True, text=True, timeout=300)
    with capsys.disabled():
        print()
        for line in done.stdout.splitlines():
            if any(word in line for word in ("recall", "precision", "false alarms in", "statements changed")):
                print("   ", line.strip())
    assert done.returncode == 0, done.stdout + done.stderr
