"""What came of a set's records.

pass     what the record expects
refused  an error from this program: nothing false was said
otherwise  another answer, on purpose: the record is in otherwise.json, with why
wrong    another answer than expected, or an answer where an error is expected; a text that doesn't read
         back to its own tree; a value error or a crash where rows are expected

Something wrong is never counted as refused: only an error that comes before any value was computed
refuses (see Reply.is_refusal)."""
import collections
import json
import pathlib
import threading

PASS, REFUSED, WRONG, OTHERWISE = "pass", "refused", "wrong", "otherwise"
LISTED = {name: {id: why for why, ids in reasons.items() for id in ids} for name, reasons in
          json.loads(pathlib.Path(__file__).with_name("otherwise.json").read_text()).items()}


class Tally:
    def __init__(self, name):
        self.name = name
        self.counts = collections.Counter()
        self.failures = []
        self.extra = {}  # further figures of the set
        self._lock = threading.Lock()

    def add(self, verdict, record, why="", **more):
        listed = LISTED.get(self.name, {}).get(record.get("id"))
        if listed and verdict == WRONG:
            verdict, why = OTHERWISE, listed
        if listed and verdict != REFUSED:
            self.count("otherwise on purpose" if verdict == OTHERWISE else "needn't be in otherwise.json")
        with self._lock:
            self.counts[verdict] += 1
            if verdict != PASS:
                self.failures.append({"id": record.get("id"), "verdict": verdict, "why": why, **more})

    def count(self, figure, by=1):
        with self._lock:
            self.extra[figure] = self.extra.get(figure, 0) + by

    @property
    def total(self):
        return sum(self.counts.values())

    def as_json(self):
        self.failures.sort(key=lambda f: str(f["id"]))
        return {"pass": self.counts[PASS], "refused": self.counts[REFUSED], "wrong": self.counts[WRONG],
                "total": self.total, **self.extra, "failures": self.failures}

    def reasons(self, most=12):
        """The commonest reasons, without what differs from one statement to the next."""
        import re
        found = collections.Counter()
        for f in self.failures:
            found[f["verdict"] + ": " + re.sub(r"\s+", " ", f["why"])[:100]] += 1
        return found.most_common(most)


ROW = "{:<24} {:>7} {:>8} {:>8} {:>8}   {:>6}  {}"


def table(tallies):
    lines = [ROW.format("set", "total", "pass", "refused", "wrong", "pass %", "also")]
    for t in tallies:
        share = f"{100 * t.counts[PASS] / t.total:.1f}" if t.total else "-"
        also = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in t.extra.items()
                         if isinstance(v, (int, float)))
        lines.append(ROW.format(t.name, t.total, t.counts[PASS], t.counts[REFUSED], t.counts[WRONG],
                                share, also))
    return "\n".join(lines)
