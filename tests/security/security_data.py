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
    (1, "Ann", "sales", "311-54-0007", 7),
    (2, "Bob", "sales", "x", 98765),
    (3, "Eve", "legal", "901-11-1111", 12),
    (5, "Fay", "board", "902-22-2222", 2000),
    (6, "Gus", "legal", "902-22-2222", -1),
]
HIDDEN = ["Cyd", "Dan", "903-33-3333", "not-a-number", "3000"]      # rows of the other department
MASKED = ["901-11-1111", "902-22-2222", "901", "902", "11-1111"]    # values of visible rows


def answer(server, who, sql, binary=False, params=None):
    """Rows, notices and every field of the error, as one text."""
    said = []
    with server.connect(who) as conn:
        conn.add_notice_handler(lambda d: said.append(str(d.message_primary)))
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
    return re.sub(r" \(request [0-9a-f-]{36}\)", "", "\n".join(said))
