"""Are two values the same, however they were written down?

Expected values are text as the engine prints it, or as a driver of another product gives it; ours came in
PostgreSQL's text format. What counts is the value: booleans as t or true, numbers by their value (and
floating-point ones but for the last digits), a timestamp at midnight as its date, bytes as hexadecimal or
escaped, lists and objects by their items whatever the brackets and quotes, JSON by its value."""
import datetime
import decimal
import json
import re

BOOL, BYTEA, FLOAT4, FLOAT8 = 16, 17, 700, 701
NUMBERS = {20, 21, 23, 26, 700, 701, 1700}


def number(text):
    try:
        d = decimal.Decimal(text.strip())
    except (decimal.InvalidOperation, AttributeError):
        return None
    return d


def close(x, y):
    """Equal but for the last digits of a double or float; `x` may be written with fewer digits."""
    if x.is_nan() or y.is_nan():
        return x.is_nan() and y.is_nan()
    if x == y:
        return True
    if x.is_infinite() or y.is_infinite():
        return False
    tolerance = decimal.Decimal("1e-5")
    if abs(x - y) <= tolerance * max(abs(x), abs(y), decimal.Decimal("1e-9")):
        return True
    digits = -x.as_tuple().exponent
    return digits >= 4 and abs(x - y) <= decimal.Decimal(1).scaleb(-digits)


def moment(text):
    """A date or timestamp in one spelling; None where it isn't one."""
    m = re.fullmatch(r"(-?\d{4,}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d+)?)?\s*([+-]\d\d(?::?\d\d)?|Z)?",
                     text.strip())
    if not m:
        return None
    date, clock, fraction, zone = m.groups()
    fraction = (fraction or "").rstrip("0").rstrip(".")
    zone = {"Z": "+00", None: ""}.get(zone, zone)
    zone = re.sub(r":?00$", "", zone) if len(zone) > 3 else zone
    if zone and clock:
        try:
            at = datetime.datetime.fromisoformat(f"{date}T{clock}{(zone + ':00') if len(zone) == 3 else zone}")
            at = at.astimezone(datetime.timezone.utc)
            date, clock, zone = at.date().isoformat(), at.time().isoformat(), "+00"
        except ValueError:
            pass
    clock = None if clock == "00:00:00" and not fraction and not zone else clock
    return f"{date} {clock}{fraction}{zone}" if clock else date


def blob(text):
    """Bytes from \\x4a6b (ours) or J\\x6B (the engine's)."""
    if re.fullmatch(r"\\x([0-9a-fA-F]{2})*", text):
        return bytes.fromhex(text[2:])
    try:
        return re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes.fromhex(m.group(1).decode()),
                      text.encode("latin-1"))
    except UnicodeEncodeError:
        return text.encode()


def leaves(text):
    """The items of a list, struct, map or JSON text, in order, without brackets and quotes."""
    text = re.sub(r"\\(.)", r"\1", text)
    out = []
    for word in re.split(r"[\s\[\](){},:='\"]+", text):
        if word:
            d = number(word)
            out.append(str(d.normalize()) if d is not None and d.is_finite() else word.lower())
    return out


def same_leaves(x, y):
    """Item by item; a list of booleans comes as {t,f}."""
    short = {("t", "true"), ("f", "false")}
    return len(x) == len(y) and all(a == b or (a, b) in short or (b, a) in short for a, b in zip(x, y))


def is_nested(text):
    return text[:1] in ("[", "{", "(") or text[:1] == '"'


def loads(text):
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return None


def same(expected, got, oid=0):
    """`expected` is text or None; `got` came with type `oid` (0: unknown)."""
    if expected is None or got is None:
        return expected is None and got is None
    if expected == got:
        return True
    if oid == BOOL or got in ("t", "f", "true", "false"):
        as_bool = {"t": "true", "f": "false", "1": "true", "0": "false"}
        if as_bool.get(expected.lower(), expected.lower()) == as_bool.get(got.lower(), got.lower()):
            return True
    x, y = number(expected), number(got)
    if x is not None and y is not None:
        return close(x, y)
    if oid == BYTEA:
        return blob(expected) == blob(got)
    x, y = moment(expected), moment(got)
    if x is not None or y is not None:
        return x == y
    if is_nested(expected) or is_nested(got):
        x, y = loads(expected), loads(got)
        if x is not None and x == y:
            return True
        return same_leaves(leaves(expected), leaves(got))
    if re.fullmatch(r"[\d:.]+", expected) and re.fullmatch(r"[\d:.]+", got):  # times
        return expected.rstrip("0") == got.rstrip("0")
    return False


def same_rows(expected, got, oids, ordered=True):
    """Rows of text against a reply's rows; `ordered` False: in any order."""
    if len(expected) != len(got):
        return False

    def equal(x, y):
        return len(x) == len(y) and all(same(a, b, oids[i] if i < len(oids) else 0)
                                        for i, (a, b) in enumerate(zip(x, y)))
    if all(equal(x, y) for x, y in zip(expected, got)):
        return True
    if ordered:
        return False
    rest = list(got)
    for x in expected:
        for i, y in enumerate(rest):
            if equal(x, y):
                del rest[i]
                break
        else:
            return False
    return True


def shape(value):
    """What kind of value it is, for answers that differ each time."""
    if value is None:
        return "null"
    if value in ("t", "f", "true", "false"):
        return "boolean"
    if number(value) is not None:
        return "number"
    if moment(value) is not None:
        return "moment"
    return "text"
