"""psql's backslash commands, which are queries of pg_catalog: as an owner, an analyst, a key that may know of one table,
and another organization's owner; in the dialect that a session starts with, and in PostgreSQL's; of psql 15 and 18."""
import itertools
import re
import subprocess

import pytest
from harness import Server, make_installation
from psqls import PSQLS

HIDDEN = ("people", "elders", "numbers", "twice", "attic", "who is who", "acme")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("psql") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "public.notes")
    with Server(inst) as s:
        with s.connect("owner@acme") as owner:
            for sql in (
                    "CREATE TABLE people (id integer PRIMARY KEY, name varchar NOT NULL, born date, pay decimal(12,2) DEFAULT 10, "
                    "tags varchar[], CHECK (pay > 0))",
                    "CREATE TABLE notes (id bigint, about integer REFERENCES people (id), said varchar)",
                    "CREATE INDEX notes_about ON notes (about)",
                    "CREATE VIEW elders AS SELECT id, name FROM people WHERE born < DATE '1950-01-01'",
                    "CREATE SEQUENCE numbers", "CREATE MACRO twice(x) AS x * 2", "CREATE SCHEMA attic",
                    "CREATE TABLE attic.chest (a timestamptz)", "COMMENT ON TABLE people IS 'who is who'"):
                owner.execute(sql)
        with s.connect("owner@globex") as other:
            other.execute("CREATE TABLE plans (plan varchar)")
        yield s


@pytest.fixture(params=["snowflake", "postgres"])
def options(request):
    return f"-c hatidata.dialect={request.param}"


@pytest.fixture(params=PSQLS)
def psql(request):
    return PSQLS[request.param]


@pytest.fixture
def ask(server, psql, options):
    def run(who, command, fails=False):
        said = ["-c", command] if command.startswith("\\") else ["-v", "ON_ERROR_STOP=1", "-f", "-"]
        done = psql.run(server.conninfo(who), *said, stdin=command, options=options)
        assert (done.returncode != 0) == fails, done.stderr
        assert fails or not done.stderr.strip() or "Did not find any" in done.stderr, done.stderr
        return done.stdout + done.stderr
    return run


def rows(text):
    """The cells of a table that psql draws."""
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line][1:]


