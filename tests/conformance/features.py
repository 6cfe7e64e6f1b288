"""What of SQL runs: tests/sql/features/*.test, proved against a server, and docs/sql-compatibility.md made of them.

    ## Section
    + STATEMENT                 prepares the section
    # Feature
    snowflake? STATEMENT        the dialect is left out where it is snowflake
    = value | NULL              a row of its answer
    : TAG                       ... of a command
    ! CODE message              ... an error

A feature is supported when all its statements run, or all are errors and it says so ("... is an error")."""
import pathlib
import re

from .warehouse import Warehouse

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/sql/features"
DOCUMENT = ROOT / "docs/sql-compatibility.md"
DIALECTS = ("snowflake", "postgres", "duckdb")


class Statement:
    def __init__(self, dialect, sql):
        self.dialect, self.sql, self.answer = dialect, sql, []


class Feature:
    def __init__(self, section, name):
        self.section, self.name, self.statements = section, name, []

    @property
    def state(self):
        errors = [s for s in self.statements if s.answer[:1] and s.answer[0].startswith("! ")]
        if self.name.endswith("is an error"):
            return "yes" if len(errors) == len(self.statements) else "no"
        return "no" if len(errors) == len(self.statements) else "partly" if errors else "yes"

    @property
    def reason(self):
        """What the first that is refused says."""
        for s in self.statements:
            if s.answer[:1] and s.answer[0].startswith("! "):
                return re.sub(r"^! \S+ ", "", s.answer[0])
        return ""


def read(path):
    """The lines of a file, each with what it is: ("+", sql), a Feature's Statement, or None for what is kept."""
    section, feature, statement = "", None, None
    out = []
    for line in path.read_text().splitlines():
        m = re.match(rf"({'|'.join(DIALECTS)})?\? (.*)", line)
        if line.startswith("## "):
            section = line[3:]
            out.append((line, None))
        elif line.startswith("# "):
            feature = Feature(section, line[2:])
            out.append((line, feature))
        elif line.startswith("+ "):
            out.append((line, line[2:]))
        elif m:
            statement = Statement(m.group(1) or "snowflake", m.group(2))
            feature.statements.append(statement)
            out.append((line, statement))
        elif line[:2] in ("= ", ": ", "! ") or line == "=":
            statement.answer.append(line)
        else:
            out.append((line, None))
    return out


def features():
    return [what for path in sorted(FOLDER.glob("*.test")) for _, what in read(path) if isinstance(what, Feature)]


def answer(reply):
    """As the files have it."""
    if not reply.ok:
        return [f"! {reply.code or reply.sqlstate} {reply.error}"]
    if not reply.oids:
        return [f": {reply.status}"]
    return ["= " + " | ".join("NULL" if v is None else v.replace("\\", "\\\\").replace("\n", "\\n") for v in row)
            for row in reply.rows] or ["= "]


def run(lines, owner):
    """(statement, its answer) of all statements of a file; `owner(dialect)` gives the session to ask."""
    for _, what in lines:
        if isinstance(what, str):
            reply = owner("duckdb").run(what)
            if not reply.ok:
                raise AssertionError(f"{what}: {reply.why}")
        elif isinstance(what, Statement):
            yield what, answer(owner(what.dialect).run(what.sql))


class Sessions:
    """A session a dialect, in an organization of the file's own."""

    def __init__(self, warehouse, org):
        self.warehouse, self.org, self.open = warehouse, org, {}

    def __call__(self, dialect):
        if dialect not in self.open:
            self.open[dialect] = self.warehouse.connect(f"owner@{self.org}", dialect)
        return self.open[dialect]


def bless():
    """Writes the answers of a server of this build into the files. Read the difference before it is committed."""
    paths = sorted(FOLDER.glob("*.test"))
    with Warehouse([f"f{i}" for i in range(len(paths))], "--engine-threads", "1") as warehouse:
        for i, path in enumerate(paths):
            lines = read(path)
            answers = {id(s): a for s, a in run(lines, Sessions(warehouse, f"f{i}"))}
            text = []
            for line, what in lines:
                text.append(line)
                text += answers.get(id(what), [])
            path.write_text("\n".join(text) + "\n")


def document():
    """The text of docs/sql-compatibility.md."""
    all_features = features()
    count = {s: sum(f.state == s for f in all_features) for s in ("yes", "partly", "no")}
    lines = ["# SQL compatibility",
             "",
             "Made by `dev/conformance --docs` from `tests/sql/features/*.test`, whose every statement runs against a",
             "server in the tests; don't edit it. *yes*: all statements of the feature run and give what is expected;",
             "*partly*: some are refused; *no*: refused, with the error that says so. The default dialect is",
             "`snowflake`; `SET hatidata.dialect` takes `postgres` and `duckdb` too.",
             "",
             f"{count['yes']} yes, {count['partly']} partly, {count['no']} no."]
    section = None
    for f in all_features:
        if f.section != section:
            section = f.section
            lines += ["", f"## {section}", "", "| feature | state | proved in | the error |", "|---|---|---|---|"]
        dialects = ", ".join(d for d in DIALECTS if any(s.dialect == d for s in f.statements))
        name = f.name.replace("|", "\\|")
        reason = f.reason.replace("|", "\\|") if f.state != "yes" else ""
        lines.append(f"| {name} | {f.state} | {dialects} | {reason} |")
    return "\n".join(lines) + "\n"
