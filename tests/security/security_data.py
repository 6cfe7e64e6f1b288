"""What the tests of this folder share: the secrets, and everything that a server said to a statement."""
import re

import psycopg

PEOPLE = [
    # id, name, department, ssn, salary
    (1, "Ann", "sales", "901-11-1111", 1000),
    (2, "Bob", "sales", "902-22-2222", 2000),
    (3, "Cyd", "legal", "903-33-3333", 3000),
    (4, "Dan", "legal", "not-a-number", 0),
]
# The same to whoever sees his department alone and neither numbers nor salaries: what is hidden differs.
OTHER_PEOPLE = [
    (1, "Ann", "sales", "x", 98765),
    (2, "Bob", "sales", "311-54-0007", 7),
    (3, "Eve", "legal", "901-11-1111", 12),
    (5, "Fay", "board", "902-22-2222", 2000),
    (6, "Gus", "legal", "902-22-2222", -1),
]
HIDDEN = ["Cyd", "Dan", "903-33-3333", "not-a-number", "3000"]      # rows of the other department
MASKED = ["901-11-1111", "902-22-2222", "901", "902", "11-1111"]    # values of visible rows


def said(conn, sql, binary=False, params=None):
    """Rows, notices and every field of the error, as one text."""
    said = []
    hear = lambda d: said.append(str(d.message_primary))  # noqa: E731
    conn.add_notice_handler(hear)
    try:
        if sql.lstrip().upper().startswith("COPY"):
            with conn.cursor().copy(sql) as copy:
                said += [bytes(c).decode(errors="replace") for c in copy]
        else:
            cur = conn.cursor(binary=binary).execute(sql, params)
            said += [str(cur.fetchall())] if cur.description else [str(cur.statusmessage)]
    except psycopg.Error as e:
        d = e.diag
        said += [str(getattr(d, f)) for f in (
            "sqlstate", "message_primary", "message_detail", "message_hint", "context",
            "statement_position", "schema_name", "table_name", "column_name", "datatype_name",
            "constraint_name")]
    conn.remove_notice_handler(hear)
    return re.sub(r" \(request [0-9a-f-]{36}\)", "", "\n".join(said))


def answer(server, who, sql, binary=False, params=None):
    """What is said to `who` on a connection of its own."""
    with server.connect(who) as conn:
        return said(conn, sql, binary, params)


def learned(server, who, attack, dialect="postgres"):
    """What `who` learns of an attack, one statement or several in a row, of which nothing stays."""
    key = (who, dialect)
    conns = server.__dict__.setdefault("attackers", {})
    if key not in conns or conns[key].closed:
        conns[key] = server.connect(who)
        conns[key].prepare_threshold = None
        conns[key].execute(f"SET hatidata.dialect = '{dialect}'")
    conn, heard = conns[key], []
    conn.execute("BEGIN")
    for sql in [attack] if isinstance(attack, str) else attack:
        heard.append(said(conn, sql))
    conn.execute("ROLLBACK")
    return "\n".join(heard)
