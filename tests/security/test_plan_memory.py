"""A plan may live longer than the message that it came from. What it says must not change with what the
client sends next. The server of this group has sanitizers: reading freed memory ends it."""
import pytest

from rawclient import SYNC, Raw, bind, execute, parse, query


def rows(messages):
    return [m.row for m in messages if m.kind == "D"]


@pytest.mark.parametrize("first,next_text", [
    ("SELECT 11 AS n, 'aaaa' AS w", "SELECT 22 AS n, 'bbbb' AS w"),
    ("SELECT name FROM people WHERE id = 1", "SELECT note FROM notes1 WHERE id = 2"),
])
def test_a_plan_outlives_the_message_that_it_was_made_from(guarded, first, next_text):
    with Raw(guarded) as raw:
        raw.log_in("owner@acme")
        want = rows(raw.ask(query(first)))
        assert want
        raw.ask(parse(first, "kept"), SYNC)  # takes the plan that the simple query left
        guarded.installation.set_policy("acme", {"name": "moves the version", "type": "column_masking", "rules": [
            {"table": "public.notes", "column": "note", "function": "full"}]})
        for _ in range(20):
            raw.ask(query(next_text))  # the same length, and likely the same place
        assert rows(raw.ask(bind(statement="kept"), execute(), SYNC)) == want
        guarded.installation.run("policy", "remove", "moves the version", "--org", "acme")
