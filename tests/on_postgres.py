"""Runs commands, one after the other, with their control stores in a PostgreSQL of their own:

    python tests/on_postgres.py PROGRAM [PROGRAM ...]      each without arguments
    python tests/on_postgres.py -- COMMAND [ARGUMENT ...]  one command

HATIDATA_TEST_STORE names the server to them. Ends with the first code that isn't 0, or 77 (which meson takes for
"skipped") where no server is installed."""
import os
import subprocess
import sys

from postgres import MISSING, Postgres, programs


def main(arguments):
    commands = [arguments[1:]] if arguments[:1] == ["--"] else [[program] for program in arguments]
    if not programs():
        print(MISSING, file=sys.stderr)
        return 77
    with Postgres() as server:
        for command in commands:
            print("on PostgreSQL:", *command, flush=True)
            code = subprocess.run(command, env=dict(os.environ, HATIDATA_TEST_STORE=server.uri)).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