COMMANDS = [r"\l", r"\dn", r"\dt", r"\dv", r"\dm", r"\di", r"\ds", r"\df", r"\du", r"\dp", r"\dx", r"\d", r"\dT", r"\do", r"\dC",
            r"\des", r"\dO", r"\db", r"\dy", r"\dRp", r"\dRs", r"\dt+", r"\dv+", r"\l+", r"\dn+", r"\ddp", r"\dD", r"\dF"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers(ask, command):
    ask("owner@acme", command)
    said = ask("limited@acme", command)
    assert not [w for w in HIDDEN if w in said.replace("developer@acme.example", "")], said
    said = ask("owner@globex", command)
    assert not [w for w in (*HIDDEN, "notes") if w in said], said


# Every listing command of psql 18, with the letters that its help allows.
LETTERS = {"d": "S+", "da": "S", "dA": "+", "dAc": "+", "dAf": "+", "dAo": "+", "dAp": "+", "db": "+", "dc": "S+", "dconfig": "+",
           "dC": "+", "dd": "S", "dD": "S+", "ddp": "", "dE": "S+", "des": "+", "det": "+", "deu": "+", "dew": "+", "df": "S+",
           "dfa": "S+", "dfn": "S+", "dfp": "S+", "dft": "S+", "dfw": "S+", "dF": "+", "dFd": "+", "dFp": "+", "dFt": "+", "dg": "S+",
           "di": "S+", "dl": "+", "dL": "S+", "dm": "S+", "dn": "S+", "do": "S+", "dO": "S+", "dp": "S", "dP": "+", "dPi": "+",
           "dPt": "+", "dPn": "+", "drds": "", "drg": "S", "dRp": "+", "dRs": "+", "ds": "S+", "dt": "S+", "dT": "S+", "du": "S+",
           "dv": "S+", "dx": "+", "dX": "", "dy": "+", "l": "+", "z": "S", "lo_list": "+"}
PATTERNS = [r"\dAc btree int4", r"\dAf btree int4", r"\dAo btree *", r"\dAp+ btree *", r"\df twice int", r"\do + int4 int4", r"\drds * *",
            r"\dconfig *time*", r"\dn+ public", r"\dT+ text", r"\dC+ text", r"\l hatidata", r"\db pg_default", r"\dt public.*",
            r"\dv+ *elder*", r"\d+ attic.*", r"\d pg_catalog.pg_class", r"\d+ pg_catalog.pg_attribute", r"\sf twice", r"\sf+ twice"]


def listings():
    for command, letters in LETTERS.items():
        for chosen in itertools.chain.from_iterable(itertools.combinations(letters, n) for n in range(len(letters) + 1)):
            yield "\\" + command + "".join(chosen)
        yield f"\\{command} a*"
    yield from PATTERNS


@pytest.mark.parametrize("who, dialect", [("owner", "postgres"), ("analyst", "snowflake")])
def test_every_listing_with_every_letter(server, psql, who, dialect):
    commands = list(listings())
    script = "".join(f"\\warn @ {command[1:]}\n{command}\n" for command in commands)
    done = psql.run(server.conninfo(f"{who}@acme"), "-f", "-", stdin=script, options=f"-c hatidata.dialect={dialect}")
    said = dict(re.findall(r"^@ (.*)\n((?:[^@].*\n)*)", done.stderr, re.M))
    assert set(said) == {command[1:] for command in commands}
    newer = {"drg", "drgS", "drg a*", "zS"}  # than psql 15
    assert not {command: text for command, text in said.items() if text and "error: Did not find any" not in text
                and not (command in newer and "invalid command" in text)}


def test_lists(ask):
    assert [r[:3] for r in rows(ask("owner@acme", r"\dt"))] == [["public", "notes", "table"], ["public", "people", "table"]]
    assert [r[1:3] for r in rows(ask("analyst@acme", r"\dv"))] == [["elders", "view"]]
    assert [r[1:3] for r in rows(ask("owner@acme", r"\ds"))] == [["numbers", "sequence"]]
    assert [r[1] for r in rows(ask("owner@acme", r"\di"))] == ["notes_about", "people_pkey"]
    assert [r[1] for r in rows(ask("limited@acme", r"\di"))] == ["notes_about"]
    assert [r[1] for r in rows(ask("owner@acme", r"\df"))] == ["twice"]
    assert {r[0] for r in rows(ask("owner@acme", r"\dn"))} == {"attic", "hatidata", "public", "shared"}
    assert [r[1] for r in rows(ask("limited@acme", r"\dt"))] == ["notes"]
    assert [r[1] for r in rows(ask("owner@globex", r"\dt"))] == ["plans"]
    assert [r[:2] for r in rows(ask("owner@acme", r"\dt attic.*"))] == [["attic", "chest"]]
    assert "owner@acme.example" in ask("owner@acme", r"\du") and "owner" not in ask("limited@acme", r"\du developer*")


@pytest.mark.parametrize("who", ["owner", "analyst"])
def test_a_table(ask, who):
    said = ask(f"{who}@acme", r"\d people")
    assert 'Table "public.people"' in said
    assert rows(said)[:5] == [
        ["id", "bigint", "", "not null", ""], ["name", "text", "", "not null", ""], ["born", "date", "", "", ""],
        ["pay", "numeric(12,2)", "", "", rows(said)[3][4]], ["tags", "text[]", "", "", ""]]
    assert "10" in rows(said)[3][4]
    assert '"people_pkey" PRIMARY KEY, btree (id)' in said and "CHECK" in said
    assert 'TABLE "notes" CONSTRAINT "notes_about_fkey" FOREIGN KEY (about) REFERENCES people(id)' in said
    more = ask(f"{who}@acme", r"\d+ people")
    assert "Indexes:" in more and "Access method: heap" in more


def test_a_foreign_key_to_a_hidden_table(ask):
    said = ask("limited@acme", r"\d notes")
    assert 'Table "public.notes"' in said and "people" not in said
    for command in (r"\d people", r"\d+ people", r"\sv elders", r"\d elders"):
        hidden = ask("limited@acme", command, fails=True)
        assert hidden.replace("people", "X").replace("elders", "X") == ask(
            "limited@acme", command.replace("people", "never_made").replace("elders", "never_made"),
            fails=True).replace("never_made", "X")


def test_a_view_a_sequence_an_index(ask):
    assert 'View "public.elders"' in ask("analyst@acme", r"\d elders")
    assert "born <" in ask("owner@acme", r"\d+ elders") and "born" not in ask("analyst@acme", r"\d+ elders")
    assert "CREATE OR REPLACE VIEW public.elders AS" in ask("owner@acme", r"\sv elders")
    assert 'Sequence "public.numbers"' in ask("owner@acme", r"\d numbers")
    assert 'btree, for table "public.notes"' in ask("owner@acme", r"\d notes_about")


def test_gdesc_and_crosstab(ask):
    assert rows(ask("analyst@acme", r"SELECT id, pay FROM people \gdesc")) == [["id", "bigint"], ["pay", "numeric(12,2)"]]
    assert "4" in ask("analyst@acme", r"SELECT 1 AS a, 2 AS b, 4 AS c \crosstabview")
