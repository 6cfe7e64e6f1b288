"""A server that signs its log often, and what its anchor kept."""
import pathlib

from harness import Server, make_installation


class SignedLog:
    def __init__(self, folder):
        self.installation = make_installation(folder / "data")
        self.anchor = folder / "anchor"
        self.anchor.mkdir()

    def serve(self, *options):
        return Server(self.installation, "--audit-checkpoint-entries", 8, "--audit-segment", "64KiB",
                      "--audit-anchors", f"folder:{self.anchor}, syslog:", *options)

    @property
    def folder(self):
        return pathlib.Path(self.installation.audit)

    def key(self):
        return self.installation.run("audit", "key").stdout.strip()
